//! The rules of the readers, one edit each.

use doorward_crypto::{Algorithm, Provider, SigningKey, rustcrypto::RustCrypto};
use doorward_jose::{
    Compact, Jwk, JwkError, JwkSet, JwkSetError, JwsError, KeyUse, Protected, base64url, hs256,
};

use crate::{Repeating, provider};

fn key_of(algorithm: Algorithm) -> Box<dyn SigningKey> {
    let pkcs8 = RustCrypto.generate(algorithm, &Repeating::from_seed(1)).unwrap();
    RustCrypto.signing_key(algorithm, pkcs8.as_bytes()).unwrap()
}

fn jwk_of(key: &dyn SigningKey) -> Jwk {
    Jwk::new(key.public_key().clone())
        .with_algorithm(key.algorithm())
        .unwrap()
}

/// A message whose header says exactly this, rightly signed.
fn signed_under(header: &str, key: &dyn SigningKey) -> String {
    let input = format!(
        "{}.{}",
        base64url::encode(header.as_bytes()),
        base64url::encode(b"{}")
    );
    let signature = key.sign(input.as_bytes()).unwrap();
    format!("{input}.{}", base64url::encode(&signature))
}

fn judge(text: &str, key: &Jwk) -> Result<(), JwsError> {
    Compact::parse(text)?.verify_by(provider(), key).map(drop)
}

#[test]
fn every_algorithm_with_a_name_signs_and_verifies() {
    for algorithm in Algorithm::ALL.iter().copied() {
        let Ok(pkcs8) = RustCrypto.generate(algorithm, &Repeating::from_seed(2)) else {
            continue;
        };
        let key = RustCrypto.signing_key(algorithm, pkcs8.as_bytes()).unwrap();
        let signed = Protected::new().kid("k").sign(b"payload", key.as_ref());
        if algorithm.jose().is_none() {
            assert!(signed.is_err(), "{algorithm:?}");
            continue;
        }
        let jwk = Jwk::parse(&serde_json::to_vec(&jwk_of(key.as_ref()).with_kid("k")).unwrap()).unwrap();
        assert_eq!(jwk.algorithm(), Some(algorithm));
        let set = JwkSet::new(vec![jwk]);
        let text = signed.unwrap();
        let (verified, by) = Compact::parse(&text)
            .unwrap()
            .verify_by_one_of(provider(), &set)
            .unwrap();
        assert_eq!((verified.payload(), by.kid()), (&b"payload"[..], Some("k")));
    }
}

