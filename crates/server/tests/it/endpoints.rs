//! The protocol's endpoints over HTTP. Each test starts a provider of its own, and is named after what it guards;
//! rules that share a journey are told apart by the message of their assertion.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::provider::{Browser, CALLBACK, GOODBYE, Provider, client, header, parameter};

#[tokio::test]
async fn sign_in_by_an_application_and_out_again() {
    let provider = Provider::start();
    let mut browser = provider.person().await;

    let page = browser.get(&provider.request(&[])).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.location);
    assert!(page.body.contains("wants to use your account") && page.body.contains("ana@example.org"));
    assert!(page.policy.contains("form-action 'self'") && page.policy.contains("frame-ancestors 'none'"));

    let answer = provider.allow(&mut browser, &page).await;
    let onward = answer.onward();
    assert!(
        onward.as_str().starts_with(&format!("{CALLBACK}&")),
        "redirect_query_kept: {onward}"
    );
    assert_eq!(
        parameter(&onward, "state").as_deref(),
        Some("st\"><script>"),
        "state_echo_exact"
    );
    assert_eq!(
        parameter(&onward, "iss"),
        Some(provider.origin.clone()),
        "response_iss_always"
    );
    let tokens = provider
        .redeem(&parameter(&onward, "code").expect("a code"))
        .await;
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["scope"], "openid email offline_access");
    assert!(tokens["refresh_token"].is_string());

    let access = tokens["access_token"].as_str().expect("a token");
    for (method, form, bearer) in [
        (Method::GET, None, true),                               // oidcc-userinfo-get
        (Method::POST, None, true),                              // oidcc-userinfo-post-header
        (Method::POST, Some([("access_token", access)]), false), // oidcc-userinfo-post-body
    ] {
        let mut request = client().request(method, format!("{}/userinfo", provider.origin));
        if bearer {
            request = request.bearer_auth(access);
        }
        if let Some(form) = form {
            request = request.form(&form);
        }
        let answer = request
            .header("origin", "https://app.example")
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(
            header(&answer, "access-control-allow-origin"),
            "https://app.example",
            "cors_only_where_meant"
        );
        let claims: Value = answer.json().await.expect("JSON");
        assert_eq!(
            (&claims["email"], &claims["email_verified"]),
            (&json!("ana@example.org"), &json!(false))
        );
    }

    let again = browser.get(&provider.request(&[("prompt", "none")])).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "redirect_is_303_never_307");
    assert!(
        parameter(&again.onward(), "code").is_some(),
        "oidcc-prompt-none-logged-in"
    );

    let hint = tokens["id_token"].as_str().expect("an ID token");
    let leave = format!("/end-session?id_token_hint={hint}&post_logout_redirect_uri={GOODBYE}&state=bye");
    let left = browser.get(&leave).await;
    assert_eq!(
        (left.status, left.location.as_str()),
        (StatusCode::SEE_OTHER, "https://app.example/goodbye?state=bye")
    );
    let silent = browser.get(&provider.request(&[("prompt", "none")])).await;
    assert_eq!(
        parameter(&silent.onward(), "error").as_deref(),
        Some("login_required"),
        "oidcc-rp-initiated-logout"
    );
}

#[tokio::test]
async fn form_post_delivery() {
    let provider = Provider::start();
    let mut browser = provider.person().await;
    let post = ("response_mode", "form_post");
    let page = browser.get(&provider.request(&[post, ("prompt", "none")])).await;
    assert_eq!(page.status, StatusCode::OK, "errors too");
    assert_eq!(
        (page.field("error").as_str(), page.field("state").as_str()),
        ("consent_required", "st\"><script>")
    );
    assert!(!page.policy.contains("form-action"), "csp_form_action");
    assert!(!page.body.contains("st\"><script>"), "form_post_inert");

    let page = browser.get(&provider.request(&[post])).await;
    let page = provider.allow(&mut browser, &page).await;
    assert!(
        page.body
            .contains("action=\"https://app.example/callback?kept=1\"")
    );
    assert!(page.body.contains("<button"), "works without script");
    assert_eq!(page.field("iss"), provider.origin);
    provider.redeem(&page.field("code")).await;
}

