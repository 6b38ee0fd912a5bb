//! Applications that register themselves, over HTTP (RFC 7591, RFC 7592, OpenID Connect Registration).

use doorward_crypto::Algorithm;
use doorward_crypto::SigningKey;
use doorward_jose::{Jwk, JwkSet, Protected};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::fapi::{key_of, now};
use super::provider::{Browser, Provider, client, header, parameter};
use super::site::{Site, ca};

/// A provider where `door` says who may register, and that reaches the tests' site.
fn provider(door: &str, more: &[(&str, &str)]) -> Provider {
    let ca = ca();
    let mut variables = vec![
        ("DOORWARD_REGISTRATION_DOOR", door),
        ("DOORWARD_REGISTRATION_PKCE", "optional"),
        ("DOORWARD_OUTGOING_EXCEPTIONS", "localhost"),
        ("DOORWARD_OUTGOING_EXTRA_CA", ca.as_str()),
    ];
    variables.extend_from_slice(more);
    Provider::with(&variables)
}

fn metadata() -> Value {
    json!({ "client_name": "Dyn", "redirect_uris": ["https://dyn.example/callback"] })
}

async fn send(method: Method, address: &str, token: Option<&str>, body: Option<&Value>) -> Response {
    let mut request = client().request(method, address);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.json(body);
    }
    request.send().await.expect("an answer")
}

async fn register(provider: &Provider, token: Option<&str>, body: &Value) -> (StatusCode, Value) {
    let address = format!("{}/register", provider.origin);
    let answer = send(Method::POST, &address, token, Some(body)).await;
    assert_eq!(header(&answer, "cache-control"), "no-store");
    assert_eq!(
        header(&answer, "content-type"),
        "application/json",
        "dcr_error_page_inert"
    );
    assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
    assert_eq!(header(&answer, "access-control-allow-origin"), "*");
    (answer.status(), answer.json().await.expect("JSON"))
}

fn token(provider: &Provider, uses: &str) -> String {
    let made = provider.operator(&["app", "token", "--uses", uses]);
    made["token"].as_str().expect("a token").to_owned()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} in {value}"))
}

#[tokio::test]
async fn dcr_off_by_default() {
    let provider = Provider::start();
    let (status, _) = register(&provider, None, &metadata()).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let token = token(&provider, "1");
    assert_eq!(
        register(&provider, Some(&token), &metadata()).await.0,
        StatusCode::NOT_FOUND
    );
    let document: Value = client()
        .get(format!("{}/.well-known/openid-configuration", provider.origin))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert!(document.get("registration_endpoint").is_none());
}

#[tokio::test]
async fn registration_201() {
    let provider = provider("token", &[]);
    let once = token(&provider, "1");
    for wrong in [
        None,
        Some("x"),
        Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    ] {
        let (status, body) = register(&provider, wrong, &metadata()).await;
        assert_eq!(
            (status, text(&body, "error")),
            (StatusCode::UNAUTHORIZED, "invalid_token")
        );
    }
    let (status, body) = register(
        &provider,
        Some(&once),
        &json!({ "redirect_uris": ["https://a.example/#x"] }),
    )
    .await;
    assert_eq!(
        (status, text(&body, "error")),
        (StatusCode::BAD_REQUEST, "invalid_redirect_uri"),
        "oidcc-registration: a fragment; the token is not spent by it"
    );
    let (status, body) = register(&provider, Some(&once), &metadata()).await;
    assert_eq!(status, StatusCode::CREATED, "{body}");
    for member in [
        "client_id",
        "client_secret",
        "registration_access_token",
        "registration_client_uri",
    ] {
        assert!(body[member].is_string(), "{member}");
    }
    assert_eq!(body["client_secret_expires_at"], 0);
    assert_eq!(
        body["scope"],
        "openid profile email address phone groups offline_access"
    );
    assert_eq!(
        register(&provider, Some(&once), &metadata()).await.0,
        StatusCode::UNAUTHORIZED,
        "spent"
    );

    let form = [
        ("grant_type", "authorization_code"),
        ("code", "x"),
        ("redirect_uri", "https://dyn.example/callback"),
    ];
    let known = client()
        .post(format!("{}/token", provider.origin))
        .basic_auth(text(&body, "client_id"), body["client_secret"].as_str())
        .form(&form)
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        known.json::<Value>().await.expect("JSON")["error"],
        "invalid_grant",
        "it is known at once"
    );

    let address = text(&body, "registration_client_uri").to_owned();
    let gone = send(
        Method::DELETE,
        &address,
        body["registration_access_token"].as_str(),
        None,
    )
    .await;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    let again = send(
        Method::GET,
        &address,
        body["registration_access_token"].as_str(),
        None,
    )
    .await;
    assert_eq!(
        again.status(),
        StatusCode::UNAUTHORIZED,
        "unknown applications look like wrong tokens"
    );
}

