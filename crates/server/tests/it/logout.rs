//! Applications are told that somebody signed out: in the back channel, in frames, and by the redirect.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::provider::{Browser, Provider, VERIFIER, client, parameter};
use super::site::{Site, ca};

const CALLBACK: &str = "https://dyn.example/callback";

/// A provider that reaches the tests' site, and lets applications register themselves with a token.
fn provider() -> Provider {
    let ca = ca();
    Provider::with(&[
        ("DOORWARD_REGISTRATION_DOOR", "token"),
        ("DOORWARD_OUTGOING_EXCEPTIONS", "localhost"),
        ("DOORWARD_OUTGOING_EXTRA_CA", ca.as_str()),
    ])
}

struct Application {
    id: String,
    secret: String,
    redirect_uri: String,
}

async fn application(provider: &Provider, edits: &[(&str, Value)]) -> Application {
    let made = provider.operator(&["app", "token"]);
    let mut body = json!({
        "client_name": "Dyn",
        "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": ["https://dyn.example/goodbye"],
    });
    for (name, value) in edits {
        body[*name] = value.clone();
    }
    let answer = client()
        .post(format!("{}/register", provider.origin))
        .bearer_auth(made["token"].as_str().expect("a token"))
        .json(&body)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), StatusCode::CREATED);
    let told: Value = answer.json().await.expect("JSON");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    Application {
        id: text(&told["client_id"]),
        secret: text(&told["client_secret"]),
        redirect_uri: text(&told["redirect_uris"][0]),
    }
}

/// The tokens that the browser's person gives the application.
async fn tokens(provider: &Provider, browser: &mut Browser, own: &Application) -> Value {
    let asked = provider.request(&[
        ("client_id", &own.id),
        ("redirect_uri", &own.redirect_uri),
        ("scope", "openid"),
    ]);
    let page = browser.get(&asked).await;
    let page = if page.status == StatusCode::OK {
        provider.allow(browser, &page).await
    } else {
        page
    };
    let code = parameter(&page.onward(), "code").expect("a code");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", own.redirect_uri.as_str()),
        ("code_verifier", VERIFIER),
    ];
    let answer = client()
        .post(format!("{}/token", provider.origin))
        .basic_auth(&own.id, Some(&own.secret))
        .form(&form)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.expect("JSON")
}

/// Header and claims of a JWT, unverified.
fn jwt(token: &str) -> (Value, Value) {
    use base64::Engine as _;
    let part = |at: usize| {
        let text = token.split('.').nth(at).expect("a part");
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(text)
            .expect("base64url");
        serde_json::from_slice(&bytes).expect("JSON")
    };
    (part(0), part(1))
}

fn leave(tokens: &Value) -> String {
    let hint = tokens["id_token"].as_str().expect("an ID token");
    format!(
        "/end-session?id_token_hint={hint}&post_logout_redirect_uri=https://dyn.example/goodbye&state=bye"
    )
}

#[tokio::test]
async fn oidcc_backchannel_rp_initiated_logout() {
    let (provider, site) = (provider(), Site::start().await);
    site.say("/backchannel", 200, "");
    let edits = [(
        "backchannel_logout_uri",
        json!(format!("{}/backchannel", site.origin)),
    )];
    let own = application(&provider, &edits).await;
    let mut browser = provider.person().await;
    let tokens = tokens(&provider, &mut browser, &own).await;
    let (_, id_token) = jwt(tokens["id_token"].as_str().expect("an ID token"));
    let left = browser.get(&leave(&tokens)).await;
    assert_eq!(left.location, "https://dyn.example/goodbye?state=bye");

    let body = site.wait_for("POST /backchannel").await;
    let token = body
        .strip_prefix("logout_token=")
        .expect("logout_token and nothing else");
    assert!(!token.contains('&'));
    let (header, claims) = jwt(token);
    assert_eq!(
        (&header["typ"], &header["alg"]),
        (&json!("logout+jwt"), &json!("RS256"))
    );
    for name in ["iss", "aud", "sub", "sid"] {
        assert_eq!(claims[name], id_token[name], "{name}");
    }
    assert!(claims["iat"].is_u64() && claims["exp"].is_u64() && claims["jti"].is_string());
    assert!(claims.get("nonce").is_none());
    assert_eq!(
        claims["events"],
        json!({ "http://schemas.openid.net/event/backchannel-logout": {} })
    );
    let silent = browser.get(&provider.request(&[("prompt", "none")])).await;
    assert_eq!(
        parameter(&silent.onward(), "error").as_deref(),
        Some("login_required")
    );
    let document: Value = client()
        .get(format!("{}/.well-known/openid-configuration", provider.origin))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    for member in [
        "backchannel_logout_supported",
        "backchannel_logout_session_supported",
        "frontchannel_logout_supported",
        "frontchannel_logout_session_supported",
    ] {
        assert_eq!(document[member], true, "oidcc-{member}");
    }
}

