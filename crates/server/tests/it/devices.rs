//! Devices and services over HTTP: RFC 8628, RFC 6749 §4.4, RFC 9701, RFC 9728. Each test is named after what it guards.

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::provider::{Browser, PASSWORD, Provider, client, header};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn post(provider: &Provider, path: &str, form: &[(&str, &str)]) -> Response {
    let address = format!("{}{path}", provider.origin);
    client().post(address).form(form).send().await.expect("an answer")
}

async fn body(answer: Response) -> Value {
    answer.json().await.expect("JSON")
}

#[tokio::test]
async fn device_code_page() {
    let provider = Provider::start();
    drop(provider.person().await);
    let app = provider.add(&["Television", "--public", "--native", "--grant", GRANT]);
    let id = app["client_id"].as_str().expect("an id");
    let asked = post(
        &provider,
        "/device_authorization",
        &[("client_id", id), ("scope", "openid email")],
    )
    .await;
    assert_eq!(
        (asked.status(), header(&asked, "cache-control")),
        (StatusCode::OK, "no-store")
    );
    let asked = body(asked).await;
    let text = |name: &str| asked[name].as_str().expect("text").to_owned();
    let (device_code, user_code) = (text("device_code"), text("user_code"));
    let poll = [
        ("grant_type", GRANT),
        ("client_id", id),
        ("device_code", device_code.as_str()),
    ];
    assert_eq!(
        body(post(&provider, "/token", &poll).await).await["error"],
        "authorization_pending"
    );

    // A browser in which nobody is signed in: the code survives the sign-in, and signs nobody in by itself.
    let mut browser = Browser::new(&provider.origin);
    let page = browser.get("/device").await;
    assert!(page.body.contains("Code from your device"));
    let malformed = browser.get("/device?user_code=AEIOU").await;
    assert_eq!(malformed.status, StatusCode::BAD_REQUEST);
    let first = browser.get(&text("verification_uri_complete")).await;
    assert_eq!(
        first.location,
        format!("/sign-in?then=device.{}", user_code.replace('-', ""))
    );
    let page = browser.get(&first.location).await;
    let (csrf, then) = (page.field("csrf"), page.field("then"));
    let named = browser
        .post("/sign-in", &[("csrf", &csrf), ("then", &then), ("name", "ana")])
        .await;
    let page = browser.get(&named.location).await;
    let (csrf, then) = (page.field("csrf"), page.field("then"));
    let form = [
        ("csrf", csrf.as_str()),
        ("then", &then),
        ("name", "ana"),
        ("password", PASSWORD),
    ];
    let signed_in = browser.post("/sign-in/password", &form).await;
    assert!(
        signed_in.location.starts_with("/device?user_code="),
        "{}",
        signed_in.location
    );

    let page = browser.get(&signed_in.location).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.location);
    for words in [
        "Television on a device wants to use your account",
        user_code.as_str(),
        "127.0.0.1",
        "Only continue if you started this yourself",
        "ana@example.org",
        "id=\"consent-allow\"",
    ] {
        assert!(page.body.contains(words), "{words}");
    }
    let csrf = page.field("csrf");
    let forged = browser
        .post(
            "/device",
            &[("csrf", "x"), ("user_code", &user_code), ("decision", "allow")],
        )
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let form = [
        ("csrf", csrf.as_str()),
        ("user_code", &user_code),
        ("decision", "allow"),
    ];
    let done = browser.post("/device", &form).await;
    assert_eq!(done.location, "/device?done=allowed");
    let page = browser.get(&done.location).await;
    assert!(page.body.contains("You can go back to your device."));
    let again = browser.post("/device", &form).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "one answer counts");

    // The first poll was less than five seconds ago.
    let early = body(post(&provider, "/token", &poll).await).await;
    assert!(early["access_token"].is_string(), "{early}");
    let tokens = body(post(&provider, "/token", &poll).await).await;
    assert_eq!(tokens["error"], "invalid_grant", "once");
}

#[tokio::test]
async fn services_get_tokens_of_their_own_and_resources_ask_about_them() {
    let provider = Provider::start();
    let api = "https://api.example/v1";
    let secret_of = |app: &Value| {
        let text = |name: &str| app[name].as_str().expect("text").to_owned();
        (text("client_id"), text("client_secret"))
    };
    let (id, secret) = secret_of(&provider.add(&[
        "Service",
        "--grant",
        "client_credentials",
        "--scope",
        "read",
        "--resource",
        api,
    ]));
    let (guard, password) = secret_of(&provider.add(&[
        "API",
        "--redirect-uri",
        "https://api.example/callback",
        "--protects",
        api,
    ]));
    let answer = client()
        .post(format!("{}/token", provider.origin))
        .basic_auth(&id, Some(&secret))
        .form(&[("grant_type", "client_credentials"), ("resource", api)])
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    let tokens = body(answer).await;
    assert!(tokens["refresh_token"].is_null());
    let token = tokens["access_token"].as_str().expect("a token");
    let ask = async |accept: &str| {
        client()
            .post(format!("{}/introspect", provider.origin))
            .basic_auth(&guard, Some(&password))
            .header("accept", accept)
            .form(&[("token", token)])
            .send()
            .await
            .expect("an answer")
    };
    let said = body(ask("application/json").await).await;
    assert_eq!((&said["active"], &said["sub"]), (&json!(true), &json!(id)));
    let signed = ask("application/token-introspection+jwt").await;
    assert_eq!(
        header(&signed, "content-type"),
        "application/token-introspection+jwt"
    );
    assert_eq!(signed.text().await.expect("text").split('.').count(), 3);

    // protected_resource_metadata
    let refused = client()
        .get(format!("{}/userinfo", provider.origin))
        .send()
        .await
        .expect("an answer");
    let about = format!("{}/.well-known/oauth-protected-resource", provider.origin);
    assert!(
        header(&refused, "www-authenticate").contains(&format!("resource_metadata=\"{about}\"")),
        "{}",
        header(&refused, "www-authenticate")
    );
    let document = body(client().get(about).send().await.expect("an answer")).await;
    assert_eq!(document["resource"], provider.origin);
    assert_eq!(document["authorization_servers"], json!([provider.origin]));
    assert!(document["dpop_signing_alg_values_supported"].is_array());
}
