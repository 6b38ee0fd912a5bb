//! Verdicts: nothing is trusted but what [`Known`] holds, and the same bytes get the same verdict.

use core::fmt::Debug;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::{NoRandom, Provider, Random, Timestamp};
use serde_json::{Value, json};

use crate::attestation::{AttestationObject, FORMATS};
use crate::authenticator_data::AuthenticatorData;
use crate::cbor::{Item, Rules};
use crate::json::Base64Url;
use crate::metadata::{Blob, Signer};
use crate::policy::{AndroidKeyPolicy, CompoundPolicy, Leniencies, Leniency};
use crate::trust::der::{Der, only_sequence};
use crate::trust::{
    Anchors, Certificate, Hashes, Judge, Missing, Path, Position, Revocations, Trust, check_aaguid,
};
use crate::{
    Aaguid, AuthenticationResponse, Builder, Create, CredentialDescriptor, CredentialId, CredentialRecord,
    Kept, Registration, RegistrationResponse, RelyingParty, UserEntity, UserHandle,
};

/// When everything is judged.
const NOW: Timestamp = Timestamp::from_seconds(1_750_000_000);
const CHALLENGE: &[u8] = b"a challenge of twenty-four";
const RP_ID: &str = "example.org";
const ORIGIN: &str = "https://example.org";
const CREDENTIAL: &[u8] = b"credential";
const ACCOUNT: &[u8] = b"ana";

/// What honest authenticators and authorities made, for `example.org` and the challenge of the seeds.
#[derive(Clone, Copy, Debug)]
pub struct Known<'k> {
    /// Chains in DER, certificate after certificate, leaf first; each ends in the one root.
    pub chains: &'k [&'k [u8]],
    /// Attestation objects, all about one key.
    pub objects: &'k [&'k [u8]],
    /// The client data of the registration.
    pub created: &'k [u8],
    /// The one login.
    pub asserted: Assertion<'k>,
    /// The revocation lists of the first chain's authorities, one after the other. They revoke nothing.
    pub lists: &'k [u8],
    /// The list with which the first chain's leaf was revoked.
    pub revoking: &'k [u8],
    /// A metadata blob, and the root that it leads to.
    pub blob: &'k str,
    /// In DER.
    pub blob_root: &'k [u8],
}

/// A login: what was signed, and the key that signed it.
#[derive(Clone, Copy, Debug)]
pub struct Assertion<'k> {
    /// `clientDataJSON`.
    pub client_data: &'k [u8],
    /// Authenticator data.
    pub authenticator_data: &'k [u8],
    /// The key in COSE.
    pub key: &'k [u8],
}

impl<'k> Known<'k> {
    fn certificates(&self) -> impl Iterator<Item = Certificate<'k>> {
        self.chains.iter().flat_map(|chain| certificates(chain))
    }

    fn anchors(&self) -> Anchors {
        let mut anchors = Anchors::new();
        let root = self.chains.first().and_then(|chain| certificates(chain).pop());
        assert!(
            root.is_some_and(|root| anchors.add_der(root.raw()).is_ok()),
            "there is a root"
        );
        anchors
    }

    /// The object of this format, or the first.
    fn object(&self, format: &str) -> Option<AttestationObject<'k>> {
        let read = |bytes: &&'k [u8]| AttestationObject::parse(bytes).ok();
        let mut objects = self.objects.iter().filter_map(read);
        let first = objects.clone().next();
        objects.find(|object| object.format() == format).or(first)
    }

    fn issued(&self, leaf: &[u8]) -> bool {
        self.certificates()
            .any(|known| signed_part(known.raw()) == signed_part(leaf))
    }
}

/// An attestation object with whatever statement, as the answer to a registration that tolerates everything.
pub fn attestation_object(bytes: &[u8], known: &Known<'_>, provider: &Arc<dyn Provider>) -> bool {
    let rp = RelyingParty::builder(RP_ID, [ORIGIN])
        .tolerate(Leniency::ALL.iter().copied())
        .android_key(AndroidKeyPolicy::Either)
        .compound(CompoundPolicy::Any);
    let json = json!({
        "id": URL_SAFE_NO_PAD.encode(CREDENTIAL), "rawId": URL_SAFE_NO_PAD.encode(CREDENTIAL),
        "type": "public-key", "clientExtensionResults": {},
        "response": {
            "clientDataJSON": URL_SAFE_NO_PAD.encode(known.created),
            "attestationObject": URL_SAFE_NO_PAD.encode(bytes),
        },
    });
    register(json.to_string().as_bytes(), &rp, known, provider)
}

