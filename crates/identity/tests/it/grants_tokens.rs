//! What tokens say, who may use them where, and what ends them.

use std::time::Duration;

use doorward_identity::clients::NewClient;
use doorward_identity::grants::{Call, Introspected, IntrospectionForm};
use doorward_oidc::client::metadata::AccessTokenFormat;
use doorward_oidc::error::Fault;
use serde_json::json;

use super::grants_house::{App, CALLBACK, House, claims, params};

#[tokio::test]
async fn id_token() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let tokens = house.tokens(&site, &ana, "openid email").await;
    let text = tokens.id_token.expect("openid");
    let said = claims(&text);
    assert_eq!(said["iss"], "https://id.example");
    assert_eq!(said["aud"], json!(site.id().as_str()), "one string");
    assert_eq!(said["sub"], ana.who.account.id.to_string());
    assert_eq!(said["nonce"], "no");
    assert_eq!(said["sid"], ana.who.session.id.to_string());
    assert_eq!(said["auth_time"], ana.who.session.auth_time().seconds());
    assert_eq!(said["amr"], json!(["pwd"]));
    assert_eq!(said["acr"], "urn:doorward:acr:1fa");
    assert_eq!(said["exp"].as_u64(), said["iat"].as_u64().map(|iat| iat + 600));
    assert_eq!(
        said["at_hash"],
        doorward_oidc::id_token::left_half(doorward_crypto::Algorithm::Rs256, &tokens.access_token)
    );
    assert!(
        !said.contains_key("email"),
        "scope claims are for UserInfo (Core §5.4)"
    );
    let keys = house.identity.signing_keys().await.expect("keys");
    let hint = doorward_oidc::id_token::read_hint(&text, house.identity.protocol_issuer(), keys.protocol());
    assert_eq!(hint.expect("signed by a published key").aud, site.id().as_str());
}

#[tokio::test]
async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let code = house.code(&site, &ana, &[("nonce", "")]).await;
    let tokens = house.redeem(&site, &code).await.expect("redeemed");
    assert!(!claims(&tokens.id_token.expect("openid")).contains_key("nonce"));
}

#[tokio::test]
async fn access_token_9068() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let said = claims(&house.tokens(&site, &ana, "openid email").await.access_token);
    for (claim, value) in [
        ("iss", json!("https://id.example")),
        ("aud", json!("https://id.example")),
        ("client_id", json!(site.id().as_str())),
        ("scope", json!("openid email")),
        ("sub", json!(ana.who.account.id.to_string())),
    ] {
        assert_eq!(said[claim], value, "{claim}");
    }
    assert!(said.contains_key("jti") && said.contains_key("iat") && said.contains_key("exp"));
}

#[tokio::test]
async fn claims_minimal() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let bare = house.tokens(&site, &ana, "openid").await;
    let said = house.userinfo(&bare.access_token).await.expect("openid");
    assert_eq!(said.keys().collect::<Vec<_>>(), ["sub"]);
    let all = house.tokens(&site, &ana, "openid email profile groups").await;
    let said = house.userinfo(&all.access_token).await.expect("openid");
    assert_eq!(said["email"], "ana@example.org");
    assert_eq!(said["email_verified"], json!(false), "a boolean");
    assert_eq!(
        (&said["name"], &said["preferred_username"]),
        (&json!("ana"), &json!("ana"))
    );
    assert!(said["updated_at"].is_u64());
    assert_eq!(said["groups"], json!([]), "groups_array");
    assert_eq!(said["sub"], claims(&all.id_token.expect("openid"))["sub"]);
}

#[tokio::test]
async fn scope_without_openid() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let tokens = house.tokens(&site, &ana, "email").await;
    assert_eq!(tokens.id_token, None);
    assert_eq!(house.userinfo(&tokens.access_token).await, Err(Fault::TokenScope));
}

