//! What changes while a request is under way: consents that are taken back, proofs that come, assertions used up.

use std::time::Duration;

use doorward_crypto::ring::Ring;
use doorward_crypto::{Algorithm, NoRandom, Provider, Random, Sha256};
use doorward_identity::accounts::PersonalClaim;
use doorward_identity::clients::NewClient;
use doorward_identity::grants::{Authorize, Pressed, Reason};
use doorward_identity::records::account::Totp;
use doorward_jose::{Jwk, JwkSet, Protected};
use doorward_oidc::client::assertion::ASSERTION_TYPE;
use doorward_oidc::client::metadata::AuthMethod;
use doorward_oidc::error::Fault;

use super::grants_house::{CALLBACK, House, get, parameters};

#[tokio::test]
async fn allow_gives_no_more_than_was_shown() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    house.code(&site, &ana, &[]).await;
    let more = ("scope", "openid email profile");
    let Authorize::Consent(view) = house.authorize(&site, &ana, &[more]).await else {
        panic!("profile is asked for")
    };
    house
        .identity
        .revoke_application(&ana.who, site.id(), &ana.browser)
        .await
        .expect("taken back");
    let pressed = Pressed::Allow(view.account);
    let Authorize::Consent(anew) = house.press(&ana, &view.request, pressed).await else {
        panic!("email was not on the page")
    };
    let shown: Vec<&str> = anew.disclosures.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(shown, ["email", "profile"]);
    let answer = parameters(&house.press(&ana, &anew.request, pressed).await);
    assert!(get(&answer, "code").is_some());
}

#[tokio::test]
async fn allow_counts_only_after_the_page() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    let outcome = house
        .identity
        .authorize(&site.request(&[]), None, &ana.browser)
        .await
        .expect("the store answers");
    let Authorize::SignIn(first) = outcome else {
        panic!("nobody is here")
    };
    let pressed = Pressed::Allow(ana.who.account.id);
    let outcome = house.press(&ana, &first.request, pressed).await;
    assert!(matches!(outcome, Authorize::Consent(_)), "nothing was shown yet");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_consent_that_was_taken_back_stays_taken_back() {
    let house = House::new();
    let (ana, site) = (house.person("ana").await, house.site().await);
    for _ in 0..16 {
        house.code(&site, &ana, &[]).await; // given again
        let mut silent = Vec::new();
        for _ in 0..8 {
            let (house, site, ana) = (house.clone(), site.clone(), ana.clone());
            silent.push(tokio::spawn(async move {
                let params = site.request(&[("prompt", "none")]);
                house
                    .identity
                    .authorize(&params, Some(&ana.who), &ana.browser)
                    .await
            }));
        }
        house
            .identity
            .revoke_application(&ana.who, site.id(), &ana.browser)
            .await
            .expect("taken back");
        for racer in silent {
            drop(racer.await.expect("ran"));
        }
        let apps = house.identity.connected_applications(&ana.who).await;
        assert!(apps.expect("the store answers").is_empty());
    }
}

#[tokio::test]
async fn a_step_up_is_declined_only_after_it_was_presented() {
    let house = House::new();
    let (mut ana, site) = (house.person("ana").await, house.site().await);
    house.code(&site, &ana, &[]).await;
    ana.who.account.totp = Some(Totp {
        sealed: Vec::new(),
        since: house.identity.now(),
    }); // a second factor could be reached
    let demand = r#"{"id_token":{"acr":{"essential":true,"values":["urn:doorward:acr:2fa"]}}}"#;
    let outcome = house
        .identity
        .authorize(&site.request(&[("claims", demand)]), None, &ana.browser)
        .await
        .expect("the store answers");
    let Authorize::SignIn(mut first) = outcome else {
        panic!("nobody is here")
    };
    // A fresh sign-in for this request, and a page that is loaded again: neither declines anything.
    for _ in 0..2 {
        prove(&mut ana, &house, 0);
        let resumed = house
            .identity
            .resume_request(&first.request, Some(&ana.who), &ana.browser)
            .await;
        let Ok(Authorize::SignIn(next)) = resumed else {
            panic!("a step-up, not {resumed:?}")
        };
        assert_eq!(next.reason, Reason::StepUp);
        first = next;
    }
    prove(&mut ana, &house, 5);
    let resumed = house
        .identity
        .resume_request(&first.request, Some(&ana.who), &ana.browser)
        .await
        .expect("the store answers");
    assert_eq!(
        get(&parameters(&resumed), "error").as_deref(),
        Some("unmet_authentication_requirements")
    );
}

fn prove(person: &mut super::grants_house::Person, house: &House, later: u64) {
    house.pass(Duration::from_secs(later));
    for proof in &mut person.who.session.proofs {
        proof.at = house.identity.now();
    }
}

