//! Recorded registrations and authentications, through `webauthn` with every provider.
//!
//! A line whose attestation format is registered and not built in, or whose credential key has an algorithm that
//! no provider verifies, is not supported, whatever is wrong with it besides. A format that nobody registered is
//! judged: refusing it is the right answer.
//!
//! A line marked `strict` is judged twice; `strict.rs` says what that means.

use std::sync::Arc;

use doorward_crypto::ring::Ring;
use doorward_crypto::rustcrypto::RustCrypto;
use doorward_crypto::{Algorithm, NoRandom, Provider, Random, Timestamp, VerifyError};
use doorward_webauthn::cbor::{Item, Rules};
use doorward_webauthn::cose::{CoseKeyError, CredentialKey};
use doorward_webauthn::extensions::GetInputs;
use doorward_webauthn::json::CredentialDescriptor;
use doorward_webauthn::policy::{self, Leniencies, Leniency};
use doorward_webauthn::trust::{Anchors, Trust};
use doorward_webauthn::{
    AuthenticationResponse, AuthenticatorData, BeginError, BuildError, Cause, CredentialId, CredentialRecord,
    Refused, RegistrationResponse, RelyingParty, UserEntity, UserHandle, attestation,
};
use serde_json::Value;

use super::{Base64Url, Cases, NotUnderstood, Source, strict};
use crate::case::{Case, Refusal};
use crate::line::{Ceremony, Credential, Expected, Line, UserPresence, UserVerification};

/// The registry "WebAuthn Attestation Statement Format Identifiers".
const REGISTERED_FORMATS: [&str; 8] = [
    "packed",
    "tpm",
    "android-key",
    "android-safetynet",
    "fido-u2f",
    "apple",
    "none",
    "compound",
];

/// The time of a line that has no certificates to judge, in Unix seconds: some day in 2023.
const ANY_TIME: u64 = 1_700_000_000;

pub(super) fn judge(source: &Source<'_>) -> Cases {
    let mut cases: Vec<Case> = Vec::new();
    for (index, text) in source
        .text
        .lines()
        .enumerate()
        .filter(|(_, text)| !text.trim().is_empty())
    {
        let at_line = |error: NotUnderstood| NotUnderstood::new(format!("line {}: {error}", index + 1));
        let line: Line = serde_json::from_str(text).map_err(|error| at_line(error.into()))?;
        if cases.iter().any(|earlier| earlier.name == line.name) {
            return Err(at_line(NotUnderstood::new(format!(
                "the name {} stands twice",
                line.name
            ))));
        }
        cases.push(judge_line(&line).map_err(at_line)?);
    }
    if cases.is_empty() {
        return Err(NotUnderstood::new("there are no lines"));
    }
    Ok(cases)
}

fn judge_line(line: &Line) -> Result<Case, NotUnderstood> {
    let expected = line.expect == Expected::Ok;
    let missing = line
        .expect_fmt
        .as_deref()
        .filter(|format| REGISTERED_FORMATS.contains(format) && !attestation::FORMATS.contains(format));
    if let Some(format) = missing {
        let got = Refusal::not_supported(format!("attestation format {format}"));
        return Ok(Case::accepts(&line.name, expected, Err(got)));
    }
    let by_default = by_both_providers(line, &[])?;
    let is_strict = line.strict.is_some();
    let switches = if is_strict {
        strict::switches(line)
    } else {
        strict::switches_for_oddities(line)
    };
    let is_refused = matches!(by_default, Err(Refusal::Refused { .. }));
    let by_switch = if switches.is_empty() || !(is_refused || is_strict) {
        by_default.clone()
    } else {
        by_both_providers(line, &switches)?
    };
    Ok(
        match line
            .strict
            .filter(|_| !matches!(by_default, Err(Refusal::NotSupported(_))))
        {
            Some(strictness) => strict::case(line, strictness, &switches, &by_default, &by_switch),
            // A fault must not hide behind an oddity of its recording that is refused before it.
            None if !expected && is_refused => {
                with_reason(line, Case::accepts(&line.name, expected, by_switch))
            }
            None => with_reason(line, Case::accepts(&line.name, expected, by_default)),
        },
    )
}

/// A disagreement about a faulty line should say which fault it was.
fn with_reason(line: &Line, case: Case) -> Case {
    match (&line.why_code, &line.why) {
        (Some(code), Some(why)) => Case {
            expected: format!("{} at {code} ({why})", case.expected),
            ..case
        },
        (Some(code), None) => Case {
            expected: format!("{} at {code}", case.expected),
            ..case
        },
        (None, _) => case,
    }
}

