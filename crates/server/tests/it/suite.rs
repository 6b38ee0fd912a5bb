//! Modules of the conformance suite's Basic, Dynamic and RP-Initiated Logout plans, as far as no other test has
//! them: each is named in the message of its assertion.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::provider::{Browser, CALLBACK, GOODBYE, Provider, VERIFIER, client, parameter};

fn part(token: &Value, at: usize) -> Value {
    let text = token
        .as_str()
        .and_then(|token| token.split('.').nth(at))
        .expect("a JWT");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).expect("base64url")).expect("JSON")
}

async fn fetched(provider: &Provider, path: &str) -> Value {
    let answer = client().get(format!("{}{path}", provider.origin)).send().await;
    answer.expect("an answer").json().await.expect("JSON")
}

async fn post(provider: &Provider, form: &[(&str, &str)]) -> Response {
    client()
        .post(format!("{}/token", provider.origin))
        .basic_auth(&provider.client_id, Some(&provider.client_secret))
        .form(form)
        .send()
        .await
        .expect("an answer")
}

/// A code for the usual application.
async fn code(provider: &Provider, browser: &mut Browser, more: &[(&str, &str)]) -> String {
    let page = browser.get(&provider.request(more)).await;
    let page = if page.status == StatusCode::OK {
        provider.allow(browser, &page).await
    } else {
        page
    };
    parameter(&page.onward(), "code").unwrap_or_else(|| panic!("no code: {}", page.onward()))
}

#[tokio::test]
async fn oidcc_server() {
    let provider = Provider::start();
    let mut browser = provider.person().await;
    let tokens = provider.tokens(&mut browser, &[]).await;
    let (header, claims) = (part(&tokens["id_token"], 0), part(&tokens["id_token"], 1));
    let keys = fetched(&provider, "/jwks").await;
    let key = keys["keys"]
        .as_array()
        .expect("keys")
        .iter()
        .find(|key| key["kid"] == header["kid"]);
    assert_eq!(header["alg"], "RS256", "oidcc-idtoken-signature");
    assert_eq!(
        key.expect("a published key")["alg"],
        "RS256",
        "oidcc-idtoken-rs256"
    );
    assert_eq!(
        (&claims["iss"], &claims["aud"]),
        (&json!(provider.origin), &json!(provider.client_id))
    );
    assert_eq!(claims["nonce"], "no");
    assert!(claims["exp"].as_u64() > claims["iat"].as_u64() && claims["sub"].is_string());
    assert!(claims["jti"].is_string() || claims["sid"].is_string());

    let refused = browser.get(&provider.request(&[("response_type", "")])).await;
    let error = parameter(&refused.onward(), "error").expect("an error");
    assert!(
        ["invalid_request", "unsupported_response_type"].contains(&error.as_str()),
        "oidcc-response-type-missing: {error}"
    );
    for (module, wish) in [
        ("oidcc-display-page", ("display", "page")),
        ("oidcc-display-popup", ("display", "popup")),
        ("oidcc-login-hint", ("login_hint", "buffy@localhost")),
        ("oidcc-ui-locales", ("ui_locales", "se")),
        ("oidcc-claims-locales", ("claims_locales", "se")),
        (
            "oidcc-alternate-happy-flow",
            ("scope", "email offline_access openid"),
        ),
        (
            "oidcc-ensure-request-with-valid-pkce-succeeds",
            ("code_challenge_method", "S256"),
        ),
    ] {
        let page = browser.get(&provider.request(&[wish])).await;
        assert!(parameter(&page.onward(), "code").is_some(), "{module}");
        let fresh = Browser::new(&provider.origin)
            .get(&provider.request(&[wish]))
            .await;
        assert!(
            fresh.location.starts_with("/sign-in?"),
            "{module}: {}",
            fresh.location
        );
    }
}

