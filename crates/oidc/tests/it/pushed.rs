//! Pushed authorization requests: RFC 9126, FAPI 2.0 Security Profile §5.3.2.2.

use core::time::Duration;

use doorward_oidc::Fault;
use doorward_oidc::authorize::{self, Context, PushedRequest, RequestUri};

use crate::world::*;

fn pushed(edits: &[(&str, Option<&str>)], jkt: Option<&str>) -> Result<PushedRequest, Fault> {
    let context = Context::new(issuer(), keys(), NOW).pushed();
    let request = authorize::check(&edited(edits), &client(), &context).map_err(|refusal| refusal.fault())?;
    PushedRequest::new(request, jkt, NOW)
}

#[test]
fn a_reference_is_long_and_read_back() {
    let (one, two) = (
        RequestUri::generate(&RANDOM).unwrap(),
        RequestUri::generate(&RANDOM).unwrap(),
    );
    assert_ne!(one, two);
    assert_eq!(one.expose().len(), authorize::pushed::URN.len() + 43);
    let answer: serde_json::Value = serde_json::from_str(&one.answer()).unwrap();
    assert_eq!(answer["expires_in"], 60);
    let named = RequestUri::named(&params(&[("client_id", "app"), ("request_uri", one.expose())]));
    assert_eq!(named, Some(one));
    assert_eq!(
        RequestUri::named(&params(&[("request_uri", "https://a.example/")])),
        None
    );
}

#[test]
fn par_attempt_to_use_request_uri_for_different_client() {
    let kept = pushed(&[], None).unwrap();
    let later = NOW.plus(Duration::from_secs(59));
    assert_eq!(kept.visit(&id("other"), later), Err(Fault::RequestUriUnknown));
    let request = kept.visit(&id("app"), later).unwrap();
    assert_eq!(
        request.received_at, later,
        "a sign-in between push and visit is not a fresh one"
    );
    assert_eq!(
        kept.visit(&id("app"), NOW.plus(Duration::from_secs(60))),
        Err(Fault::RequestUriUnknown)
    );
    let stored = serde_json::to_string(&kept).unwrap();
    assert_eq!(serde_json::from_str::<PushedRequest>(&stored).unwrap(), kept);
}

#[test]
fn par_authorization_request_containing_request_uri_form_param() {
    let fault = pushed(
        &[("request_uri", Some("urn:ietf:params:oauth:request_uri:x"))],
        None,
    )
    .unwrap_err();
    assert_eq!(
        (fault, fault.code().as_str()),
        (Fault::RequestUriPushed, "invalid_request")
    );
    let fault = pushed(&[("redirect_uri", None)], None).unwrap_err();
    assert_eq!(fault.code().as_str(), "invalid_request");
    let fault = pushed(&[("code_challenge", None), ("code_challenge_method", None)], None).unwrap_err();
    assert_eq!(fault.code().as_str(), "invalid_request");
}

#[test]
fn ensure_mismatched_dpop_jkt_fails() {
    let jkt = CHALLENGE; // any 43 characters
    assert_eq!(
        pushed(&[("dpop_jkt", Some(jkt))], Some("other")).unwrap_err(),
        Fault::DpopJktMismatch
    );
    let bound = pushed(&[], Some(jkt)).unwrap().visit(&id("app"), NOW).unwrap();
    assert_eq!(bound.dpop_jkt.as_deref(), Some(jkt));
    assert!(pushed(&[("dpop_jkt", Some(jkt))], Some(jkt)).is_ok());
}
