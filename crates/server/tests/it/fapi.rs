//! The FAPI 2.0 Security Profile over HTTP: pushed requests, `private_key_jwt`, tokens bound to a key. Each test is
//! named after what it guards.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a client of its own, that says by panicking what did not hold"
)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::ring::Ring;
use doorward_crypto::{Algorithm, NoRandom, Provider as _, Random, Sha256, SigningKey};
use doorward_jose::{Jwk, JwkSet, Protected};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::provider::{CALLBACK, Provider, VERIFIER, client, header, parameter};

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[derive(Debug)]
struct Os;

impl Random for Os {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom> {
        getrandom::fill(out).map_err(|_| NoRandom)
    }
}

/// An application with two keys: one proves who it is, the other holds its tokens.
struct Bank {
    origin: String,
    id: String,
    own: Box<dyn SigningKey>,
    dpop: Box<dyn SigningKey>,
    count: AtomicU64,
}

fn key() -> Box<dyn SigningKey> {
    key_of(Algorithm::Es256)
}

pub(crate) fn key_of(algorithm: Algorithm) -> Box<dyn SigningKey> {
    let pkcs8 = Ring.generate(algorithm, &Os).expect("a key");
    Ring.signing_key(algorithm, pkcs8.as_bytes()).expect("a key")
}

pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.expect("after 1970").as_secs()
}

impl Bank {
    fn register(provider: &Provider) -> Self {
        let own = key();
        let set = JwkSet::new(vec![Jwk::new(own.public_key().clone()).with_kid("k")]);
        let jwks = provider.file("jwks.json", &serde_json::to_string(&set).expect("a set"));
        let arguments = [
            "Bank",
            "--consent",
            "--fapi",
            "--jwks",
            &jwks,
            "--redirect-uri",
            CALLBACK,
        ];
        let app = provider.add(&arguments);
        assert!(app["client_secret"].is_null());
        Self {
            origin: provider.origin.clone(),
            id: app["client_id"].as_str().expect("an id").to_owned(),
            own,
            dpop: key(),
            count: AtomicU64::new(0),
        }
    }

    fn jti(&self) -> String {
        format!("j{}", self.count.fetch_add(1, Ordering::SeqCst))
    }

    fn assertion(&self) -> String {
        let now = now();
        let claims = json!({
            "iss": self.id, "sub": self.id, "aud": self.origin, "jti": self.jti(), "iat": now, "exp": now + 60
        });
        let header = Protected::new().kid("k");
        header
            .sign(claims.to_string().as_bytes(), self.own.as_ref())
            .expect("signed")
    }

    fn proof(&self, method: &str, path: &str, token: Option<&str>) -> String {
        let mut claims = json!({
            "jti": self.jti(), "htm": method, "htu": format!("{}{path}", self.origin), "iat": now()
        });
        if let Some(token) = token {
            claims["ath"] = json!(URL_SAFE_NO_PAD.encode(Sha256::of(token.as_bytes())));
        }
        let header = Protected::new()
            .typ("dpop+jwt")
            .jwk(&Jwk::new(self.dpop.public_key().clone()));
        header
            .sign(claims.to_string().as_bytes(), self.dpop.as_ref())
            .expect("signed")
    }

    async fn post(&self, path: &str, form: &[(&str, &str)], proof: bool) -> Response {
        let assertion = self.assertion();
        let mut pairs = vec![
            ("client_id", self.id.as_str()),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", &assertion),
        ];
        pairs.extend_from_slice(form);
        let mut request = client().post(format!("{}{path}", self.origin)).form(&pairs);
        if proof {
            request = request.header("DPoP", self.proof("POST", path, None));
        }
        request.send().await.expect("an answer")
    }