#[tokio::test]
async fn jwt_typ_exclusive_at_userinfo() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let tokens = house.tokens(&site, &ana, "openid offline_access").await;
    let access = tokens.access_token;
    let (id, refresh) = (
        tokens.id_token.expect("openid"),
        tokens.refresh_token.expect("granted"),
    );
    for foreign in [
        id.as_str(),
        &refresh,
        "",
        "x",
        "a.b.c",
        access.get(1..).expect("long"),
        &format!("{access}A"),
    ] {
        assert_eq!(house.userinfo(foreign).await, Err(Fault::TokenInvalid));
    }
    house.pass(Duration::from_secs(600));
    assert_eq!(
        house.userinfo(&access).await,
        Err(Fault::TokenInvalid),
        "ten minutes later"
    );
}

#[tokio::test]
async fn opaque_access_tokens_say_nothing_elsewhere() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, opaque(&house).await);
    let token = house.tokens(&site, &ana, "openid").await.access_token;
    assert!(!token.contains('.'));
    assert!(house.userinfo(&token).await.is_ok());
    for at in [0, 5, 30, token.len() - 1] {
        let mut other = token.clone().into_bytes();
        other[at] = if other[at] == b'A' { b'B' } else { b'A' };
        let other = String::from_utf8(other).expect("ASCII");
        assert_eq!(house.userinfo(&other).await, Err(Fault::TokenInvalid), "{at}");
        assert_eq!(
            house.userinfo(&token[..at]).await,
            Err(Fault::TokenInvalid),
            "{at}"
        );
    }
    house.pass(Duration::from_secs(600));
    assert_eq!(house.userinfo(&token).await, Err(Fault::TokenInvalid));
}

async fn opaque(house: &House) -> App {
    let mut new = NewClient::new("Site", vec![CALLBACK.to_owned()]);
    new.access_token_format = AccessTokenFormat::Opaque;
    house.register(new).await
}

#[tokio::test]
async fn introspection_authenticated_and_scoped() {
    let house = House::new();
    let (ana, site, other) = (house.person("ana").await, house.site().await, house.site().await);
    let program = house.program().await;
    let tokens = house.tokens(&site, &ana, "openid offline_access").await;
    let asked = |token: &str| params(&[("token", token)], &[]);
    let ask = async |app: &App, token: &str| {
        let answer = house
            .identity
            .introspect(
                &Call::new(&asked(token), app.proof().as_deref()),
                IntrospectionForm::Json,
            )
            .await
            .expect("the store answers");
        let Introspected::Json(said) = answer.expect("the caller proved itself") else {
            panic!("JSON was asked for");
        };
        said
    };
    let said = ask(&site, &tokens.access_token).await;
    assert_eq!(
        (&said["active"], &said["client_id"]),
        (&json!(true), &json!(site.id().as_str()))
    );
    assert!(!said.contains_key("grant"));
    let refresh = tokens.refresh_token.expect("granted");
    assert_eq!(ask(&site, &refresh).await["active"], json!(true));
    for token in [tokens.access_token.as_str(), &refresh, "garbage"] {
        assert_eq!(
            ask(&other, token).await,
            json!({"active": false}).as_object().cloned().expect("an object")
        );
    }
    let nobody = house
        .identity
        .introspect(&Call::new(&asked(&refresh), None), IntrospectionForm::Json)
        .await
        .expect("the store answers");
    assert_eq!(nobody.expect_err("no proof").status(), 401);
    let named = params(
        &[("token", refresh.as_str()), ("client_id", program.id().as_str())],
        &[],
    );
    let public = house
        .identity
        .introspect(&Call::new(&named, None), IntrospectionForm::Json)
        .await
        .expect("the store answers");
    assert_eq!(public.expect_err("a name is no proof").status(), 401);
}

