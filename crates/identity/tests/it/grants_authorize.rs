//! Requests of applications: what is decided, who is told, and what binds a request to its browser.

use std::time::Duration;

use doorward_identity::clients::NewClient;
use doorward_identity::grants::{Authorize, Pressed, Reason};
use doorward_oidc::client::metadata::{ConsentPolicy, Stage};
use doorward_oidc::error::Fault;

use super::grants_house::{House, get, parameters};

#[tokio::test]
async fn client_first_then_redirect_uri_then_rest() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    for (wrong, fault) in [
        (("client_id", "nobody"), Fault::ClientUnknown),
        (
            ("redirect_uri", "https://app.example/callback/"),
            Fault::RedirectUriNotRegistered,
        ),
        (("redirect_uri", ""), Fault::RedirectUriMissing),
    ] {
        let Authorize::Page(page) = house.authorize(&site, &ana, &[wrong, ("prompt", "none")]).await else {
            panic!("{wrong:?} may not be sent anywhere");
        };
        assert_eq!(page.fault, fault);
    }
    for (wrong, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("scope", "a\"b"), "invalid_scope"),
        (("prompt", "none login"), "invalid_request"),
        (("request", "x"), "invalid_request_object"),
    ] {
        let answer = parameters(&house.authorize(&site, &ana, &[wrong]).await);
        assert_eq!(get(&answer, "error").as_deref(), Some(error), "{wrong:?}");
        assert_eq!(get(&answer, "state").as_deref(), Some("st"));
        assert_eq!(get(&answer, "iss").as_deref(), Some("https://id.example"));
        assert_eq!(get(&answer, "code"), None);
    }
}

#[tokio::test]
async fn oidcc_prompt_none_not_logged_in() {
    let house = House::new();
    let site = house.site().await;
    let params = site.request(&[("prompt", "none")]);
    let outcome = house
        .identity
        .authorize(&params, None, &house.browser())
        .await
        .expect("the store answers");
    assert_eq!(
        get(&parameters(&outcome), "error").as_deref(),
        Some("login_required")
    );
}

#[tokio::test]
async fn consent_remembered_per_scope_set() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let silent = ("prompt", "none");
    let answer = parameters(&house.authorize(&site, &ana, &[silent]).await);
    assert_eq!(get(&answer, "error").as_deref(), Some("consent_required"));

    let Authorize::Consent(view) = house.authorize(&site, &ana, &[]).await else {
        panic!("the first time")
    };
    let email = view
        .disclosures
        .iter()
        .find(|one| one.name == "email")
        .expect("email is shown");
    assert!(
        email
            .values
            .contains(&("email".to_owned(), "ana@example.org".to_owned())),
        "with its value"
    );
    house
        .press(&ana, &view.request, Pressed::Allow(view.account))
        .await;

    assert!(
        get(
            &parameters(&house.authorize(&site, &ana, &[silent]).await),
            "code"
        )
        .is_some()
    );
    let more = ("scope", "openid email profile");
    let Authorize::Consent(view) = house.authorize(&site, &ana, &[more]).await else {
        panic!("more is asked for")
    };
    assert_eq!(
        view.disclosures
            .iter()
            .map(|one| one.name.as_str())
            .collect::<Vec<_>>(),
        ["profile"]
    );
    let again = house.authorize(&site, &ana, &[("prompt", "consent")]).await;
    assert!(
        matches!(again, Authorize::Consent(_)),
        "prompt=consent always asks"
    );
}

#[tokio::test]
async fn first_party_skip() {
    let house = House::new();
    let mut new = NewClient::new("Own site", vec![super::grants_house::CALLBACK.to_owned()]);
    new.consent = ConsentPolicy::Implicit;
    let (ana, site) = (house.person("ana").await, house.register(new).await);
    let answer = parameters(&house.authorize(&site, &ana, &[("prompt", "none")]).await);
    assert!(get(&answer, "code").is_some());
    let apps = house
        .identity
        .connected_applications(&ana.who)
        .await
        .expect("the store answers");
    assert_eq!(apps.len(), 1, "the person sees it all the same");
}

