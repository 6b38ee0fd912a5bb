//! What the fuzz targets call, so that their seeds replay in ordinary tests. Not part of the API.
//!
//! Each function reads foreign bytes and asserts what must hold when they were accepted.

use doorward_crypto::{Provider, Timestamp};

use crate::Aaguid;
use crate::attestation::{self, AttestationObject, Signed};
use crate::authenticator_data::AuthenticatorData;
use crate::cbor::{Item, Key, Rules};
use crate::client_data::{CollectedClientData, limited};
use crate::cose::CredentialKey;
use crate::metadata::Blob;
use crate::policy::{AndroidKeyPolicy, CompoundPolicy, Leniencies, Leniency};
use crate::trust::{Certificate, Judge, Path, Revocations};

/// Whether the strict reader accepts these bytes; what it accepts can be walked to the last byte.
pub fn cbor(bytes: &[u8]) -> bool {
    let Ok(item) = Item::parse(bytes, Rules::CTAP2) else {
        return false;
    };
    assert_eq!(item.raw(), bytes, "an item is all of its bytes");
    walk(&item);
    true
}

fn walk(item: &Item<'_>) {
    if let Ok(map) = item.map() {
        let mut count = 0_u64;
        for (key, value) in map.entries() {
            count = count.saturating_add(1);
            if key != Key::Other {
                assert_eq!(map.find(key), Some(value), "a key stands once");
            }
            walk(&value);
        }
        assert_eq!(count, map.len(), "every entry is reached");
    } else if let Ok(array) = item.array() {
        let length = array.len();
        let reached = array.inspect(walk).count();
        assert_eq!(u64::try_from(reached), Ok(length), "every element is reached");
    }
}

/// Client data; what the limited algorithm accepts, the parser reads the same.
pub fn client_data(bytes: &[u8]) {
    let Ok(client) = CollectedClientData::parse(bytes) else {
        return;
    };
    let agrees = limited(
        bytes,
        client.kind(),
        client.challenge(),
        client.origin(),
        client.cross_origin(),
        client.top_origin(),
    );
    if agrees {
        let other = format!("{}x", client.kind());
        let (challenge, origin) = (client.challenge(), client.origin());
        assert!(!limited(
            bytes,
            &other,
            challenge,
            origin,
            client.cross_origin(),
            client.top_origin()
        ));
    }
}

/// Authenticator data, by the letter and leniently.
pub fn authenticator_data(bytes: &[u8]) {
    let strict = AuthenticatorData::parse(bytes, Leniencies::NONE).is_ok();
    let lenient =
        AuthenticatorData::parse(bytes, Leniencies::NONE.and(Leniency::Firefox117Ed25519Key)).is_ok();
    assert!(lenient || !strict, "a leniency accepts more");
}

/// A COSE key; one that is read is canonical CBOR, so that its bytes are its only ones.
pub fn cose_key(bytes: &[u8]) {
    if let Ok(key) = CredentialKey::parse(bytes, Leniencies::NONE) {
        assert!(cbor(bytes), "a key is canonical CBOR");
        assert!(key.key().to_spki().is_ok(), "a key can be written down");
    }
}

/// An attestation object with whatever statement: every format's reader, up to the signature.
pub fn attestation_object(bytes: &[u8], provider: &dyn Provider) {
    let Ok(object) = AttestationObject::parse(bytes) else {
        return;
    };
    let all: Leniencies = Leniency::ALL.iter().copied().collect();
    let Ok(data) = AuthenticatorData::parse(object.authenticator_data(), all) else {
        return;
    };
    let Some(attested) = data.attested() else { return };
    let Ok(key) = CredentialKey::parse(attested.public_key(), all) else {
        return;
    };
    let signed = Signed {
        authenticator_data: object.authenticator_data(),
        data: &data,
        attested,
        key: &key,
        client_data_hash: &[0; 32],
        provider,
        leniencies: all,
        android_key: AndroidKeyPolicy::Either,
        compound: CompoundPolicy::Any,
        now: Timestamp::from_seconds(1_750_000_000),
    };
    let _ = attestation::verify(object.format(), object.statement(), &signed);
}

/// Certificates one after the other: a chain, whose last is the anchor.
pub fn path(bytes: &[u8], provider: &dyn Provider) {
    let mut chain = Vec::new();
    let mut rest = crate::trust::der::Der::new(bytes);
    while let Ok(der) = &mut rest {
        let Ok(raw) = der.raw() else { break };
        let Ok(certificate) = Certificate::parse(raw) else {
            break;
        };
        let _ = certificate.basic_constraints(true);
        let _ = certificate.key_usage();
        let _ = certificate.extended_key_usage();
        let _ = certificate.public_key();
        let _ = crate::trust::check_aaguid(&certificate, Aaguid::ZERO);
        chain.push(certificate);
    }
    let now = Timestamp::from_seconds(1_750_000_000);
    let judge = Judge {
        provider,
        leniencies: Leniencies::NONE,
        valid_at: now,
        now,
    };
    if let Some((anchor, below)) = chain.split_last() {
        let anchors = std::slice::from_ref(anchor);
        if let Ok(path) = Path::find(below, anchors, judge) {
            let _ = path.check_revocations(&Revocations::default(), judge);
        }
    }
}

/// A revocation list.
pub fn revocation_list(bytes: &[u8]) {
    let _ = Revocations::default().add_der(bytes);
}

/// The TPM's structures and Android's key description.
pub fn structures(bytes: &[u8]) {
    attestation::read_structures(bytes);
}

/// The JSON forms of both answers.
pub fn responses(bytes: &[u8]) {
    let _ = crate::RegistrationResponse::from_json(bytes);
    let _ = crate::AuthenticationResponse::from_json(bytes);
}

/// The payload of a metadata blob.
pub fn metadata(bytes: &[u8]) {
    let _ = Blob::read(bytes, String::new());
}
