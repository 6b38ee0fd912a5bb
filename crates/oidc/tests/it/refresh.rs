//! Refreshing: RFC 6749 §6, RFC 9700 §4.14.2, RFC 9449 §5.

use core::time::Duration;

use doorward_crypto::Timestamp;
use doorward_oidc::client::metadata::{ApplicationType, Client, GrantType};
use doorward_oidc::token::refresh_token::is_due;
use doorward_oidc::token::{Caller, RefreshDecision, RefreshFamily, RefreshRequest, Rotation, TokenRequest};
use doorward_oidc::{Fault, Grant, Scope};

use crate::world::*;

fn request(client: &Client, more: &[(&str, &str)]) -> RefreshRequest {
    let mut pairs = vec![("grant_type", "refresh_token"), ("refresh_token", "r")];
    pairs.extend_from_slice(more);
    match TokenRequest::parse(&params(&pairs), &authenticated(client)).unwrap() {
        TokenRequest::RefreshToken(request) => request,
        other => panic!("another grant: {other:?}"),
    }
}

fn grant(client: &Client) -> Grant {
    let redirect = client.redirect_uris[0].as_str();
    let edits = [
        ("client_id", Some(client.id.as_str())),
        ("redirect_uri", Some(redirect)),
        ("scope", Some("openid email offline_access")),
    ];
    Grant::of(&granted(&edits, client), None)
}

fn decide(
    family: &RefreshFamily,
    presented: u32,
    client: &Client,
    more: &[(&str, &str)],
    jkt: Option<&str>,
    now: Timestamp,
) -> RefreshDecision {
    let client_known = authenticated(client);
    let caller = Caller {
        client: &client_known,
        jkt,
        issuer: issuer(),
        now,
    };
    family.decide(presented, &request(client, more), &grant(client), &caller)
}

fn issued(decision: RefreshDecision) -> (RefreshFamily, bool) {
    match decision {
        RefreshDecision::Issue {
            family, successor, ..
        } => (family, successor),
        other => panic!("not issued: {other:?}"),
    }
}

