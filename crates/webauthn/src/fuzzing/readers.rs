//! Readers: what one accepts has one meaning, and can be written down again.

use core::fmt::Debug;

use doorward_crypto::PublicKey;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::attestation;
use crate::authenticator_data::AuthenticatorData;
use crate::cbor::{Item, Key, Rules};
use crate::client_data::{CollectedClientData, limited};
use crate::cose::CredentialKey;
use crate::json::{ClientCapabilities, CreationOptions, CredentialDescriptor, RequestOptions};
use crate::policy::{Leniencies, Leniency};
use crate::{Create, CredentialRecord, Discoverable, Identified, Kept};

/// The strict CBOR reader; what it accepts can be walked to the last byte.
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

/// Client data: its members, written down, read the same, and the limited algorithm agrees on what they are.
pub fn client_data(bytes: &[u8]) -> bool {
    let Ok(client) = CollectedClientData::parse(bytes) else {
        return false;
    };
    let compare = |bytes: &[u8], kind: &str| {
        let (challenge, origin) = (client.challenge(), client.origin());
        limited(
            bytes,
            kind,
            challenge,
            origin,
            client.cross_origin(),
            client.top_origin(),
        )
    };
    let other = format!("{}x", client.kind());
    assert!(!compare(bytes, &other), "no text has two types");

    let text = |member: &str| serde_json::Value::from(member).to_string();
    let mut written = format!(
        r#"{{"type":{},"challenge":{},"origin":{},"crossOrigin":{}"#,
        text(client.kind()),
        text(client.challenge()),
        text(client.origin()),
        client.cross_origin(),
    );
    if let Some(top_origin) = client.top_origin() {
        written.push_str(r#","topOrigin":"#);
        written.push_str(&text(top_origin));
    }
    written.push('}');
    let again = CollectedClientData::parse(written.as_bytes());
    assert_eq!(again.as_ref(), Ok(&client), "what is written is what was read");
    // The two writers differ only in how they escape control characters.
    let plain = !written.contains("\\u")
        && !["\\b", "\\f", "\\n", "\\r", "\\t"]
            .iter()
            .any(|c| written.contains(c));
    assert!(
        !plain || compare(written.as_bytes(), client.kind()),
        "the limited algorithm agrees"
    );
    true
}

/// Authenticator data, by the letter and leniently: its parts, one after the other, are its bytes.
pub fn authenticator_data(bytes: &[u8]) -> bool {
    let read = |leniencies| {
        let Ok(data) = AuthenticatorData::parse(bytes, leniencies) else {
            return false;
        };
        let mut parts = data.rp_id_hash().to_vec();
        parts.push(data.flags().bits());
        parts.extend(data.sign_count().to_be_bytes());
        assert_eq!(data.flags().attested(), data.attested().is_some());
        if let Some(attested) = data.attested() {
            parts.extend(attested.aaguid().as_bytes());
            let length = u16::try_from(attested.credential_id().len());
            parts.extend(length.map(u16::to_be_bytes).unwrap_or_default());
            parts.extend(attested.credential_id());
            parts.extend(attested.public_key());
        }
        assert_eq!(data.flags().extensions(), data.extensions().is_some());
        if let Some(extensions) = data.extensions() {
            parts.extend(extensions.raw());
        }
        assert_eq!(parts, bytes, "every byte is a part's");
        true
    };
    let strict = read(Leniencies::NONE);
    let lenient = read(Leniencies::NONE.and(Leniency::Firefox117Ed25519Key));
    assert!(lenient || !strict, "a leniency accepts more");
    strict
}

/// A COSE key; one that is read is canonical CBOR, so that its bytes are its only ones.
pub fn cose_key(bytes: &[u8]) -> bool {
    let Ok(key) = CredentialKey::parse(bytes, Leniencies::NONE) else {
        return false;
    };
    assert!(cbor(bytes), "a key is canonical CBOR");
    assert_eq!(
        key.algorithm().key_kind(),
        key.key().kind(),
        "a key fits its algorithm"
    );
    let written = key.key().to_spki().unwrap_or_default();
    assert_eq!(
        PublicKey::from_spki(&written).as_ref(),
        Ok(key.key()),
        "a key reads back"
    );
    true
}

/// The TPM's structures and Android's key description.
pub fn structures(bytes: &[u8]) {
    attestation::read_structures(bytes);
}

/// The JSON forms that are written here, and what is kept between the halves of a ceremony and after it: what is
/// read and written down again reads the same.
pub fn json_forms(bytes: &[u8]) -> bool {
    form::<CreationOptions>(bytes)
        | form::<RequestOptions>(bytes)
        | form::<CredentialDescriptor>(bytes)
        | form::<ClientCapabilities>(bytes)
        | form::<CredentialRecord>(bytes)
        | form::<Kept<Create>>(bytes)
        | form::<Kept<Discoverable>>(bytes)
        | form::<Kept<Identified>>(bytes)
}

fn form<T: Serialize + DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) -> bool {
    let Ok(form) = serde_json::from_slice::<T>(bytes) else {
        return false;
    };
    let written = serde_json::to_vec(&form).unwrap_or_default();
    let again = serde_json::from_slice::<T>(&written);
    assert_eq!(
        again.as_ref().ok(),
        Some(&form),
        "what is written is what was read"
    );
    true
}
