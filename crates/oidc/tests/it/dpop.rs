//! Proofs of possession: RFC 9449 §4.3, §7, §8.

use core::time::Duration;
use std::sync::Arc;

use doorward_crypto::{Algorithm, Sha256, SigningKey};
use doorward_jose::{Jwk, Protected, base64url};
use doorward_oidc::Fault;
use doorward_oidc::access_token::Scheme;
use doorward_oidc::dpop::{Expected, NoncePolicy, Nonces, Proof, check_binding, verify};
use serde_json::{Value, json};

use crate::world::*;

const TOKEN: &str = "the.access.token";

fn expected() -> Expected<'static> {
    Expected {
        method: "GET",
        address: "https://id.example/userinfo",
        access_token: Some(TOKEN),
        nonces: NoncePolicy::Off,
        now: NOW,
    }
}

fn claims() -> Value {
    json!({
        "jti": "p1", "htm": "GET", "htu": "https://id.example/userinfo", "iat": NOW.seconds(),
        "ath": base64url::encode(&Sha256::of(TOKEN.as_bytes())),
    })
}

fn jwk(key: &Arc<dyn SigningKey>) -> Jwk {
    Jwk::new(key.public_key().clone())
}

fn sign(key: &Arc<dyn SigningKey>, claims: &Value) -> String {
    let header = Protected::new().typ("dpop+jwt").jwk(&jwk(key));
    header.sign(claims.to_string().as_bytes(), key.as_ref()).unwrap()
}

fn judge(proof: &str) -> Result<Proof, Fault> {
    verify(&[proof], &expected(), keys())
}

#[test]
fn the_right_proof_is_let_in() {
    for algorithm in doorward_oidc::dpop::ALGORITHMS {
        let key = signing_key(algorithm);
        let proof = judge(&sign(&key, &claims())).unwrap();
        assert_eq!(proof.jkt(), jwk(&key).thumbprint().to_string());
        assert_eq!(proof.used_once().jti, "p1");
    }
}

#[test]
fn dpop_negative_tests() {
    let key = signing_key(Algorithm::Es256);
    let now = NOW.seconds();
    let cases: [(&str, &str, Value, Fault); 16] = [
        ("no jti", "jti", Value::Null, Fault::DpopProofMalformed),
        ("empty jti", "jti", json!(""), Fault::DpopProofMalformed),
        ("no htm", "htm", Value::Null, Fault::DpopProofMalformed),
        ("no htu", "htu", Value::Null, Fault::DpopProofMalformed),
        (
            "non-string htu",
            "htu",
            json!(["https://id.example/userinfo"]),
            Fault::DpopProofMalformed,
        ),
        ("no iat", "iat", Value::Null, Fault::DpopProofMalformed),
        ("htm PUT", "htm", json!("PUT"), Fault::DpopProofOfAnotherRequest),
        (
            "htm lower case",
            "htm",
            json!("get"),
            Fault::DpopProofOfAnotherRequest,
        ),
        (
            "htu of another path",
            "htu",
            json!("https://id.example/token"),
            Fault::DpopProofOfAnotherRequest,
        ),
        (
            "htu of another host",
            "htu",
            json!("https://id.example.evil.example/userinfo"),
            Fault::DpopProofOfAnotherRequest,
        ),
        (
            "htu with another scheme",
            "htu",
            json!("http://id.example/userinfo"),
            Fault::DpopProofOfAnotherRequest,
        ),
        (
            "htu relative",
            "htu",
            json!("/userinfo"),
            Fault::DpopProofOfAnotherRequest,
        ),
        ("iat an hour back", "iat", json!(now - 3600), Fault::DpopProofTime),
        (
            "iat an hour ahead",
            "iat",
            json!(now + 3600),
            Fault::DpopProofTime,
        ),
        (
            "wrong ath",
            "ath",
            json!(base64url::encode(&Sha256::of(b"other"))),
            Fault::DpopProofToken,
        ),
        ("no ath", "ath", Value::Null, Fault::DpopProofToken),
    ];
    for (why, name, value, fault) in cases {
        let mut claims = claims();
        claims[name] = value;
        claims
            .as_object_mut()
            .unwrap()
            .retain(|_, value| !value.is_null());
        assert_eq!(judge(&sign(&key, &claims)).unwrap_err(), fault, "{why}");
    }
    let payload = claims().to_string();
    let with = |header: Protected| header.sign(payload.as_bytes(), key.as_ref()).unwrap();
    let malformed = [
        ("not a JWT", "x".to_owned()),
        ("no typ", with(Protected::new().jwk(&jwk(&key)))),
        ("wrong typ", with(Protected::new().typ("JWT").jwk(&jwk(&key)))),
        ("no jwk", with(Protected::new().typ("dpop+jwt"))),
    ];
    for (why, proof) in malformed {
        assert_eq!(judge(&proof).unwrap_err(), Fault::DpopProofMalformed, "{why}");
    }
    let mut private = jwk(&key).to_object();
    private.insert("d".to_owned(), json!("AAAA"));
    let proof = with(
        Protected::new()
            .typ("dpop+jwt")
            .member("jwk", Value::Object(private)),
    );
    assert_eq!(
        judge(&proof).unwrap_err(),
        Fault::DpopProofMalformed,
        "private key in jwk"
    );
    let symmetric = json!({ "kty": "oct", "k": "AAAA" });
    let proof = with(Protected::new().typ("dpop+jwt").member("jwk", symmetric));
    assert_eq!(judge(&proof).unwrap_err(), Fault::DpopProofMalformed, "symmetric");
    let other = signing_key(Algorithm::Es256);
    let proof = with(Protected::new().typ("dpop+jwt").jwk(&jwk(&other)));
    assert_eq!(
        judge(&proof).unwrap_err(),
        Fault::DpopProofSignature,
        "another key than that of the header"
    );
    let rs256 = signing_key(Algorithm::Rs256);
    assert_eq!(
        judge(&sign(&rs256, &claims())).unwrap_err(),
        Fault::DpopProofMalformed,
        "an algorithm not offered"
    );
    let good = sign(&key, &claims());
    assert_eq!(
        verify(&[], &expected(), keys()).unwrap_err(),
        Fault::DpopProofMissing
    );
    assert_eq!(
        verify(&[&good, &good], &expected(), keys()).unwrap_err(),
        Fault::DpopProofTwice
    );
}