#[tokio::test]
async fn dcr_access_token_is_the_owner() {
    let provider = provider("open", &[]);
    let (_, one) = register(&provider, None, &metadata()).await;
    let (_, other) = register(&provider, None, &metadata()).await;
    let (address, first) = (
        text(&one, "registration_client_uri"),
        text(&one, "registration_access_token"),
    );
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        for wrong in [None, Some(text(&other, "registration_access_token")), Some("x")] {
            let body = (method == Method::PUT).then(metadata);
            let refused = send(method.clone(), address, wrong, body.as_ref()).await;
            assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{method} {wrong:?}");
            assert!(header(&refused, "www-authenticate").starts_with("Bearer"));
        }
    }
    let seen: Value = send(Method::GET, address, Some(first), None)
        .await
        .json()
        .await
        .expect("JSON");
    assert_eq!(seen["client_name"], "Dyn");
    assert!(seen.get("client_secret").is_none(), "kept as a hash");
    let second = text(&seen, "registration_access_token").to_owned();
    assert_ne!(first, second, "rotated on use");
    let lost = send(Method::GET, address, Some(first), None).await;
    assert_eq!(
        lost.status(),
        StatusCode::OK,
        "an answer that was lost does not lock out"
    );
    let third: Value = lost.json().await.expect("JSON");
    let third = text(&third, "registration_access_token").to_owned();
    assert_eq!(
        send(Method::GET, address, Some(&second), None).await.status(),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        send(Method::GET, address, Some(&third), None).await.status(),
        StatusCode::OK
    );
    assert_eq!(
        send(Method::GET, address, Some(first), None).await.status(),
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn registration_update_revalidates_all() {
    let provider = provider("token", &[]);
    let (_, one) = register(&provider, Some(&token(&provider, "1")), &metadata()).await;
    let address = text(&one, "registration_client_uri").to_owned();
    let mut owner = text(&one, "registration_access_token").to_owned();
    let with = |edits: &[(&str, Value)]| {
        let mut body = metadata();
        body["client_id"] = one["client_id"].clone();
        for (name, value) in edits {
            body[*name] = value.clone();
        }
        body
    };
    for (edits, code) in [
        (
            vec![("redirect_uris", json!(["http://evil.example/cb"]))],
            "invalid_redirect_uri",
        ),
        (
            vec![("redirect_uris", json!(["javascript:alert(1)"]))],
            "invalid_redirect_uri",
        ),
        (vec![("client_id", json!("other"))], "invalid_client_metadata"),
        (vec![("client_secret", json!("guess"))], "invalid_client_metadata"),
        (vec![("client_id_issued_at", json!(1))], "invalid_client_metadata"),
        (
            vec![("initiate_login_uri", json!("http://dyn.example/start"))],
            "invalid_client_metadata",
        ),
        (
            vec![("id_token_signed_response_alg", json!("none"))],
            "invalid_client_metadata",
        ),
        (
            vec![("id_token_signed_response_alg", json!("PS256"))],
            "invalid_client_metadata",
        ),
        (
            vec![("userinfo_signed_response_alg", json!("HS256"))],
            "invalid_client_metadata",
        ),
        (
            vec![
                ("jwks", json!({"keys": []})),
                ("jwks_uri", json!("https://dyn.example/k")),
            ],
            "invalid_client_metadata",
        ),
    ] {
        let body = with(&edits);
        let refused = send(Method::PUT, &address, Some(&owner), Some(&body)).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(
            refused.json::<Value>().await.expect("JSON")["error"],
            code,
            "{body}"
        );
    }
    let wishes = with(&[
        ("client_secret", one["client_secret"].clone()),
        ("initiate_login_uri", json!("https://dyn.example/start")),
        ("consent", json!("implicit")),
        ("stage", json!("development")),
        (
            "grant_types",
            json!(["authorization_code", "implicit", "refresh_token"]),
        ),
    ]);
    let changed = send(Method::PUT, &address, Some(&owner), Some(&wishes)).await;
    assert_eq!(changed.status(), StatusCode::OK);
    let changed: Value = changed.json().await.expect("JSON");
    assert_eq!(
        changed["initiate_login_uri"], "https://dyn.example/start",
        "oidcc-3rd_party-init-login"
    );
    assert_eq!(
        changed["grant_types"],
        json!(["authorization_code", "refresh_token"]),
        "grant_types_unsupported_dropped"
    );
    assert!(
        changed.get("consent").is_none() && changed.get("stage").is_none(),
        "the operator's to say"
    );
    text(&changed, "registration_access_token").clone_into(&mut owner);
    let seen: Value = send(Method::GET, &address, Some(&owner), None)
        .await
        .json()
        .await
        .expect("JSON");
    assert_eq!(seen["initiate_login_uri"], "https://dyn.example/start");
}

#[tokio::test]
async fn registration_policy() {
    let provider = provider("open", &[("DOORWARD_REGISTRATION_MOST", "3")]);
    let (status, body) = register(
        &provider,
        None,
        &json!({
            "redirect_uris": ["https://dyn.example/callback"],
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "scope": "openid offline_access email",
        }),
    )
    .await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(body["grant_types"], json!(["authorization_code"]));
    assert_eq!(
        body["scope"], "openid email",
        "no access while the person is away"
    );
    let request = provider.request(&[
        ("client_id", text(&body, "client_id")),
        ("redirect_uri", "https://dyn.example/callback"),
        ("code_challenge", ""),
        ("code_challenge_method", ""),
    ]);
    let refused = Browser::new(&provider.origin).get(&request).await;
    assert!(
        refused.location.contains("error=invalid_request"),
        "PKCE: {}",
        refused.location
    );
    for _ in 0..2 {
        assert_eq!(
            register(&provider, None, &metadata()).await.0,
            StatusCode::CREATED
        );
    }
    let (status, _) = register(&provider, None, &metadata()).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "growth_bounded");
    let few = self::provider("open", &[("DOORWARD_REGISTRATION_PER_HOUR", "1")]);
    assert_eq!(register(&few, None, &metadata()).await.0, StatusCode::CREATED);
    assert_eq!(
        register(&few, None, &metadata()).await.0,
        StatusCode::TOO_MANY_REQUESTS
    );
    let admitted = register(&few, Some(&token(&few, "1")), &metadata()).await;
    assert_eq!(admitted.0, StatusCode::CREATED, "the operator's word goes before");
}

