//! Client assertions: RFC 7523 §3, OpenID Connect Core §9, FAPI 2.0 Security Profile §5.3.2.1.

use std::sync::Arc;

use doorward_crypto::{Algorithm, SigningKey};
use doorward_jose::{Jwk, JwkSet, Protected};
use doorward_oidc::client::assertion::{ASSERTION_TYPE, UsedOnce};
use doorward_oidc::client::authentication::{At, ClientRefused, Presented};
use doorward_oidc::client::metadata::{AuthMethod, Client, KeySource, Profile};
use doorward_oidc::{Endpoint, Fault};
use serde_json::{Value, json};

use crate::world::*;

struct Signer {
    key: Arc<dyn SigningKey>,
    kid: &'static str,
}

impl Signer {
    fn new(algorithm: Algorithm) -> Self {
        Self {
            key: signing_key(algorithm),
            kid: "k1",
        }
    }

    fn jwks(&self) -> JwkSet {
        JwkSet::new(vec![Jwk::new(self.key.public_key().clone()).with_kid(self.kid)])
    }

    fn client(&self) -> Client {
        let mut client = client();
        client.token_endpoint_auth_method = AuthMethod::PrivateKeyJwt;
        client.secrets.clear();
        client.keys = KeySource::Jwks(serde_json::to_string(&self.jwks()).unwrap());
        client.check().unwrap();
        client
    }

    fn sign(&self, claims: &Value) -> String {
        let header = Protected::new().kid(self.kid);
        header
            .sign(claims.to_string().as_bytes(), self.key.as_ref())
            .unwrap()
    }
}

fn claims() -> Value {
    let now = NOW.seconds();
    json!({ "iss": "app", "sub": "app", "aud": "https://id.example", "jti": "j1", "iat": now, "exp": now + 60 })
}

fn judge(client: &Client, assertion: &str) -> Result<Option<UsedOnce>, ClientRefused> {
    judge_at(client, assertion, &at())
}

fn judge_at(client: &Client, assertion: &str, at: &At<'_>) -> Result<Option<UsedOnce>, ClientRefused> {
    let form = params(&[
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion),
    ]);
    let presented = Presented::read(None, &form)?;
    presented
        .authenticate(Some(client), None, at)
        .map(|known| known.used_once().cloned())
}

#[test]
fn an_assertion_of_each_algorithm_is_let_in() {
    for algorithm in [
        Algorithm::Es256,
        Algorithm::EdDsa,
        Algorithm::Rs256,
        Algorithm::Ps256,
    ] {
        let signer = Signer::new(algorithm);
        let used = judge(&signer.client(), &signer.sign(&claims())).unwrap().unwrap();
        assert_eq!(used.jti, "j1");
        assert!(used.until > NOW);
    }
}

#[test]
fn assertion_claims() {
    let signer = Signer::new(Algorithm::Es256);
    let client = signer.client();
    let now = NOW.seconds();
    let edits: [(&str, &str, Value); 15] = [
        ("of another issuer", "iss", json!("other")),
        ("no issuer", "iss", Value::Null),
        ("no audience", "aud", Value::Null),
        ("foreign audience", "aud", json!("https://evil.example")),
        ("empty audience", "aud", json!([])),
        (
            "one of two foreign",
            "aud",
            json!(["https://id.example", "https://evil.example"]),
        ),
        ("audience of numbers", "aud", json!(["https://id.example", 1])),
        ("no expiry", "exp", Value::Null),
        ("expiry as text", "exp", json!((now + 60).to_string())),
        ("expired 5 minutes ago", "exp", json!(now - 300)),
        ("expiry too far ahead", "exp", json!(now + 361)),
        ("begins over 60 seconds ahead", "nbf", json!(now + 61)),
        ("issued in the future", "iat", json!(now + 61)),
        ("no name", "jti", Value::Null),
        ("empty name", "jti", json!("")),
    ];
    for (why, name, value) in edits {
        let mut claims = claims();
        claims[name] = value;
        claims
            .as_object_mut()
            .unwrap()
            .retain(|_, value| !value.is_null());
        let refused = judge(&client, &signer.sign(&claims)).unwrap_err();
        assert_eq!(refused.fault, Fault::ClientAuthenticationFailed, "{why}");
    }
    let mut good = claims();
    good["nbf"] = json!(now + 8);
    good["exp"] = json!(now + 360);
    assert!(judge(&client, &signer.sign(&good)).is_ok(), "skew of a minute");
}

