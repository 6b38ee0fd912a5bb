//! Services: tokens for the client itself, resources, introspection by those whom a token is meant for, and answers
//! that are signed.

use doorward_crypto::Algorithm;
use doorward_identity::clients::NewClient;
use doorward_identity::grants::{Call, Introspected, IntrospectionForm, ResourceCall, UserinfoBody};
use doorward_identity::records::client::Registered;
use doorward_oidc::Acr;
use doorward_oidc::access_token::{Presented, Scheme};
use doorward_oidc::client::metadata::GrantType;
use doorward_oidc::error::Fault;
use doorward_oidc::scope::Scope;
use doorward_storage::StoreError;
use serde_json::{Value, json};

use super::grants_house::{App, CALLBACK, House, claims, params};

const API: &str = "https://api.example/v1";

async fn service(house: &House) -> App {
    let mut new = NewClient::new("Service", Vec::new());
    new.grant_types = vec![GrantType::ClientCredentials];
    new.scope = Scope::parse("read write").expect("well formed");
    new.resources = vec![API.to_owned()];
    house.register(new).await
}

async fn api(house: &House) -> App {
    let mut new = NewClient::new("API", vec![CALLBACK.to_owned()]);
    new.protects = vec![API.to_owned()];
    house.register(new).await
}

async fn introspect(house: &House, app: &App, token: &str, form: IntrospectionForm) -> Introspected {
    let asked = params(&[("token", token)], &[]);
    house
        .identity
        .introspect(&Call::new(&asked, app.proof().as_deref()), form)
        .await
        .expect("the store answers")
        .expect("the caller proved itself")
}

async fn said(house: &House, app: &App, token: &str) -> Value {
    match introspect(house, app, token, IntrospectionForm::Json).await {
        Introspected::Json(said) => Value::Object(said),
        Introspected::Jwt(_) => panic!("JSON was asked for"),
    }
}

#[tokio::test]
async fn client_credentials() {
    let house = House::new();
    let (service, api, other) = (service(&house).await, api(&house).await, house.site().await);
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "read"),
        ("resource", API),
    ];
    let tokens = house.token(&service, &form).await.expect("its own");
    assert!(tokens.refresh_token.is_none() && tokens.id_token.is_none());
    let token = tokens.access_token.as_str();
    let inside = claims(token);
    assert_eq!(
        (&inside["sub"], &inside["client_id"], &inside["aud"]),
        (
            &json!(service.id().as_str()),
            &json!(service.id().as_str()),
            &json!(API)
        )
    );
    assert!(!inside.contains_key("auth_time") && !inside.contains_key("acr"));

    // introspect_only_owner_or_audience
    assert_eq!(said(&house, &api, token).await["scope"], "read");
    assert_eq!(said(&house, &service, token).await["active"], true);
    assert_eq!(said(&house, &other, token).await, json!({ "active": false }));

    // No person, no userinfo.
    let own = house
        .token(&service, &[("grant_type", "client_credentials")])
        .await
        .expect("its own");
    assert_eq!(own.scope.to_string(), "read write");
    assert_eq!(
        house.userinfo(&own.access_token).await,
        Err(Fault::TokenNotOfPerson)
    );

    for (wrong, error) in [
        (("resource", "https://other.example"), "invalid_target"),
        (("scope", "admin"), "invalid_scope"),
        (("scope", "openid"), "invalid_scope"),
    ] {
        let refused = house
            .token(&service, &[("grant_type", "client_credentials"), wrong])
            .await
            .expect_err("not its own");
        assert_eq!(refused.fault().code().as_str(), error, "{wrong:?}");
    }
    let refused = house
        .token(&other, &form)
        .await
        .expect_err("not registered for it");
    assert_eq!(refused.fault(), Fault::GrantTypeNotRegistered);

    let revoke = params(&[("token", token)], &[]);
    house
        .identity
        .revoke(&Call::new(&revoke, service.proof().as_deref()))
        .await
        .expect("the store answers")
        .expect("always 200");
    assert_eq!(said(&house, &api, token).await, json!({ "active": false }));
    assert!(
        house
            .identity
            .remove_client(service.id())
            .await
            .expect("the store answers")
    );
    let after = said(&house, &api, &own.access_token).await;
    assert_eq!(after, json!({ "active": false }));
}

#[tokio::test]
async fn resource_indicators() {
    let house = House::new();
    let ana = house.person("ana").await;
    let mut new = NewClient::new("Site", vec![CALLBACK.to_owned()]);
    new.resources = vec![API.to_owned(), "https://other.example".to_owned()];
    let (site, api) = (house.register(new).await, api(&house).await);
    let ask = |resource| [("scope", "openid offline_access"), ("resource", resource)];

    let code = house.code(&site, &ana, &ask(API)).await;
    let tokens = house.redeem(&site, &code).await.expect("redeemed");
    assert_eq!(claims(&tokens.access_token)["aud"], json!(API));
    assert_eq!(said(&house, &api, &tokens.access_token).await["active"], true);
    assert_eq!(
        house.userinfo(&tokens.access_token).await,
        Err(Fault::TokenInvalid),
        "not meant for userinfo"
    );
    let refresh = tokens.refresh_token.expect("offline access");
    let refreshed = |resource| {
        [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.as_str()),
            ("resource", resource),
        ]
    };
    let again = house
        .token(&site, &refreshed(API))
        .await
        .expect("bound into refresh");
    assert_eq!(claims(&again.access_token)["aud"], json!(API));
    for beyond in ["https://other.example", "https://nobody.example"] {
        let refused = house.token(&site, &refreshed(beyond)).await.expect_err("beyond");
        assert_eq!(refused.fault().code().as_str(), "invalid_target");
    }
}

