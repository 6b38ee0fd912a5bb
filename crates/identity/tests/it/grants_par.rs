//! Pushed authorization requests: RFC 9126, section 1.8 of the checklist.

use std::time::Duration;

use doorward_identity::grants::{Authorize, Call, Pressed};
use doorward_oidc::client::metadata::Profile;
use doorward_oidc::error::Fault;
use serde_json::json;

use super::grants_house::{House, get, parameters, params};
use super::grants_keys::{Key, Member, PAR, TOKEN};

fn is_gone(outcome: &Authorize) -> bool {
    matches!(outcome, Authorize::Page(page) if page.fault == Fault::RequestUriUnknown)
}

#[tokio::test]
async fn par_reuse_before_completion_succeeds_and_after_it_is_refused() {
    let house = House::new();
    let (ana, bank) = (
        house.person("ana").await,
        Member::new(&house, Profile::Oidc, |_| {}).await,
    );
    let reference = bank.push(&house, &[], &[]).await.expect("pushed");
    // Twice in one browser, once in another: nobody has finished.
    let bob = house.person("bob").await;
    let Authorize::Consent(first) = bank.visit(&house, &ana, &reference).await else {
        panic!("asked");
    };
    let Authorize::Consent(second) = bank.visit(&house, &ana, &reference).await else {
        panic!("asked again");
    };
    let Authorize::Consent(elsewhere) = bank.visit(&house, &bob, &reference).await else {
        panic!("asked there");
    };
    house.pass(Duration::from_secs(61)); // it has expired, and those who came wait on
    let answer = house
        .press(&ana, &second.request, Pressed::Allow(second.account))
        .await;
    let answer = parameters(&answer);
    assert!(get(&answer, "code").is_some(), "{answer:?}");
    assert_eq!(get(&answer, "state").as_deref(), Some("st"));
    for (person, view) in [(&ana, &first), (&bob, &elsewhere)] {
        let again = house
            .press(person, &view.request, Pressed::Allow(view.account))
            .await;
        assert!(is_gone(&again), "{again:?}");
    }
}

#[tokio::test]
async fn par_request_uri_is_spent_by_an_answer_without_a_page_too() {
    let house = House::new();
    let (ana, bank) = (
        house.person("ana").await,
        Member::new(&house, Profile::Oidc, |_| {}).await,
    );
    bank.code(&house, &ana, &[]).await; // consent is remembered
    let reference = bank.push(&house, &[], &[]).await.expect("pushed");
    assert!(get(&parameters(&bank.visit(&house, &ana, &reference).await), "code").is_some());
    assert!(is_gone(&bank.visit(&house, &ana, &reference).await));
}

#[tokio::test]
async fn par_expires_and_is_bound_to_its_client() {
    let house = House::new();
    let ana = house.person("ana").await;
    let (bank, other) = (
        Member::new(&house, Profile::Oidc, |_| {}).await,
        Member::new(&house, Profile::Oidc, |_| {}).await,
    );
    let reference = bank.push(&house, &[], &[]).await.expect("pushed");
    assert!(is_gone(&other.visit(&house, &ana, &reference).await));
    assert!(is_gone(&bank.visit(&house, &ana, &format!("{reference}A")).await));
    house.pass(Duration::from_secs(60));
    assert!(is_gone(&bank.visit(&house, &ana, &reference).await));
}

#[tokio::test]
async fn par_ensure_jwt_client_assertions() {
    let house = House::new();
    let (fapi, plain) = (
        Member::new(&house, Profile::Fapi2Security, |_| {}).await,
        Member::new(&house, Profile::Oidc, |_| {}).await,
    );
    let now = house.identity.now().seconds();
    let issuer = "https://id.example";
    // What changes in the assertion, and whether a FAPI client and another are let in with it.
    for (name, value, strict, lenient) in [
        ("aud", json!(issuer), true, true),
        ("aud", json!([issuer]), false, true), // par-test-array-as-audience-fails
        ("aud", json!(PAR), false, true),      // par-test-par-endpoint-url-as-audience-fails
        ("aud", json!(TOKEN), false, true),    // par-test-token-endpoint-url-as-audience-fails
        ("aud", json!([issuer, "https://evil.example"]), false, false),
        ("aud", json!([issuer, 7]), false, false),
        ("aud", json!("https://id.example/"), false, false),
        ("nbf", json!(now + 8), true, true), // nbf-8-seconds-in-the-future-is-accepted
        ("nbf", json!(now + 70), false, false),
        ("exp", json!(now - 300), false, false), // with-exp-is-5-minutes-in-past-fails
        ("exp", json!(now + 3600), false, false),
        ("sub", json!(null), false, false), // with-no-sub-fails
        ("iss", json!("someone"), false, false),
        ("jti", json!(null), false, false),
    ] {
        for (member, expected) in [(&fapi, strict), (&plain, lenient)] {
            let assertion = member.assertion(&house, &[(name, value.clone())]);
            let outcome = member
                .push(&house, &[("client_assertion", &assertion)], &[])
                .await;
            assert_eq!(outcome.is_ok(), expected, "{name} {value} {outcome:?}");
            if let Err(refused) = outcome {
                assert_eq!(
                    refused.fault().code().as_str(),
                    "invalid_client",
                    "{name} {value}"
                );
            }
        }
    }
    let missing = fapi
        .push(
            &house,
            &[("client_assertion", ""), ("client_assertion_type", "")],
            &[],
        )
        .await;
    assert_eq!(missing.expect_err("no proof").status(), 401);
}

