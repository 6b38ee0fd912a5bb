//! Refresh tokens: one branch, a grace for lost answers, an end for copies, and everything looked at again.

use std::collections::BTreeSet;
use std::time::Duration;

use doorward_oidc::error::Fault;

use super::grants_house::{House, claims};

const OFFLINE: &str = "openid email offline_access";

#[tokio::test]
async fn rotation_public() {
    let house = House::new();
    let (ana, program) = (house.person("ana").await, house.program().await);
    let first = house
        .tokens(&program, &ana, OFFLINE)
        .await
        .refresh_token
        .expect("granted");
    let second = house
        .refresh(&program, &first)
        .await
        .expect("refreshed")
        .refresh_token
        .expect("rotated");
    let third = house
        .refresh(&program, &second)
        .await
        .expect("refreshed")
        .refresh_token
        .expect("rotated");
    assert_eq!(BTreeSet::from([&first, &second, &third]).len(), 3);
}

#[tokio::test]
async fn a_client_that_proves_itself_keeps_its_token() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let token = house
        .tokens(&site, &ana, OFFLINE)
        .await
        .refresh_token
        .expect("granted");
    for _ in 0..3 {
        house.pass(Duration::from_secs(3600));
        let again = house.refresh(&site, &token).await.expect("refreshed");
        assert_eq!(again.refresh_token, None);
        assert!(house.userinfo(&again.access_token).await.is_ok());
    }
}

#[tokio::test]
async fn refresh_grace_returns_same_child() {
    let house = House::new();
    let (ana, program) = (house.person("ana").await, house.program().await);
    let parent = house
        .tokens(&program, &ana, OFFLINE)
        .await
        .refresh_token
        .expect("granted");
    let child = house
        .refresh(&program, &parent)
        .await
        .expect("refreshed")
        .refresh_token;
    house.pass(Duration::from_secs(10));
    let retry = house
        .refresh(&program, &parent)
        .await
        .expect("the answer was lost");
    assert_eq!(retry.refresh_token, child);
    assert!(house.userinfo(&retry.access_token).await.is_ok());
}

#[tokio::test]
async fn rotation_reuse_detection() {
    let house = House::new();
    let (ana, program) = (house.person("ana").await, house.program().await);
    let parent = house
        .tokens(&program, &ana, OFFLINE)
        .await
        .refresh_token
        .expect("granted");
    let elsewhere = house.tokens(&program, &ana, OFFLINE).await;
    let refreshed = house.refresh(&program, &parent).await.expect("refreshed");
    house.pass(Duration::from_secs(11));
    let reused = house
        .refresh(&program, &parent)
        .await
        .expect_err("the grace is over");
    assert_eq!(reused.fault(), Fault::RefreshTokenReused);
    let child = refreshed.refresh_token.expect("rotated");
    assert_eq!(
        house
            .refresh(&program, &child)
            .await
            .expect_err("the family is dead")
            .fault(),
        Fault::GrantEnded
    );
    assert_eq!(
        house.userinfo(&refreshed.access_token).await,
        Err(Fault::TokenInvalid)
    );
    assert!(
        house.userinfo(&elsewhere.access_token).await.is_ok(),
        "the client's other grants live"
    );
}

#[tokio::test]
async fn once_the_child_was_used_the_parent_is_dead() {
    let house = House::new();
    let (ana, program) = (house.person("ana").await, house.program().await);
    let parent = house
        .tokens(&program, &ana, OFFLINE)
        .await
        .refresh_token
        .expect("granted");
    let child = house
        .refresh(&program, &parent)
        .await
        .expect("refreshed")
        .refresh_token
        .expect("rotated");
    house.refresh(&program, &child).await.expect("the child is used");
    let reused = house
        .refresh(&program, &parent)
        .await
        .expect_err("within ten seconds, and dead");
    assert_eq!(reused.fault(), Fault::RefreshTokenReused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn refresh_rotation_64_racers() {
    let house = House::new();
    let (ana, program) = (house.person("ana").await, house.program().await);
    let parent = house
        .tokens(&program, &ana, OFFLINE)
        .await
        .refresh_token
        .expect("granted");
    let racers: Vec<_> = (0..64)
        .map(|_| {
            let (house, program, parent) = (house.clone(), program.clone(), parent.clone());
            tokio::spawn(async move { house.refresh(&program, &parent).await })
        })
        .collect();
    let mut children = BTreeSet::new();
    for racer in racers {
        let answer = racer
            .await
            .expect("no racer panics")
            .expect("within the grace nobody loses");
        children.insert(answer.refresh_token.expect("rotated"));
    }
    assert_eq!(children.len(), 1);
    let child = children.pop_first().expect("one");
    assert!(house.refresh(&program, &child).await.is_ok());
}

#[tokio::test]
async fn refresh_bound_to_client_and_key() {
    let house = House::new();
    let (ana, site, other) = (house.person("ana").await, house.site().await, house.site().await);
    let token = house
        .tokens(&site, &ana, OFFLINE)
        .await
        .refresh_token
        .expect("granted");
    let stolen = house
        .refresh(&other, &token)
        .await
        .expect_err("of another client");
    assert_eq!(stolen.fault(), Fault::RefreshTokenOfAnotherClient);
    assert!(
        house.refresh(&site, &token).await.is_ok(),
        "and nothing has happened to it"
    );
}

#[tokio::test]
async fn refresh_scope_never_grows() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let token = house
        .tokens(&site, &ana, OFFLINE)
        .await
        .refresh_token
        .expect("granted");
    let asked = |scope| {
        [
            ("grant_type", "refresh_token"),
            ("refresh_token", token.as_str()),
            ("scope", scope),
        ]
    };
    let grown = house
        .token(&site, &asked("openid profile"))
        .await
        .expect_err("profile was not granted");
    assert_eq!(grown.fault(), Fault::ScopeGrows);
    let less = house.token(&site, &asked("openid")).await.expect("less is fine");
    assert_eq!(less.scope.to_string(), "openid");
    assert!(
        !house
            .userinfo(&less.access_token)
            .await
            .expect("openid")
            .contains_key("email")
    );
    let all = house
        .refresh(&site, &token)
        .await
        .expect("the grant is as it was");
    assert_eq!(all.scope.to_string(), OFFLINE);
}

#[tokio::test]
async fn refresh_idle_and_absolute_limit() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let day = Duration::from_secs(24 * 3600);
    let idle = house
        .tokens(&site, &ana, OFFLINE)
        .await
        .refresh_token
        .expect("granted");
    let token = house
        .tokens(&site, &ana, OFFLINE)
        .await
        .refresh_token
        .expect("granted");
    for _ in 0..8 {
        house.pass(day * 11);
        house
            .refresh(&site, &token)
            .await
            .expect("used every eleven days");
    }
    assert!(
        house.refresh(&site, &idle).await.is_err(),
        "unused for fourteen days"
    );
    house.pass(day * 2);
    assert!(
        house.refresh(&site, &token).await.is_err(),
        "ninety days after it was granted"
    );
}