#[tokio::test]
async fn strangers_leave_no_marks() {
    let house = House::new();
    let site = house.site().await;
    let browser = house.browser();
    let outcome = house
        .identity
        .authorize(&site.request(&[]), None, &browser)
        .await
        .expect("the store answers");
    let Authorize::SignIn(first) = outcome else {
        panic!("nobody is here")
    };
    let denied = house
        .identity
        .consent(&first.request, Pressed::Deny, None, &browser)
        .await
        .expect("the store answers");
    assert_eq!(
        get(&parameters(&denied), "error").as_deref(),
        Some("access_denied")
    );
    let waiting = house.identity.waiting_for_sign_in(&first.request, &browser).await;
    assert!(
        waiting.expect("the store answers").is_some(),
        "nothing was written"
    );
}

#[tokio::test]
async fn what_no_browser_can_keep_is_told_to_the_application() {
    let house = House::new();
    let site = house.site().await;
    let browser = house.browser();
    let state = "s".repeat(2048);
    let params = site.request(&[("state", &state), ("response_mode", "query")]);
    let outcome = house
        .identity
        .authorize(&params, None, &browser)
        .await
        .expect("the store answers");
    let Authorize::SignIn(first) = outcome else {
        panic!("nobody is here")
    };
    let told = house
        .identity
        .too_long_to_wait(&first.request, &browser)
        .await
        .expect("the store answers");
    let told = parameters(&told);
    assert_eq!(get(&told, "error").as_deref(), Some("invalid_request"));
    assert_eq!(get(&told, "state"), Some(state));
}

#[derive(Debug)]
struct Bytes;

impl Random for Bytes {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom> {
        for (at, chunk) in out.chunks_mut(32).enumerate() {
            for (to, from) in chunk.iter_mut().zip(Sha256::of(&at.to_be_bytes())) {
                *to = from;
            }
        }
        Ok(())
    }
}

#[tokio::test]
async fn an_assertion_counts_once_even_when_the_rest_is_refused() {
    let house = House::new();
    let pkcs8 = Ring.generate(Algorithm::Es256, &Bytes).expect("a key");
    let key = Ring
        .signing_key(Algorithm::Es256, pkcs8.as_bytes())
        .expect("a key");
    let set = JwkSet::new(vec![Jwk::new(key.public_key().clone()).with_kid("k")]);
    let mut new = NewClient::new("Site", vec![CALLBACK.to_owned()]);
    new.method = AuthMethod::PrivateKeyJwt;
    new.jwks = Some(serde_json::to_string(&set).expect("a set"));
    let site = house.register(new).await;
    let (id, now) = (site.id().as_str(), house.identity.now().seconds());
    for (number, wrong) in [
        ("grant_type", "password"),
        ("grant_type", ""),
        ("refresh_token", "no-token"),
    ]
    .into_iter()
    .enumerate()
    {
        let claims = serde_json::json!({
            "iss": id, "sub": id, "aud": "https://id.example", "jti": format!("j{number}"), "iat": now, "exp": now + 60
        });
        let assertion = Protected::new()
            .kid("k")
            .sign(claims.to_string().as_bytes(), key.as_ref())
            .expect("signed");
        let form = [
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion.as_str()),
            (
                "grant_type",
                if wrong.0 == "grant_type" {
                    wrong.1
                } else {
                    "refresh_token"
                },
            ),
            if wrong.0 == "grant_type" {
                ("x", "x")
            } else {
                wrong
            },
        ];
        let first = house.token(&site, &form).await.expect_err("nothing to give");
        let second = house.token(&site, &form).await.expect_err("used up");
        assert_ne!(first.fault(), Fault::AssertionReplayed, "{wrong:?}");
        assert_eq!(second.fault(), Fault::AssertionReplayed, "{wrong:?}");
    }
}

#[tokio::test]
async fn keys_are_given_with_the_application() {
    let house = House::new();
    let mut new = NewClient::new("Site", vec![CALLBACK.to_owned()]);
    new.method = AuthMethod::PrivateKeyJwt;
    let refused = house.identity.register_client(new).await.expect_err("no keys");
    assert!(refused.to_string().contains("jwks_uri"));
}

#[tokio::test]
async fn metadata_lists_what_accounts_have() {
    let house = House::new();
    let document = house.identity.discovery().await.expect("keys");
    assert_eq!(
        document["scopes_supported"],
        serde_json::json!(["openid", "profile", "email", "address", "phone", "offline_access"])
    );
    let ana = house.person("ana").await;
    let site = house.site().await;
    let tokens = house.tokens(&site, &ana, "openid email profile").await;
    let claims = house.userinfo(&tokens.access_token).await.expect("live");
    let listed = document["claims_supported"].as_array().expect("a list");
    for claim in claims.keys() {
        assert!(listed.iter().any(|one| one == claim.as_str()), "{claim}");
    }
    let protocol = ["acr", "amr", "aud", "auth_time", "exp", "iat", "iss", "sid"];
    let personal = |claim: &str| {
        let own = |one: &PersonalClaim| one.word().split('.').next() == Some(claim);
        claim == "phone_number_verified" || PersonalClaim::ALL.iter().any(own)
    };
    for claim in listed.iter().filter_map(serde_json::Value::as_str) {
        let known = protocol.contains(&claim) || claims.contains_key(claim) || personal(claim);
        assert!(known, "{claim}");
    }
}