/// A statement about the known key: a byte that chooses the format, and the statement in CBOR.
pub fn statement(bytes: &[u8], known: &Known<'_>, provider: &Arc<dyn Provider>) -> bool {
    let Some((format, statement)) = bytes.split_first() else {
        return false;
    };
    let Some(format) = FORMATS.get(usize::from(*format)) else {
        return false;
    };
    if Item::parse(statement, Rules::ATTESTATION_OBJECT).is_err() {
        return false;
    }
    let Some(object) = known.object(format) else {
        return false;
    };
    let data = object.authenticator_data();
    // {"fmt": format, "attStmt": statement, "authData": data}
    let mut written = vec![0xa3, 0x63];
    written.extend(b"fmt");
    written.push(0x60 | u8::try_from(format.len()).unwrap_or_default());
    written.extend(format.as_bytes());
    written.push(0x67);
    written.extend(b"attStmt");
    written.extend(statement);
    written.push(0x68);
    written.extend(b"authData");
    match u8::try_from(data.len()) {
        Ok(length) => written.extend([0x58, length]),
        Err(_) => {
            written.push(0x59);
            written.extend(u16::try_from(data.len()).unwrap_or_default().to_be_bytes());
        }
    }
    written.extend(data);
    attestation_object(&written, known, provider)
}

/// The JSON forms of both answers, to the verdict.
pub fn responses(bytes: &[u8], known: &Known<'_>, provider: &Arc<dyn Provider>) -> bool {
    let rp = RelyingParty::builder(RP_ID, [ORIGIN]);
    let registered = register(bytes, &rp, known, provider);
    registered | log_in(bytes, &rp, known, provider)
}

/// Registers with a relying party that trusts everybody, and with one that trusts the root alone.
fn register(json: &[u8], rp: &Builder, known: &Known<'_>, provider: &Arc<dyn Provider>) -> bool {
    let Ok(answer) = RegistrationResponse::from_json(json) else {
        return false;
    };
    reads_the_same(json, &answer, |json| RegistrationResponse::from_json(json).ok());
    let judge = |trust: Trust| {
        let rp = rp.clone().trust(trust).build(Arc::clone(provider)).ok()?;
        let verdict = begin_registration(&rp)?.finish(&answer, &rp, NOW);
        let again = begin_registration(&rp)?.finish(&answer, &rp, NOW);
        assert_eq!(verdict, again, "the same answer gets the same verdict");
        verdict.ok()
    };
    let Some(registration) = judge(Trust::unchecked()) else {
        return false; // what needs no trust was asked first: trust only refuses more
    };
    let created = registration.record.attestation_client_data_json.as_ref();
    let challenged = created.is_some_and(|bytes| bytes.as_bytes() == known.created);
    if let Some(trusted) = judge(Trust::anchors(known.anchors())) {
        assert!(challenged, "what is trusted signed the known client data");
        assert!(
            is_known(&trusted, known),
            "what is trusted is about the known key"
        );
    }
    true
}

fn is_known(registration: &Registration, known: &Known<'_>) -> bool {
    let about = |data: &AuthenticatorData<'_>| {
        data.attested()
            .map(|attested| (attested.credential_id().to_vec(), attested.public_key().to_vec()))
    };
    let record = &registration.record;
    let claimed = (
        record.id.as_bytes().to_vec(),
        record.public_key.as_bytes().to_vec(),
    );
    let honest = known
        .objects
        .iter()
        .filter_map(|bytes| AttestationObject::parse(bytes).ok());
    let honest: Vec<&[u8]> = honest.map(|object| object.authenticator_data()).collect();
    let same_key = honest.iter().any(|data| {
        let data = AuthenticatorData::parse(data, Leniencies::NONE);
        data.is_ok_and(|data| about(&data).as_ref() == Some(&claimed))
    });
    // U2F signs neither flags nor counter; every other format signs all of authenticator data.
    let object = record.attestation_object.as_ref().map(Base64Url::as_bytes);
    let object = object.and_then(|bytes| AttestationObject::parse(bytes).ok());
    let same_data = object.is_some_and(|object| {
        ["fido-u2f", "compound"].contains(&object.format()) || honest.contains(&object.authenticator_data())
    });
    same_key && same_data
}

fn begin_registration(rp: &RelyingParty) -> Option<Kept<Create>> {
    let user = UserEntity {
        handle: UserHandle::new(ACCOUNT).ok()?,
        name: String::new(),
        display_name: String::new(),
    };
    let (_, kept) = rp
        .register(&user)
        .challenge(CHALLENGE)
        .begin(&Unneeded, NOW)
        .ok()?;
    Some(kept)
}