#[tokio::test]
async fn whoever_signs_out_here_is_signed_out_of_applications() {
    let (provider, site) = (provider(), Site::start().await);
    site.say("/backchannel", 503, "");
    let edits = [(
        "backchannel_logout_uri",
        json!(format!("{}/backchannel", site.origin)),
    )];
    let own = application(&provider, &edits).await;
    let mut browser = provider.person().await;
    tokens(&provider, &mut browser, &own).await;
    let csrf = browser.get("/settings/sessions").await.field("csrf");
    let form = [("csrf", csrf.as_str())];
    let out = tokio::time::timeout(
        std::time::Duration::from_secs(3),
        browser.post("/sign-out", &form),
    )
    .await;
    let out = out.expect("backchannel_logout_queue: a dead application keeps nobody");
    assert_eq!(out.location, "/signed-out");
    site.wait_for("POST /backchannel").await;
}

#[tokio::test]
async fn oidcc_frontchannel_rp_initiated_logout() {
    let (provider, site) = (provider(), Site::start().await);
    let edits = [(
        "frontchannel_logout_uri",
        json!(format!("{}/out?a=b", site.origin)),
    )];
    let own = application(&provider, &edits).await;
    let mut browser = provider.person().await;
    let tokens = tokens(&provider, &mut browser, &own).await;
    let (_, id_token) = jwt(tokens["id_token"].as_str().expect("an ID token"));
    let page = browser.get(&leave(&tokens)).await;
    assert_eq!(page.status, StatusCode::OK);
    let frame = page
        .body
        .split("<iframe src=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let frame = frame
        .expect("a frame")
        .replace("&#38;", "&")
        .replace("&amp;", "&");
    let frame: url::Url = frame.parse().expect("an address");
    assert!(
        frame.as_str().starts_with(&format!("{}/out?a=b&", site.origin)),
        "{frame}"
    );
    assert_eq!(parameter(&frame, "iss"), Some(provider.origin.clone()));
    assert_eq!(parameter(&frame, "sid").as_deref(), id_token["sid"].as_str());
    assert!(
        page.policy.ends_with(&format!("frame-src {}/out", site.origin)),
        "front_channel_logout_no_leak: {}",
        page.policy
    );
    assert!(
        page.body
            .contains("content=\"3;url=https://dyn.example/goodbye?state=bye\""),
        "{}",
        page.body
    );
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER, "signed out");
    let plain = browser.get("/sign-in").await;
    assert!(!plain.policy.contains("frame-src"));
}

#[tokio::test]
async fn sub_stable_and_pairwise() {
    let provider = provider();
    let of = |host: &str| {
        [
            ("subject_type", json!("pairwise")),
            ("redirect_uris", json!([format!("https://{host}/callback")])),
        ]
    };
    let mut browser = provider.person().await;
    let mut subs = Vec::new();
    for host in ["one.example", "two.example", "one.example"] {
        let own = application(&provider, &of(host)).await;
        let tokens = tokens(&provider, &mut browser, &own).await;
        let (_, id_token) = jwt(tokens["id_token"].as_str().expect("an ID token"));
        assert_eq!(
            provider.userinfo(&tokens).await["sub"],
            id_token["sub"],
            "the same everywhere"
        );
        subs.push(id_token["sub"].clone());
    }
    assert_eq!(subs[0], subs[2], "one sector, one name");
    assert_ne!(subs[0], subs[1], "another sector, another name");
    let public = application(&provider, &[]).await;
    let tokens = tokens(&provider, &mut browser, &public).await;
    let (_, id_token) = jwt(tokens["id_token"].as_str().expect("an ID token"));
    assert!(!subs.contains(&id_token["sub"]));
}
