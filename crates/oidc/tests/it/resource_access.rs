//! Presenting an access token, asking about it, ending it: RFC 6750, RFC 9470, RFC 7662, RFC 7009.

use core::time::Duration;

use doorward_oidc::access_token::{Scheme, challenge, presented};
use doorward_oidc::revocation::{Found, Revocation};
use doorward_oidc::{AccessToken, Acr, Fault, Params, introspection, revocation};
use serde_json::json;

use crate::tokens::{access_token, grant};
use crate::world::*;

#[test]
fn a_token_comes_in_one_way() {
    let body = params(&[("access_token", "abc")]);
    let empty = Params::default();
    assert_eq!(presented(Some("bEaReR abc"), None, None).unwrap().token, "abc");
    assert_eq!(
        presented(Some("DPoP abc"), None, None).unwrap().scheme,
        Scheme::Dpop
    );
    assert_eq!(presented(None, Some(&body), Some(&empty)).unwrap().token, "abc");
    let fault = |header, body, query| presented(header, body, query).unwrap_err();
    assert_eq!(fault(None, None, None), Fault::TokenMissing);
    assert_eq!(fault(Some("Basic abc"), None, None), Fault::TokenMissing);
    assert_eq!(fault(Some("Bearer abc"), Some(&body), None), Fault::TokenTwice);
    assert_eq!(fault(Some("Bearer a b"), None, None), Fault::TokenMalformed);
    assert_eq!(fault(Some("Bearer "), None, None), Fault::TokenMalformed);
    assert_eq!(fault(Some("Bearer a\"b"), None, None), Fault::TokenMalformed);
}

#[test]
fn token_never_in_url() {
    let query = params(&[("access_token", "abc")]);
    assert_eq!(
        presented(Some("Bearer abc"), None, Some(&query)).unwrap_err(),
        Fault::TokenInQuery
    );
    assert_eq!(
        presented(None, None, Some(&query)).unwrap_err(),
        Fault::TokenInQuery
    );
}

#[test]
fn challenges_say_what_is_wrong() {
    assert_eq!(challenge(Fault::TokenMissing, Scheme::Bearer, None), "Bearer");
    let invalid = challenge(Fault::TokenInvalid, Scheme::Dpop, None);
    assert!(invalid.starts_with("DPoP error=\"invalid_token\", error_description=\""));
    assert!(challenge(Fault::TokenScope, Scheme::Bearer, None).ends_with("scope=\"openid\""));
}

#[test]
fn step_up_challenge() {
    let token = access_token();
    assert_eq!(
        token.demand(Some(Acr::PhishingResistant), Some(Duration::from_secs(60)), NOW),
        Ok(())
    );
    let weak = token
        .demand(Some(Acr::PhishingResistantHardware), None, NOW)
        .unwrap_err();
    let old = token
        .demand(None, Some(Duration::from_secs(59)), NOW)
        .unwrap_err();
    assert_eq!(
        (weak, old),
        (Fault::AuthenticationTooWeak, Fault::AuthenticationTooOld)
    );
    assert_eq!(weak.code().status(), 401);
    let header = challenge(
        weak,
        Scheme::Bearer,
        Some((
            Some(Acr::PhishingResistantHardware),
            Some(Duration::from_secs(60)),
        )),
    );
    assert!(header.contains("error=\"insufficient_user_authentication\""));
    assert!(header.ends_with("acr_values=\"phrh\", max_age=\"60\""));
}

#[test]
fn access_token_audience() {
    let token = access_token();
    assert!(
        token.is_for("https://id.example") && !token.is_for("https://id.example/") && !token.is_for("app")
    );
    let other = AccessToken {
        audience: vec!["https://api.example/".to_owned()],
        ..token
    };
    assert!(!other.is_for("https://id.example"));
}

#[test]
fn introspect_only_owner_or_audience() {
    let token = access_token();
    let owner = introspection::access_token(&token, &client(), issuer());
    assert_eq!(owner["active"], true);
    assert_eq!(owner["token_type"], "Bearer");
    assert_eq!(
        (&owner["acr"], &owner["auth_time"]),
        (&json!("phr"), &json!(NOW.seconds() - 60))
    );
    let mut other = client();
    other.id = id("other");
    assert_eq!(
        introspection::access_token(&token, &other, issuer()),
        introspection::inactive()
    );
    assert_eq!(
        introspection::refresh_token(&grant(), &other, issuer()),
        introspection::inactive()
    );
    assert_eq!(
        introspection::refresh_token(&grant(), &client(), issuer())["active"],
        true
    );
    other.resources = vec!["https://api.example/".to_owned()];
    let for_the_api = AccessToken {
        audience: other.resources.clone(),
        ..token.clone()
    };
    assert_eq!(
        introspection::access_token(&for_the_api, &other, issuer()),
        introspection::inactive(),
        "who may ask for tokens for a resource is not the resource"
    );
    let meant = AccessToken {
        audience: vec!["other".to_owned()],
        ..token
    };
    assert_eq!(
        introspection::access_token(&meant, &other, issuer())["active"],
        true
    );
    assert_eq!(introspection::inactive().len(), 1);
    assert!(introspection::asked(&params(&[])).is_err());
    assert!(
        introspection::asked(&params(&[("token", "a b")]))
            .unwrap()
            .is_none(),
        "garbage is not active"
    );
}

#[test]
fn introspection_jwt() {
    let answer = introspection::access_token(&access_token(), &client(), issuer());
    let jwt = introspection::sign(answer.clone(), &client(), issuer(), keys(), NOW).unwrap();
    let claims = keys()
        .verify(doorward_oidc::keys::JwtType::Introspection, &jwt)
        .unwrap();
    assert_eq!(claims.get("aud"), Some(&json!("app")));
    assert_eq!(
        claims.get("token_introspection"),
        Some(&serde_json::Value::Object(answer))
    );
    assert_eq!(claims.get("sub"), None);
}

#[test]
fn revocation_own_tokens_only() {
    let (token, own) = (access_token(), client());
    let mut other = client();
    other.id = id("other");
    assert_eq!(
        revocation::decide(Found::Access(&token), &own),
        Revocation::Token("j1".to_owned())
    );
    assert_eq!(
        revocation::decide(Found::Refresh(&own.id), &own),
        Revocation::Grant
    );
    for found in [Found::Access(&token), Found::Refresh(&own.id), Found::Unknown] {
        assert_eq!(revocation::decide(found, &other), Revocation::Nothing);
    }
    assert_eq!(
        revocation::asked(&params(&[])).unwrap_err(),
        Fault::RevokedTokenMissing
    );
}
