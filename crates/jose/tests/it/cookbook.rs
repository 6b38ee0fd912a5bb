//! RFC 7520: the messages in the compact form.

use doorward_jose::{Compact, Jwk, JwkError, JwsError, hs256};
use serde_json::Value;

use crate::{provider, public, vectors};

fn compact(file: &str) -> Option<(Value, String)> {
    let vectors = vectors::read(&format!("jose/rfc7520/jws/{file}.json"))?;
    let text = vectors["output"]["compact"].as_str().unwrap().to_owned();
    Some((vectors, text))
}

#[test]
fn signatures_by_rsa_and_ecdsa_verify() {
    for file in [
        "4_1.rsa_v15_signature",
        "4_2.rsa-pss_signature",
        "4_3.ecdsa_signature",
    ] {
        let Some((vectors, text)) = compact(file) else {
            return;
        };
        let algorithm = vectors["input"]["alg"].as_str().unwrap();
        let algorithm = doorward_crypto::Algorithm::from_jose(algorithm).unwrap();
        let jws = Compact::parse(&text).unwrap();
        assert_eq!(
            jws.signing_input(),
            vectors["signing"]["sig-input"].as_str().unwrap().as_bytes()
        );
        let key = public(&vectors["input"]["key"]).unwrap();
        let verified = jws.clone().verify(provider(), algorithm, key.key()).unwrap();
        assert_eq!(
            verified.payload(),
            vectors["input"]["payload"].as_str().unwrap().as_bytes()
        );
        assert_eq!(verified.header().kid(), key.kid());
        let key = key.with_algorithm(algorithm).unwrap();
        assert!(jws.verify_by(provider(), &key).is_ok(), "{file}");
    }
}

#[test]
fn an_rsa_key_without_an_algorithm_verifies_nothing_by_itself() {
    let Some((vectors, text)) = compact("4_1.rsa_v15_signature") else {
        return;
    };
    let key = public(&vectors["input"]["key"]).unwrap();
    assert_eq!(key.algorithm(), None);
    assert_eq!(
        Compact::parse(&text)
            .unwrap()
            .verify_by(provider(), &key)
            .unwrap_err(),
        JwsError::Key
    );
}

#[test]
fn hmac_verifies_by_its_own_type() {
    let Some((vectors, text)) = compact("4_4.hmac-sha2_integrity_protection") else {
        return;
    };
    let secret = doorward_jose::base64url::decode(vectors["input"]["key"]["k"].as_str().unwrap()).unwrap();
    let secret = hs256::Secret::new(&secret).unwrap();
    let verified = secret.verify(Compact::parse(&text).unwrap()).unwrap();
    assert_eq!(
        verified.payload(),
        vectors["input"]["payload"].as_str().unwrap().as_bytes()
    );
}

#[test]
fn detached_content_is_a_message_over_nothing_and_fails() {
    let Some((vectors, _)) = compact("4_1.rsa_v15_signature") else {
        return;
    };
    let Some(detached) = vectors::read("jose/rfc7520/jws/4_5.signature_with_detached_content.json") else {
        return;
    };
    let text = detached["output"]["compact"].as_str().unwrap();
    let key = public(&vectors["input"]["key"]).unwrap();
    let jws = Compact::parse(text).unwrap();
    assert!(jws.unverified_payload().is_empty());
    assert!(
        jws.verify(provider(), doorward_crypto::Algorithm::Rs256, key.key())
            .is_err()
    );
}

#[test]
fn the_json_serializations_are_not_read() {
    let Some((vectors, _)) = compact("4_1.rsa_v15_signature") else {
        return;
    };
    for form in ["json", "json_flat"] {
        assert!(Compact::parse(&vectors["output"][form].to_string()).is_err());
    }
}

#[test]
fn public_keys_are_read_and_private_ones_refused() {
    for (file, private) in [
        ("3_1.ec_public_key", None),
        ("3_2.ec_private_key", Some("d")),
        ("3_3.rsa_public_key", None),
        ("3_4.rsa_private_key", Some("d")),
        ("3_5.symmetric_key_mac_computation", Some("k")),
        ("3_6.symmetric_key_encryption", Some("k")),
    ] {
        let Some(jwk) = vectors::read(&format!("jose/rfc7520/jwk/{file}.json")) else {
            return;
        };
        let read = Jwk::parse(jwk.to_string().as_bytes());
        match private {
            Some(member) => assert_eq!(read, Err(JwkError::Private(member)), "{file}"),
            None => assert!(read.is_ok(), "{file}"),
        }
    }
}