#[test]
fn dpop_htu_htm() {
    let key = signing_key(Algorithm::Es256);
    for htu in [
        "https://id.example/userinfo?a=1#b",
        "https://ID.example/userinfo",
        "HTTPS://id.example:443/userinfo",
    ] {
        let mut claims = claims();
        claims["htu"] = json!(htu);
        assert!(judge(&sign(&key, &claims)).is_ok(), "{htu}");
    }
}

#[test]
fn check_dpop_proof_nbf_exp() {
    let key = signing_key(Algorithm::Es256);
    for seconds in [-10_i64, 10] {
        let mut claims = claims();
        claims["iat"] = json!(i64::try_from(NOW.seconds()).unwrap() + seconds);
        claims["nbf"] = json!(NOW.seconds());
        claims["exp"] = json!(NOW.seconds() + 60);
        assert!(judge(&sign(&key, &claims)).is_ok());
    }
}

#[test]
fn dpop_nonce_ours() {
    let (ours, others) = (Nonces::new([1; 32]), Nonces::new([2; 32]));
    let key = signing_key(Algorithm::Es256);
    let with = |nonce: Option<&str>, nonces| {
        let mut claims = claims();
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        verify(
            &[&sign(&key, &claims)],
            &Expected { nonces, ..expected() },
            keys(),
        )
        .map(|_| ())
    };
    let fresh = ours.issue(NOW.minus(Duration::from_secs(299)));
    let old = ours.issue(NOW.minus(Duration::from_secs(300)));
    let ahead = ours.issue(NOW.plus(Duration::from_secs(61)));
    assert_eq!(with(Some(&fresh), NoncePolicy::Required(&ours)), Ok(()));
    let needed = Err(Fault::DpopNonceNeeded);
    for bad in [
        None,
        Some(old.as_str()),
        Some(ahead.as_str()),
        Some("x"),
        Some(&others.issue(NOW)),
        Some(&fresh[1..]),
    ] {
        assert_eq!(with(bad, NoncePolicy::Required(&ours)), needed, "{bad:?}");
    }
    assert_eq!(with(None, NoncePolicy::Optional(&ours)), Ok(()));
    assert_eq!(with(Some("x"), NoncePolicy::Optional(&ours)), needed);
    assert_eq!(with(Some("x"), NoncePolicy::Off), Ok(()));
}

#[test]
fn dpop_no_downgrade_to_bearer() {
    let proof = judge(&sign(&signing_key(Algorithm::Es256), &claims())).unwrap();
    let bound = Some(proof.jkt());
    assert_eq!(check_binding(bound, Scheme::Dpop, Some(&proof)), Ok(()));
    assert_eq!(check_binding(None, Scheme::Bearer, None), Ok(()));
    assert_eq!(
        check_binding(bound, Scheme::Bearer, Some(&proof)),
        Err(Fault::TokenWrongScheme)
    );
    assert_eq!(
        check_binding(bound, Scheme::Dpop, None),
        Err(Fault::DpopProofMissing)
    );
    assert_eq!(
        check_binding(Some("other"), Scheme::Dpop, Some(&proof)),
        Err(Fault::TokenInvalid)
    );
    assert_eq!(
        check_binding(None, Scheme::Dpop, Some(&proof)),
        Err(Fault::TokenWrongScheme)
    );
}
