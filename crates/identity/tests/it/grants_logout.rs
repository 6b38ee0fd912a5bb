//! Sign-out that an application asks for.

#![expect(
    clippy::expect_used,
    reason = "a helper of tests says by panicking what did not hold"
)]

use doorward_identity::grants::Logout;
use doorward_oidc::error::Fault;

use super::grants_house::{CALLBACK, GOODBYE, House, Person, params};

async fn log_out(house: &House, person: Option<&Person>, pairs: &[(&str, &str)]) -> Logout {
    let who = person.map(|person| &person.who);
    house
        .identity
        .log_out(&params(pairs, &[]), who)
        .await
        .expect("the store answers")
}

async fn is_signed_in(house: &House, person: &Person) -> bool {
    let sessions = house
        .identity
        .sessions_of(&person.who)
        .await
        .expect("the store answers");
    sessions
        .iter()
        .any(|session| session.session.id == person.who.session.id)
}

#[tokio::test]
async fn oidcc_rp_initiated_logout() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let hint = house
        .tokens(&site, &ana, "openid")
        .await
        .id_token
        .expect("openid");
    house.pass(std::time::Duration::from_secs(24 * 60)); // hint_expired_is_fine
    let asked = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", GOODBYE),
        ("state", "bye"),
    ];
    let Logout::Done(left) = log_out(&house, Some(&ana), &asked).await else {
        panic!("at once")
    };
    assert_eq!(
        left.onward.as_deref(),
        Some("https://app.example/goodbye?state=bye")
    );
    assert!(!is_signed_in(&house, &ana).await);
    let Logout::Done(left) = log_out(&house, None, &asked[..2]).await else {
        panic!("nobody is here to be asked")
    };
    assert_eq!(
        left.onward.as_deref(),
        Some(GOODBYE),
        "no state comes back that was not sent"
    );
}

#[tokio::test]
async fn logout_redirect_exact() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let hint = house
        .tokens(&site, &ana, "openid")
        .await
        .id_token
        .expect("openid");
    for wrong in [
        "https://app.example/goodbye?x=1",
        "https://evil.example/",
        CALLBACK,
        "javascript:alert(1)",
    ] {
        let asked = [
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", wrong),
        ];
        let Logout::Page(page) = log_out(&house, Some(&ana), &asked).await else {
            panic!("{wrong}")
        };
        assert_eq!(page.fault, Fault::LogoutRedirectUriNotRegistered);
    }
    let Logout::Page(page) = log_out(&house, Some(&ana), &[("id_token_hint", "a.b.c")]).await else {
        panic!("foreign")
    };
    assert_eq!(page.fault, Fault::LogoutHintInvalid);
    assert!(is_signed_in(&house, &ana).await, "nothing has ended");
}

#[tokio::test]
async fn logout_csrf() {
    let house = House::new();
    let (ana, ben, site) = (
        house.person("ana").await,
        house.person("ben").await,
        house.site().await,
    );
    let of_ben = house
        .tokens(&site, &ben, "openid")
        .await
        .id_token
        .expect("openid");
    for asked in [
        &[][..],
        &[("client_id", site.id().as_str())],
        &[("id_token_hint", of_ben.as_str())],
    ] {
        let Logout::Ask { request, .. } = log_out(&house, Some(&ana), asked).await else {
            panic!("{asked:?}")
        };
        assert!(is_signed_in(&house, &ana).await);
        let elsewhere = house
            .identity
            .confirm_log_out(&request, Some(&ben.who))
            .await
            .expect("the store answers");
        assert!(elsewhere.is_none(), "another session's question");
    }
    let asked = [
        ("client_id", site.id().as_str()),
        ("post_logout_redirect_uri", GOODBYE),
        ("state", "bye"),
    ];
    let Logout::Ask { request, client } = log_out(&house, Some(&ana), &asked).await else {
        panic!("asked")
    };
    assert_eq!(client.as_deref(), Some("Site"));
    let left = house
        .identity
        .confirm_log_out(&request, Some(&ana.who))
        .await
        .expect("the store answers");
    assert_eq!(
        left.expect("her own").onward.as_deref(),
        Some("https://app.example/goodbye?state=bye")
    );
    assert!(!is_signed_in(&house, &ana).await && is_signed_in(&house, &ben).await);
}
