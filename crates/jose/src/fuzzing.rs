//! What the fuzz targets check, kept here so that their seeds replay in ordinary tests. Not part of the API.
//!
//! Each function takes what a stranger sends and returns whether it was let in; it fails when something that
//! was let in does not have the property that the rest of the crate relies on.

use doorward_crypto::PublicKey;
use serde_json::Value;

use crate::jwk::Jwk;
use crate::jwks::JwkSet;
use crate::jws::Compact;
use crate::jwt::Claims;
use crate::thumbprint::Thumbprint;
use crate::{base64url, json};

/// A message that was taken apart goes together again to the same text, and its header says to `serde_json` what
/// it says here.
#[must_use]
pub fn jws(text: &str) -> bool {
    let Ok(jws) = Compact::parse(text) else {
        return false;
    };
    let (header, _) = text.split_once('.').unwrap_or_default();
    let payload = base64url::encode(jws.unverified_payload());
    let signed = format!("{header}.{payload}");
    assert_eq!(jws.signing_input(), signed.as_bytes(), "what was signed");
    assert_eq!(text, format!("{signed}.{}", base64url::encode(jws.signature())));

    let header = base64url::decode(header).unwrap_or_default();
    let read = serde_json::from_slice::<Value>(&header).ok();
    let members = read.as_ref().and_then(Value::as_object);
    assert!(members.is_some(), "two readers see an object");
    for (name, value) in members.into_iter().flatten() {
        assert_eq!(jws.header().get(name), Some(value), "two readers agree on {name}");
    }
    assert_eq!(
        jws.header().get("alg").and_then(Value::as_str),
        Some(jws.header().alg())
    );
    assert!(jws.header().get("crit").is_none(), "no extension is understood");
    if let Ok(certificates) = jws.header().x5c() {
        assert!(!certificates.is_empty());
    }
    if let Ok(key) = jws.header().jwk() {
        one_key(&key);
    }
    if let Ok(claims) = Claims::parse(jws.unverified_payload()) {
        let read = serde_json::from_slice::<Value>(jws.unverified_payload()).ok();
        assert_eq!(read.as_ref().and_then(Value::as_object), Some(claims.as_object()));
        let _ = (claims.audience(), claims.time("exp"), claims.integer("iat"));
    }
    true
}

/// A set that was read is written and read again as the same keys, and none of them is private.
#[must_use]
pub fn jwk_set(bytes: &[u8]) -> bool {
    let Ok(set) = JwkSet::parse(bytes) else {
        return false;
    };
    set.keys().iter().for_each(one_key);
    let written = serde_json::to_vec(&set).unwrap_or_default();
    let again = JwkSet::parse(&written);
    assert_eq!(
        again.map(|again| (again.keys().to_vec(), again.left_out().len())),
        Ok((set.keys().to_vec(), 0)),
        "a set reads back, and nothing is left out"
    );
    true
}

/// A key is the same by itself, as the key that X.509 writes, and by its thumbprint.
fn one_key(key: &Jwk) {
    let members = key.to_object();
    let written = serde_json::to_vec(&members).unwrap_or_default();
    assert_eq!(json::object(&written).as_ref(), Ok(&members));
    let again = Jwk::parse(&written);
    assert_eq!(again.as_ref(), Ok(key), "a key reads back");
    let spki = key.key().to_spki().unwrap_or_default();
    assert_eq!(
        PublicKey::from_spki(&spki).as_ref(),
        Ok(key.key()),
        "X.509 writes the same key"
    );
    assert_eq!(
        Thumbprint::parse(&key.thumbprint().to_string()),
        Ok(Thumbprint::of(key.key()))
    );
    if let Some(algorithm) = key.algorithm() {
        assert_eq!(
            algorithm.key_kind(),
            key.key().kind(),
            "the one algorithm fits the key"
        );
    }
}