#[tokio::test]
async fn oidcc_max_age_1() {
    let provider = Provider::start();
    let mut browser = provider.person().await;
    let long = provider.tokens(&mut browser, &[("max_age", "15000")]).await;
    let again = provider.tokens(&mut browser, &[("max_age", "10000")]).await;
    let (first, second) = (part(&long["id_token"], 1), part(&again["id_token"], 1));
    assert!(first["auth_time"].is_u64());
    assert_eq!(first["auth_time"], second["auth_time"], "oidcc-max-age-10000");
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let asked = browser.get(&provider.request(&[("max_age", "1")])).await;
    assert!(
        asked.location.starts_with("/sign-in?"),
        "oidcc-max-age-1: {}",
        asked.location
    );
    let zero = browser.get(&provider.request(&[("max_age", "0")])).await;
    assert!(zero.location.starts_with("/sign-in?"), "max_age_zero_is_login");
    let negative = browser.get(&provider.request(&[("max_age", "-1")])).await;
    assert_eq!(
        parameter(&negative.onward(), "error").as_deref(),
        Some("invalid_request"),
        "max_age_negative_is_invalid_request"
    );
    let hint = long["id_token"].as_str().expect("a token");
    let silent = browser
        .get(&provider.request(&[("prompt", "none"), ("id_token_hint", hint)]))
        .await;
    assert!(
        parameter(&silent.onward(), "code").is_some(),
        "oidcc-id-token-hint"
    );
}

#[tokio::test]
async fn oidcc_codereuse() {
    let provider = Provider::start();
    let mut browser = provider.person().await;
    let code = code(&provider, &mut browser, &[]).await;
    let tokens = provider.redeem(&code).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let again = post(&provider, &form).await;
    assert_eq!(again.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        again.json::<Value>().await.expect("JSON")["error"],
        "invalid_grant"
    );
    let dead = client()
        .get(format!("{}/userinfo", provider.origin))
        .bearer_auth(tokens["access_token"].as_str().expect("a token"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        dead.status(),
        StatusCode::UNAUTHORIZED,
        "oidcc-codereuse-30seconds, code_reuse_revokes_grant"
    );
}

#[tokio::test]
async fn oidcc_refresh_token() {
    let provider = Provider::start();
    let mut browser = provider.person().await;
    let tokens = provider.tokens(&mut browser, &[]).await;
    let refresh = tokens["refresh_token"].as_str().expect("a refresh token");
    assert!(refresh.bytes().all(|byte| byte.is_ascii_graphic()));
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let other = provider.add(&[
        "Other",
        "--consent",
        "--redirect-uri",
        "https://other.example/callback",
    ]);
    let stolen = client()
        .post(format!("{}/token", provider.origin))
        .basic_auth(
            other["client_id"].as_str().expect("an id"),
            other["client_secret"].as_str(),
        )
        .form(&form)
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        stolen.json::<Value>().await.expect("JSON")["error"],
        "invalid_grant",
        "another client's use"
    );
    let renewed: Value = post(&provider, &form).await.json().await.expect("JSON");
    let (before, after) = (part(&tokens["id_token"], 1), part(&renewed["id_token"], 1));
    for name in ["iss", "sub", "aud", "auth_time", "sid"] {
        assert_eq!(before[name], after[name], "auth_time_lost_on_refresh: {name}");
    }
    let document = fetched(&provider, "/.well-known/openid-configuration").await;
    assert!(
        document["grant_types_supported"]
            .as_array()
            .expect("a list")
            .contains(&json!("refresh_token"))
    );
}

