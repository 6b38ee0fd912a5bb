//! The device grant: RFC 8628.

use core::time::Duration;

use doorward_oidc::client::metadata::{Client, GrantType};
use doorward_oidc::device::{DeviceAnswer, DeviceGrant, DeviceRequest, Poll, Progress, UserCode};
use doorward_oidc::{Fault, Grant};

use crate::world::*;

fn television() -> Client {
    let mut client = native();
    client.grant_types.push(GrantType::DeviceCode);
    client.check().unwrap();
    client
}

fn begin(client: &Client, form: &[(&str, &str)]) -> Result<DeviceGrant, Fault> {
    let request = DeviceRequest::parse(&params(form), &authenticated(client), issuer())?;
    Ok(DeviceGrant::begin(request, NOW))
}

fn poll(grant: &DeviceGrant, client: &Client, seconds: u64) -> Poll {
    grant.poll(
        &authenticated(client),
        None,
        NOW.plus(Duration::from_secs(seconds)),
    )
}

fn waits(poll: Poll) -> (Fault, DeviceGrant) {
    match poll {
        Poll::Wait { fault, grant } => (fault, grant),
        other => panic!("does not wait: {other:?}"),
    }
}

#[test]
fn device_poll_slow_down() {
    let client = television();
    let grant = begin(&client, &[("scope", "openid")]).unwrap();
    let (fault, grant) = waits(poll(&grant, &client, 0));
    assert_eq!(fault, Fault::DevicePending);
    let (fault, grant) = waits(poll(&grant, &client, 4));
    assert_eq!(
        (fault, grant.interval),
        (Fault::DevicePollTooFast, 10),
        "five more, kept"
    );
    let (fault, grant) = waits(poll(&grant, &client, 13));
    assert_eq!((fault, grant.interval), (Fault::DevicePollTooFast, 15));
    assert_eq!(waits(poll(&grant, &client, 28)).0, Fault::DevicePending);
    assert_eq!(poll(&grant, &client, 600), Poll::Refuse(Fault::DeviceCodeExpired));
}

#[test]
fn a_grant_is_issued_once() {
    let client = television();
    let mut grant = begin(&client, &[("scope", "openid")]).unwrap();
    let yes = Grant::of(
        &granted(
            &[
                ("client_id", Some("native")),
                ("redirect_uri", Some("com.example.app:/cb")),
            ],
            &client,
        ),
        None,
    );
    grant.progress = Progress::Granted(Box::new(yes.clone()));
    let Poll::Issue { grant: issued, spent } = poll(&grant, &client, 5) else {
        panic!("issued")
    };
    assert_eq!(*issued, yes);
    assert_eq!(poll(&spent, &client, 10), Poll::Refuse(Fault::DeviceCodeUnknown));
    grant.progress = Progress::Denied;
    assert_eq!(poll(&grant, &client, 5), Poll::Refuse(Fault::PersonDeclined));
}

#[test]
fn device_code_bound_to_client() {
    let client = television();
    let mut other = client.clone();
    other.id = id("other");
    let grant = begin(&client, &[]).unwrap();
    assert_eq!(
        poll(&grant, &other, 5),
        Poll::Refuse(Fault::DeviceCodeOfAnotherClient)
    );
    assert_eq!(begin(&native(), &[]).unwrap_err(), Fault::GrantTypeNotRegistered);
    assert_eq!(
        begin(&client, &[("scope", "admin")]).unwrap_err(),
        Fault::ScopeEmpty
    );
    assert_eq!(
        begin(&client, &[("resource", "https://api.example/")]).unwrap_err(),
        Fault::ResourceNotAllowed
    );
}

#[test]
fn pkce_also_on_device_and_par() {
    let client = television();
    let plain = [("code_challenge", CHALLENGE), ("code_challenge_method", "plain")];
    assert_eq!(
        begin(&client, &plain).unwrap_err(),
        Fault::CodeChallengeMethodUnsupported
    );
    let grant = begin(
        &client,
        &[("code_challenge", CHALLENGE), ("code_challenge_method", "S256")],
    )
    .unwrap();
    let later = NOW.plus(Duration::from_secs(5));
    let with = |verifier| grant.poll(&authenticated(&client), verifier, later);
    assert_eq!(with(None), Poll::Refuse(Fault::CodeVerifierMissing));
    assert_eq!(with(Some(CHALLENGE)), Poll::Refuse(Fault::CodeVerifierWrong));
    assert_eq!(waits(with(Some(VERIFIER))).0, Fault::DevicePending);
}

#[test]
fn device_user_code_guessing() {
    let code = UserCode::generate(&RANDOM).unwrap();
    let shown = code.to_string();
    assert_eq!((shown.len(), shown.chars().nth(4)), (9, Some('-')));
    assert!(!shown.contains(['A', 'E', 'I', 'O', 'U', 'Y', '0', '1']));
    let typed = format!(" {} ", shown.to_lowercase().replace('-', " "));
    assert_eq!(UserCode::parse(&typed), Some(code.clone()));
    for bad in [
        "",
        "BCDF-GHJ",
        "BCDF-GHJKL",
        "ABCD-EFGH",
        "BCDF-GHJ1",
        "BCDF_GHJK",
    ] {
        assert_eq!(UserCode::parse(bad), None, "{bad}");
    }
    let answer = DeviceAnswer {
        device_code: "d",
        user_code: &code,
        verification_uri: "https://id.example/device",
    };
    let body: serde_json::Value = serde_json::from_str(&answer.body()).unwrap();
    assert_eq!(
        body["verification_uri_complete"],
        format!("https://id.example/device?user_code={shown}")
    );
    assert_eq!((&body["expires_in"], &body["interval"]), (&600.into(), &5.into()));
}
