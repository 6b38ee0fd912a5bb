//! What holds for every text.

use doorward_crypto::{Algorithm, Provider, Timestamp, rustcrypto::RustCrypto};
use doorward_jose::{Claims, Compact, Jwk, JwkSet, Thumbprint, Validity, base64url, json, sign_jwt};
use proptest::prelude::*;
use serde_json::Value;

use crate::{Repeating, provider};

/// JSON of some depth, with the names that matter now and then.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // serde_json reads the last digit of long fractions only roughly.
        any::<i16>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "EC", "RSA", "OKP", "AKP", "P-256", "Ed25519", "ES256", "AQAB", "sig"
        ])
        .prop_map(Value::from),
    ];
    let name = prop_oneof![
        4 => prop::sample::select(vec!["kty", "crv", "x", "y", "n", "e", "alg", "use", "kid", "keys", "key_ops", "exp", "pub"])
            .prop_map(str::to_owned),
        1 => ".{0,6}",
    ];
    leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_message_that_is_taken_apart_goes_together_again(text in r"[A-Za-z0-9_=-]{0,24}(\.[A-Za-z0-9_=-]{0,24}){1,4}") {
        if let Ok(jws) = Compact::parse(&text) {
            let parts: Vec<_> = text.split('.').collect();
            prop_assert_eq!(base64url::encode(jws.unverified_payload()), parts[1]);
            prop_assert_eq!(base64url::encode(jws.signature()), parts[2]);
        }
    }

    #[test]
    fn any_header_is_read_or_refused(header in value(), payload in any::<Vec<u8>>()) {
        let header = base64url::encode(header.to_string().as_bytes());
        let text = format!("{header}.{}.AAAA", base64url::encode(&payload));
        if let Ok(jws) = Compact::parse(&text) {
            prop_assert_eq!(jws.unverified_payload(), &payload[..]);
            let _ = (jws.header().x5c(), jws.header().jwk(), jws.header().typ_is("JWT"));
            prop_assert!(jws.verify_by_one_of(provider(), &JwkSet::default()).is_err());
        }
    }

    #[test]
    fn base64url_is_one_to_one(text in "[A-Za-z0-9_=+/-]{0,20}") {
        if let Ok(bytes) = base64url::decode(&text) {
            prop_assert_eq!(base64url::encode(&bytes), text);
        }
    }

    #[test]
    fn json_is_read_as_serde_json_reads_it(value in value()) {
        let text = value.to_string();
        prop_assert_eq!(json::object(text.as_bytes()).ok(), value.as_object().cloned());
    }

    #[test]
    fn any_json_is_a_key_or_an_error(value in value(), bytes in any::<Vec<u8>>()) {
        let _ = (Jwk::parse(&bytes), JwkSet::parse(&bytes), Claims::parse(&bytes));
        let text = value.to_string();
        let _ = JwkSet::parse(text.as_bytes());
        if let Ok(key) = Jwk::parse(text.as_bytes()) {
            prop_assert_eq!(Jwk::from_object(&key.to_object()), Ok(key));
        }
    }

    #[test]
    fn a_thumbprint_is_read_as_it_is_written(text in "[A-Za-z0-9_-]{41,45}") {
        if let Ok(thumbprint) = Thumbprint::parse(&text) {
            prop_assert_eq!(thumbprint.to_string(), text);
        }
    }

    #[test]
    fn claims_arrive_as_they_were_signed(seed in any::<u32>(), claims in value()) {
        let pkcs8 = RustCrypto.generate(Algorithm::Ed25519, &Repeating::from_seed(seed.into())).unwrap();
        let key = RustCrypto.signing_key(Algorithm::Ed25519, pkcs8.as_bytes()).unwrap();
        let Ok(token) = sign_jwt(Some("JWT"), &claims, key.as_ref(), Some("k")) else {
            prop_assert!(!claims.is_object());
            return Ok(());
        };
        let verified = Compact::parse(&token).unwrap().verify(provider(), Algorithm::Ed25519, key.public_key()).unwrap();
        let read = verified.claims().unwrap();
        prop_assert_eq!(Some(read.as_object()), claims.as_object());
        let _ = Validity::at(Timestamp::from_seconds(0)).check(&read);
    }
}