#[tokio::test]
async fn error_before_trust_shows_page() {
    let provider = Provider::start();
    let mut browser = Browser::new(&provider.origin);
    for wrong in [
        ("client_id", "nobody"),
        ("redirect_uri", "https://app.example/callback?kept=1&more=2"),
        ("redirect_uri", "https://app.example/callback"),
        ("redirect_uri", "https://APP.example/callback?kept=1"),
        ("redirect_uri", ""),
    ] {
        let page = browser.get(&provider.request(&[wrong])).await;
        assert_eq!(
            (page.status, page.location.as_str()),
            (StatusCode::BAD_REQUEST, ""),
            "{wrong:?}"
        );
        assert!(
            page.body.contains("Event") && !page.body.contains("Site"),
            "a stranger learns nothing"
        );
    }
    let twice = format!("{}&scope=openid", provider.request(&[]));
    assert_eq!(
        browser.get(&twice).await.status,
        StatusCode::BAD_REQUEST,
        "duplicate_parameters_refused"
    );

    let later = browser
        .get(&provider.request(&[("code_challenge_method", "plain")]))
        .await;
    assert_eq!(
        parameter(&later.onward(), "error").as_deref(),
        Some("invalid_request"),
        "pkce_required_s256"
    );
    assert_eq!(parameter(&later.onward(), "iss"), Some(provider.origin.clone()));
}

#[tokio::test]
async fn oidcc_ensure_post_request_succeeds() {
    let provider = Provider::start();
    let query = provider.request(&[]);
    let (address, form) = query.split_once('?').expect("a query");
    let answer = client()
        .post(address)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "https://app.example")
        .header("sec-fetch-site", "cross-site")
        .body(form.to_owned())
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(header(&answer, "location"), format!("/authorize?{form}"));
    assert_eq!(
        header(&answer, "set-cookie"),
        "",
        "the browser's own cookies, which did not come, stay"
    );
    let mut browser = Browser::new(&provider.origin);
    let page = browser.get(header(&answer, "location")).await;
    assert!(page.location.starts_with("/sign-in?then="), "{}", page.location);
    let sign_in = browser.get(&page.location).await;
    assert!(sign_in.body.contains("Sign in to Site") && sign_in.body.contains("app.example"));
    let elsewhere = Browser::new(&provider.origin).get(&page.location).await;
    assert!(!elsewhere.body.contains("Site"), "approval_bound_to_browser");
}

#[tokio::test]
async fn what_stands_in_query_and_form_is_there_twice() {
    let provider = Provider::start();
    let query = provider.request(&[]);
    let (_, form) = query.split_once('?').expect("a query");
    let answer = client()
        .post(&query)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.to_owned())
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert!(answer.text().await.expect("a page").contains("Event"));
}

#[tokio::test]
async fn a_request_that_no_cookie_holds_is_refused_at_the_application() {
    let provider = Provider::start();
    let long = "s".repeat(2048);
    let (state, nonce) = (("state", long.as_str()), ("nonce", &long[..512]));
    let scope = ("scope", &format!("openid {}", "x".repeat(900))[..]);
    let page = Browser::new(&provider.origin)
        .get(&provider.request(&[state, nonce, scope, ("login_hint", &long[..320])]))
        .await;
    let onward = page.onward();
    assert_eq!(parameter(&onward, "error").as_deref(), Some("invalid_request"));
    assert_eq!(parameter(&onward, "state"), Some(long.clone()));
}

#[tokio::test]
async fn consent_csrf_and_binding() {
    let provider = Provider::start();
    let mut browser = provider.person().await;
    let page = browser.get(&provider.request(&[])).await;
    let (csrf, request) = (page.field("csrf"), page.field("request"));
    let address = format!("{}/consent", provider.origin);
    let allow = ("decision", "allow");
    for form in [
        vec![("request", request.as_str()), allow],
        vec![("csrf", "x"), ("request", request.as_str()), allow],
        vec![
            ("csrf", csrf.as_str()),
            ("request", "AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA"),
            allow,
        ],
        vec![
            ("csrf", csrf.as_str()),
            ("request", request.as_str()),
            ("decision", "maybe"),
        ],
    ] {
        let refused = browser.post(&address, &form).await;
        assert!(refused.status.is_client_error(), "{form:?}: {}", refused.status);
    }
    let right = [("csrf", csrf.as_str()), ("request", request.as_str()), allow];
    assert!(parameter(&browser.post(&address, &right).await.onward(), "code").is_some());
    assert!(
        browser.post(&address, &right).await.status.is_client_error(),
        "twice"
    );
}

#[tokio::test]
async fn logout_csrf() {
    let provider = Provider::start();
    let mut browser = provider.person().await;
    let page = browser.get("/end-session").await;
    assert!(page.body.contains("logout-confirm"), "asked first");
    assert_eq!(
        browser.get("/").await.status,
        StatusCode::OK,
        "and nothing has happened"
    );
    let bad = browser.get("/end-session?id_token_hint=a.b.c").await;
    assert_eq!(
        bad.status,
        StatusCode::BAD_REQUEST,
        "oidcc-rp-initiated-logout-bad-id-token-hint"
    );
    let (csrf, request) = (page.field("csrf"), page.field("request"));
    let form = [
        ("csrf", csrf.as_str()),
        ("request", request.as_str()),
        ("decision", "sign-out"),
    ];
    let done = browser.post("/end-session/confirm", &form).await;
    assert_eq!(done.location, "/signed-out");
    assert_eq!(
        browser.get("/").await.status,
        StatusCode::SEE_OTHER,
        "oidcc-rp-initiated-logout-no-params"
    );
}

