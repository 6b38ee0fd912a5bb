//! Proofs of possession at the endpoints: RFC 9449, and FAPI clients whose every token is bound.

use std::time::Duration;

use doorward_identity::clients::NewClient;
use doorward_identity::grants::{Call, UserinfoBody};
use doorward_identity::policy::DpopNonces;
use doorward_oidc::access_token::Scheme;
use doorward_oidc::client::metadata::{AccessTokenFormat, ApplicationType, AuthMethod, Profile};
use doorward_oidc::error::Fault;
use doorward_oidc::token::TokenType;
use serde_json::json;

use super::grants_house::{App, CALLBACK, House, claims, params, redemption};
use super::grants_keys::{Key, Member, TOKEN, USERINFO, ath, userinfo};

async fn program(house: &House, change: impl Fn(&mut NewClient)) -> App {
    let mut new = NewClient::new("Program", vec![CALLBACK.to_owned()]);
    new.method = AuthMethod::None;
    new.application_type = ApplicationType::Native;
    change(&mut new);
    house.register(new).await
}

#[tokio::test]
async fn fapi_tokens_are_bound() {
    let house = House::new();
    let ana = house.person("ana").await;
    let fapi = Member::new(&house, Profile::Fapi2Security, |_| {}).await;
    let tokens = fapi.tokens(&house, &ana).await;
    assert_eq!(tokens.token_type, TokenType::Dpop);
    let access = tokens.access_token.as_str();
    assert_eq!(claims(access)["cnf"]["jkt"], json!(fapi.dpop.thumbprint()));

    // ensure-holder-of-key-required
    let code = fapi.code(&house, &ana, &[]).await;
    let refused = fapi
        .token(&house, &redemption(&code), &[])
        .await
        .expect_err("no proof");
    assert_eq!(
        (refused.fault(), refused.status()),
        (Fault::SenderConstraintMissing, 400)
    );
    assert!(fapi.redeem(&house, &code).await.is_ok(), "and that burnt nothing");

    let proof = |more: &[_]| fapi.dpop.proof(&house, ("GET", USERINFO), more);
    let right = proof(&[("ath", ath(access))]);
    let found = userinfo(&house, (Scheme::Dpop, access), &[&right]).await;
    assert!(matches!(
        found.expect("bound and proved").body,
        UserinfoBody::Json(_)
    ));
    // Whatever else comes is refused, and told apart.
    let other = Key::new(doorward_crypto::Algorithm::Es256);
    let foreign = other.proof(&house, ("GET", USERINFO), &[("ath", ath(access))]);
    let old = house.identity.now().seconds() - 3600;
    for (scheme, proofs, fault) in [
        (Scheme::Dpop, vec![right.clone()], Fault::DpopProofReplayed),
        (Scheme::Dpop, vec![], Fault::DpopProofMissing),
        (Scheme::Bearer, vec![], Fault::TokenWrongScheme),
        (
            Scheme::Bearer,
            vec![proof(&[("ath", ath(access))])],
            Fault::TokenWrongScheme,
        ),
        (Scheme::Dpop, vec![foreign], Fault::TokenInvalid),
        (Scheme::Dpop, vec![proof(&[])], Fault::DpopProofToken),
        (
            Scheme::Dpop,
            vec![proof(&[("ath", ath(access)), ("htm", json!("PUT"))])],
            Fault::DpopProofOfAnotherRequest,
        ),
        (
            Scheme::Dpop,
            vec![proof(&[("ath", ath(access)), ("htu", json!(TOKEN))])],
            Fault::DpopProofOfAnotherRequest,
        ),
        (
            Scheme::Dpop,
            vec![proof(&[("ath", ath(access)), ("iat", json!(old))])],
            Fault::DpopProofTime,
        ),
        (
            Scheme::Dpop,
            vec![proof(&[("ath", ath(access))]), proof(&[("ath", ath(access))])],
            Fault::DpopProofTwice,
        ),
    ] {
        let proofs: Vec<&str> = proofs.iter().map(String::as_str).collect();
        let refused = userinfo(&house, (scheme, access), &proofs).await;
        assert_eq!(refused.map(|_| ()).expect_err("refused"), fault);
    }
    for fine in [
        proof(&[
            ("ath", ath(access)),
            ("htu", json!("https://ID.example:443/userinfo?x=1#y")),
        ]),
        proof(&[("ath", ath(access)), ("nbf", json!(old)), ("exp", json!(old))]),
    ] {
        assert!(userinfo(&house, (Scheme::Dpop, access), &[&fine]).await.is_ok());
    }
}

#[tokio::test]
async fn dpop_proof_iat_within_ten_seconds_either_way() {
    let house = House::new();
    let ana = house.person("ana").await;
    let fapi = Member::new(&house, Profile::Fapi2Security, |_| {}).await;
    let now = house.identity.now().seconds();
    for iat in [now - 10, now + 10] {
        let code = fapi.code(&house, &ana, &[]).await;
        let proof = fapi.dpop.proof(&house, ("POST", TOKEN), &[("iat", json!(iat))]);
        assert!(fapi.token(&house, &redemption(&code), &[&proof]).await.is_ok());
    }
}