#[tokio::test]
async fn revocation_own_tokens_only() {
    let house = House::new();
    let (ana, site, other) = (house.person("ana").await, house.site().await, house.site().await);
    let revoke = async |app: &App, token: &str| {
        let form = params(&[("token", token)], &[]);
        house
            .identity
            .revoke(&Call::new(&form, app.proof().as_deref()))
            .await
            .expect("the store answers")
            .expect("always 200");
    };
    let first = house.tokens(&site, &ana, "openid offline_access").await;
    let refresh = first.refresh_token.expect("granted");
    for token in [first.access_token.as_str(), &refresh, "garbage"] {
        revoke(&other, token).await;
    }
    assert!(
        house.userinfo(&first.access_token).await.is_ok(),
        "another client's word counts for nothing"
    );

    revoke(&site, &first.access_token).await;
    assert_eq!(
        house.userinfo(&first.access_token).await,
        Err(Fault::TokenInvalid)
    );
    let second = house
        .refresh(&site, &refresh)
        .await
        .expect("an access token goes alone");
    assert!(house.userinfo(&second.access_token).await.is_ok());

    revoke(&site, &refresh).await;
    assert_eq!(
        house.userinfo(&second.access_token).await,
        Err(Fault::TokenInvalid),
        "a refresh token takes all along"
    );
    assert!(house.refresh(&site, &refresh).await.is_err());
}

#[tokio::test]
async fn user_can_revoke() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let tokens = house.tokens(&site, &ana, "openid email offline_access").await;
    let listed = house
        .identity
        .connected_applications(&ana.who)
        .await
        .expect("the store answers");
    assert_eq!(
        listed
            .iter()
            .map(|one| one.client.name.as_str())
            .collect::<Vec<_>>(),
        ["Site"]
    );
    house
        .identity
        .revoke_application(&ana.who, site.id(), &ana.browser)
        .await
        .expect("revoked");
    assert!(
        house
            .identity
            .connected_applications(&ana.who)
            .await
            .expect("the store answers")
            .is_empty()
    );
    assert_eq!(
        house.userinfo(&tokens.access_token).await,
        Err(Fault::TokenInvalid)
    );
    let silent = super::grants_house::parameters(&house.authorize(&site, &ana, &[("prompt", "none")]).await);
    assert_eq!(
        super::grants_house::get(&silent, "error").as_deref(),
        Some("consent_required")
    );
}

#[tokio::test]
async fn oidcc_server_rotate_keys() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let kids = async || {
        let set = house.identity.jwks().await.expect("keys");
        set.keys()
            .iter()
            .map(|key| key.kid().expect("named").to_owned())
            .collect::<Vec<_>>()
    };
    let before = kids().await;
    assert_eq!(before.len(), 3, "RS256, ES256, EdDSA");
    let old = house.tokens(&site, &ana, "openid").await;
    // One RSA key for all tests: only the others can be told apart here.
    house.identity.rotate_keys().await.expect("rotated");
    let after = kids().await;
    assert!(
        before.iter().all(|kid| after.contains(kid)),
        "what signed before is still published"
    );
    assert!(after.len() > before.len());
    assert!(house.userinfo(&old.access_token).await.is_ok());
    assert!(
        house
            .userinfo(&house.tokens(&site, &ana, "openid").await.access_token)
            .await
            .is_ok()
    );
    house.pass(Duration::from_secs(3600 + 601));
    house.identity.tend_keys().await.expect("tended");
    assert_eq!(kids().await.len(), 3, "the old ones are let go");
}

#[tokio::test]
async fn keys_are_made_before_they_are_needed() {
    let house = House::new();
    let day = Duration::from_secs(24 * 3600);
    house.identity.ensure_keys().await.expect("made");
    let count = async || house.identity.jwks().await.expect("keys").keys().len();
    house.pass(day * 88);
    house.identity.tend_keys().await.expect("tended");
    assert_eq!(count().await, 3);
    house.pass(day);
    house.identity.tend_keys().await.expect("tended");
    assert_eq!(count().await, 6, "published a day before");
    house.pass(day);
    house.identity.tend_keys().await.expect("tended");
    assert_eq!(count().await, 6, "the old ones are still published");
}

#[tokio::test]
async fn metadata_holds_what_relying_parties_need() {
    let house = House::new();
    let document = house.identity.discovery().await.expect("keys");
    assert_eq!(document["issuer"], "https://id.example");
    assert_eq!(
        document["id_token_signing_alg_values_supported"],
        json!(["RS256", "ES256", "EdDSA"])
    );
    assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(
        document["authorization_response_iss_parameter_supported"],
        json!(true)
    );
    assert_eq!(document["response_types_supported"], json!(["code"]));
}
