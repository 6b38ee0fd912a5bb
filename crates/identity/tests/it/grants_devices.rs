//! Devices without a browser: RFC 8628.

use std::time::Duration;

use doorward_identity::clients::NewClient;
use doorward_identity::grants::{Call, DeviceAnswered, DeviceSeen};
use doorward_oidc::client::metadata::{ApplicationType, AuthMethod, GrantType};
use doorward_oidc::device::UserCode;
use doorward_oidc::error::Fault;
use doorward_oidc::token::{ErrorAnswer, TokenAnswer};
use serde_json::Value;

use super::grants_house::{App, House, Person, claims, params};

/// A television: public, no redirect URI.
async fn television(house: &House) -> App {
    let mut new = NewClient::new("Television", Vec::new());
    new.method = AuthMethod::None;
    new.application_type = ApplicationType::Native;
    new.grant_types = vec![GrantType::DeviceCode, GrantType::RefreshToken];
    house.register(new).await
}

struct Asked {
    device_code: String,
    user_code: UserCode,
    answer: Value,
}

async fn ask(house: &House, app: &App, more: &[(&str, &str)]) -> Asked {
    let form = params(
        &[("client_id", app.id().as_str()), ("scope", "openid email")],
        more,
    );
    let address = "192.0.2.7".parse().ok();
    let body = house
        .identity
        .authorize_device(&Call::new(&form, None), address)
        .await
        .expect("the store answers")
        .expect("let in");
    let answer: Value = serde_json::from_str(&body).expect("JSON");
    let text = |name: &str| answer.get(name).and_then(Value::as_str).expect("text").to_owned();
    Asked {
        device_code: text("device_code"),
        user_code: UserCode::parse(&text("user_code").to_lowercase()).expect("a code"),
        answer,
    }
}

async fn poll(house: &House, app: &App, code: &str) -> Result<TokenAnswer, ErrorAnswer> {
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", code),
    ];
    house.token(app, &form).await
}

async fn answer(house: &House, person: &Person, code: &UserCode, allowed: bool) -> DeviceAnswered {
    house
        .identity
        .answer_device(code, allowed, &person.who, &person.browser)
        .await
        .expect("the store answers")
}

fn error(outcome: Result<TokenAnswer, ErrorAnswer>) -> &'static str {
    outcome.expect_err("no tokens").fault().code().as_str()
}

#[tokio::test]
async fn device_flow_from_code_to_tokens() {
    let house = House::new();
    let (ana, app) = (house.person("ana").await, television(&house).await);
    let asked = ask(&house, &app, &[("nonce", "n")]).await;
    assert_eq!(asked.answer["verification_uri"], "https://id.example/device");
    assert_eq!(
        (&asked.answer["interval"], &asked.answer["expires_in"]),
        (&5.into(), &600.into())
    );

    assert_eq!(
        error(poll(&house, &app, &asked.device_code).await),
        "authorization_pending"
    );
    house.pass(Duration::from_secs(3));
    assert_eq!(error(poll(&house, &app, &asked.device_code).await), "slow_down");
    house.pass(Duration::from_secs(6));
    assert_eq!(
        error(poll(&house, &app, &asked.device_code).await),
        "slow_down",
        "+5 s is kept"
    );

    let seen = house
        .identity
        .device_asked(&asked.user_code, &ana.who, &ana.browser)
        .await
        .expect("the store answers");
    let DeviceSeen::Ask(view) = seen else {
        panic!("asked, not {seen:?}");
    };
    assert_eq!(view.client.name, "Television");
    assert_eq!(view.address.as_deref(), Some("192.0.2.7"));
    assert!(view.disclosures.iter().any(|one| one.name == "email"));
    assert_eq!(
        answer(&house, &ana, &asked.user_code, true).await,
        DeviceAnswered::Done
    );
    assert_eq!(
        answer(&house, &ana, &asked.user_code, false).await,
        DeviceAnswered::Gone
    );

    house.pass(Duration::from_secs(15));
    let tokens = poll(&house, &app, &asked.device_code).await.expect("allowed");
    let id_token = claims(tokens.id_token.as_deref().expect("openid"));
    assert_eq!(
        (&id_token["nonce"], &id_token["aud"]),
        (&"n".into(), &app.id().as_str().into())
    );
    assert_eq!(id_token["acr"], "urn:doorward:acr:1fa", "acr carried");
    assert!(house.userinfo(&tokens.access_token).await.is_ok());
    let refresh = tokens.refresh_token.expect("native");
    assert!(
        house.refresh(&app, &refresh).await.is_ok(),
        "device_refresh_query"
    );
    assert_eq!(
        error(poll(&house, &app, &asked.device_code).await),
        "invalid_grant",
        "once"
    );
}

