//! What applications learn of a person: by scope, by the `claims` parameter, only what was allowed (OpenID Connect
//! Core §5).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::provider::{Browser, Provider, client};

/// The account has every claim of Core §5.1.
async fn whole() -> (Provider, Browser) {
    let provider = Provider::start();
    let browser = provider.person().await;
    provider.operator(&[
        "user",
        "set",
        "ana",
        "given_name=Ana",
        "middle_name=Maria",
        "family_name=Lima",
        "nickname=Aninhas",
        "profile=https://people.example/ana",
        "picture=https://people.example/ana.png",
        "website=https://ana.example/",
        "gender=female",
        "birthdate=1999-12-31",
        "zoneinfo=Europe/Lisbon",
        "locale=pt-PT",
        "phone_number=+351210000000",
        "phone_number_verified=true",
        "email_verified=true",
        "address.street_address=Rua A 1",
        "address.locality=Lisboa",
        "address.postal_code=1000-001",
        "address.country=PT",
    ]);
    (provider, browser)
}

/// The claims of a JWT, unverified.
fn inside(token: &Value) -> Value {
    let part = token
        .as_str()
        .and_then(|token| token.split('.').nth(1))
        .expect("a JWT");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

const PROFILE: [&str; 14] = [
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
    "preferred_username",
];

#[tokio::test]
async fn oidcc_scope_profile() {
    let (provider, mut browser) = whole().await;
    let tokens = provider
        .tokens(&mut browser, &[("scope", "openid profile")])
        .await;
    let claims = provider.userinfo(&tokens).await;
    for name in PROFILE {
        let right = if name == "updated_at" {
            claims[name].is_u64()
        } else {
            claims[name].is_string()
        };
        assert!(right, "{name}: {claims}");
        assert!(
            inside(&tokens["id_token"]).get(name).is_none(),
            "not in the ID token of a code flow: {name}"
        );
    }
    assert_eq!(claims["sub"], inside(&tokens["id_token"])["sub"]);
    assert!(claims.get("email").is_none() && claims.get("address").is_none());
}

#[tokio::test]
async fn oidcc_scope_email() {
    let (provider, mut browser) = whole().await;
    let tokens = provider.tokens(&mut browser, &[("scope", "openid email")]).await;
    let claims = provider.userinfo(&tokens).await;
    assert_eq!(
        (&claims["email"], &claims["email_verified"]),
        (&json!("ana@example.org"), &json!(true))
    );
    assert!(claims.get("name").is_none());
    assert!(inside(&tokens["id_token"]).get("email").is_none());
}

#[tokio::test]
async fn oidcc_scope_address() {
    let (provider, mut browser) = whole().await;
    let page = browser
        .get(&provider.request(&[("scope", "openid address")]))
        .await;
    assert!(page.body.contains("Rua A 1"), "the person sees what is told");
    let tokens = provider
        .tokens(&mut browser, &[("scope", "openid address")])
        .await;
    let claims = provider.userinfo(&tokens).await;
    let right = json!({
        "street_address": "Rua A 1", "locality": "Lisboa", "postal_code": "1000-001", "country": "PT",
    });
    assert_eq!(claims["address"], right);
}

#[tokio::test]
async fn oidcc_scope_phone() {
    let (provider, mut browser) = whole().await;
    let tokens = provider.tokens(&mut browser, &[("scope", "openid phone")]).await;
    let claims = provider.userinfo(&tokens).await;
    assert_eq!(
        (&claims["phone_number"], &claims["phone_number_verified"]),
        (&json!("+351210000000"), &json!(true))
    );
}

#[tokio::test]
async fn oidcc_scope_all() {
    let (provider, mut browser) = whole().await;
    let all = [("scope", "openid profile email address phone")];
    let claims = provider
        .userinfo(&provider.tokens(&mut browser, &all).await)
        .await;
    for name in PROFILE
        .into_iter()
        .chain(["email", "email_verified", "address", "phone_number"])
    {
        assert!(claims.get(name).is_some(), "{name}");
    }
    let document: Value = client()
        .get(format!("{}/.well-known/openid-configuration", provider.origin))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    for (member, words) in [
        (
            "scopes_supported",
            &["openid", "profile", "email", "address", "phone", "offline_access"][..],
        ),
        ("claims_supported", &PROFILE[..]),
    ] {
        for word in words {
            let listed = document[member].as_array().expect("a list");
            assert!(
                listed.contains(&json!(word)),
                "metadata_lists_only_what_works: {word}"
            );
        }
    }
}

#[tokio::test]
async fn oidcc_claims_essential() {
    let (provider, mut browser) = whole().await;
    let asked = [
        ("scope", "openid"),
        (
            "claims",
            r#"{"userinfo":{"name":{"essential":true},"nothing":null},"id_token":{"zoneinfo":null}}"#,
        ),
    ];
    let page = browser.get(&provider.request(&asked)).await;
    assert!(
        page.body.contains("Ana Lima") && page.body.contains("Europe/Lisbon"),
        "asked first"
    );
    let tokens = provider.tokens(&mut browser, &asked).await;
    let (claims, id_token) = (provider.userinfo(&tokens).await, inside(&tokens["id_token"]));
    assert_eq!(claims["name"], "Ana Lima");
    assert!(
        id_token.get("name").is_none() && claims.get("zoneinfo").is_none(),
        "each where it was asked for"
    );
    assert_eq!(id_token["zoneinfo"], "Europe/Lisbon");
    assert!(claims.get("given_name").is_none(), "nothing else");
}

#[tokio::test]
async fn a_person_says_what_applications_may_be_told() {
    let provider = Provider::start();
    let mut browser = provider.person().await;
    let page = browser.get("/settings/profile").await;
    let csrf = page.field("csrf");
    let form = [
        ("csrf", csrf.as_str()),
        ("display_name", "Ana L"),
        ("given_name", "Ana"),
        ("phone_number", "+351 210 000 000"),
        ("address.street_address", "Rua A 1\r\n2.º"),
        ("birthdate", "31.12.1999"),
    ];
    let wrong = browser.post("/settings/profile", &form).await;
    assert!(
        wrong.body.contains("must be a date") && wrong.body.contains("31.12.1999"),
        "what was typed stays"
    );
    let mut right = form;
    right[5].1 = "1999-12-31";
    let saved = browser.post("/settings/profile", &right).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    let less = [("csrf", csrf.as_str()), ("given_name", "")];
    browser.post("/settings/profile", &less).await;
    let scope = [("scope", "openid profile phone address")];
    let claims = provider
        .userinfo(&provider.tokens(&mut browser, &scope).await)
        .await;
    assert_eq!(
        (&claims["name"], &claims["birthdate"]),
        (&json!("Ana L"), &json!("1999-12-31"))
    );
    assert!(claims.get("given_name").is_none(), "taken away");
    assert_eq!(claims["phone_number_verified"], false);
    assert_eq!(claims["address"]["street_address"], "Rua A 1\n2.º");
}