#[tokio::test]
async fn oidcc_server_client_secret_post() {
    let provider = Provider::start();
    let mut browser = provider.person().await;
    let own = provider.add(&["Post", "--consent", "--post-secret", "--redirect-uri", CALLBACK]);
    let text = |name: &str| own[name].as_str().expect("text").to_owned();
    let (id, secret) = (text("client_id"), text("client_secret"));
    let code = code(&provider, &mut browser, &[("client_id", &id)]).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", id.as_str()),
        ("client_secret", secret.as_str()),
    ];
    let address = format!("{}/token", provider.origin);
    let basic = client()
        .post(&address)
        .basic_auth(&id, Some(&secret))
        .form(&form[..4])
        .send()
        .await;
    assert_eq!(
        basic.expect("an answer").status(),
        StatusCode::UNAUTHORIZED,
        "registered_method_enforced"
    );
    let both = client()
        .post(&address)
        .basic_auth(&id, Some(&secret))
        .form(&form)
        .send()
        .await;
    assert_eq!(
        both.expect("an answer").status(),
        StatusCode::BAD_REQUEST,
        "client_auth_exactly_one"
    );
    let right = client()
        .post(&address)
        .form(&form)
        .send()
        .await
        .expect("an answer");
    assert_eq!(right.status(), StatusCode::OK);
}

#[tokio::test]
async fn oidcc_ensure_registered_redirect_uri() {
    let provider = Provider::start();
    let mut browser = provider.person().await;
    for (module, uri) in [
        (
            "oidcc-ensure-registered-redirect-uri",
            "https://app.example/callback/x7?kept=1",
        ),
        (
            "oidcc-redirect-uri-query-mismatch",
            "https://app.example/callback?kept=2",
        ),
        (
            "oidcc-redirect-uri-query-added",
            "https://app.example/callback?kept=1&foo=bar",
        ),
        (
            "redirect_userinfo_at",
            "https://app.example@evil.example/callback?kept=1",
        ),
        (
            "redirect_dot_semicolon",
            "https://app.example/x/..;/callback?kept=1",
        ),
    ] {
        let page = browser.get(&provider.request(&[("redirect_uri", uri)])).await;
        assert_eq!(
            (page.status, page.location.as_str()),
            (StatusCode::BAD_REQUEST, ""),
            "{module}"
        );
    }
    let two = provider.add(&[
        "Two",
        "--consent",
        "--redirect-uri",
        "https://two.example/a",
        "--redirect-uri",
        "https://two.example/b",
    ]);
    let none = [
        ("client_id", two["client_id"].as_str().expect("an id")),
        ("redirect_uri", ""),
    ];
    let page = browser.get(&provider.request(&none)).await;
    assert_eq!(
        page.status,
        StatusCode::BAD_REQUEST,
        "oidcc-ensure-redirect-uri-in-authorization-request"
    );
    let kept = browser.get(&provider.request(&[])).await;
    let kept = provider.allow(&mut browser, &kept).await.onward();
    assert!(
        kept.as_str().starts_with(&format!("{CALLBACK}&")),
        "oidcc-redirect-uri-query-OK: {kept}"
    );
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_of_every_kind() {
    let provider = Provider::start();
    let mut browser = provider.person().await;
    let tokens = provider.tokens(&mut browser, &[]).await;
    let hint = tokens["id_token"].as_str().expect("a token").to_owned();
    let parts: Vec<&str> = hint.split('.').collect();
    let none = format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), parts[1]);
    for (module, query) in [
        (
            "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri",
            format!("id_token_hint={hint}&post_logout_redirect_uri=https://app.example/other"),
        ),
        (
            "oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri",
            format!("id_token_hint={hint}&post_logout_redirect_uri={GOODBYE}?foo=bar"),
        ),
        (
            "oidcc-rp-initiated-logout-modified-id-token-hint",
            format!("id_token_hint={none}&post_logout_redirect_uri={GOODBYE}"),
        ),
        (
            "oidcc-rp-initiated-logout-no-id-token-hint",
            format!("post_logout_redirect_uri={GOODBYE}"),
        ),
        ("oidcc-rp-initiated-logout-only-state", "state=x".to_owned()),
    ] {
        let page = browser.get(&format!("/end-session?{query}")).await;
        assert_eq!(page.location, "", "{module}: no redirect");
        assert!(
            page.status == StatusCode::BAD_REQUEST || page.body.contains("logout-confirm"),
            "{module}: an error page or a question"
        );
    }
    let done = browser.get(&format!("/end-session?id_token_hint={hint}")).await;
    assert_eq!(
        done.location, "/signed-out",
        "oidcc-rp-initiated-logout-no-post-logout-redirect-uri"
    );
}