#[tokio::test]
async fn answers_of_the_machines_endpoints() {
    let provider = Provider::start();
    let at = |path: &str| format!("{}{path}", provider.origin);

    let discovery = client()
        .get(at("/.well-known/openid-configuration"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        header(&discovery, "content-type"),
        "application/json",
        "discovery_is_200_json"
    );
    assert_eq!(header(&discovery, "access-control-allow-origin"), "*");
    let tag = header(&discovery, "etag").to_owned();
    let document: Value = discovery.json().await.expect("JSON");
    assert_eq!(document["issuer"], provider.origin, "issuer_equals_url_prefix");
    let known = client()
        .get(at("/.well-known/openid-configuration"))
        .header("if-none-match", tag);
    assert_eq!(
        known.send().await.expect("an answer").status(),
        StatusCode::NOT_MODIFIED
    );
    let oauth = client()
        .get(at("/.well-known/oauth-authorization-server"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(oauth.json::<Value>().await.expect("JSON"), document);

    let keys: Value = client()
        .get(at("/jwks"))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let keys = keys["keys"].as_array().expect("a list");
    assert!(!keys.is_empty());
    for key in keys {
        assert!(
            key["kid"].is_string() && key["alg"].is_string() && key["use"] == "sig",
            "jwks_sound"
        );
        assert!(
            ["d", "p", "q", "k"].iter().all(|name| key.get(name).is_none()),
            "no private member"
        );
    }

    for path in [
        "/token",
        "/userinfo",
        "/revoke",
        "/jwks",
        "/.well-known/openid-configuration",
    ] {
        let ask = client()
            .request(Method::OPTIONS, at(path))
            .header("origin", "https://anybody.example");
        let answer = ask.send().await.expect("an answer");
        assert_eq!(
            answer.status(),
            StatusCode::NO_CONTENT,
            "options_never_needs_auth: {path}"
        );
        assert!(header(&answer, "access-control-allow-headers").contains("authorization"));
        assert_eq!(header(&answer, "access-control-allow-credentials"), "");
    }
    let wrong = client().get(at("/token")).send().await.expect("an answer");
    assert_eq!(wrong.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert!(
        header(&wrong, "allow").contains("POST"),
        "method_not_allowed_has_allow"
    );

    let bare = client().get(at("/userinfo")).send().await.expect("an answer");
    assert_eq!(bare.status(), StatusCode::UNAUTHORIZED);
    let challenge = header(&bare, "www-authenticate");
    assert!(
        challenge.starts_with("Bearer resource_metadata=") && !challenge.contains("error"),
        "{challenge}"
    );
    let query = client()
        .get(at("/userinfo?access_token=x"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(query.status(), StatusCode::BAD_REQUEST, "token_never_in_url");

    let json = client()
        .post(at("/token"))
        .json(&json!({"grant_type": "authorization_code"}));
    let answer = json.send().await.expect("an answer");
    assert_eq!(
        answer.status(),
        StatusCode::BAD_REQUEST,
        "wrong_content_type_is_400"
    );
    assert_eq!(
        answer.json::<Value>().await.expect("JSON")["error"],
        "invalid_request"
    );
    let large = client().post(at("/token")).form(&[("x", "y".repeat(20_000))]);
    assert_eq!(
        large.send().await.expect("an answer").status(),
        StatusCode::PAYLOAD_TOO_LARGE,
        "form_body_limit"
    );

    let form = [("grant_type", "authorization_code"), ("code", "x")];
    let nobody = client()
        .post(at("/token"))
        .basic_auth("nobody", Some("x"))
        .form(&form)
        .send()
        .await
        .expect("an answer");
    assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED, "invalid_client_401");
    assert!(header(&nobody, "www-authenticate").starts_with("Basic"));
    let ours = client()
        .post(at("/token"))
        .basic_auth(&provider.client_id, Some(&provider.client_secret));
    let ours = ours
        .header("origin", "https://evil.example")
        .form(&form)
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        header(&ours, "access-control-allow-origin"),
        "",
        "cors_only_where_meant"
    );
    assert_eq!(
        ours.json::<Value>().await.expect("JSON")["error"],
        "invalid_grant"
    );
}