#[test]
fn assertion_iss_sub_client() {
    let signer = Signer::new(Algorithm::Es256);
    let mut claims = claims();
    claims["sub"] = json!("other");
    assert!(judge(&signer.client(), &signer.sign(&claims)).is_err());
    claims.as_object_mut().unwrap().remove("sub");
    assert!(judge(&signer.client(), &signer.sign(&claims)).is_err());
    let form = params(&[
        ("client_id", "other"),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", &signer.sign(&self::claims())),
    ]);
    assert_eq!(
        Presented::read(None, &form).unwrap_err().fault,
        Fault::ClientAuthenticationFailed
    );
    // The key of another client under the same name.
    let other = Signer::new(Algorithm::Es256);
    assert!(judge(&signer.client(), &other.sign(&self::claims())).is_err());
}

#[test]
fn assertion_aud_is_issuer() {
    let signer = Signer::new(Algorithm::Es256);
    let at_par = At {
        endpoint: Endpoint::PushedRequest,
        ..at()
    };
    let cases: [(Value, bool); 5] = [
        (json!("https://id.example"), true),
        (json!("https://id.example/token"), false),
        (json!("https://id.example/par"), false),
        (json!(["https://id.example"]), false),
        (json!(["https://id.example", "https://id.example/par"]), false),
    ];
    for (aud, fapi) in cases {
        let mut claims = claims();
        claims["aud"] = aud.clone();
        let mut client = signer.client();
        assert!(
            judge_at(&client, &signer.sign(&claims), &at_par).is_ok(),
            "oidc: {aud}"
        );
        client.profile = Profile::Fapi2Security;
        assert_eq!(
            judge_at(&client, &signer.sign(&claims), &at_par).is_ok(),
            fapi,
            "fapi: {aud}"
        );
    }
}

#[test]
fn ensure_signed_client_assertion_with_rs256_fails() {
    let signer = Signer::new(Algorithm::Rs256);
    let mut client = signer.client();
    assert!(judge(&client, &signer.sign(&claims())).is_ok());
    client.profile = Profile::Fapi2Security;
    assert!(judge(&client, &signer.sign(&claims())).is_err());
    client.profile = Profile::Oidc;
    client.token_endpoint_auth_signing_alg = Some(Algorithm::Ps256);
    assert!(
        judge(&client, &signer.sign(&claims())).is_err(),
        "another algorithm than registered"
    );
}

#[test]
fn client_auth_policy_not_by_header() {
    let signer = Signer::new(Algorithm::Es256);
    let signed = signer.sign(&claims());
    let (_, rest) = signed.split_once('.').unwrap();
    let (payload, _) = rest.split_once('.').unwrap();
    let none = format!(
        "{}.{payload}.",
        doorward_jose::base64url::encode(br#"{"alg":"none"}"#)
    );
    for bad in [none.as_str(), "", "x", "a.b.c", &signed[..signed.len() - 2]] {
        assert!(judge(&signer.client(), bad).is_err(), "{bad}");
    }
    let mut by_secret = client();
    by_secret.keys = KeySource::Jwks(serde_json::to_string(&signer.jwks()).unwrap());
    assert!(
        judge(&by_secret, &signed).is_err(),
        "another method is registered"
    );
    let form = params(&[("client_assertion_type", "urn:x"), ("client_assertion", &signed)]);
    assert_eq!(
        Presented::read(None, &form).unwrap_err().fault,
        Fault::AssertionTypeUnsupported
    );
}

#[test]
fn jwt_header_keys_ignored() {
    let signer = Signer::new(Algorithm::Es256);
    let thief = Signer::new(Algorithm::Es256);
    let header = Protected::new().jwk(&thief.jwks().keys()[0]);
    let forged = header
        .sign(claims().to_string().as_bytes(), thief.key.as_ref())
        .unwrap();
    assert!(judge(&signer.client(), &forged).is_err());
}

#[test]
fn unknown_kid_refetch() {
    let old = Signer::new(Algorithm::Es256);
    let new = Signer {
        kid: "k2",
        ..Signer::new(Algorithm::Es256)
    };
    let mut client = old.client();
    client.keys =
        KeySource::JwksUri(doorward_oidc::client::WebUri::parse("https://app.example/jwks").unwrap());
    let form = params(&[
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", &new.sign(&claims())),
    ]);
    let presented = Presented::read(None, &form).unwrap();
    assert!(
        presented
            .authenticate(Some(&client), Some(&old.jwks()), &at())
            .unwrap_err()
            .unknown_key
    );
    assert!(
        presented
            .authenticate(Some(&client), Some(&new.jwks()), &at())
            .is_ok()
    );
}
