//! ID tokens and access tokens: OpenID Connect Core §2 and §3.1.3, RFC 9068, RFC 8725.

use core::time::Duration;
use std::sync::LazyLock;

use doorward_crypto::Algorithm;
use doorward_jose::{Claims, Compact};
use doorward_oidc::id_token::{IdToken, left_half, read_hint};
use doorward_oidc::keys::JwtType;
use doorward_oidc::logout::back_channel::LogoutToken;
use doorward_oidc::token::{TokenAnswer, TokenType};
use doorward_oidc::{AccessToken, Client, Fault, Grant, Scope, access_token};
use serde_json::{Map, Value, json};

use crate::world::*;

static NOBODY: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);

pub(crate) fn grant() -> Grant {
    Grant::of(&granted(&[], &client()), Some("sid-1"))
}

pub(crate) fn id_token<'a>(client: &'a Client, grant: &'a Grant) -> IdToken<'a> {
    IdToken {
        issuer: issuer(),
        client,
        grant,
        nonce: None,
        access_token: None,
        person: &NOBODY,
        lifetime: Duration::from_secs(600),
        now: NOW,
    }
}

pub(crate) fn access_token() -> AccessToken {
    let grant = grant();
    AccessToken {
        jti: "j1".to_owned(),
        grant: Some("g1".to_owned()),
        client_id: grant.client_id.clone(),
        sub: grant.sub.clone(),
        audience: access_token::audience(&[], issuer()),
        scope: grant.scope.clone(),
        authentication: Some(grant.authentication),
        jkt: None,
        issued_at: NOW,
        expires_at: NOW.plus(Duration::from_secs(600)),
    }
}

fn payload(token: &str) -> Claims {
    Claims::parse(Compact::parse(token).unwrap().unverified_payload()).unwrap()
}

#[test]
fn id_token_says_what_the_specification_wants() {
    let (client, grant) = (client(), grant());
    let token = IdToken {
        nonce: Some("n-0S6_WzA2Mj"),
        access_token: Some("at"),
        ..id_token(&client, &grant)
    };
    let signed = token.sign(keys()).unwrap();
    let header = Compact::parse(&signed).unwrap();
    assert_eq!(header.header().alg(), "ES256");
    let kid = header.header().kid().unwrap();
    assert!(keys().published().keys().iter().any(|key| key.kid() == Some(kid)));
    let expected = json!({
        "iss": "https://id.example", "sub": "person-1", "aud": "app", "iat": NOW.seconds(),
        "exp": NOW.seconds() + 600, "auth_time": NOW.seconds() - 60, "acr": "phr", "amr": ["mfa", "pop", "user"],
        "sid": "sid-1", "nonce": "n-0S6_WzA2Mj", "at_hash": left_half(Algorithm::Es256, "at"),
    });
    assert_eq!(Value::Object(payload(&signed).as_object().clone()), expected);
}

#[test]
fn alg_per_use() {
    let grant = grant();
    for (algorithm, name) in [
        (Algorithm::Rs256, "RS256"),
        (Algorithm::Es256, "ES256"),
        (Algorithm::EdDsa, "EdDSA"),
    ] {
        let mut client = client();
        client.id_token_signed_response_alg = algorithm;
        let token = id_token(&client, &grant).sign(keys()).unwrap();
        assert_eq!(Compact::parse(&token).unwrap().header().alg(), name);
    }
    let mut client = client();
    client.id_token_signed_response_alg = Algorithm::Ps256;
    assert!(
        id_token(&client, &grant).sign(keys()).is_err(),
        "no key, no token"
    );
}

#[test]
fn custom_claims_cannot_shadow() {
    let (client, grant) = (client(), grant());
    let mut person = Map::new();
    for name in doorward_oidc::id_token::PROTOCOL_CLAIMS {
        person.insert(name.to_owned(), json!("forged"));
    }
    person.insert("email".to_owned(), json!("a@b.example"));
    let claims = IdToken {
        person: &person,
        ..id_token(&client, &grant)
    }
    .claims();
    assert!(claims.values().all(|value| *value != json!("forged")));
    assert_eq!(claims["email"], "a@b.example");
}

#[test]
fn access_token_9068() {
    let token = access_token().sign(issuer(), Algorithm::Es256, keys()).unwrap();
    assert!(Compact::parse(&token).unwrap().header().typ_is("at+jwt"));
    let claims = payload(&token);
    assert_eq!(claims.get("aud"), Some(&json!("https://id.example")));
    assert_eq!(claims.get("client_id"), Some(&json!("app")));
    assert_eq!(claims.get("scope"), Some(&json!("openid email")));
    assert_eq!(claims.get("acr"), Some(&json!("phr")));
    assert_eq!(
        AccessToken::verify(&token, issuer(), keys(), NOW).unwrap(),
        access_token()
    );
}