#[tokio::test]
async fn cancel_is_access_denied() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let Authorize::Consent(view) = house.authorize(&site, &ana, &[]).await else {
        panic!("asked")
    };
    let answer = parameters(&house.press(&ana, &view.request, Pressed::Deny).await);
    assert_eq!(get(&answer, "error").as_deref(), Some("access_denied"));
    assert_eq!(get(&answer, "state").as_deref(), Some("st"));
    let late = house
        .press(&ana, &view.request, Pressed::Allow(view.account))
        .await;
    assert!(matches!(late, Authorize::Page(_)), "a denied request is over");
}

#[tokio::test]
async fn interaction_bound_to_browser() {
    let house = House::new();
    let (ana, ben, site) = (
        house.person("ana").await,
        house.person("ben").await,
        house.site().await,
    );
    let Authorize::Consent(view) = house.authorize(&site, &ana, &[]).await else {
        panic!("asked")
    };
    for pressed in [
        Pressed::Allow(ben.who.account.id),
        Pressed::Allow(ana.who.account.id),
        Pressed::Deny,
    ] {
        let outcome = house.press(&ben, &view.request, pressed).await;
        assert!(
            matches!(outcome, Authorize::Page(_)),
            "{pressed:?} in another browser"
        );
    }
    assert!(
        get(
            &parameters(
                &house
                    .press(&ana, &view.request, Pressed::Allow(view.account))
                    .await
            ),
            "code"
        )
        .is_some()
    );
}

#[tokio::test]
async fn a_finished_request_cannot_be_replayed_by_back() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let Authorize::Consent(view) = house.authorize(&site, &ana, &[]).await else {
        panic!("asked")
    };
    house
        .press(&ana, &view.request, Pressed::Allow(view.account))
        .await;
    let again = house
        .press(&ana, &view.request, Pressed::Allow(view.account))
        .await;
    assert!(matches!(again, Authorize::Page(_)));
    let resumed = house
        .identity
        .resume_request(&view.request, Some(&ana.who), &ana.browser)
        .await;
    assert!(matches!(resumed.expect("the store answers"), Authorize::Page(_)));
}

#[tokio::test]
async fn consent_account_switch() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    house.person("ben").await;
    let Authorize::Consent(view) = house.authorize(&site, &ana, &[]).await else {
        panic!("asked")
    };
    let ben = house.sign_in("ben", ana.browser.clone()).await; // in another tab of the same browser
    let outcome = house
        .press(&ben, &view.request, Pressed::Allow(view.account))
        .await;
    let Authorize::Consent(anew) = outcome else {
        panic!("asked anew, not {outcome:?}")
    };
    assert_eq!(anew.account, ben.who.account.id);
}

#[tokio::test]
async fn max_age_and_prompt_login() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    house.code(&site, &ana, &[]).await; // consent is given
    house.pass(Duration::from_secs(2));
    for demand in [("prompt", "login"), ("max_age", "0"), ("max_age", "1")] {
        let Authorize::SignIn(first) = house.authorize(&site, &ana, &[demand]).await else {
            panic!("{demand:?}")
        };
        assert_eq!(first.reason, Reason::Again);
        let still = house
            .identity
            .resume_request(&first.request, Some(&ana.who), &ana.browser)
            .await;
        assert!(
            matches!(still, Ok(Authorize::SignIn(_))),
            "the old session does not satisfy {demand:?}"
        );
        let fresh = house.sign_in("ana", ana.browser.clone()).await;
        let outcome = house
            .identity
            .resume_request(&first.request, Some(&fresh.who), &fresh.browser)
            .await;
        assert!(
            get(&parameters(&outcome.expect("the store answers")), "code").is_some(),
            "{demand:?}"
        );
        house.pass(Duration::from_secs(2));
    }
    let patient = parameters(
        &house
            .authorize(&site, &ana, &[("max_age", "10000"), ("prompt", "none")])
            .await,
    );
    assert!(get(&patient, "code").is_some());
}