#[tokio::test]
async fn par_refusals_are_json_errors() {
    let house = House::new();
    let fapi = Member::new(&house, Profile::Fapi2Security, |_| {}).await;
    let uri = "urn:ietf:params:oauth:request_uri:x";
    for (wrong, error) in [
        (("code_challenge", ""), "invalid_request"), // par-ensure-pkce-required
        (("code_challenge_method", "plain"), "invalid_request"), // par-plain-pkce-rejected
        (("request_uri", uri), "invalid_request"), // par-authorization-request-containing-request_uri-form-param
        (("redirect_uri", ""), "invalid_request"),
        (("redirect_uri", "https://evil.example/"), "invalid_request"),
        (("response_type", "code id_token"), "unsupported_response_type"),
        (("response_type", "token"), "unsupported_response_type"),
        (("dpop_jkt", "short"), "invalid_request"),
        (("resource", "https://nobody.example"), "invalid_target"),
    ] {
        let refused = fapi.push(&house, &[wrong], &[]).await.expect_err(wrong.0);
        assert_eq!(
            (refused.fault().code().as_str(), refused.status()),
            (error, 400),
            "{wrong:?}"
        );
    }
    let (long_nonce, long_state) = ("n".repeat(384), "s".repeat(1024));
    for fine in [
        ("nonce", ""),
        ("state", ""),
        ("nonce", long_nonce.as_str()),
        ("state", long_state.as_str()),
    ] {
        assert!(fapi.push(&house, &[fine], &[]).await.is_ok(), "{}", fine.0);
    }
}

#[tokio::test]
async fn unsigned_authorization_request_without_par_fails() {
    let house = House::new();
    let ana = house.person("ana").await;
    let fapi = Member::new(&house, Profile::Fapi2Security, |_| {}).await;
    let demanding = Member::new(&house, Profile::Oidc, |new| {
        new.require_pushed_authorization_requests = true;
    })
    .await;
    for member in [&fapi, &demanding] {
        let answer = parameters(&house.authorize(&member.app, &ana, &[]).await);
        assert_eq!(get(&answer, "error").as_deref(), Some("invalid_request"));
        assert_eq!(get(&answer, "iss").as_deref(), Some("https://id.example"));
    }
}

#[tokio::test]
async fn only_what_was_pushed_counts() {
    let house = House::new();
    let ana = house.person("ana").await;
    let fapi = Member::new(&house, Profile::Fapi2Security, |_| {}).await;
    fapi.code(&house, &ana, &[]).await;
    let reference = fapi.push(&house, &[("state", "")], &[]).await.expect("pushed");
    let query = params(
        &[
            ("client_id", fapi.app.id().as_str()),
            ("request_uri", &reference),
            ("state", "outside"),
            ("nonce", "outside"),
            ("redirect_uri", "https://evil.example/"),
        ],
        &[],
    );
    let outcome = house
        .identity
        .authorize(&query, Some(&ana.who), &ana.browser)
        .await
        .expect("the store answers");
    let answer = parameters(&outcome);
    assert_eq!(get(&answer, "state"), None);
    let tokens = fapi
        .redeem(&house, &get(&answer, "code").expect("a code"))
        .await
        .expect("redeemed");
    let id_token = super::grants_house::claims(&tokens.id_token.expect("openid"));
    assert_eq!(id_token["nonce"], "no");
}

#[tokio::test]
async fn par_binds_the_code_to_the_key_of_the_proof() {
    let house = House::new();
    let ana = house.person("ana").await;
    let fapi = Member::new(&house, Profile::Fapi2Security, |_| {}).await;
    let stranger = Key::new(doorward_crypto::Algorithm::Es256);
    let proof = |key: &Key| key.proof(&house, ("POST", PAR), &[]);

    let mismatched = fapi
        .push(
            &house,
            &[("dpop_jkt", &stranger.thumbprint())],
            &[&proof(&fapi.dpop)],
        )
        .await;
    assert_eq!(
        mismatched.expect_err("another key").fault(),
        Fault::DpopJktMismatch
    );

    let code = fapi.code(&house, &ana, &[&proof(&stranger)]).await;
    let refused = fapi
        .redeem(&house, &code)
        .await
        .expect_err("another key than pushed");
    assert_eq!(refused.fault(), Fault::DpopKeyMismatch);
    let code = fapi.code(&house, &ana, &[&proof(&fapi.dpop)]).await;
    assert!(fapi.redeem(&house, &code).await.is_ok());

    let once = proof(&fapi.dpop);
    assert!(fapi.push(&house, &[], &[&once]).await.is_ok());
    let again = fapi.push(&house, &[], &[&once]).await.expect_err("used");
    assert_eq!(again.fault(), Fault::DpopProofReplayed);
}

#[tokio::test]
async fn an_application_pushes_only_so_much() {
    let house = House::new();
    let program = house.program().await;
    let form = program.request(&[]);
    for _ in 0..doorward_identity::limits::PUSHES {
        let pushed = house.identity.push(&Call::new(&form, None)).await;
        assert!(pushed.expect("the store answers").is_ok());
    }
    let refused = house.identity.push(&Call::new(&form, None)).await;
    assert_eq!(
        refused.expect("the store answers").expect_err("too many").fault(),
        Fault::ClientTooFast
    );
    let other = house.program().await;
    let form = other.request(&[]);
    let pushed = house.identity.push(&Call::new(&form, None)).await;
    assert!(
        pushed.expect("the store answers").is_ok(),
        "others are not held up"
    );
}