/// The verdict of every provider that has the line's algorithms; they must not differ.
fn by_both_providers(line: &Line, leniencies: &[Leniency]) -> Result<Result<(), Refusal>, NotUnderstood> {
    let providers: [Arc<dyn Provider>; 2] = [Arc::new(Ring), Arc::new(RustCrypto)];
    let mut first: Option<Result<(), Refusal>> = None;
    let mut cannot = Refusal::not_supported("no provider");
    for provider in providers {
        let name = provider.name();
        let verdict = by_provider(line, leniencies, &provider)?;
        match (&first, verdict) {
            (_, Err(why @ Refusal::NotSupported(_))) => cannot = why,
            (None, verdict) => first = Some(verdict),
            (Some(earlier), verdict) if earlier.is_ok() == verdict.is_ok() => {}
            (Some(earlier), verdict) => {
                let (earlier, verdict) = (strict::shown(earlier), strict::shown(&verdict));
                return Ok(Err(Refusal::Split(format!(
                    "{name} says {verdict}, the other {earlier}"
                ))));
            }
        }
    }
    Ok(first.unwrap_or(Err(cannot)))
}

fn by_provider(
    line: &Line,
    leniencies: &[Leniency],
    provider: &Arc<dyn Provider>,
) -> Result<Result<(), Refusal>, NotUnderstood> {
    if let Some(algorithm) = key_algorithm(line).filter(|algorithm| !provider.supports(*algorithm)) {
        return Ok(Err(Refusal::not_supported(format!(
            "credential keys for {algorithm:?}"
        ))));
    }
    let rp = match relying_party(line, leniencies, provider) {
        Ok(rp) => rp,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let now = Timestamp::from_seconds(line.verify_at.unwrap_or(ANY_TIME));
    let verdict = match (line.ceremony, &line.credential) {
        (Ceremony::Registration, None) => registration(line, &rp, now)?,
        (Ceremony::Authentication, Some(credential)) => authentication(line, credential, &rp, now)?,
        (Ceremony::Registration, Some(_)) | (Ceremony::Authentication, None) => {
            return Err(NotUnderstood::new(
                "an authentication has a credential, a registration has none",
            ));
        }
    };
    Ok(verdict.map_err(refusal))
}

/// The algorithm of the credential's key, as far as it can be found and is in the table.
fn key_algorithm(line: &Line) -> Option<Algorithm> {
    let read = |key: &[u8]| match CredentialKey::parse(key, Leniencies::NONE) {
        Ok(key) => Some(key.algorithm()),
        Err(CoseKeyError::Algorithm(number)) => Algorithm::from_cose(number),
        Err(_) => None,
    };
    if let Some(credential) = &line.credential {
        return read(&credential.public_key_cose.0);
    }
    let response: Value = serde_json::from_str(line.response.get()).ok()?;
    let object: Base64Url =
        serde_json::from_value(response.pointer("/response/attestationObject")?.clone()).ok()?;
    let object = Item::parse(&object.0, Rules::ATTESTATION_OBJECT)
        .and_then(|item| item.map())
        .ok()?;
    let data = object.text_key("authData").and_then(|item| item.bytes()).ok()?;
    read(
        AuthenticatorData::parse(data, Leniencies::NONE)
            .ok()?
            .attested()?
            .public_key(),
    )
}

fn relying_party(
    line: &Line,
    leniencies: &[Leniency],
    provider: &Arc<dyn Provider>,
) -> Result<RelyingParty, Refusal> {
    let trust = match &line.trust_roots_pem {
        None => Trust::unchecked(),
        Some(roots) => {
            let mut anchors = Anchors::new();
            for root in roots {
                anchors.add_pem(root).map_err(Refusal::because)?;
            }
            Trust::anchors(anchors)
        }
    };
    let build = |origins: &[String], related: &[String]| {
        let builder = RelyingParty::builder(&line.rp_id, origins)
            .related_origins(related)
            .algorithms(
                line.allow_algs
                    .iter()
                    .filter_map(|number| Algorithm::from_cose(*number))
                    .filter(|algorithm| {
                        *algorithm != Algorithm::Rs1 || leniencies.contains(&Leniency::Sha1CredentialKey)
                    }),
            )
            .trust(trust.clone())
            .tolerate(leniencies.iter().copied());
        let builder = if line.allow_cross_origin {
            builder.allow_cross_origin(&line.top_origins)
        } else {
            builder
        };
        builder.build(Arc::clone(provider))
    };
    let mut built = build(&line.origins, &[]);
    if matches!(built, Err(BuildError::OriginOutside(_))) {
        // Some recordings are about pages elsewhere; a relying party would name those as related.
        built = build(&[], &line.origins);
    }
    built.map_err(|error| {
        if error == BuildError::NoAlgorithm {
            Refusal::not_supported(error)
        } else {
            Refusal::because(format!("no such relying party: {error}"))
        }
    })
}

type Finished = Result<(), Refused>;

fn registration(line: &Line, rp: &RelyingParty, now: Timestamp) -> Result<Finished, NotUnderstood> {
    let handle = UserHandle::new(*b"somebody").map_err(NotUnderstood::new)?;
    let user = UserEntity {
        handle,
        name: "somebody".to_owned(),
        display_name: "Somebody".to_owned(),
    };
    let registering = rp
        .register(&user)
        .user_verification(user_verification(line.user_verification))
        .challenge(&line.challenge.0);
    let registering = match line.user_presence {
        UserPresence::Required => registering,
        UserPresence::Optional => registering.conditional(),
    };
    let (_, kept) = registering.begin(&Nothing, now).map_err(cannot_begin)?;
    let answer = RegistrationResponse::from_json_for(rp, line.response.get().as_bytes());
    Ok(answer.and_then(|answer| kept.finish(&answer, rp, now)).map(drop))
}

fn authentication(
    line: &Line,
    credential: &Credential,
    rp: &RelyingParty,
    now: Timestamp,
) -> Result<Finished, NotUnderstood> {
    let answer = match AuthenticationResponse::from_json_for(rp, line.response.get().as_bytes()) {
        Ok(answer) => answer,
        Err(refused) => return Ok(Err(refused)),
    };
    // Without a handle the recording does not tell whose credential it was, and the answer may say anybody.
    let said = answer.user_handle().cloned();
    let owner = match (&credential.user_handle, said) {
        (Some(handle), _) => UserHandle::new(handle.0.clone()).map_err(NotUnderstood::new)?,
        (None, Some(said)) => said,
        (None, None) => UserHandle::new(*b"somebody").map_err(NotUnderstood::new)?,
    };
    let record = record(line, credential)?;
    let (_, kept) = rp
        .authenticate()
        .user_verification(user_verification(line.user_verification))
        .extensions(GetInputs {
            appid: line.appid.clone(),
            ..GetInputs::default()
        })
        .challenge(&line.challenge.0)
        .for_user(
            &owner,
            &[CredentialDescriptor::new(record.id.clone(), Vec::new())],
        )
        .begin(&Nothing, now)
        .map_err(cannot_begin)?;
    Ok(kept.finish(&answer, &record, rp, now).map(drop))
}

fn record(line: &Line, credential: &Credential) -> Result<CredentialRecord, NotUnderstood> {
    Ok(CredentialRecord {
        id: CredentialId::new(credential.id.0.clone()).map_err(NotUnderstood::new)?,
        public_key: credential.public_key_cose.0.clone().into(),
        sign_count: credential.sign_count,
        uv_initialized: true,
        transports: Vec::new(),
        backup_eligible: credential.backup_eligible,
        backup_state: false,
        rp_id: line.rp_id.clone(),
        aaguid: doorward_webauthn::Aaguid::ZERO,
        attestation_object: None,
        attestation_client_data_json: None,
    })
}

const fn user_verification(demand: UserVerification) -> policy::UserVerification {
    match demand {
        UserVerification::Required => policy::UserVerification::Required,
        UserVerification::Preferred => policy::UserVerification::Preferred,
        UserVerification::Discouraged => policy::UserVerification::Discouraged,
    }
}

fn refusal(refused: Refused) -> Refusal {
    if let Cause::Signature(VerifyError::Unsupported) = refused.cause {
        return Refusal::not_supported(refused);
    }
    Refusal::at(refused.step.word(), refused.cause)
}

fn cannot_begin(error: BeginError) -> NotUnderstood {
    NotUnderstood::new(format!("no ceremony begins like this: {error}"))
}

/// Nothing is drawn by lot here: each line brings its challenge.
#[derive(Debug)]
struct Nothing;

impl Random for Nothing {
    fn fill(&self, _: &mut [u8]) -> Result<(), NoRandom> {
        Err(NoRandom)
    }
}
