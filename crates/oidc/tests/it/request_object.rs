//! Signed requests: OpenID Connect Core §6, RFC 9101, FAPI 2.0 Message Signing §5.3.1.

use std::sync::Arc;

use doorward_crypto::{Algorithm, SigningKey};
use doorward_jose::{Jwk, JwkSet, Protected};
use doorward_oidc::authorize::request_object::{fetched, uri_to_fetch};
use doorward_oidc::authorize::{self, AuthorizationRequest, Context, Refusal};
use doorward_oidc::client::WebUri;
use doorward_oidc::client::metadata::{Client, KeySource, Profile};
use doorward_oidc::{Fault, Params};
use serde_json::{Value, json};

use crate::world::*;

struct Signer(Arc<dyn SigningKey>);

impl Signer {
    fn new(algorithm: Algorithm) -> Self {
        Self(signing_key(algorithm))
    }

    fn client(&self) -> Client {
        let set = JwkSet::new(vec![Jwk::new(self.0.public_key().clone()).with_kid("k")]);
        let mut client = client();
        client.keys = KeySource::Jwks(serde_json::to_string(&set).unwrap());
        client
    }

    fn sign(&self, claims: &Value, typ: Option<&str>) -> String {
        let header = Protected::new().kid("k");
        let header = typ.map_or(header.clone(), |typ| header.typ(typ));
        header
            .sign(claims.to_string().as_bytes(), self.0.as_ref())
            .unwrap()
    }
}

fn claims() -> Value {
    let now = NOW.seconds();
    json!({
        "iss": "app", "aud": ["https://other.example", "https://id.example"], "client_id": "app",
        "iat": now, "nbf": now, "exp": now + 300, "jti": "r1",
        "redirect_uri": REDIRECT, "response_type": "code", "scope": "openid phone", "state": "inside",
        "nonce": "inside", "max_age": 300, "claims": { "userinfo": { "name": null } },
    })
}

/// With all that a request needs: of FAPI clients nothing outside counts.
fn whole() -> Value {
    let mut claims = claims();
    claims["code_challenge"] = json!(CHALLENGE);
    claims["code_challenge_method"] = json!("S256");
    claims
}