#[tokio::test]
async fn introspection_jwt() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let tokens = house.tokens(&site, &ana, "openid").await;
    for (token, active) in [(tokens.access_token.as_str(), true), ("garbage", false)] {
        let Introspected::Jwt(jwt) = introspect(&house, &site, token, IntrospectionForm::Jwt).await else {
            panic!("a JWT was asked for");
        };
        let header = jwt.split('.').next().expect("a first part").to_owned();
        let header = claims(&format!("x.{header}"));
        assert_eq!(header["typ"], "token-introspection+jwt");
        let inside = claims(&jwt);
        assert_eq!(inside["aud"], json!(site.id().as_str()), "for the caller alone");
        assert_eq!(inside["iss"], "https://id.example");
        assert_eq!(inside["token_introspection"]["active"], active);
        assert!(!inside.contains_key("sub") && !inside.contains_key("exp"));
    }
}

#[tokio::test]
async fn oidcc_userinfo_rs256() {
    let house = House::new();
    let ana = house.person("ana").await;
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let mut new = NewClient::new("Site", vec![CALLBACK.to_owned()]);
        new.userinfo_signed_response_alg = Some(algorithm);
        let site = house.register(new).await;
        let tokens = house.tokens(&site, &ana, "openid email").await;
        let call = ResourceCall {
            token: Presented {
                scheme: Scheme::Bearer,
                token: &tokens.access_token,
            },
            method: "GET",
            proofs: &[],
        };
        let found = house.identity.userinfo(&call).await.expect("the store answers");
        let UserinfoBody::Jwt(jwt) = found.expect("live").body else {
            panic!("signed");
        };
        let inside = claims(&jwt);
        assert_eq!(
            (&inside["iss"], &inside["aud"], &inside["email"]),
            (
                &json!("https://id.example"),
                &json!(site.id().as_str()),
                &json!("ana@example.org")
            )
        );
        assert!(!inside.contains_key("nonce"));
    }
    let mut new = NewClient::new("Site", vec![CALLBACK.to_owned()]);
    new.userinfo_signed_response_alg = Some(Algorithm::Ps256);
    assert!(
        house.identity.register_client(new).await.is_err(),
        "no key for it"
    );
}

/// Raises or lowers what an application demands.
async fn demand(house: &House, app: &App, minimum: Option<Acr>) {
    let id = app.id().as_str().to_owned();
    let id = &id;
    house
        .identity
        .store()
        .transact(house.identity.now(), |tx| async move {
            let mut registered = tx.read::<Registered>(id).await?.expect("registered");
            registered.client.minimum_acr = minimum;
            tx.write(registered)?;
            Ok::<_, StoreError>(())
        })
        .await
        .expect("changed");
}

#[tokio::test]
async fn step_up_challenge() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let tokens = house.tokens(&site, &ana, "openid").await;
    let about = said(&house, &site, &tokens.access_token).await;
    assert_eq!(about["acr"], "urn:doorward:acr:1fa");
    assert!(about["auth_time"].is_u64());
    demand(&house, &site, Some(Acr::PhishingResistant)).await;
    let call = ResourceCall {
        token: Presented {
            scheme: Scheme::Bearer,
            token: &tokens.access_token,
        },
        method: "GET",
        proofs: &[],
    };
    let refused = house.identity.userinfo(&call).await.expect("the store answers");
    let refused = refused.expect_err("too weak by now");
    assert_eq!(refused.fault.code().as_str(), "insufficient_user_authentication");
    assert_eq!(refused.needs, Some(Acr::PhishingResistant));
    demand(&house, &site, None).await;
    assert!(house.userinfo(&tokens.access_token).await.is_ok());
}

#[tokio::test]
async fn acr_policy_looks_at_what_was_reached_not_at_what_was_told() {
    use doorward_identity::records::session::Session;
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    assert_eq!(ana.who.session.acr(), Acr::OneFactor);
    // A session that reached more, by way of the record.
    let strong = {
        let mut person = ana.clone();
        let id = person.who.session.id;
        let changed = house
            .identity
            .store()
            .transact(house.identity.now(), |tx| async move {
                let mut session: Session = tx.read(&id).await?.expect("a session");
                let mut proofs = serde_json::to_value(&session).expect("JSON");
                let at = proofs["proofs"][0]["at"].clone();
                proofs["proofs"]
                    .as_array_mut()
                    .expect("proofs")
                    .push(json!({ "at": at, "what": "Totp" }));
                if let Ok(changed) = serde_json::from_value(proofs) {
                    session = changed;
                }
                tx.write(session.clone())?;
                Ok::<_, StoreError>(session)
            })
            .await
            .expect("changed");
        person.who.session = changed;
        person
    };
    assert_eq!(
        strong.who.session.acr(),
        Acr::TwoFactors,
        "{:?}",
        strong.who.session
    );
    // The application asks for less than was reached, and is told that.
    let code = house
        .code(
            &site,
            &strong,
            &[
                ("scope", "openid offline_access"),
                ("acr_values", "urn:doorward:acr:1fa"),
            ],
        )
        .await;
    let tokens = house.redeem(&site, &code).await.expect("redeemed");
    assert_eq!(
        claims(tokens.id_token.as_deref().expect("openid"))["acr"],
        "urn:doorward:acr:1fa"
    );
    let refresh = tokens.refresh_token.expect("offline access");
    demand(&house, &site, Some(Acr::TwoFactors)).await;
    assert!(house.refresh(&site, &refresh).await.is_ok(), "it was reached");
    demand(&house, &site, Some(Acr::PhishingResistant)).await;
    let refused = house.refresh(&site, &refresh).await.expect_err("it was not");
    assert_eq!(refused.fault(), Fault::GrantEnded);
}
