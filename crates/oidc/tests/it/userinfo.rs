//! Claims about the person: OpenID Connect Core §5.1, §5.3, §5.4, §5.5.

use doorward_crypto::{Algorithm, Timestamp};
use doorward_oidc::client::metadata::IdTokenClaims;
use doorward_oidc::userinfo::{self, Address, id_token_claims};
use doorward_oidc::{Fault, Grant, PersonClaims, Scope};
use serde_json::{Map, Value, json};

use crate::world::*;

fn ana() -> PersonClaims {
    let text = |value: &str| Some(value.to_owned());
    let mut person = PersonClaims {
        name: text("Ana B. Cruz"),
        family_name: text("Cruz"),
        given_name: text("Ana"),
        middle_name: text("B."),
        nickname: text("an"),
        preferred_username: text("ana"),
        profile: text("https://ana.example/"),
        picture: text("https://ana.example/p.png"),
        website: text("https://ana.example/"),
        gender: text("female"),
        birthdate: text("0000-12-31"),
        zoneinfo: text("Europe/Lisbon"),
        locale: text("pt-PT"),
        updated_at: Some(Timestamp::from_seconds(1_700_000_000)),
        email: Some(("ana@ana.example".to_owned(), true)),
        address: Some(Address {
            country: text("Portugal"),
            ..Address::default()
        }),
        phone_number: Some(("+351210000000".to_owned(), false)),
        groups: vec!["staff".to_owned()],
        ..PersonClaims::default()
    };
    person
        .custom
        .insert("quota".to_owned(), ("files".to_owned(), json!(5)));
    person
}

fn answer(scope: &str, claims: Option<&str>) -> Map<String, Value> {
    let mut client = client();
    client.scope = client.scope.union(&Scope::parse("files").unwrap());
    let grant = Grant::of(
        &granted(&[("scope", Some(scope)), ("claims", claims)], &client),
        None,
    );
    userinfo::userinfo(&grant, &grant.scope, &ana()).unwrap()
}

fn names(claims: &Map<String, Value>) -> Vec<&str> {
    claims.keys().map(String::as_str).collect()
}

#[test]
fn oidcc_scope_profile() {
    let claims = answer("openid profile", None);
    assert_eq!(claims.len(), 15, "the fourteen and sub");
    assert_eq!(claims["updated_at"], json!(1_700_000_000));
    assert!(!claims.contains_key("email") && !claims.contains_key("groups"));
}

#[test]
fn oidcc_scope_email() {
    let claims = answer("openid email", None);
    assert_eq!(
        Value::Object(claims),
        json!({ "sub": "person-1", "email": "ana@ana.example", "email_verified": true })
    );
}

#[test]
fn oidcc_scope_address() {
    assert_eq!(
        answer("openid address", None)["address"],
        json!({ "country": "Portugal" })
    );
}

#[test]
fn oidcc_scope_phone() {
    let claims = answer("openid phone", None);
    assert_eq!(claims["phone_number"], "+351210000000");
    assert_eq!(claims["phone_number_verified"], false);
}

#[test]
fn oidcc_scope_all() {
    let claims = answer("openid profile email address phone", None);
    assert_eq!(claims.len(), 20);
}

#[test]
fn groups_array() {
    assert_eq!(answer("openid groups", None)["groups"], json!(["staff"]));
    let grant = Grant::of(&granted(&[("scope", Some("openid groups"))], &client()), None);
    let claims = userinfo::userinfo(&grant, &grant.scope, &PersonClaims::default()).unwrap();
    assert_eq!(claims["groups"], json!([]), "also for none");
}

#[test]
fn oidcc_claims_essential() {
    let claims = answer("openid", Some(r#"{"userinfo":{"name":{"essential":true}}}"#));
    assert_eq!(names(&claims), ["name", "sub"]);
}

#[test]
fn claims_minimal() {
    assert_eq!(names(&answer("openid", None)), ["sub"]);
    let mut narrow = client();
    narrow.scope = Scope::parse("openid email").unwrap();
    let claims = r#"{"userinfo":{"phone_number":null,"groups":null,"email":null,"quota":null},"id_token":{"name":null}}"#;
    let grant = Grant::of(
        &granted(&[("scope", Some("openid")), ("claims", Some(claims))], &narrow),
        None,
    );
    let answer = userinfo::userinfo(&grant, &grant.scope, &ana()).unwrap();
    assert_eq!(
        names(&answer),
        ["email", "sub"],
        "the claims parameter is no way around the client's scopes"
    );
    assert!(id_token_claims(&narrow, &grant, &grant.scope, &ana()).is_empty());
}

#[test]
fn custom_claims_come_with_their_scope() {
    assert_eq!(answer("openid files", None)["quota"], 5);
    assert!(!answer("openid", Some(r#"{"userinfo":{"quota":null}}"#)).contains_key("quota"));
    for reserved in ["", "sub", "iss", "email_verified", "id", "amr", "groups"] {
        assert!(userinfo::is_reserved(reserved), "{reserved}");
    }
    let mut forged = ana();
    forged.email = None;
    forged
        .custom
        .insert("email_verified".to_owned(), ("email".to_owned(), json!(true)));
    let grant = Grant::of(&granted(&[], &client()), None);
    assert!(
        !userinfo::userinfo(&grant, &grant.scope, &forged)
            .unwrap()
            .contains_key("email_verified")
    );
}

#[test]
fn scope_without_openid() {
    let grant = Grant::of(&granted(&[("scope", Some("email"))], &client()), None);
    let refused = userinfo::userinfo(&grant, &grant.scope, &ana()).unwrap_err();
    assert_eq!((refused, refused.code().status()), (Fault::TokenScope, 403));
}

#[test]
fn compat_claims_in_id_token() {
    let mut client = client();
    let asked = r#"{"id_token":{"nickname":null}}"#;
    let grant = Grant::of(&granted(&[("claims", Some(asked))], &client), None);
    assert_eq!(
        names(&id_token_claims(&client, &grant, &grant.scope, &ana())),
        ["nickname"]
    );
    client.id_token_claims = IdTokenClaims::Compatible;
    assert_eq!(
        names(&id_token_claims(&client, &grant, &grant.scope, &ana())),
        ["email", "email_verified", "nickname"]
    );
    let narrowed = Scope::parse("openid").unwrap();
    assert_eq!(
        names(&id_token_claims(&client, &grant, &narrowed, &ana())),
        ["nickname"]
    );
}

#[test]
fn what_the_account_lacks_is_left_out() {
    let grant = Grant::of(
        &granted(
            &[("scope", Some("openid profile email address phone"))],
            &client(),
        ),
        None,
    );
    let claims = userinfo::userinfo(&grant, &grant.scope, &PersonClaims::default()).unwrap();
    assert_eq!(names(&claims), ["sub"]);
}

#[test]
fn oidcc_userinfo_rs256() {
    let mut client = client();
    let grant = Grant::of(&granted(&[], &client), None);
    let claims = userinfo::userinfo(&grant, &grant.scope, &ana()).unwrap();
    assert!(userinfo::sign(claims.clone(), &client, issuer(), keys()).is_none());
    client.userinfo_signed_response_alg = Some(Algorithm::Rs256);
    let jwt = userinfo::sign(claims, &client, issuer(), keys())
        .unwrap()
        .unwrap();
    let read = keys()
        .verify(doorward_oidc::keys::JwtType::Userinfo, &jwt)
        .unwrap();
    assert_eq!(read.get("iss"), Some(&json!("https://id.example")));
    assert_eq!(read.get("aud"), Some(&json!("app")));
    assert_eq!(read.get("nonce"), None);
}
