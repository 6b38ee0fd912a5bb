//! Codes: once, by the right client with the right proofs, within a minute.

use std::time::Duration;

use doorward_identity::clients::NewClient;
use doorward_oidc::client::metadata::PkceRequirement;
use doorward_oidc::error::Fault;

use super::grants_house::{CALLBACK, House, VERIFIER, claims, redemption};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn code_once_64_racers() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let code = house.code(&site, &ana, &[]).await;
    let racers: Vec<_> = (0..64)
        .map(|_| {
            let (house, site, code) = (house.clone(), site.clone(), code.clone());
            tokio::spawn(async move { house.redeem(&site, &code).await })
        })
        .collect();
    let mut won = 0;
    for racer in racers {
        match racer.await.expect("no racer panics") {
            Ok(_) => won += 1,
            Err(refused) => assert_eq!(refused.fault().code().as_str(), "invalid_grant"),
        }
    }
    assert_eq!(won, 1);
}

#[tokio::test]
async fn code_second_use_revokes() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let code = house
        .code(&site, &ana, &[("scope", "openid offline_access")])
        .await;
    let first = house.redeem(&site, &code).await.expect("the first use");
    assert!(house.userinfo(&first.access_token).await.is_ok());

    house.pass(Duration::from_secs(30));
    let second = house.redeem(&site, &code).await.expect_err("the second use");
    assert_eq!(second.fault(), Fault::CodeReused);
    assert_eq!(
        house
            .userinfo(&first.access_token)
            .await
            .expect_err("died with the code"),
        Fault::TokenInvalid
    );
    let refresh = first.refresh_token.expect("offline_access was granted");
    assert_eq!(
        house
            .refresh(&site, &refresh)
            .await
            .expect_err("died too")
            .fault()
            .code()
            .as_str(),
        "invalid_grant"
    );
}

#[tokio::test]
async fn code_bound_to_client_user_request() {
    let house = House::new();
    let (ana, site, other) = (house.person("ana").await, house.site().await, house.site().await);
    let code = house.code(&site, &ana, &[]).await;
    let wrong_verifier = "a".repeat(43);
    let code_is = ("code", code.as_str());
    let grant = ("grant_type", "authorization_code");
    for (rule, form) in [
        (
            Fault::RedirectUriMismatch,
            vec![
                grant,
                code_is,
                ("redirect_uri", "https://app.example/other"),
                ("code_verifier", VERIFIER),
            ],
        ),
        (
            Fault::CodeVerifierWrong,
            vec![
                grant,
                code_is,
                ("redirect_uri", CALLBACK),
                ("code_verifier", &wrong_verifier),
            ],
        ),
        (
            Fault::CodeVerifierMissing,
            vec![grant, code_is, ("redirect_uri", CALLBACK)],
        ),
    ] {
        assert_eq!(
            house
                .token(&site, &form)
                .await
                .expect_err("a proof is wrong")
                .fault(),
            rule
        );
    }
    let stolen = house.redeem(&other, &code).await.expect_err("of another client");
    assert_eq!(stolen.fault(), Fault::CodeOfAnotherClient);
    // Nobody of these burnt it.
    assert!(house.redeem(&site, &code).await.is_ok());
    // And with a spent code, who lacks a proof ends nothing.
    let thief = house.redeem(&other, &code).await.expect_err("of another client");
    assert_eq!(thief.fault(), Fault::CodeOfAnotherClient);
}

#[tokio::test]
async fn code_short_lived() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let code = house.code(&site, &ana, &[]).await;
    house.pass(Duration::from_secs(60));
    assert_eq!(
        house
            .redeem(&site, &code)
            .await
            .expect_err("a minute later")
            .fault(),
        Fault::CodeExpired
    );
}

#[tokio::test]
async fn code_opaque_namespaced() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let tokens = house.tokens(&site, &ana, "openid offline_access").await;
    let refresh = tokens.refresh_token.expect("granted");
    for foreign in [tokens.access_token.as_str(), &refresh, "x", &"A".repeat(43)] {
        let refused = house.redeem(&site, foreign).await.expect_err("no code");
        assert_eq!(refused.fault(), Fault::CodeUnknown);
        if foreign != refresh {
            let refused = house.refresh(&site, foreign).await.expect_err("no refresh token");
            assert_eq!(refused.fault(), Fault::RefreshTokenUnknown);
        }
    }
}

#[tokio::test]
async fn pkce_downgrade() {
    let house = House::new();
    let mut new = NewClient::new("Old site", vec![CALLBACK.to_owned()]);
    new.pkce = PkceRequirement::Optional;
    let (ana, site) = (house.person("ana").await, house.register(new).await);
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    let code = house.code(&site, &ana, &without).await;
    let refused = house
        .redeem(&site, &code)
        .await
        .expect_err("a verifier without a challenge");
    assert_eq!(refused.fault(), Fault::CodeVerifierUnexpected);
    assert!(house.token(&site, &redemption(&code)[..3]).await.is_ok());
}

#[tokio::test]
async fn code_id_token_of_its_own_user() {
    let house = House::new();
    let (ana, ben, site) = (
        house.person("ana").await,
        house.person("ben").await,
        house.site().await,
    );
    let (for_ana, for_ben) = (
        house.code(&site, &ana, &[]).await,
        house.code(&site, &ben, &[]).await,
    );
    for (person, code) in [(&ben, for_ben), (&ana, for_ana)] {
        let tokens = house.redeem(&site, &code).await.expect("redeemed");
        let said = claims(&tokens.id_token.expect("openid"));
        assert_eq!(said["sub"], person.who.account.id.to_string(), "{}", person.name);
    }
}

#[tokio::test]
async fn invalid_client_401() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let code = house.code(&site, &ana, &[]).await;
    let form = super::grants_house::params(&redemption(&code), &[]);
    for proof in [None, Some("Basic bm9ib2R5Om5vdGhpbmc="), Some("Basic !")] {
        let refused = house
            .identity
            .token(&doorward_identity::grants::Call::new(&form, proof))
            .await
            .expect("the store answers")
            .expect_err("no proof");
        assert_eq!(
            (refused.fault().code().as_str(), refused.status()),
            ("invalid_client", 401)
        );
        assert_eq!(
            refused
                .headers()
                .iter()
                .any(|(name, _)| *name == "www-authenticate"),
            proof.is_some()
        );
    }
    assert!(house.redeem(&site, &code).await.is_ok());
}