#[tokio::test]
async fn fapi_refresh_tokens_do_not_rotate() {
    let house = House::new();
    let ana = house.person("ana").await;
    let fapi = Member::new(&house, Profile::Fapi2Security, |_| {}).await;
    let tokens = fapi.tokens(&house, &ana).await;
    let refresh = tokens.refresh_token.expect("offline access");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    for _ in 0..3 {
        let proof = fapi.dpop.proof(&house, ("POST", TOKEN), &[]);
        let again = fapi.token(&house, &form, &[&proof]).await.expect("refreshed");
        assert!(again.refresh_token.is_none());
        assert_eq!(again.token_type, TokenType::Dpop);
        house.pass(Duration::from_secs(40));
    }
    let unproved = fapi.token(&house, &form, &[]).await.expect_err("no proof");
    assert_eq!(unproved.fault(), Fault::SenderConstraintMissing);
    // Without the client's own proof nothing is answered.
    let named = params(&[("client_id", fapi.app.id().as_str())], &form);
    let proof = fapi.dpop.proof(&house, ("POST", TOKEN), &[]);
    let refused = house
        .identity
        .token(&Call::new(&named, None).with_proofs(&[&proof]))
        .await
        .expect("the store answers");
    assert_eq!(refused.expect_err("no assertion").status(), 401);
}

#[tokio::test]
async fn fapi_codes_live_a_minute_at_most() {
    let house = House::new();
    let ana = house.person("ana").await;
    let fapi = Member::new(&house, Profile::Fapi2Security, |_| {}).await;
    let code = fapi.code(&house, &ana, &[]).await;
    house.pass(Duration::from_secs(62));
    let refused = fapi.redeem(&house, &code).await.expect_err("too late");
    assert_eq!(refused.fault(), Fault::CodeExpired);
}

#[tokio::test]
async fn dpop_binds_refresh_tokens_of_public_clients() {
    let house = House::new();
    let ana = house.person("ana").await;
    let app = program(&house, |_| {}).await;
    let (own, other) = (
        Key::new(doorward_crypto::Algorithm::Es256),
        Key::new(doorward_crypto::Algorithm::EdDsa),
    );
    let ask = async |form: &[(&str, &str)], key: Option<&Key>| {
        let form = params(&[("client_id", app.id().as_str())], form);
        let proof = key.map(|key| key.proof(&house, ("POST", TOKEN), &[]));
        let proofs: Vec<&str> = proof.iter().map(String::as_str).collect();
        house
            .identity
            .token(&Call::new(&form, None).with_proofs(&proofs))
            .await
            .expect("the store answers")
    };
    let code = house.code(&app, &ana, &[]).await;
    let tokens = ask(&redemption(&code), Some(&own)).await.expect("redeemed");
    let refresh = tokens.refresh_token.expect("native");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    for key in [None, Some(&other)] {
        let refused = ask(&form, key).await.expect_err("another key, or none");
        assert_eq!(refused.fault().code().as_str(), "invalid_grant");
    }
    for _ in 0..2 {
        let again = ask(&form, Some(&own)).await.expect("the bound key");
        assert!(again.refresh_token.is_none(), "what is bound does not rotate");
        house.pass(Duration::from_secs(60));
    }
}

#[tokio::test]
async fn dpop_can_be_demanded_of_any_client() {
    let house = House::new();
    let ana = house.person("ana").await;
    let app = program(&house, |new| {
        new.dpop_bound_access_tokens = true;
        new.access_token_format = AccessTokenFormat::Opaque;
    })
    .await;
    let code = house.code(&app, &ana, &[]).await;
    let refused = house.redeem(&app, &code).await.expect_err("no proof");
    assert_eq!(refused.fault(), Fault::SenderConstraintMissing);
    let key = Key::new(doorward_crypto::Algorithm::Ed25519);
    let form = params(&[("client_id", app.id().as_str())], &redemption(&code));
    let proof = key.proof(&house, ("POST", TOKEN), &[]);
    let tokens = house
        .identity
        .token(&Call::new(&form, None).with_proofs(&[&proof]))
        .await
        .expect("the store answers")
        .expect("proved");
    let access = tokens.access_token.as_str();
    let proof = key.proof(&house, ("GET", USERINFO), &[("ath", ath(access))]);
    assert!(userinfo(&house, (Scheme::Dpop, access), &[&proof]).await.is_ok());
    let bearer = userinfo(&house, (Scheme::Bearer, access), &[]).await;
    assert_eq!(
        bearer.map(|_| ()),
        Err(Fault::TokenWrongScheme),
        "opaque ones too"
    );
}

#[tokio::test]
async fn dpop_nonce_is_asked_for_once_and_then_good() {
    let house = House::with_nonces(DpopNonces::Required);
    let ana = house.person("ana").await;
    let fapi = Member::new(&house, Profile::Fapi2Security, |_| {}).await;
    let code = fapi.code(&house, &ana, &[]).await;
    let refused = fapi.redeem(&house, &code).await.expect_err("no nonce");
    assert_eq!(refused.fault().code().as_str(), "use_dpop_nonce");
    let nonce = house.identity.dpop_nonce().expect("nonces are given");
    house.pass(Duration::from_secs(299));
    let fapi_proof = |nonce: &str| {
        fapi.dpop
            .proof(&house, ("POST", TOKEN), &[("nonce", json!(nonce))])
    };
    // The code lives a minute; another one.
    let code = fapi.code(&house, &ana, &[]).await;
    let made_up = fapi
        .token(&house, &redemption(&code), &[&fapi_proof("AAAA")])
        .await;
    assert_eq!(made_up.expect_err("not ours").fault(), Fault::DpopNonceNeeded);
    assert!(
        fapi.token(&house, &redemption(&code), &[&fapi_proof(&nonce)])
            .await
            .is_ok()
    );
    house.pass(Duration::from_secs(1));
    let code = fapi.code(&house, &ana, &[]).await;
    let old = fapi
        .token(&house, &redemption(&code), &[&fapi_proof(&nonce)])
        .await;
    assert_eq!(old.expect_err("too old").fault(), Fault::DpopNonceNeeded);
}