#[tokio::test]
async fn device_refusals() {
    let house = House::new();
    let (ana, app) = (house.person("ana").await, television(&house).await);
    let other = television(&house).await;

    let denied = ask(&house, &app, &[]).await;
    assert_eq!(
        answer(&house, &ana, &denied.user_code, false).await,
        DeviceAnswered::Done
    );
    assert_eq!(
        error(poll(&house, &app, &denied.device_code).await),
        "access_denied"
    );

    let waiting = ask(&house, &app, &[]).await;
    let foreign = poll(&house, &other, &waiting.device_code)
        .await
        .expect_err("not its own");
    assert_eq!(foreign.fault(), Fault::DeviceCodeOfAnotherClient);
    house.pass(Duration::from_secs(601));
    assert_eq!(
        error(poll(&house, &app, &waiting.device_code).await),
        "expired_token"
    );
    assert_eq!(
        answer(&house, &ana, &waiting.user_code, true).await,
        DeviceAnswered::Gone
    );
    assert_eq!(error(poll(&house, &app, "nothing").await), "invalid_grant");

    // A site without this grant gets no code.
    let site = house.program().await;
    let form = params(&[("client_id", site.id().as_str()), ("scope", "openid")], &[]);
    let refused = house
        .identity
        .authorize_device(&Call::new(&form, None), None)
        .await
        .expect("the store answers");
    assert_eq!(
        refused.expect_err("not registered").fault(),
        Fault::GrantTypeNotRegistered
    );
}

#[tokio::test]
async fn device_demands_a_fresh_proof() {
    let house = House::new();
    let (ana, app) = (house.person("ana").await, television(&house).await);
    house.pass(Duration::from_secs(5 * 60 + 1));
    let asked = ask(&house, &app, &[]).await;
    let seen = house
        .identity
        .device_asked(&asked.user_code, &ana.who, &ana.browser)
        .await
        .expect("the store answers");
    assert!(matches!(seen, DeviceSeen::SignInFirst), "{seen:?}");
    assert_eq!(
        answer(&house, &ana, &asked.user_code, true).await,
        DeviceAnswered::SignInFirst
    );
    let again = house.sign_in("ana", ana.browser.clone()).await;
    assert_eq!(
        answer(&house, &again, &asked.user_code, true).await,
        DeviceAnswered::Done
    );
}

#[tokio::test]
async fn device_codes_are_tried_only_so_often() {
    let house = House::new();
    let (ana, app) = (house.person("ana").await, television(&house).await);
    let wrong = UserCode::parse("BBBB-BBBB").expect("a code");
    let try_one = async |person: &Person, code: &UserCode| {
        house
            .identity
            .device_asked(code, &person.who, &person.browser)
            .await
            .expect("the store answers")
    };
    for _ in 0..doorward_identity::limits::TYPED_BY_ACCOUNT {
        assert!(matches!(try_one(&ana, &wrong).await, DeviceSeen::Unknown));
    }
    let asked = ask(&house, &app, &[]).await;
    assert!(matches!(
        try_one(&ana, &asked.user_code).await,
        DeviceSeen::TooOften
    ));
    let bob = house.person("bob").await;
    assert!(
        matches!(try_one(&bob, &asked.user_code).await, DeviceSeen::Ask(_)),
        "others are not held up"
    );
}

#[tokio::test]
async fn device_grant_ends_with_what_it_stands_on() {
    let house = House::new();
    let (ana, app) = (house.person("ana").await, television(&house).await);
    let asked = ask(&house, &app, &[]).await;
    assert_eq!(
        answer(&house, &ana, &asked.user_code, true).await,
        DeviceAnswered::Done
    );
    house.change(&ana, |account| account.disabled = true).await;
    let refused = poll(&house, &app, &asked.device_code)
        .await
        .expect_err("disabled");
    assert_eq!(
        refused.fault(),
        Fault::GrantEnded,
        "lockout_checked_at_every_issue"
    );
}