fn after(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

#[test]
fn rotation_public() {
    let client = native();
    let first = RefreshFamily::begin(&client, None, NOW);
    let (second, successor) = issued(decide(&first, 1, &client, &[], None, after(5)));
    assert_eq!((second.generation, successor), (2, true));
    let (third, _) = issued(decide(&second, 2, &client, &[], None, after(10)));
    assert_eq!(third.generation, 3);
}

#[test]
fn bound_and_confidential_clients_keep_their_token() {
    let confidential = client();
    let family = RefreshFamily::begin(&confidential, None, NOW);
    let (same, successor) = issued(decide(&family, 1, &confidential, &[], None, after(1000)));
    assert_eq!(
        (same.generation, successor),
        (1, false),
        "the token does not change"
    );
    issued(decide(&same, 1, &confidential, &[], None, after(2000)));
    let public = native();
    assert_eq!(Rotation::of(&public, Some("key")), Rotation::Never);
    let bound = RefreshFamily::begin(&public, Some("key"), NOW);
    let (same, _) = issued(decide(&bound, 1, &public, &[], Some("key"), after(1000)));
    assert_eq!(same.generation, 1);
}

#[test]
fn refresh_grace_returns_same_child() {
    let client = native();
    let first = RefreshFamily::begin(&client, None, NOW);
    let (second, _) = issued(decide(&first, 1, &client, &[], None, after(100)));
    for seconds in [100, 105, 110] {
        let (again, successor) = issued(decide(&second, 1, &client, &[], None, after(seconds)));
        assert_eq!(
            (again.generation, again.rotated_at, successor),
            (2, second.rotated_at, true),
            "no second branch"
        );
    }
    assert_eq!(
        decide(&second, 1, &client, &[], None, after(111)),
        RefreshDecision::Reused
    );
    let (third, _) = issued(decide(&second, 2, &client, &[], None, after(101)));
    assert_eq!(
        decide(&third, 1, &client, &[], None, after(102)),
        RefreshDecision::Reused,
        "once the child was used the parent is dead"
    );
}

#[test]
fn refresh_bound_to_client_and_key() {
    let client = native();
    let mut other = client.clone();
    other.id = id("other");
    let family = RefreshFamily::begin(&client, Some("key-1"), NOW);
    let refuse = |fault| RefreshDecision::Refuse(fault);
    assert_eq!(
        decide(&family, 1, &other, &[], Some("key-1"), after(1)),
        refuse(Fault::RefreshTokenOfAnotherClient)
    );
    assert_eq!(
        decide(&family, 1, &client, &[], Some("key-2"), after(1)),
        refuse(Fault::DpopKeyMismatch)
    );
    assert_eq!(
        decide(&family, 1, &client, &[], None, after(1)),
        refuse(Fault::DpopKeyMismatch)
    );
    assert_eq!(
        decide(&family, 2, &client, &[], Some("key-1"), after(1)),
        refuse(Fault::RefreshTokenUnknown)
    );
    assert_eq!(
        decide(&family, 0, &client, &[], Some("key-1"), after(1)),
        refuse(Fault::RefreshTokenUnknown)
    );
}

#[test]
fn refresh_scope_never_grows() {
    let client = native();
    let family = RefreshFamily::begin(&client, None, NOW);
    let scope = |text: &str| match decide(&family, 1, &client, &[("scope", text)], None, after(1)) {
        RefreshDecision::Issue { scope, .. } => Ok(scope.to_string()),
        RefreshDecision::Refuse(fault) => Err(fault),
        RefreshDecision::Reused => panic!("not reused"),
    };
    assert_eq!(scope("openid"), Ok("openid".to_owned()));
    assert_eq!(
        scope("openid email offline_access"),
        Ok("openid email offline_access".to_owned())
    );
    assert_eq!(scope("openid phone"), Err(Fault::ScopeGrows));
    let resource = decide(
        &family,
        1,
        &client,
        &[("resource", "https://api.example/")],
        None,
        after(1),
    );
    assert_eq!(resource, RefreshDecision::Refuse(Fault::ResourceNotAllowed));
}

#[test]
fn refresh_idle_and_absolute_limit() {
    let client = native();
    let day = 24 * 3600;
    let family = RefreshFamily::begin(&client, None, NOW);
    assert_eq!(
        decide(&family, 1, &client, &[], None, after(14 * day)),
        RefreshDecision::Refuse(Fault::RefreshTokenExpired)
    );
    let mut living = family;
    for step in 1..=6 {
        (living, _) = issued(decide(
            &living,
            living.generation,
            &client,
            &[],
            None,
            after(step * 13 * day),
        ));
    }
    let end = decide(&living, living.generation, &client, &[], None, after(90 * day));
    assert_eq!(
        end,
        RefreshDecision::Refuse(Fault::RefreshTokenExpired),
        "sliding never passes the absolute end"
    );
}

#[test]
fn offline_access_rules() {
    let with = Scope::parse("openid offline_access").unwrap();
    let without = Scope::parse("openid").unwrap();
    let mut client = client();
    assert!(is_due(&client, &with) && !is_due(&client, &without));
    client.grant_types = vec![GrantType::AuthorizationCode];
    assert!(!is_due(&client, &with));
    let native = native();
    assert_eq!(native.application_type, ApplicationType::Native);
    assert!(is_due(&native, &without));
}

/// Whatever is presented in whatever order, there is never a second branch: each generation is given out as
/// one token, and a token of an older generation than the one before the newest ends the family.
#[test]
fn no_sequence_makes_two_branches() {
    let client = native();
    for sequence in 0..3_u32.pow(6) {
        let mut family = RefreshFamily::begin(&client, None, NOW);
        let mut time = 0;
        for step in 0..6 {
            let back = sequence / 3_u32.pow(step) % 3;
            time += 3;
            let presented = family.generation.saturating_sub(back);
            match decide(&family, presented, &client, &[], None, after(time)) {
                RefreshDecision::Issue { family: next, .. } => {
                    assert!(back < 2 && next.generation == family.generation + u32::from(back == 0));
                    family = next;
                }
                RefreshDecision::Reused => {
                    assert!(back >= 1);
                    break;
                }
                RefreshDecision::Refuse(fault) => {
                    assert_eq!((presented, fault), (0, Fault::RefreshTokenUnknown));
                }
            }
        }
    }
}