#[tokio::test]
async fn oidcc_discovery_endpoint_verification() {
    let provider = Provider::with(&[("DOORWARD_REGISTRATION_DOOR", "open")]);
    let document = fetched(&provider, "/.well-known/openid-configuration").await; // discovery_url_suffix
    let members = document.as_object().expect("an object");
    for (name, value) in members {
        if name.ends_with("_endpoint") || name == "jwks_uri" {
            let text = value.as_str().expect("an address");
            assert!(
                text.starts_with(&format!("{}/", provider.origin)),
                "every_endpoint_https: {name}"
            );
        }
        if name.ends_with("_supported") && !value.is_boolean() {
            let list = value.as_array().unwrap_or_else(|| panic!("schema_holds: {name}"));
            assert!(
                !list.is_empty() && list.iter().all(Value::is_string),
                "lists_not_empty: {name}"
            );
        }
    }
    let has = |name: &str, word: &str| {
        document[name]
            .as_array()
            .is_some_and(|list| list.contains(&json!(word)))
    };
    assert!(
        has("id_token_signing_alg_values_supported", "RS256"),
        "required_members"
    );
    assert!(
        has("request_object_signing_alg_values_supported", "RS256"),
        "request_object_algs_include_rs256"
    );
    assert!(
        !has("request_object_signing_alg_values_supported", "none"),
        "oidcc-idtoken-unsigned and its like are skipped"
    );
    assert!(has("subject_types_supported", "pairwise") && has("code_challenge_methods_supported", "S256"));
    assert_eq!(
        document["registration_endpoint"],
        format!("{}/register", provider.origin),
        "metadata_members"
    );
    for name in [
        "end_session_endpoint", // oidcc-rp-initiated-logout-discovery-endpoint-verification
        "backchannel_logout_supported", // oidcc-backchannel-logout-discovery-endpoint-verification
        "frontchannel_logout_session_supported", // oidcc-frontchannel-logout-discovery-endpoint-verification
    ] {
        assert!(members.contains_key(name), "{name}");
    }
    let dynamic: Value = client()
        .post(format!("{}/register", provider.origin))
        .json(&json!({
            "redirect_uris": ["https://dyn.example/callback"],
            "policy_uri": "https://dyn.example/policy",
            "tos_uri": "https://dyn.example/terms",
        }))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let id = dynamic["client_id"].as_str().expect("an id");
    let asked = provider.request(&[
        ("client_id", id),
        ("redirect_uri", "https://dyn.example/callback"),
    ]);
    let mut browser = Browser::new(&provider.origin);
    let page = browser.get(&asked).await;
    let page = browser.get(&page.location).await;
    assert!(
        page.body.contains("https://dyn.example/policy"),
        "oidcc-registration-policy-uri"
    );
    assert!(
        page.body.contains("https://dyn.example/terms"),
        "oidcc-registration-tos-uri"
    );
    for (module, body) in [
        (
            "oidcc-redirect-uri-regfrag",
            json!({ "redirect_uris": ["https://dyn.example/cb#x"] }),
        ),
        (
            "oidcc-3rd_party-init-login-nohttps",
            json!({
                "redirect_uris": ["https://dyn.example/cb"], "initiate_login_uri": "http://dyn.example/start",
            }),
        ),
    ] {
        let refused = client()
            .post(format!("{}/register", provider.origin))
            .json(&body)
            .send()
            .await;
        assert_eq!(
            refused.expect("an answer").status(),
            StatusCode::BAD_REQUEST,
            "{module}"
        );
    }
}