fn outside(object: &str) -> Params {
    params(&[
        ("client_id", "app"),
        ("response_type", "code"),
        ("scope", "openid email"),
        ("state", "outside"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("request", object),
    ])
}

fn judge(params: &Params, client: &Client) -> Result<AuthorizationRequest, Refusal> {
    let context = Context::new(issuer(), keys(), NOW).reading_request_objects(None);
    authorize::check(params, client, &context)
}

#[test]
fn what_stands_inside_wins() {
    let signer = Signer::new(Algorithm::Es256);
    for typ in [None, Some("JWT"), Some("oauth-authz-req+jwt")] {
        let request = judge(&outside(&signer.sign(&claims(), typ)), &signer.client()).unwrap();
        assert_eq!(request.target.state(), Some("inside"));
        assert_eq!(request.target.redirect_uri(), REDIRECT);
        assert_eq!(request.scope.to_string(), "openid phone");
        assert_eq!(request.max_age, Some(300));
        assert!(request.claims.userinfo.contains_key("name"));
        assert!(request.code_challenge.is_some(), "merged (Core §6.1)");
    }
}

#[test]
fn what_is_refused() {
    let signer = Signer::new(Algorithm::Es256);
    let now = NOW.seconds();
    let cases: [(&str, &str, Value, Fault); 12] = [
        ("other issuer", "iss", json!("other"), Fault::RequestObjectIssuer),
        (
            "foreign audience",
            "aud",
            json!("https://other.example"),
            Fault::RequestObjectAudience,
        ),
        ("no audience", "aud", Value::Null, Fault::RequestObjectAudience),
        ("expired", "exp", json!(now - 61), Fault::RequestObjectTimes),
        ("not yet", "nbf", json!(now + 61), Fault::RequestObjectTimes),
        ("expiry as text", "exp", json!("soon"), Fault::RequestObjectTimes),
        ("nested", "request", json!("x"), Fault::RequestObjectNested),
        (
            "nested reference",
            "request_uri",
            json!("x"),
            Fault::RequestObjectNested,
        ),
        (
            "other client",
            "client_id",
            json!("other"),
            Fault::RequestObjectMismatch,
        ),
        (
            "other response type",
            "response_type",
            json!("token"),
            Fault::RequestObjectMismatch,
        ),
        (
            "list as scope",
            "scope",
            json!(["openid"]),
            Fault::RequestObjectParameter,
        ),
        (
            "truth as state",
            "state",
            json!(true),
            Fault::RequestObjectParameter,
        ),
    ];
    for (why, name, value, fault) in cases {
        let mut claims = claims();
        claims[name] = value;
        claims
            .as_object_mut()
            .unwrap()
            .retain(|_, value| !value.is_null());
        let refusal = judge(&outside(&signer.sign(&claims, None)), &signer.client()).unwrap_err();
        assert_eq!(refusal.fault(), fault, "{why}");
        assert!(refusal.target().is_none(), "there is no redirect URI outside");
    }
    let refused = |object: &str| judge(&outside(object), &signer.client()).unwrap_err().fault();
    assert_eq!(
        refused(&signer.sign(&claims(), Some("at+jwt"))),
        Fault::RequestObjectType
    );
    assert_eq!(
        refused(&Signer::new(Algorithm::Es256).sign(&claims(), None)),
        Fault::RequestObjectSignature
    );
    assert_eq!(refused("x"), Fault::RequestObjectMalformed);
    let good = signer.sign(&claims(), None);
    let payload = good.split('.').nth(1).unwrap();
    let none = format!(
        "{}.{payload}.",
        doorward_jose::base64url::encode(br#"{"alg":"none"}"#)
    );
    assert_eq!(refused(&none), Fault::RequestObjectAlgorithm);
    let mut registered = signer.client();
    registered.request_object_signing_alg = Some(Algorithm::Rs256);
    assert_eq!(
        judge(&outside(&good), &registered).unwrap_err().fault(),
        Fault::RequestObjectAlgorithm
    );
}

#[test]
fn a_refusal_travels_along_the_outer_redirect_uri() {
    let signer = Signer::new(Algorithm::Es256);
    let mut pairs = GOOD.to_vec();
    pairs.push(("request", "x"));
    let refusal = judge(&params(&pairs), &signer.client()).unwrap_err();
    assert_eq!(refusal.target().unwrap().redirect_uri(), REDIRECT);
    assert_eq!(refusal.code().as_str(), "invalid_request_object");
    let mut claims = claims();
    claims["redirect_uri"] = json!("https://evil.example/");
    let refusal = judge(&outside(&signer.sign(&claims, None)), &signer.client()).unwrap_err();
    assert_eq!(
        (refusal.fault(), refusal.target()),
        (Fault::RedirectUriNotRegistered, None)
    );
}

#[test]
fn fapi_request_objects_have_both_ends() {
    let signer = Signer::new(Algorithm::Es256);
    let mut client = signer.client();
    client.profile = Profile::Fapi2Security;
    let context = Context::new(issuer(), keys(), NOW)
        .reading_request_objects(None)
        .pushed();
    let judge = |claims: &Value, signer: &Signer| {
        authorize::check(&outside(&signer.sign(claims, None)), &client, &context)
            .map(|_| ())
            .map_err(|refusal| refusal.fault())
    };
    assert_eq!(judge(&whole(), &signer), Ok(()));
    let now = NOW.seconds();
    for (name, value) in [
        ("exp", Value::Null),
        ("nbf", Value::Null),
        ("exp", json!(now + 70 * 60)),
        ("nbf", json!(now - 70 * 60)),
    ] {
        let mut claims = claims();
        claims[name] = value;
        claims
            .as_object_mut()
            .unwrap()
            .retain(|_, value| !value.is_null());
        assert_eq!(judge(&claims, &signer), Err(Fault::RequestObjectTimes), "{name}");
    }
    let mut soon = whole();
    soon["nbf"] = json!(now + 8);
    assert_eq!(judge(&soon, &signer), Ok(()));
    assert_eq!(
        judge(&whole(), &Signer::new(Algorithm::Rs256)),
        Err(Fault::RequestObjectAlgorithm)
    );
}

#[test]
fn fapi_only_parameters_inside_the_object_count() {
    let signer = Signer::new(Algorithm::Es256);
    let mut client = signer.client();
    client.profile = Profile::Fapi2Security;
    let context = Context::new(issuer(), keys(), NOW)
        .reading_request_objects(None)
        .pushed();
    let check = |claims: &Value| authorize::check(&outside(&signer.sign(claims, None)), &client, &context);
    let request = check(&whole()).unwrap();
    assert_eq!(request.scope.to_string(), "openid phone");
    let mut stateless = whole();
    stateless.as_object_mut().unwrap().remove("state");
    assert_eq!(
        check(&stateless).unwrap().target.state(),
        None,
        "nobody signed it"
    );
    for missing in ["redirect_uri", "code_challenge", "response_type"] {
        let mut claims = whole();
        claims.as_object_mut().unwrap().remove(missing);
        assert_eq!(
            check(&claims).unwrap_err().code().as_str(),
            "invalid_request",
            "{missing}"
        );
    }
}

#[test]
fn request_uri_fetch() {
    let mut client = client();
    client.request_uris = vec![WebUri::parse("https://app.example/r.jwt#hash").unwrap()];
    let with = |uri: &str| edited(&[("request_uri", Some(uri))]);
    let found = uri_to_fetch(&with("https://app.example/r.jwt#hash"), &client)
        .unwrap()
        .unwrap();
    assert_eq!(found.without_fragment(), "https://app.example/r.jwt");
    for other in [
        "https://app.example/r.jwt",
        "https://app.example/r.jwt#other",
        "https://evil.example/",
    ] {
        assert_eq!(
            uri_to_fetch(&with(other), &client).unwrap_err(),
            Fault::RequestUriNotRegistered
        );
    }
    assert_eq!(
        uri_to_fetch(&with("urn:ietf:params:oauth:request_uri:x"), &client).unwrap(),
        None
    );
    let resolved = fetched(&with("https://app.example/r.jwt#hash"), "a.b.c\n").unwrap();
    assert_eq!(
        (resolved.get("request"), resolved.get("request_uri")),
        (Some("a.b.c"), None)
    );
}