/// Logs in with the known key.
fn log_in(json: &[u8], rp: &Builder, known: &Known<'_>, provider: &Arc<dyn Provider>) -> bool {
    let Ok(answer) = AuthenticationResponse::from_json(json) else {
        return false;
    };
    reads_the_same(json, &answer, |json| AuthenticationResponse::from_json(json).ok());
    let finish = || {
        let rp = rp.clone().build(Arc::clone(provider)).ok()?;
        let record = CredentialRecord {
            id: CredentialId::new(CREDENTIAL).ok()?,
            public_key: Base64Url::from(known.asserted.key),
            sign_count: 5,
            uv_initialized: true,
            transports: Vec::new(),
            backup_eligible: Some(false),
            backup_state: false,
            rp_id: RP_ID.to_owned(),
            aaguid: Aaguid::ZERO,
            attestation_object: None,
            attestation_client_data_json: None,
        };
        let user = UserHandle::new(ACCOUNT).ok()?;
        let allowed = [CredentialDescriptor::new(record.id.clone(), Vec::new())];
        let begun = rp.authenticate().challenge(CHALLENGE).for_user(&user, &allowed);
        let (_, kept) = begun.begin(&Unneeded, NOW).ok()?;
        Some(kept.finish(&answer, &record, &rp, NOW))
    };
    let verdict = finish();
    assert_eq!(verdict, finish(), "the same answer gets the same verdict");
    let accepted = verdict.is_some_and(|verdict| verdict.is_ok());
    if accepted {
        let Assertion {
            client_data,
            authenticator_data,
            ..
        } = known.asserted;
        assert_eq!(
            &*answer.client_data_json, client_data,
            "the key signed no other client data"
        );
        assert_eq!(
            &*answer.authenticator_data, authenticator_data,
            "the key signed no other authenticator data"
        );
    }
    accepted
}

/// An answer means the same however its JSON is laid out.
fn reads_the_same<T: Debug>(json: &[u8], answer: &T, read: impl Fn(&[u8]) -> Option<T>) {
    let Ok(value) = serde_json::from_slice::<Value>(json) else {
        return;
    };
    let again = read(value.to_string().as_bytes());
    assert_eq!(
        format!("{again:?}"),
        format!("{:?}", Some(answer)),
        "layout means nothing"
    );
}

/// Certificates one after the other: a chain, whose last is the anchor.
pub fn path(bytes: &[u8], known: &Known<'_>, provider: &dyn Provider) -> bool {
    let chain = certificates(bytes);
    for certificate in &chain {
        let _ = certificate.basic_constraints(true);
        let _ = certificate.key_usage();
        let _ = certificate.extended_key_usage();
        let _ = check_aaguid(certificate, Aaguid::ZERO);
        let (first, last) = certificate.validity();
        assert!(
            certificate.is_valid_at(first) || last < first,
            "the first moment counts"
        );
    }
    let Some((anchor, below)) = chain.split_last() else {
        return false;
    };
    let judge = judge(provider);
    let find = |anchors: &[Certificate<'_>]| {
        let path = Path::find(below, anchors, Hashes::Sha1Too, judge);
        let verdict = path.as_ref().map(drop).map_err(|error| *error);
        assert_eq!(
            verdict,
            Path::find(below, anchors, Hashes::Sha1Too, judge).map(drop),
            "the same verdict"
        );
        let pass = Revocations::new(Missing::Pass);
        let refuse = Revocations::new(Missing::Refuse);
        if let Ok(path) = path {
            assert!(path.check_revocations(&pass, judge).is_ok(), "nothing is revoked");
            let is_anchor = below.first().is_some_and(|leaf| leaf.raw() == path.anchor.raw());
            assert_eq!(
                path.check_revocations(&refuse, judge).is_ok(),
                is_anchor,
                "no list speaks for it"
            );
        }
        verdict.is_ok()
    };
    assert!(!find(&[]), "without an anchor nothing is trusted");
    let anchors = known.anchors();
    if find(&anchors.certificates()) {
        let leaf = below.first().is_some_and(|leaf| known.issued(leaf.raw()));
        assert!(leaf, "the root's house issued no other certificate");
    }
    find(core::slice::from_ref(anchor))
}

/// Revocation lists one after the other, for the first known chain; let in when they clear it.
pub fn revocation_list(bytes: &[u8], known: &Known<'_>, provider: &dyn Provider) -> bool {
    let mut strict = Revocations::new(Missing::Refuse);
    let mut warned = Revocations::new(Missing::Pass);
    assert!(
        warned.add_der(known.revoking).is_ok(),
        "the known list can be read"
    );
    let mut added = Vec::new();
    for list in pieces(bytes) {
        if strict.add_der(list).is_err() {
            break;
        }
        assert!(warned.add_der(list).is_ok(), "a list reads the same twice");
        added.push(list);
    }
    if added.is_empty() {
        return false;
    }
    let chain = known
        .chains
        .first()
        .map(|chain| certificates(chain))
        .unwrap_or_default();
    let judge = judge(provider);
    let check = |revocations: &Revocations| {
        let mut pairs = chain.iter().zip(chain.iter().skip(1)).enumerate();
        pairs.all(|(at, (certificate, issuer))| {
            revocations
                .check(certificate, Position::Chain(at), issuer, judge)
                .is_ok()
        })
    };
    assert!(!check(&warned), "no list clears what another revoked");
    let cleared = check(&strict);
    assert_eq!(cleared, check(&strict), "the same verdict");
    if cleared {
        let known = pieces(known.lists).map(signed_part);
        let mut added = known.map(|list| added.iter().any(|added| signed_part(added) == list));
        assert!(
            added.all(|there| there),
            "only the authorities' lists clear a chain"
        );
    }
    cleared
}