#[tokio::test]
async fn a_request_waits_eight_hours() {
    let house = House::new();
    let site = house.site().await;
    let browser = house.browser();
    let params = site.request(&[("login_hint", "ana")]);
    let outcome = house
        .identity
        .authorize(&params, None, &browser)
        .await
        .expect("the store answers");
    let Authorize::SignIn(first) = outcome else {
        panic!("nobody is here")
    };
    let waiting = house
        .identity
        .waiting_for_sign_in(&first.request, &browser)
        .await
        .expect("the store answers");
    let waiting = waiting.expect("it waits");
    assert_eq!(
        (waiting.client.name.as_str(), waiting.client.host.as_str()),
        ("Site", "app.example")
    );
    assert_eq!(waiting.login_hint.as_deref(), Some("ana"));
    let elsewhere = house
        .identity
        .waiting_for_sign_in(&first.request, &house.browser())
        .await;
    assert!(elsewhere.expect("the store answers").is_none());
    house.pass(Duration::from_secs(8 * 3600));
    let late = house
        .identity
        .waiting_for_sign_in(&first.request, &browser)
        .await
        .expect("the store answers");
    assert!(late.is_none());
}

#[tokio::test]
async fn id_token_hint_mismatch() {
    let house = House::new();
    let (ana, ben, site) = (
        house.person("ana").await,
        house.person("ben").await,
        house.site().await,
    );
    let of_ana = house
        .tokens(&site, &ana, "openid")
        .await
        .id_token
        .expect("openid");
    house.code(&site, &ben, &[]).await;
    house.pass(Duration::from_secs(3600)); // the hint has expired, and still says whom it means
    let hint = ("id_token_hint", of_ana.as_str());
    let silent = parameters(&house.authorize(&site, &ben, &[hint, ("prompt", "none")]).await);
    assert_eq!(get(&silent, "error").as_deref(), Some("login_required"));
    let Authorize::SignIn(first) = house.authorize(&site, &ben, &[hint]).await else {
        panic!("ana is meant")
    };
    assert_eq!(first.reason, Reason::OtherPerson);
    let right = parameters(
        &house
            .authorize(&site, &ana, &[hint, ("prompt", "none"), ("scope", "openid")])
            .await,
    );
    assert!(get(&right, "code").is_some());
}

#[tokio::test]
async fn an_essential_acr_that_cannot_be_reached_is_refused() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    house.code(&site, &ana, &[]).await;
    let claims = r#"{"id_token":{"acr":{"essential":true,"values":["phr"]}}}"#;
    let answer = parameters(&house.authorize(&site, &ana, &[("claims", claims)]).await);
    assert_eq!(
        get(&answer, "error").as_deref(),
        Some("unmet_authentication_requirements")
    );
    let wish = parameters(&house.authorize(&site, &ana, &[("acr_values", "phrh phr")]).await);
    assert!(get(&wish, "code").is_some(), "a wish never fails a request");
}

#[tokio::test]
async fn what_cannot_be_registered_is_said_by_name() {
    let house = House::new();
    for (uri, word) in [
        ("http://app.example/callback", "redirect_uris"),
        ("https://app.example/*", "redirect_uris"),
        ("javascript:alert(1)", "redirect_uris"),
        ("https://good@evil.example/", "redirect_uris"),
        ("http://localhost:3000/callback", "redirect_uris"),
    ] {
        let refused = house
            .identity
            .register_client(NewClient::new("Site", vec![uri.to_owned()]))
            .await;
        assert!(refused.expect_err(uri).to_string().contains(word), "{uri}");
    }
    let mut new = NewClient::new("Site", vec!["http://localhost:3000/callback".to_owned()]);
    new.stage = Stage::Development;
    let (client, secret) = house.identity.register_client(new).await.expect("in development");
    let secret = secret.expect("a secret").as_str().to_owned();
    let stored = serde_json::to_string(&client).expect("a record");
    assert!(!stored.contains(&secret), "client_secret_never_read_back");
}