#[test]
fn the_header_chooses_nothing() {
    let key = key_of(Algorithm::Es256);
    let jwk = jwk_of(key.as_ref());
    assert_eq!(
        judge(&signed_under(r#"{"alg":"ES256"}"#, key.as_ref()), &jwk),
        Ok(())
    );
    for other in ["ES384", "RS256", "HS256", "none", "None", "es256", "ES256 ", ""] {
        let text = signed_under(&format!(r#"{{"alg":"{other}"}}"#), key.as_ref());
        assert_eq!(judge(&text, &jwk), Err(JwsError::Algorithm), "{other:?}");
    }
    // Not even another name for the same computation.
    let ed = key_of(Algorithm::Ed25519);
    let text = signed_under(r#"{"alg":"EdDSA"}"#, ed.as_ref());
    assert_eq!(judge(&text, &jwk_of(ed.as_ref())), Err(JwsError::Algorithm));
}

#[test]
fn a_header_is_an_object_with_one_alg_and_no_extension() {
    let key = key_of(Algorithm::Es256);
    let jwk = jwk_of(key.as_ref());
    for (header, why) in [
        ("", JwsError::Header("not an object")),
        ("[]", JwsError::Header("not an object")),
        (
            r#"{"alg":"ES256","alg":"ES256"}"#,
            JwsError::Header("not an object"),
        ),
        (
            r#"{"alg":"ES256","x":{"a":1,"a":2}}"#,
            JwsError::Header("not an object"),
        ),
        (r#"{"typ":"JWT"}"#, JwsError::Header("alg")),
        (r#"{"alg":7}"#, JwsError::Header("alg")),
        (r#"{"alg":null}"#, JwsError::Header("alg")),
        (r#"{"alg":"ES256","kid":7}"#, JwsError::Header("kid")),
        (r#"{"alg":"ES256","typ":[]}"#, JwsError::Header("typ")),
        (r#"{"alg":"ES256","crit":[]}"#, JwsError::Critical),
        (r#"{"alg":"ES256","crit":["exp"],"exp":1}"#, JwsError::Critical),
        (r#"{"alg":"ES256","b64":true}"#, JwsError::Critical),
        (r#"{"alg":"ES256","b64":false}"#, JwsError::Critical),
    ] {
        assert_eq!(
            judge(&signed_under(header, key.as_ref()), &jwk),
            Err(why),
            "{header}"
        );
    }
    assert_eq!(
        judge(
            &signed_under(r#"{"alg":"ES256","x":{"a":1}}"#, key.as_ref()),
            &jwk
        ),
        Ok(())
    );
}

#[test]
fn a_message_has_one_text() {
    let key = key_of(Algorithm::Es256);
    let jwk = jwk_of(key.as_ref());
    let text = signed_under(r#"{"alg":"ES256"}"#, key.as_ref());
    assert_eq!(judge(&text, &jwk), Ok(()));
    let parts: Vec<_> = text.split('.').collect();
    for (edited, why) in [
        (String::new(), JwsError::Parts),
        (parts[..2].join("."), JwsError::Parts),
        (format!("{text}."), JwsError::Parts),
        (format!(".{text}"), JwsError::Parts),
        (format!("{text}="), JwsError::Encoding),
        (format!("{text}\n"), JwsError::Encoding),
        (format!(" {text}"), JwsError::Encoding),
        (
            format!("{}.{}=.{}", parts[0], parts[1], parts[2]),
            JwsError::Encoding,
        ),
        (
            format!("{}.{}\u{e9}.{}", parts[0], parts[1], parts[2]),
            JwsError::Encoding,
        ),
        (format!("..{}", parts[2]), JwsError::Header("not an object")),
    ] {
        assert_eq!(judge(&edited, &jwk), Err(why), "{edited:?}");
    }
    // 64 bytes leave four bits over: of their 16 values one is the text.
    let (head, last) = text.split_at(text.len() - 1);
    let others = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars();
    for other in others.filter(|letter| !last.starts_with(*letter)) {
        assert!(judge(&format!("{head}{other}"), &jwk).is_err(), "{other}");
    }
}

#[test]
fn an_edited_message_fails() {
    let key = key_of(Algorithm::Es256);
    let jwk = jwk_of(key.as_ref());
    let text = signed_under(r#"{"alg":"ES256"}"#, key.as_ref());
    let parts: Vec<_> = text.split('.').collect();
    let other = base64url::encode(br#"{"sub":"admin"}"#);
    assert!(matches!(
        judge(&format!("{}.{other}.{}", parts[0], parts[2]), &jwk),
        Err(JwsError::Signature(_))
    ));
    assert!(matches!(
        judge(&format!("{}.{}.", parts[0], parts[1]), &jwk),
        Err(JwsError::Signature(_))
    ));
    // The DER form is WebAuthn's and does not count here.
    let input = format!("{}.{}", parts[0], parts[1]);
    let der = key
        .sign_as(doorward_crypto::SignatureForm::Der, input.as_bytes())
        .unwrap();
    assert!(matches!(
        judge(&format!("{input}.{}", base64url::encode(&der)), &jwk),
        Err(JwsError::Signature(_))
    ));
}

#[test]
fn a_public_key_is_no_secret_for_hmac() {
    let key = key_of(Algorithm::Es256);
    let jwk = jwk_of(key.as_ref());
    for bytes in [
        key.public_key().to_spki().unwrap(),
        key.public_key().point().unwrap().to_vec(),
        serde_json::to_vec(&jwk).unwrap(),
    ] {
        let forged = hs256::Secret::new(&bytes)
            .unwrap()
            .sign(Protected::new(), b"{}")
            .unwrap();
        assert_eq!(judge(&forged, &jwk), Err(JwsError::Algorithm));
        let set = JwkSet::new(vec![jwk.clone()]);
        let verdict = Compact::parse(&forged)
            .unwrap()
            .verify_by_one_of(provider(), &set)
            .map(drop);
        assert_eq!(verdict, Err(JwsError::Key));
    }
}

#[test]
fn a_secret_is_as_long_as_the_hash() {
    assert!(hs256::Secret::new(&[1; 31]).is_err() && hs256::Secret::new(&[]).is_err());
    let secret = hs256::Secret::new(&[1; 32]).unwrap();
    let text = secret.sign(Protected::new().typ("JWT"), b"{}").unwrap();
    assert!(secret.verify(Compact::parse(&text).unwrap()).is_ok());
    let other = hs256::Secret::new(&[2; 32]).unwrap();
    assert!(other.verify(Compact::parse(&text).unwrap()).is_err());
    let key = key_of(Algorithm::Es256);
    let asymmetric = signed_under(r#"{"alg":"ES256"}"#, key.as_ref());
    assert_eq!(
        secret.verify(Compact::parse(&asymmetric).unwrap()).map(drop),
        Err(JwsError::Algorithm)
    );
    assert_eq!(format!("{secret:?}"), "Secret(…)");
}

#[test]
fn use_and_key_ops_bind_the_key() {
    let key = key_of(Algorithm::Es256);
    let jwk = jwk_of(key.as_ref());
    let text = signed_under(r#"{"alg":"ES256"}"#, key.as_ref());
    assert_eq!(judge(&text, &jwk.clone().with_use(KeyUse::Signature)), Ok(()));
    assert_eq!(
        judge(&text, &jwk.clone().with_use(KeyUse::Encryption)),
        Err(JwsError::Key)
    );
    let with = |ops: serde_json::Value| {
        let mut members = jwk.to_object();
        members.insert("key_ops".to_owned(), ops);
        Jwk::from_object(&members)
    };
    assert_eq!(
        judge(&text, &with(serde_json::json!(["verify"])).unwrap()),
        Ok(())
    );
    assert_eq!(
        judge(&text, &with(serde_json::json!(["sign"])).unwrap()),
        Err(JwsError::Key)
    );
    assert_eq!(
        judge(&text, &with(serde_json::json!([])).unwrap()),
        Err(JwsError::Key)
    );
    for wrong in [
        serde_json::json!(["verify", "verify"]),
        serde_json::json!("verify"),
        serde_json::json!([1]),
    ] {
        assert_eq!(with(wrong), Err(JwkError::Member("key_ops")));
    }
}

#[test]
fn a_jwk_is_refused_for_one_wrong_member() {
    let good = jwk_of(key_of(Algorithm::Es256).as_ref())
        .with_kid("k")
        .to_object();
    assert!(Jwk::from_object(&good).is_ok());
    let edit = |name: &str, value: serde_json::Value| {
        let mut members = good.clone();
        members.insert(name.to_owned(), value);
        Jwk::from_object(&members).map(drop)
    };
    let text = |text: &str| serde_json::Value::String(text.to_owned());
    for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
        assert!(
            matches!(edit(private, text("AA")), Err(JwkError::Private(_))),
            "{private}"
        );
    }
    assert_eq!(edit("kty", text("ec")), Err(JwkError::UnknownKind));
    assert_eq!(edit("kty", text("oct")), Err(JwkError::UnknownKind));
    assert_eq!(edit("crv", text("P-224")), Err(JwkError::UnknownCurve));
    assert_eq!(edit("crv", text("Ed25519")), Err(JwkError::UnknownCurve));
    assert!(matches!(edit("crv", text("P-384")), Err(JwkError::Key(_))));
    assert_eq!(edit("alg", text("ES384")), Err(JwkError::WrongAlgorithm));
    assert_eq!(edit("alg", text("ES224")), Err(JwkError::UnknownAlgorithm));
    assert_eq!(edit("alg", text("HS256")), Err(JwkError::UnknownAlgorithm));
    assert_eq!(edit("alg", serde_json::json!(-7)), Err(JwkError::Member("alg")));
    assert_eq!(edit("x", text("AA==")), Err(JwkError::Member("x")));
    assert_eq!(edit("x", serde_json::json!(null)), Err(JwkError::Member("x")));
    assert!(matches!(edit("x", text("AA")), Err(JwkError::Key(_))));
    assert_eq!(edit("kid", serde_json::json!(7)), Err(JwkError::Member("kid")));
    assert_eq!(edit("kid", text(&"k".repeat(513))), Err(JwkError::Member("kid")));
    assert_eq!(edit("use", serde_json::json!([])), Err(JwkError::Member("use")));
    assert_eq!(edit("x5t", text("passed over")), Ok(()));
    assert!(matches!(
        Jwk::parse(br#"{"kty":"EC","kty":"EC"}"#),
        Err(JwkError::Json(_))
    ));
}

#[test]
fn a_set_is_bounded_and_one_bad_key_spoils_no_neighbour() {
    let good = serde_json::to_value(jwk_of(key_of(Algorithm::Es256).as_ref())).unwrap();
    let mixed = serde_json::json!({ "keys": [good, {"kty": "new"}, {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}] });
    let set = JwkSet::parse(mixed.to_string().as_bytes()).unwrap();
    assert_eq!((set.keys().len(), set.left_out().len()), (1, 2));
    let many = serde_json::json!({ "keys": vec![&good; 65] });
    assert_eq!(
        JwkSet::parse(many.to_string().as_bytes()),
        Err(JwkSetError::TooLarge)
    );
    let long = format!("{{\"keys\":[]{}}}", " ".repeat(128 * 1024));
    assert_eq!(JwkSet::parse(long.as_bytes()), Err(JwkSetError::TooLarge));
    for wrong in ["{}", r#"{"keys":{}}"#, r#"{"keys":[1]}"#] {
        assert_eq!(JwkSet::parse(wrong.as_bytes()), Err(JwkSetError::Keys), "{wrong}");
    }
}

#[test]
fn a_kid_chooses_among_the_keys_and_a_missing_one_tries_those_that_fit() {
    let (one, other) = (key_of(Algorithm::Es256), key_of(Algorithm::Ed25519));
    let set = JwkSet::new(vec![
        jwk_of(one.as_ref()).with_kid("one"),
        jwk_of(other.as_ref()).with_kid("other"),
    ]);
    let judge = |text: &str| {
        Compact::parse(text)
            .unwrap()
            .verify_by_one_of(provider(), &set)
            .map(|(_, key)| key.kid().unwrap().to_owned())
    };
    let sign = |header: Protected| header.sign(b"{}", other.as_ref()).unwrap();
    assert_eq!(judge(&sign(Protected::new())), Ok("other".to_owned()));
    assert_eq!(
        judge(&sign(Protected::new().kid("other"))),
        Ok("other".to_owned())
    );
    assert_eq!(judge(&sign(Protected::new().kid("one"))), Err(JwsError::Key));
    assert_eq!(judge(&sign(Protected::new().kid("third"))), Err(JwsError::Key));
}

#[test]
fn typ_is_compared_as_a_media_type() {
    let key = key_of(Algorithm::Es256);
    let is = |typ: &str| {
        let text = Protected::new().typ(typ).sign(b"{}", key.as_ref()).unwrap();
        Compact::parse(&text).unwrap().header().typ_is("at+jwt")
    };
    assert!(is("at+jwt") && is("AT+JWT") && is("application/at+jwt") && is("Application/AT+jwt"));
    assert!(
        !is("JWT")
            && !is("text/at+jwt")
            && !is("at+jwt2")
            && !is("")
            && !is("application/application/at+jwt")
    );
}

#[test]
fn certificates_are_handed_out_and_a_key_that_comes_along_is_public() {
    let key = key_of(Algorithm::Es256);
    let certificates = vec![vec![0x30, 0x00], vec![1, 2, 3, 4]];
    let text = Protected::new()
        .x5c(&certificates)
        .jwk(&jwk_of(key.as_ref()))
        .sign(b"{}", key.as_ref())
        .unwrap();
    let jws = Compact::parse(&text).unwrap();
    assert_eq!(jws.header().x5c(), Ok(certificates));
    assert_eq!(jws.header().jwk(), Ok(jwk_of(key.as_ref())));
    for header in [
        r#"{"alg":"ES256"}"#.to_owned(),
        r#"{"alg":"ES256","x5c":[]}"#.to_owned(),
        r#"{"alg":"ES256","x5c":"AAAA"}"#.to_owned(),
        r#"{"alg":"ES256","x5c":["-_-_"]}"#.to_owned(),
        format!(r#"{{"alg":"ES256","x5c":["AAAA"{}]}}"#, r#","AAAA""#.repeat(10)),
    ] {
        let text = signed_under(&header, key.as_ref());
        assert_eq!(
            Compact::parse(&text).unwrap().header().x5c(),
            Err(JwsError::Header("x5c")),
            "{header}"
        );
    }
    let mut private = jwk_of(key.as_ref()).to_object();
    private.insert("d".to_owned(), "AA".into());
    let text = Protected::new()
        .member("jwk", private.into())
        .sign(b"{}", key.as_ref())
        .unwrap();
    assert_eq!(
        Compact::parse(&text).unwrap().header().jwk(),
        Err(JwkError::Private("d"))
    );
}