#[tokio::test]
async fn refresh_rechecks_everything() {
    let house = House::new();
    let site = house.site().await;

    let ana = house.person("ana").await;
    let token = house
        .tokens(&site, &ana, OFFLINE)
        .await
        .refresh_token
        .expect("granted");
    house.change(&ana, |account| account.disabled = true).await;
    assert_eq!(
        house
            .refresh(&site, &token)
            .await
            .expect_err("turned off")
            .fault(),
        Fault::GrantEnded
    );
    house.change(&ana, |account| account.disabled = false).await;
    assert!(house.refresh(&site, &token).await.is_ok(), "turned on again");
    house.change(&ana, |account| account.generation += 1).await;
    assert_eq!(
        house
            .refresh(&site, &token)
            .await
            .expect_err("a factor changed")
            .fault(),
        Fault::GrantEnded
    );

    let ben = house.person("ben").await;
    let token = house
        .tokens(&site, &ben, OFFLINE)
        .await
        .refresh_token
        .expect("granted");
    house
        .identity
        .revoke_application(&ben.who, site.id(), &ben.browser)
        .await
        .expect("revoked");
    assert_eq!(
        house
            .refresh(&site, &token)
            .await
            .expect_err("taken back")
            .fault(),
        Fault::GrantEnded
    );
    house.tokens(&site, &ben, OFFLINE).await;
    assert_eq!(
        house
            .refresh(&site, &token)
            .await
            .expect_err("a new consent is a new one")
            .fault(),
        Fault::GrantEnded
    );

    let eve = house.person("eve").await;
    let tokens = house.tokens(&site, &eve, OFFLINE).await;
    assert!(house.identity.remove_client(site.id()).await.expect("removed"));
    assert_eq!(
        house.userinfo(&tokens.access_token).await,
        Err(Fault::TokenInvalid)
    );
    let refused = house
        .refresh(&site, &tokens.refresh_token.expect("granted"))
        .await
        .expect_err("client_deleted_everything_dies");
    assert_eq!(refused.fault().code().as_str(), "invalid_client");
}

#[tokio::test]
async fn offline_access_rules() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let online = house.tokens(&site, &ana, "openid").await;
    assert_eq!(online.refresh_token, None);
    let offline = house.tokens(&site, &ana, OFFLINE).await;
    house.identity.sign_out(&ana.who).await.expect("signed out");
    assert_eq!(
        house.userinfo(&online.access_token).await,
        Err(Fault::TokenInvalid),
        "bound to the session"
    );
    assert!(
        house.userinfo(&offline.access_token).await.is_ok(),
        "not bound to the session"
    );
    assert!(
        house
            .refresh(&site, &offline.refresh_token.expect("granted"))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn id_token_on_refresh() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let first = house.tokens(&site, &ana, OFFLINE).await;
    house.pass(Duration::from_secs(3600));
    let again = house
        .refresh(&site, &first.refresh_token.expect("granted"))
        .await
        .expect("refreshed");
    let (first, again) = (
        claims(&first.id_token.expect("openid")),
        claims(&again.id_token.expect("openid")),
    );
    for same in ["iss", "sub", "aud", "auth_time", "sid", "acr", "amr"] {
        assert_eq!(first[same], again[same], "{same}");
    }
    assert!(first.contains_key("nonce") && !again.contains_key("nonce"));
    assert_ne!(
        (&first["iat"], &first["at_hash"]),
        (&again["iat"], &again["at_hash"])
    );
}

#[tokio::test]
async fn the_oldest_of_too_many_families_gives_way() {
    let house = House::new();
    let (ana, program) = (house.person("ana").await, house.program().await);
    let mut tokens = Vec::new();
    for _ in 0..=20 {
        let answer = house.tokens(&program, &ana, "openid").await;
        tokens.push(answer.refresh_token.expect("a program refreshes"));
    }
    let first = house.refresh(&program, &tokens[0]).await.expect_err("gave way");
    assert_eq!(first.fault(), Fault::GrantEnded);
    for kept in [&tokens[1], &tokens[20]] {
        assert!(house.refresh(&program, kept).await.is_ok());
    }
}