#[tokio::test]
async fn registration_cors_preflight() {
    let provider = provider("open", &[]);
    let ask = client()
        .request(Method::OPTIONS, format!("{}/register", provider.origin))
        .header("origin", "https://anybody.example");
    let answer = ask.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert_eq!(header(&answer, "access-control-allow-origin"), "*");
}

#[tokio::test]
async fn oidcc_registration_sector_uri() {
    let provider = provider("token", &[]);
    let site = Site::start().await;
    let tokens = token(&provider, "9");
    let body = |path: &str| {
        json!({
            "redirect_uris": ["https://one.example/callback", "https://two.example/callback"],
            "subject_type": "pairwise",
            "sector_identifier_uri": format!("{}{path}", site.origin),
        })
    };
    site.say(
        "/good",
        200,
        r#"["https://one.example/callback","https://two.example/callback"]"#,
    );
    site.say("/bad", 200, r#"["https://one.example/callback"]"#);
    site.say(
        "/moved",
        302,
        r#"["https://one.example/callback","https://two.example/callback"]"#,
    );
    let (status, good) = register(&provider, Some(&tokens), &body("/good")).await;
    assert_eq!(status, StatusCode::CREATED, "{good}");
    assert_eq!(good["subject_type"], "pairwise");
    assert_eq!(good["sector_identifier_uri"], format!("{}/good", site.origin));
    for path in ["/bad", "/moved", "/missing"] {
        let (status, refused) = register(&provider, Some(&tokens), &body(path)).await;
        assert_eq!(
            (status, text(&refused, "error")),
            (StatusCode::BAD_REQUEST, "invalid_client_metadata"),
            "oidcc-registration-sector-bad {path}"
        );
    }
    let inside = json!({
        "redirect_uris": ["https://one.example/callback"],
        "sector_identifier_uri": "https://127.0.0.1/",
    });
    assert_eq!(
        register(&provider, Some(&tokens), &inside).await.0,
        StatusCode::BAD_REQUEST
    );
    site.heard();
    assert_eq!(
        register(&provider, None, &body("/good")).await.0,
        StatusCode::UNAUTHORIZED
    );
    assert!(
        site.heard().is_empty(),
        "nothing is fetched for who may not register"
    );
}

/// An application whose keys are at an address.
struct Keyed {
    id: String,
    count: std::cell::Cell<u32>,
}

impl Keyed {
    async fn register(provider: &Provider, site: &Site, edits: &[(&str, Value)]) -> Self {
        let mut body = metadata();
        body["token_endpoint_auth_method"] = json!("private_key_jwt");
        body["jwks_uri"] = json!(format!("{}/keys", site.origin));
        for (name, value) in edits {
            body[*name] = value.clone();
        }
        let (status, told) = register(provider, Some(&token(provider, "1")), &body).await;
        assert_eq!(status, StatusCode::CREATED, "{told}");
        assert!(told.get("client_secret").is_none());
        Self {
            id: text(&told, "client_id").to_owned(),
            count: std::cell::Cell::new(0),
        }
    }

    /// What the token endpoint says to a wrong code, with an assertion by this key.
    async fn asks(&self, provider: &Provider, key: &dyn SigningKey, kid: &str) -> String {
        self.count.set(self.count.get() + 1);
        let claims = json!({
            "iss": self.id, "sub": self.id, "aud": provider.origin, "jti": format!("j{}", self.count.get()),
            "iat": now(), "exp": now() + 60,
        });
        let assertion = Protected::new()
            .kid(kid)
            .sign(claims.to_string().as_bytes(), key)
            .expect("signed");
        let form = [
            ("grant_type", "authorization_code"),
            ("code", "x"),
            ("redirect_uri", "https://dyn.example/callback"),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", assertion.as_str()),
        ];
        let answer = client()
            .post(format!("{}/token", provider.origin))
            .form(&form)
            .send()
            .await;
        let answer: Value = answer.expect("an answer").json().await.expect("JSON");
        text(&answer, "error").to_owned()
    }
}

fn set(keys: &[(&str, &dyn SigningKey)]) -> String {
    let own = keys
        .iter()
        .map(|(kid, key)| Jwk::new(key.public_key().clone()).with_kid(*kid));
    serde_json::to_string(&JwkSet::new(own.collect())).expect("a set")
}

#[tokio::test]
async fn oidcc_registration_jwks_uri() {
    let (provider, site) = (provider("token", &[]), Site::start().await);
    let (first, second) = (key_of(Algorithm::Es256), key_of(Algorithm::Es256));
    let own = Keyed::register(&provider, &site, &[]).await;
    site.say("/keys", 500, "");
    assert_eq!(own.asks(&provider, first.as_ref(), "one").await, "invalid_client");
    site.say("/keys", 200, set(&[("one", first.as_ref())]));
    site.heard();
    assert_eq!(
        own.asks(&provider, first.as_ref(), "one").await,
        "invalid_client",
        "asked a moment ago"
    );
    assert!(site.heard().is_empty(), "at most once in ten seconds");
    tokio::time::sleep(std::time::Duration::from_secs(11)).await;
    assert_eq!(
        own.asks(&provider, first.as_ref(), "one").await,
        "invalid_grant",
        "oidcc-registration-jwks-uri"
    );
    assert_eq!(own.asks(&provider, first.as_ref(), "one").await, "invalid_grant");
    assert_eq!(site.heard().len(), 1, "fetched once");

    // oidcc-refresh-token-rp-key-rotation: another key under another name.
    site.say("/keys", 200, set(&[("two", second.as_ref())]));
    assert_eq!(
        own.asks(&provider, second.as_ref(), "two").await,
        "invalid_client"
    );
    tokio::time::sleep(std::time::Duration::from_secs(11)).await;
    assert_eq!(
        own.asks(&provider, second.as_ref(), "two").await,
        "invalid_grant",
        "unknown_kid_refetch"
    );
    assert_eq!(
        own.asks(&provider, first.as_ref(), "one").await,
        "invalid_client",
        "the old one is gone"
    );
    site.say("/keys", 500, "");
    tokio::time::sleep(std::time::Duration::from_secs(11)).await;
    assert_eq!(own.asks(&provider, first.as_ref(), "one").await, "invalid_client");
    assert_eq!(
        own.asks(&provider, second.as_ref(), "two").await,
        "invalid_grant",
        "a stale copy is kept"
    );
}

#[tokio::test]
async fn oidcc_request_uri_signed_rs256() {
    let site = Site::start().await;
    let key = key_of(Algorithm::Es256);
    site.say("/keys", 200, set(&[("one", key.as_ref())]));
    let reference = format!("{}/object#part", site.origin);
    let edits = [
        ("request_uris", json!([reference])),
        ("request_object_signing_alg", json!("ES256")),
        ("require_signed_request_object", json!(true)),
    ];
    let on = provider("token", &[("DOORWARD_REGISTRATION_REQUEST_URIS", "true")]);
    let own = Keyed::register(&on, &site, &edits).await;
    let object = |state: &str| {
        let claims = json!({
            "iss": own.id, "aud": on.origin, "client_id": own.id, "response_type": "code", "scope": "openid",
            "redirect_uri": "https://dyn.example/callback", "state": state, "prompt": "none",
        });
        Protected::new()
            .kid("one")
            .sign(claims.to_string().as_bytes(), key.as_ref())
            .expect("signed")
    };
    site.say("/object", 200, object("inside"));
    let asked = |provider: &Provider, more: &[(&str, &str)]| {
        let mut pairs = vec![
            ("client_id", own.id.as_str()),
            ("redirect_uri", "https://dyn.example/callback"),
            ("state", "outside"),
        ];
        pairs.extend_from_slice(more);
        provider.request(&pairs)
    };
    let mut browser = Browser::new(&on.origin);
    let page = browser.get(&asked(&on, &[("request_uri", &reference)])).await;
    let onward = page.onward();
    assert_eq!(
        parameter(&onward, "error").as_deref(),
        Some("login_required"),
        "{onward}"
    );
    assert_eq!(
        parameter(&onward, "state").as_deref(),
        Some("inside"),
        "what is signed counts"
    );
    assert!(
        site.heard().iter().any(|(line, _)| line == "GET /object"),
        "the fragment is not sent"
    );

    let other = format!("{}/other", site.origin);
    let page = browser.get(&asked(&on, &[("request_uri", &other)])).await;
    assert_eq!(
        parameter(&page.onward(), "error").as_deref(),
        Some("invalid_request_uri"),
        "not registered"
    );
    assert!(
        !site.heard().iter().any(|(line, _)| line == "GET /other"),
        "and not fetched"
    );
    site.say("/object", 404, "");
    let page = browser.get(&asked(&on, &[("request_uri", &reference)])).await;
    assert_eq!(
        parameter(&page.onward(), "error").as_deref(),
        Some("invalid_request_uri")
    );
    let page = browser.get(&asked(&on, &[])).await;
    assert_eq!(
        parameter(&page.onward(), "error").as_deref(),
        Some("invalid_request"),
        "it must sign"
    );
    let page = browser
        .get(&asked(&on, &[("request", &object("by value"))]))
        .await;
    assert_eq!(parameter(&page.onward(), "state").as_deref(), Some("by value"));

    let off = provider("token", &[]);
    let document = |provider: &Provider| {
        let address = format!("{}/.well-known/openid-configuration", provider.origin);
        async {
            client()
                .get(address)
                .send()
                .await
                .expect("an answer")
                .json::<Value>()
                .await
                .expect("JSON")
        }
    };
    assert_eq!(document(&on).await["request_uri_parameter_supported"], true);
    assert_eq!(
        document(&off).await["request_uri_parameter_supported"],
        false,
        "request_uri_only_par"
    );
}
