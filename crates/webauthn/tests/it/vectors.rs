//! Recorded registrations and authentications, good and bad, of the specification and of other libraries.
//!
//! Each line is judged twice: by the letter, and with the leniencies that its own `spec_deviations` name. A line
//! marked `strict` must agree with the second; every other line with both.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::{Algorithm, Provider, Timestamp};
use doorward_webauthn::policy::{Leniency, UserVerification};
use doorward_webauthn::trust::{Anchors, Trust};
use doorward_webauthn::{
    AuthenticationResponse, CredentialDescriptor, CredentialId, CredentialRecord, Origin, Refused,
    RegistrationResponse, RelyingParty, Step, UserEntity, UserHandle,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::support::{Seeded, providers, vectors};

#[derive(Deserialize)]
struct Line {
    name: String,
    r#type: String,
    rp_id: String,
    origins: Vec<String>,
    #[serde(default)]
    allow_cross_origin: bool,
    #[serde(default)]
    top_origins: Vec<String>,
    appid: Option<String>,
    challenge: String,
    user_verification: String,
    #[serde(default)]
    user_presence: Option<String>,
    response: Box<RawValue>,
    credential: Option<Credential>,
    trust_roots_pem: Option<Vec<String>>,
    verify_at: Option<u64>,
    allow_algs: Vec<i64>,
    expect: String,
    why_code: Option<String>,
    strict: Option<String>,
    #[serde(default)]
    spec_deviations: Vec<String>,
}

#[derive(Deserialize)]
struct Credential {
    id: String,
    public_key_cose: String,
    sign_count: u32,
    backup_eligible: Option<bool>,
    user_handle: Option<String>,
}

#[test]
fn recorded_answers_get_the_recorded_verdict() {
    let Some(folder) = vectors("webauthn") else { return };
    for file in ["webauthn-l3", "simplewebauthn", "py_webauthn", "derived"] {
        for provider in providers() {
            judge_file(&folder.join(file).with_extension("jsonl"), &provider);
        }
    }
}

/// Judges every line of a file.
pub(crate) fn judge_file(path: &Path, provider: &Arc<dyn Provider>) {
    let mut wrong = Vec::new();
    let text = fs::read_to_string(path).unwrap();
    for text in text.lines() {
        let line: Line = serde_json::from_str(text).unwrap();
        let letter = judge(&line, &[], provider);
        let tolerant = judge(&line, &leniencies(&line), provider);
        let good = line.expect == "ok";
        let at_named_step = match (&tolerant, &line.why_code) {
            (Err(refused), Some(code)) => is_named_step(code, refused.step),
            _ => true,
        };
        let agrees = at_named_step
            && match line.strict.as_deref() {
                None => letter.is_ok() == good && tolerant.is_ok() == good,
                Some(_) => tolerant.is_ok(),
            };
        if !agrees {
            let show = |verdict: &Result<(), Refused>| match verdict {
                Ok(()) => "accepted".to_owned(),
                Err(refused) => refused.to_string(),
            };
            wrong.push(format!(
                "{}: expected {} {}; letter: {}; tolerant: {}",
                line.name,
                line.expect,
                line.why_code.as_deref().unwrap_or(""),
                show(&letter),
                show(&tolerant)
            ));
        }
    }
    let count = text.lines().count();
    assert!(
        wrong.is_empty(),
        "{}: {} of {count} lines disagree:\n{}",
        path.display(),
        wrong.len(),
        wrong.join("\n")
    );
}

/// The named switches that the recordings' oddities need, and for a line whose fault is a matter of policy, the
/// switch that decides it. With the first set, a faulty line must be refused for its own fault.
fn leniencies(line: &Line) -> Vec<Leniency> {
    let mut switches = Vec::new();
    if !line.spec_deviations.is_empty() || line.strict.is_some() {
        switches.extend([
            Leniency::UnknownTpmVendor,
            Leniency::Sha1TpmSignature,
            Leniency::Sha1CredentialKey,
            Leniency::U2fAaguid,
            Leniency::AndroidKeyUnrestricted,
            Leniency::ExplicitDefault,
        ]);
    }
    if line.strict.as_deref() == Some("may-accept") {
        switches.extend([
            Leniency::IdNotRawId,
            Leniency::PaddedBase64,
            Leniency::SafetyNetNoCts,
            Leniency::SignCountRegression,
            Leniency::BackupEligibilityChange,
        ]);
    }
    switches
}

/// Whether the step that refused is the one that the line names, or one that sees the same fault first.
fn is_named_step(code: &str, step: Step) -> bool {
    step.word() == code
        || [
            ("backup-flags", Step::BackupEligibility),
            // Another alg in the statement: the certificate's key is of another kind, or the hash another.
            ("attestation-signature", Step::AttestationAlgorithm),
            ("attestation-signature", Step::AttestationNonce),
            ("attestation-statement-malformed", Step::TpmCertInfo),
            // The line's moment is not that of the response.
            ("attestation-chain", Step::AttestationNonce),
        ]
        .contains(&(code, step))
}

fn bytes(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn judge(line: &Line, leniencies: &[Leniency], provider: &Arc<dyn Provider>) -> Result<(), Refused> {
    // Some edited lines expect an origin that no browser could write. It is equal to none.
    let origins = line.origins.iter().filter(|origin| Origin::parse(origin).is_ok());
    let mut builder = RelyingParty::builder(&line.rp_id, [""; 0])
        .related_origins(["https://another.invalid"])
        .related_origins(origins)
        .algorithms(
            line.allow_algs
                .iter()
                .filter_map(|number| Algorithm::from_cose(*number))
                .filter(|algorithm| {
                    *algorithm != Algorithm::Rs1 || leniencies.contains(&Leniency::Sha1CredentialKey)
                }),
        )
        .tolerate(leniencies.iter().copied());
    if line.allow_cross_origin {
        builder = builder.allow_cross_origin(&line.top_origins);
    }
    if let Some(roots) = &line.trust_roots_pem {
        let mut anchors = Anchors::new();
        for pem in roots {
            anchors.add_pem(pem).unwrap();
        }
        builder = builder.trust(Trust::anchors(anchors));
    }
    let rp = builder
        .build(Arc::clone(provider))
        .unwrap_or_else(|error| panic!("{}: {error}", line.name));
    let demand = match line.user_verification.as_str() {
        "required" => UserVerification::Required,
        "preferred" => UserVerification::Preferred,
        _ => UserVerification::Discouraged,
    };
    let now = Timestamp::from_seconds(line.verify_at.unwrap_or(1_700_000_000));
    let json = line.response.get().as_bytes();
    match line.r#type.as_str() {
        "registration" => {
            let answer = RegistrationResponse::from_json_for(&rp, json)?;
            let user = UserEntity {
                handle: UserHandle::new(vec![1]).unwrap(),
                name: "somebody".to_owned(),
                display_name: String::new(),
            };
            let mut registering = rp
                .register(&user)
                .user_verification(demand)
                .challenge(&bytes(&line.challenge));
            if line.user_presence.as_deref() == Some("optional") {
                registering = registering.conditional();
            }
            let (_, kept) = registering.begin(&Seeded::new("vectors"), now).unwrap();
            kept.finish(&answer, &rp, now).map(drop)
        }
        _ => {
            let answer = AuthenticationResponse::from_json_for(&rp, json)?;
            let credential = line.credential.as_ref().unwrap();
            let record = CredentialRecord {
                id: CredentialId::new(bytes(&credential.id)).unwrap(),
                public_key: bytes(&credential.public_key_cose).into(),
                sign_count: credential.sign_count,
                uv_initialized: true,
                transports: Vec::new(),
                backup_eligible: credential.backup_eligible,
                backup_state: false,
                rp_id: line.rp_id.clone(),
                aaguid: Default::default(),
                attestation_object: None,
                attestation_client_data_json: None,
            };
            let handle = match &credential.user_handle {
                Some(handle) => UserHandle::new(bytes(handle)).unwrap(),
                None => answer
                    .user_handle()
                    .cloned()
                    .unwrap_or_else(|| UserHandle::new(vec![1]).unwrap()),
            };
            let (_, kept) = rp
                .authenticate()
                .user_verification(demand)
                .challenge(&bytes(&line.challenge))
                .extensions(doorward_webauthn::extensions::GetInputs {
                    appid: line.appid.clone(),
                    ..Default::default()
                })
                .for_user(
                    &handle,
                    &[CredentialDescriptor::new(record.id.clone(), Vec::new())],
                )
                .begin(&Seeded::new("vectors"), now)
                .unwrap();
            kept.finish(&answer, &record, &rp, now).map(drop)
        }
    }
}