#[test]
fn access_token_bound_reads_back() {
    let bound = AccessToken {
        jkt: Some("thumb".to_owned()),
        ..access_token()
    };
    let token = bound.sign(issuer(), Algorithm::EdDsa, keys()).unwrap();
    assert_eq!(payload(&token).get("cnf"), Some(&json!({ "jkt": "thumb" })));
    assert_eq!(AccessToken::verify(&token, issuer(), keys(), NOW).unwrap(), bound);
    let own = AccessToken {
        authentication: None,
        grant: None,
        sub: "app".to_owned(),
        ..access_token()
    };
    let token = own.sign(issuer(), Algorithm::EdDsa, keys()).unwrap();
    let read = AccessToken::verify(&token, issuer(), keys(), NOW).unwrap();
    assert!(!read.is_of_person());
    assert_eq!(read, own);
}

#[test]
fn access_tokens_end_and_are_whole() {
    let token = access_token().sign(issuer(), Algorithm::Es256, keys()).unwrap();
    let verify = |token: &str, seconds: u64| {
        AccessToken::verify(token, issuer(), keys(), NOW.plus(Duration::from_secs(seconds)))
    };
    assert!(verify(&token, 599).is_ok());
    assert_eq!(verify(&token, 600), Err(Fault::TokenInvalid));
    for cut in [1, 2, 10] {
        assert_eq!(
            verify(&token[..token.len() - cut], 0),
            Err(Fault::TokenInvalid),
            "truncated by {cut}"
        );
    }
    assert_eq!(verify(&format!("{token}A"), 0), Err(Fault::TokenInvalid));
    let foreign = access_token()
        .sign(issuer(), Algorithm::Es256, &other_keys())
        .unwrap();
    assert_eq!(verify(&foreign, 0), Err(Fault::TokenInvalid));
    let other = doorward_oidc::Issuer::parse("https://other.example").unwrap();
    let elsewhere = access_token().sign(&other, Algorithm::Es256, keys()).unwrap();
    assert_eq!(
        verify(&elsewhere, 0),
        Err(Fault::TokenInvalid),
        "our key, another issuer"
    );
}

/// Every kind of JWT at every verifier: only the diagonal passes.
#[test]
fn jwt_typ_exclusive() {
    let (client, grant) = (client(), grant());
    let logout = LogoutToken {
        issuer: issuer(),
        client: &client,
        sub: "person-1",
        sid: Some("sid-1"),
        jti: "j",
        now: NOW,
    };
    let userinfo = keys()
        .sign(
            JwtType::Userinfo,
            Algorithm::Es256,
            &id_token(&client, &grant).claims(),
        )
        .unwrap();
    let introspection = keys()
        .sign(
            JwtType::Introspection,
            Algorithm::Es256,
            &id_token(&client, &grant).claims(),
        )
        .unwrap();
    let made = [
        (JwtType::IdToken, id_token(&client, &grant).sign(keys()).unwrap()),
        (
            JwtType::AccessToken,
            access_token().sign(issuer(), Algorithm::Es256, keys()).unwrap(),
        ),
        (JwtType::LogoutToken, logout.sign(keys()).unwrap()),
        (JwtType::Userinfo, userinfo),
        (JwtType::Introspection, introspection),
    ];
    for (kind, token) in &made {
        for wanted in JwtType::ALL {
            assert_eq!(
                keys().verify(*wanted, token).is_ok(),
                kind == wanted,
                "{kind:?} at {wanted:?}"
            );
        }
        assert_eq!(
            read_hint(token, issuer(), keys()).is_ok(),
            *kind == JwtType::IdToken
        );
        assert_eq!(
            AccessToken::verify(token, issuer(), keys(), NOW).is_ok(),
            *kind == JwtType::AccessToken
        );
    }
}

#[test]
fn jwt_alg_allowlist() {
    let (client, grant) = (client(), grant());
    let token = id_token(&client, &grant).sign(keys()).unwrap();
    let mut parts = token.split('.');
    let (header, payload) = (parts.next().unwrap(), parts.next().unwrap());
    let header: Value = serde_json::from_slice(&doorward_jose::base64url::decode(header).unwrap()).unwrap();
    for alg in ["none", "None", "NONE", "HS256", "RS256", "ES384", ""] {
        let mut forged = header.clone();
        forged["alg"] = json!(alg);
        let forged = doorward_jose::base64url::encode(forged.to_string().as_bytes());
        for signature in ["", token.rsplit('.').next().unwrap()] {
            assert!(
                read_hint(&format!("{forged}.{payload}.{signature}"), issuer(), keys()).is_err(),
                "{alg}"
            );
        }
    }
}

#[test]
fn the_answer_is_json_with_the_types_that_clients_expect() {
    let scope = Scope::parse("openid email").unwrap();
    let mut answer = TokenAnswer::new(
        "at".to_owned(),
        TokenType::Bearer,
        Duration::from_secs(600),
        scope,
    );
    answer.id_token = Some("it".to_owned());
    let body: Value = serde_json::from_str(&answer.body()).unwrap();
    let expected = json!({ "access_token": "at", "token_type": "Bearer", "expires_in": 600, "id_token": "it", "scope": "openid email" });
    assert_eq!(body, expected);
    assert!(!format!("{answer:?}").contains("at\""));
}
