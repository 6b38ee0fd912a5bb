//! Signing out: RP-Initiated, Back-Channel and Front-Channel Logout 1.0.

use core::time::Duration;

use doorward_oidc::client::WebUri;
use doorward_oidc::logout::back_channel::{self, EVENT, LogoutToken};
use doorward_oidc::logout::front_channel;
use doorward_oidc::logout::rp_initiated::{LogoutDecision, LogoutRequest, Present};
use doorward_oidc::{Client, Fault};
use serde_json::{Value, json};

use crate::tokens::{grant, id_token};
use crate::world::*;

const BYE: &str = "https://app.example/bye";
const HERE: Option<Present<'static>> = Some(Present {
    sub: "person-1",
    sid: Some("sid-1"),
});

fn hint() -> String {
    id_token(&client(), &grant()).sign(keys()).unwrap()
}

fn decide(pairs: &[(&str, &str)], client: Option<&Client>, present: Option<Present<'_>>) -> LogoutDecision {
    let request = LogoutRequest::parse(&params(pairs), issuer(), keys()).unwrap();
    request.decide(
        client.filter(|client| Some(&client.id) == request.client_id.as_ref()),
        present,
    )
}

fn ends_at(decision: LogoutDecision) -> Option<String> {
    match decision {
        LogoutDecision::End { onward } => onward.map(|onward| onward.location()),
        other => panic!("does not end: {other:?}"),
    }
}

#[test]
fn oidcc_rp_initiated_logout() {
    let hint = hint();
    let pairs = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", BYE),
        ("state", "a b"),
    ];
    assert_eq!(
        ends_at(decide(&pairs, Some(&client()), HERE)).as_deref(),
        Some("https://app.example/bye?state=a+b")
    );
    let nobody = decide(&pairs, Some(&client()), None);
    assert_eq!(
        ends_at(nobody).as_deref(),
        Some("https://app.example/bye?state=a+b"),
        "signed out already"
    );
}

#[test]
fn oidcc_rp_initiated_logout_no_state() {
    let hint = hint();
    let pairs = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", BYE),
    ];
    assert_eq!(
        ends_at(decide(&pairs, Some(&client()), HERE)).as_deref(),
        Some(BYE)
    );
}

#[test]
fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri() {
    let hint = hint();
    for bad in [
        "https://app.example/bye?x=1",
        "https://app.example/bye/",
        "https://evil.example/",
        "javascript:alert(1)",
    ] {
        let pairs = [
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", bad),
        ];
        let decision = decide(&pairs, Some(&client()), HERE);
        assert_eq!(
            decision,
            LogoutDecision::Refuse(Fault::LogoutRedirectUriNotRegistered),
            "{bad}"
        );
    }
    let unnamed = decide(&[("post_logout_redirect_uri", BYE)], None, HERE);
    assert_eq!(
        unnamed,
        LogoutDecision::Refuse(Fault::LogoutRedirectUriNotRegistered)
    );
}

#[test]
fn oidcc_rp_initiated_logout_bad_id_token_hint() {
    let foreign = id_token(&client(), &grant()).sign(&other_keys()).unwrap();
    let hint = hint();
    let (_, rest) = hint.split_once('.').unwrap();
    let (payload, _) = rest.split_once('.').unwrap();
    let unsigned = format!(
        "{}.{payload}.",
        doorward_jose::base64url::encode(br#"{"alg":"none","typ":"JWT"}"#)
    );
    for bad in [foreign.as_str(), unsigned.as_str(), "x"] {
        let pairs = [
            ("id_token_hint", bad),
            ("client_id", "app"),
            ("post_logout_redirect_uri", BYE),
        ];
        assert_eq!(
            decide(&pairs, Some(&client()), HERE),
            LogoutDecision::Refuse(Fault::LogoutHintInvalid)
        );
    }
}

#[test]
fn oidcc_rp_initiated_logout_no_id_token_hint() {
    let pairs = [("client_id", "app"), ("post_logout_redirect_uri", BYE)];
    let LogoutDecision::Ask { onward: Some(onward) } = decide(&pairs, Some(&client()), HERE) else {
        panic!("asks")
    };
    assert_eq!(onward.location(), BYE);
    let sealed = serde_json::to_string(&onward).unwrap();
    assert_eq!(
        serde_json::from_str::<doorward_oidc::logout::rp_initiated::Onward>(&sealed).unwrap(),
        onward
    );
}

#[test]
fn oidcc_rp_initiated_logout_no_params() {
    for pairs in [&[][..], &[("state", "x")]] {
        assert_eq!(decide(pairs, None, HERE), LogoutDecision::Ask { onward: None });
        assert_eq!(decide(pairs, None, None), LogoutDecision::End { onward: None });
    }
}

#[test]
fn logout_csrf() {
    let hint = hint();
    let pairs = [("id_token_hint", hint.as_str())];
    let other_person = Some(Present {
        sub: "person-2",
        sid: Some("sid-1"),
    });
    let other_session = Some(Present {
        sub: "person-1",
        sid: Some("sid-2"),
    });
    for present in [other_person, other_session] {
        assert_eq!(
            decide(&pairs, Some(&client()), present),
            LogoutDecision::Ask { onward: None }
        );
    }
}

#[test]
fn hint_expired_is_fine() {
    let (client, grant) = (client(), grant());
    let old = doorward_oidc::id_token::IdToken {
        now: NOW.minus(Duration::from_secs(86_400)),
        ..id_token(&client, &grant)
    };
    let old = old.sign(keys()).unwrap();
    assert_eq!(
        ends_at(decide(&[("id_token_hint", &old)], Some(&client), HERE)),
        None
    );
}

#[test]
fn client_id_is_the_hints_audience() {
    let hint = hint();
    let pairs = params(&[("id_token_hint", &hint), ("client_id", "other")]);
    assert_eq!(
        LogoutRequest::parse(&pairs, issuer(), keys()).unwrap_err(),
        Fault::LogoutClientMismatch
    );
}

#[test]
fn oidcc_backchannel_rp_initiated_logout() {
    let client = client();
    let token = LogoutToken {
        issuer: issuer(),
        client: &client,
        sub: "person-1",
        sid: Some("sid-1"),
        jti: "j1",
        now: NOW,
    };
    let expected = json!({
        "iss": "https://id.example", "aud": "app", "iat": NOW.seconds(), "exp": NOW.seconds() + 600,
        "jti": "j1", "sub": "person-1", "sid": "sid-1", "events": { EVENT: {} },
    });
    assert_eq!(Value::Object(token.claims()), expected);
    let signed = token.sign(keys()).unwrap();
    let header = doorward_jose::Compact::parse(&signed).unwrap();
    assert!(header.header().typ_is("logout+jwt"));
    assert_eq!(back_channel::body("a.b.c"), "logout_token=a.b.c");
}

#[test]
fn oidcc_frontchannel_rp_initiated_logout() {
    let mut client = client();
    assert_eq!(front_channel::frame(&client, issuer(), None), None);
    client.frontchannel_logout_uri = Some(WebUri::parse("https://app.example/out?a=1").unwrap());
    let frame = front_channel::frame(&client, issuer(), Some("s 1")).unwrap();
    assert_eq!(
        frame,
        "https://app.example/out?a=1&iss=https%3A%2F%2Fid.example&sid=s+1"
    );
}