/// A metadata blob, or, when it begins as JSON does, the payload of one.
pub fn metadata(bytes: &[u8], known: &Known<'_>, provider: &dyn Provider) -> bool {
    match core::str::from_utf8(bytes) {
        Ok(text) if !text.starts_with('{') => blob(text, known, provider),
        Ok(_) | Err(_) => payload(bytes),
    }
}

fn blob(text: &str, known: &Known<'_>, provider: &dyn Provider) -> bool {
    let mut anchors = Anchors::new();
    assert!(
        anchors.add_der(known.blob_root).is_ok(),
        "the known root can be read"
    );
    let signer = Signer::whoever_the_anchors_certify();
    let verify = |text: &str| {
        Blob::verify(
            text,
            &signer,
            &anchors,
            &Revocations::default(),
            None,
            provider,
            NOW,
        )
    };
    let verdict = verify(text);
    if verdict.is_ok() {
        let (found, honest) = (format!("{verdict:?}"), format!("{:?}", verify(known.blob)));
        assert_eq!(found, honest, "the root's house signed no other blob");
    }
    verdict.is_ok()
}

fn payload(bytes: &[u8]) -> bool {
    let Ok(blob) = Blob::read(bytes, String::new()) else {
        return false;
    };
    let whole: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let listed = whole.get("entries").and_then(Value::as_array).map(Vec::len);
    let counted = blob.entries().len().checked_add(blob.unreadable());
    assert_eq!(counted, listed, "every entry counts");
    assert!(
        blob.find(Aaguid::ZERO).is_none(),
        "nobody has the AAGUID of zeros"
    );
    for entry in blob.entries() {
        let Some(aaguid) = entry.aaguid().filter(|aaguid| !aaguid.is_zero()) else {
            continue;
        };
        let found = blob.find(aaguid).and_then(|found| found.aaguid());
        assert_eq!(found, Some(aaguid), "a model is found by its name");
    }
    let entries: Vec<_> = blob
        .entries()
        .iter()
        .map(|entry| Value::Object(entry.raw().clone()))
        .collect();
    let written =
        json!({ "no": blob.number(), "nextUpdate": blob.next_update().to_string(), "entries": entries });
    let again = Blob::read(written.to_string().as_bytes(), String::new());
    let facts = |blob: &Blob| {
        let entries: Vec<_> = blob
            .entries()
            .iter()
            .map(|entry| {
                let names = (
                    entry.aaguid(),
                    entry.aaid().map(str::to_owned),
                    entry.key_identifiers().to_vec(),
                );
                format!(
                    "{names:?} {:?} {:?} {:?}",
                    entry.statement(),
                    entry.status_reports(),
                    entry.anchors()
                )
            })
            .collect();
        (blob.number(), blob.next_update().to_string(), entries)
    };
    assert_eq!(
        again.as_ref().map(facts),
        Ok(facts(&blob)),
        "what is written is what was read"
    );
    true
}

fn judge(provider: &dyn Provider) -> Judge<'_> {
    Judge {
        provider,
        leniencies: Leniencies::NONE,
        valid_at: NOW,
        now: NOW,
    }
}

/// DER values one after the other, up to the first that is none.
fn pieces(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Der::new(bytes).ok();
    core::iter::from_fn(move || {
        let der = rest.as_mut()?;
        if der.is_finished() {
            return None;
        }
        der.raw().ok()
    })
}

fn certificates(bytes: &[u8]) -> Vec<Certificate<'_>> {
    pieces(bytes)
        .map_while(|raw| Certificate::parse(raw).ok())
        .collect()
}

/// What is signed of a certificate or a list. The rest can be written differently: with (r, s) stands (r, -s).
fn signed_part(der: &[u8]) -> Option<&[u8]> {
    only_sequence(der).ok()?.raw().ok()
}

/// The challenge is brought along.
#[derive(Debug)]
struct Unneeded;

impl Random for Unneeded {
    fn fill(&self, _: &mut [u8]) -> Result<(), NoRandom> {
        Err(NoRandom)
    }
}