    async fn push(&self) -> Response {
        let form = [
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid email offline_access"),
            ("state", "st"),
            ("nonce", "no"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        self.post("/par", &form, true).await
    }

    async fn userinfo(&self, scheme: &str, token: &str, proof: Option<&str>) -> Response {
        let mut request = client()
            .get(format!("{}/userinfo", self.origin))
            .header("authorization", format!("{scheme} {token}"));
        if let Some(proof) = proof {
            request = request.header("dpop", proof);
        }
        request.send().await.expect("an answer")
    }
}

async fn body(answer: Response) -> Value {
    answer.json().await.expect("JSON")
}

#[tokio::test]
async fn fapi2_happy_flow() {
    let provider = Provider::start();
    let mut browser = provider.person().await;
    let bank = Bank::register(&provider);

    let pushed = bank.push().await;
    assert_eq!(pushed.status(), StatusCode::CREATED);
    assert_eq!(header(&pushed, "cache-control"), "no-store");
    assert!(!header(&pushed, "dpop-nonce").is_empty());
    let pushed = body(pushed).await;
    assert!(pushed["expires_in"].as_u64().is_some_and(|seconds| seconds < 600));
    let reference = pushed["request_uri"].as_str().expect("a reference");
    let request = format!("/authorize?client_id={}&request_uri={reference}", bank.id);

    // par-ensure-reused-request-uri-prior-to-auth-completion-succeeds
    let first = browser.get(&request).await;
    assert_eq!(first.status, StatusCode::OK);
    let page = browser.get(&request).await;
    let answer = provider.allow(&mut browser, &page).await;
    let onward = answer.onward();
    assert!(onward.as_str().starts_with(&format!("{CALLBACK}&")), "{onward}");
    assert_eq!(parameter(&onward, "iss"), Some(provider.origin.clone()));
    assert_eq!(parameter(&onward, "state").as_deref(), Some("st"));
    let names: Vec<String> = onward.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(
        names,
        ["kept", "code", "state", "iss"],
        "nothing else in the redirect"
    );
    let code = parameter(&onward, "code").expect("a code");
    // par-attempt-reuse-request_uri
    let again = browser.get(&request).await;
    assert_eq!(
        (again.status, again.location.as_str()),
        (StatusCode::BAD_REQUEST, "")
    );

    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let unproved = bank.post("/token", &form, false).await;
    assert_eq!(
        unproved.status(),
        StatusCode::BAD_REQUEST,
        "ensure-holder-of-key-required"
    );
    let tokens = bank.post("/token", &form, true).await;
    assert_eq!(tokens.status(), StatusCode::OK);
    assert!(!header(&tokens, "dpop-nonce").is_empty());
    let tokens = body(tokens).await;
    assert_eq!(tokens["token_type"], "DPoP");
    let access = tokens["access_token"].as_str().expect("a token");

    for scheme in ["DPoP", "dpop"] {
        let proof = bank.proof("GET", "/userinfo", Some(access));
        let found = bank.userinfo(scheme, access, Some(&proof)).await;
        assert_eq!(
            found.status(),
            StatusCode::OK,
            "access-token-type-header-case-sensitivity"
        );
        assert!(!header(&found, "date").is_empty());
        assert_eq!(body(found).await["email"], "ana@example.org");
        let replayed = bank.userinfo(scheme, access, Some(&proof)).await;
        assert_eq!(replayed.status(), StatusCode::UNAUTHORIZED);
        assert!(header(&replayed, "www-authenticate").starts_with("DPoP error=\"invalid_dpop_proof\""));
    }
    let bearer = bank.userinfo("Bearer", access, None).await;
    assert_eq!(bearer.status(), StatusCode::UNAUTHORIZED);
    assert!(header(&bearer, "www-authenticate").contains("algs=\"ES256"));
    let query = client()
        .get(format!("{}/userinfo?access_token={access}", provider.origin))
        .send()
        .await
        .expect("an answer");
    assert_eq!(query.status(), StatusCode::BAD_REQUEST, "refused in a query");

    let refresh = tokens["refresh_token"].as_str().expect("offline access");
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    for _ in 0..2 {
        let refreshed = body(bank.post("/token", &form, true).await).await;
        assert!(refreshed["refresh_token"].is_null() && refreshed["access_token"].is_string());
    }
    let introspected = body(bank.post("/introspect", &[("token", access)], false).await).await;
    assert_eq!(introspected["token_type"], "DPoP");
    assert!(introspected["cnf"]["jkt"].is_string());
}

#[tokio::test]
async fn fapi2_discovery_end_point_verification() {
    let provider = Provider::start();
    let mut documents = Vec::new();
    for path in ["openid-configuration", "oauth-authorization-server"] {
        let address = format!("{}/.well-known/{path}", provider.origin);
        documents.push(body(client().get(address).send().await.expect("an answer")).await);
    }
    let document = &documents[0];
    assert_eq!(*document, documents[1], "one document");
    let has = |member: &str, word: &str| {
        let list = document[member].as_array().unwrap_or_else(|| panic!("{member}"));
        list.iter().any(|one| one == word)
    };
    assert!(has("response_types_supported", "code"));
    assert!(has("code_challenge_methods_supported", "S256"));
    assert!(has("token_endpoint_auth_methods_supported", "private_key_jwt"));
    for list in [
        "id_token_signing_alg_values_supported",
        "token_endpoint_auth_signing_alg_values_supported",
        "dpop_signing_alg_values_supported",
        "userinfo_signing_alg_values_supported",
        "request_object_signing_alg_values_supported",
    ] {
        assert!(has(list, "ES256"), "{list}");
    }
    assert_eq!(document["authorization_response_iss_parameter_supported"], true);
    assert_eq!(document["require_pushed_authorization_requests"], false);
    assert_eq!(
        document["pushed_authorization_request_endpoint"],
        format!("{}/par", provider.origin)
    );
}

#[tokio::test]
async fn par_attempt_invalid_http_method() {
    let provider = Provider::start();
    for method in [Method::GET, Method::PUT] {
        let answer = client()
            .request(method, format!("{}/par", provider.origin))
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(header(&answer, "allow"), "POST, OPTIONS");
    }
    let nobody = client()
        .post(format!("{}/par", provider.origin))
        .form(&[("client_id", "nobody")])
        .send()
        .await
        .expect("an answer");
    assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(body(nobody).await["error"], "invalid_client");
    let large = "x".repeat(20 * 1024);
    let large = client()
        .post(format!("{}/par", provider.origin))
        .form(&[("client_id", "nobody"), ("state", &large)])
        .send()
        .await
        .expect("an answer");
    assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
}
