//! What the person's state makes of a request: OpenID Connect Core §3.1.2.1 to §3.1.2.4, section 4 of assurance.

use core::time::Duration;

use doorward_oidc::authorize::{Decision, Permissions, Person, SignInReason};
use doorward_oidc::client::metadata::{ConsentPolicy, Origin};
use doorward_oidc::{Acr, Fault};

use crate::world::*;

/// Somebody who permitted what the good request asks for.
fn known() -> (Permissions, doorward_oidc::Client) {
    (permitted("openid email"), client())
}

fn reason(decision: &Decision) -> SignInReason {
    match decision {
        Decision::SignIn { reason, .. } => *reason,
        other => panic!("no sign-in: {other:?}"),
    }
}

fn is_granted(decision: &Decision) -> bool {
    matches!(decision, Decision::Grant(_))
}

#[test]
fn nobody_signs_in_first() {
    let decision = request(&[]).decide(&client(), &situation(None));
    assert_eq!(reason(&decision), SignInReason::NobodyHere);
    assert_eq!(
        reason(&request(&[("prompt", Some("create"))]).decide(&client(), &situation(None))),
        SignInReason::Create
    );
}

#[test]
fn oidcc_prompt_none_not_logged_in() {
    let request = request(&[("prompt", Some("none"))]);
    let decision = request.decide(&client(), &situation(None));
    assert_eq!(refused(&decision), Fault::SignInRequired);
    assert_eq!(Fault::SignInRequired.code().as_str(), "login_required");
}

#[test]
fn oidcc_prompt_none_logged_in() {
    let (permitted, client) = known();
    let decision = request(&[("prompt", Some("none"))]).decide(&client, &situation(Some(person(&permitted))));
    let Decision::Grant(granted) = decision else {
        panic!("remembered consent suffices")
    };
    assert_eq!(granted.sub(), "person-1");
    assert_eq!(granted.auth_time(), NOW.minus(Duration::from_secs(60)));
}

#[test]
fn prompt_none_server_side() {
    let with = |edits: &[(&str, Option<&str>)], who: Person<'_>| {
        let mut all = vec![("prompt", Some("none"))];
        all.extend_from_slice(edits);
        refused(&request(&all).decide(&client(), &situation(Some(who))))
    };
    let some = permitted("openid email");
    assert_eq!(with(&[], person(nothing())), Fault::ConsentMissing);
    assert_eq!(
        with(&[("max_age", Some("59"))], person(&some)),
        Fault::SignInRequired
    );
    assert_eq!(
        with(
            &[("claims", Some(r#"{"id_token":{"sub":{"value":"x"}}}"#))],
            person(&some)
        ),
        Fault::OtherPerson
    );
    let demand = r#"{"id_token":{"acr":{"essential":true,"value":"phr"}}}"#;
    let weak = Person {
        acr: Acr::OneFactor,
        ..person(&some)
    };
    assert_eq!(with(&[("claims", Some(demand))], weak), Fault::StepUpRequired);
}

#[test]
fn oidcc_prompt_login() {
    let (permitted, client) = known();
    let request = request(&[("prompt", Some("login"))]);
    let decision = request.decide(&client, &situation(Some(person(&permitted))));
    assert_eq!(reason(&decision), SignInReason::Again);
    let fresh = Person {
        auth_time: NOW,
        ..person(&permitted)
    };
    assert!(is_granted(&request.decide(&client, &situation(Some(fresh)))));
}

#[test]
fn max_age_and_prompt_login() {
    let (permitted, client) = known();
    for (max_age, again) in [
        ("0", true),
        ("1", true),
        ("59", true),
        ("60", false),
        ("10000", false),
    ] {
        let decision =
            request(&[("max_age", Some(max_age))]).decide(&client, &situation(Some(person(&permitted))));
        assert_eq!(!is_granted(&decision), again, "max_age={max_age}");
    }
    // A second on the consent page does not make a fresh sign-in stale.
    let request = request(&[("max_age", Some("1"))]);
    let mut later = situation(Some(Person {
        auth_time: NOW,
        ..person(&permitted)
    }));
    later.now = NOW.plus(Duration::from_secs(30));
    assert!(is_granted(&request.decide(&client, &later)));
}

#[test]
fn select_account_is_asked_once() {
    let (permitted, client) = known();
    let request = request(&[("prompt", Some("select_account"))]);
    let mut situation = situation(Some(person(&permitted)));
    assert!(matches!(
        request.decide(&client, &situation),
        Decision::ChooseAccount
    ));
    situation.account_chosen = true;
    assert!(is_granted(&request.decide(&client, &situation)));
}

#[test]
fn id_token_hint_other_user() {
    let client = client();
    let permitted = permitted("openid email");
    let hint = id_token(&client, "person-2");
    let request = request(&[("id_token_hint", Some(&hint))]);
    let decision = request.decide(&client, &situation(Some(person(&permitted))));
    assert_eq!(reason(&decision), SignInReason::OtherPerson);
    let asked = Person {
        sub: "person-2",
        ..person(&permitted)
    };
    assert!(is_granted(&request.decide(&client, &situation(Some(asked)))));
    let still_another = Person {
        auth_time: NOW,
        ..person(&permitted)
    };
    assert_eq!(
        refused(&request.decide(&client, &situation(Some(still_another)))),
        Fault::OtherPerson
    );
    assert_eq!(Fault::OtherPerson.code().as_str(), "login_required");
}

#[test]
fn id_token_hint_of_another_client() {
    let mut other = client();
    other.id = id("other");
    let hint = id_token(&other, "person-1");
    let refusal = check(&[("id_token_hint", Some(&hint))], &client()).unwrap_err();
    assert_eq!(refusal.fault(), Fault::IdTokenHintInvalid);
}

fn id_token(client: &doorward_oidc::Client, sub: &str) -> String {
    let mut grant =
        doorward_oidc::Grant::of(&granted(&[("client_id", Some(client.id.as_str()))], client), None);
    grant.sub = sub.to_owned();
    crate::tokens::id_token(client, &grant).sign(keys()).unwrap()
}

#[test]
fn consent_remembered_per_scope_set() {
    let client = client();
    let ask = |scope: &str, before: &Permissions| {
        request(&[("scope", Some(scope))]).decide(&client, &situation(Some(person(before))))
    };
    let before = permitted("openid email");
    assert!(is_granted(&ask("openid", &before)));
    let Decision::Consent(asked) = ask("openid email phone", &before) else {
        panic!("new scopes are asked for")
    };
    assert_eq!(asked.scope.to_string(), "phone", "the difference alone");
}

#[test]
fn what_was_permitted_before_still_counts() {
    let client = client();
    let request = request(&[("scope", Some("openid email phone"))]);
    let (before, now) = (permitted("openid email"), permitted("phone"));
    let mut situation = situation(Some(person(&before)));
    situation.consented = Some(&now);
    let Decision::Grant(granted) = request.decide(&client, &situation) else {
        panic!("granted")
    };
    assert_eq!(granted.scope().to_string(), "openid email phone");
    let less = Permissions::default();
    situation.consented = Some(&less);
    let Decision::Grant(granted) = request.decide(&client, &situation) else {
        panic!("granted")
    };
    assert_eq!(
        granted.scope().to_string(),
        "openid email",
        "an unchecked scope is left out"
    );
}

#[test]
fn prompt_consent_always() {
    let (before, mut client) = known();
    client.consent = ConsentPolicy::Implicit;
    let request = request(&[("prompt", Some("consent"))]);
    let decision = request.decide(&client, &situation(Some(person(&before))));
    assert!(matches!(decision, Decision::Consent(asked) if asked.scope.to_string() == "openid email"));
}

#[test]
fn first_party_skip() {
    let mut own = client();
    own.consent = ConsentPolicy::Implicit;
    let decide = |client: &doorward_oidc::Client, edits: &[(&str, Option<&str>)]| {
        check(edits, client)
            .unwrap()
            .decide(client, &situation(Some(person(nothing()))))
    };
    assert!(is_granted(&decide(&own, &[])));
    own.origin = Origin::Dynamic;
    assert!(
        matches!(decide(&own, &[]), Decision::Consent(_)),
        "never for an unchecked client"
    );
}

#[test]
fn open_client_can_skip_consent_on_localhost() {
    let mut native = native();
    native.consent = ConsentPolicy::Implicit;
    let before = permitted("openid email");
    for redirect in ["http://127.0.0.1:5000/cb", "com.example.app:/cb"] {
        native.consent = ConsentPolicy::Explicit;
        let edits = [("client_id", Some("native")), ("redirect_uri", Some(redirect))];
        let request = check(&edits, &native).unwrap();
        let decision = request.decide(&native, &situation(Some(person(&before))));
        assert!(
            matches!(decision, Decision::Consent(_)),
            "memory does not count for {redirect}"
        );
    }
    native.consent = ConsentPolicy::Implicit;
    let edits = [
        ("client_id", Some("native")),
        ("redirect_uri", Some("http://127.0.0.1:5000/cb")),
    ];
    let decision = check(&edits, &native)
        .unwrap()
        .decide(&native, &situation(Some(person(&before))));
    assert!(
        matches!(decision, Decision::Consent(_)),
        "nor does the operator's answer on the loopback interface"
    );
}

#[test]
fn claims_beyond_the_scopes_are_asked_for() {
    let client = client();
    let claims = r#"{"userinfo":{"name":{"essential":true},"email":null,"groups":null}}"#;
    let request = request(&[("claims", Some(claims))]);
    let before = permitted("openid email");
    let Decision::Consent(asked) = request.decide(&client, &situation(Some(person(&before)))) else {
        panic!("asked")
    };
    assert_eq!(
        asked.claims.iter().map(String::as_str).collect::<Vec<_>>(),
        ["groups", "name"]
    );
    let mut narrow = client.clone();
    narrow.scope = doorward_oidc::Scope::parse("openid email").unwrap();
    assert!(
        check(&[("claims", Some(claims))], &narrow)
            .unwrap()
            .permissions(&narrow)
            .claims
            .is_empty()
    );
}

#[test]
fn acr_essential_unmet() {
    let (before, client) = known();
    let demand =
        |values: &str| format!(r#"{{"id_token":{{"acr":{{"essential":true,"values":[{values}]}}}}}}"#);
    let decide = |values: &str, who: Person<'_>, declined: bool| {
        let claims = demand(values);
        let mut situation = situation(Some(who));
        situation.step_up_declined = declined;
        request(&[("claims", Some(&claims))]).decide(&client, &situation)
    };
    let weak = || Person {
        acr: Acr::OneFactor,
        ..person(&before)
    };
    assert!(is_granted(&decide(r#""phr""#, person(&before), false)));
    let stepped = decide(r#""phrh","phr""#, weak(), false);
    assert!(matches!(
        stepped,
        Decision::StepUp {
            goal: Acr::PhishingResistant,
            demanded: true
        }
    ));
    for (values, who, declined) in [
        (r#""phrh""#, weak(), false),
        (r#""unknown""#, person(&before), false),
        (r#""phr""#, weak(), true),
    ] {
        let fault = refused(&decide(values, who, declined));
        assert_eq!(
            fault.code().as_str(),
            "unmet_authentication_requirements",
            "{values}"
        );
    }
}

#[test]
fn acr_wished_is_tried_once_and_never_fails() {
    let (before, client) = known();
    let request = request(&[("acr_values", Some("phr"))]);
    let weak = || Person {
        acr: Acr::OneFactor,
        ..person(&before)
    };
    let mut situation = situation(Some(weak()));
    assert!(matches!(
        request.decide(&client, &situation),
        Decision::StepUp { demanded: false, .. }
    ));
    situation.step_up_declined = true;
    let Decision::Grant(granted) = request.decide(&client, &situation) else {
        panic!("a wish")
    };
    assert_eq!(granted.acr(), Acr::OneFactor, "what was reached is told");
    situation.step_up_declined = false;
    situation.person = Some(Person {
        reachable: Acr::TwoFactors,
        ..weak()
    });
    assert!(is_granted(&request.decide(&client, &situation)), "out of reach");
}

#[test]
fn oidcc_ensure_request_with_acr_values_succeeds() {
    let (before, client) = known();
    let all: Vec<&str> = Acr::ALL.iter().rev().map(|acr| acr.as_str()).collect();
    let request = request(&[("acr_values", Some(&all.join(" ")))]);
    for reached in Acr::ALL {
        let who = Person {
            acr: *reached,
            ..person(&before)
        };
        let Decision::Grant(granted) = request.decide(&client, &situation(Some(who))) else {
            panic!("{reached}")
        };
        assert_eq!(granted.acr(), *reached);
    }
}

#[test]
fn acr_policy_per_client() {
    let (before, mut client) = known();
    client.minimum_acr = Some(Acr::TwoFactors);
    let weak = Person {
        acr: Acr::OneFactor,
        ..person(&before)
    };
    let request = check(&[], &client).unwrap();
    let decision = request.decide(&client, &situation(Some(weak)));
    assert!(matches!(
        decision,
        Decision::StepUp {
            goal: Acr::TwoFactors,
            demanded: true
        }
    ));
    let hopeless = Person {
        acr: Acr::OneFactor,
        reachable: Acr::OneFactor,
        ..person(&before)
    };
    let fault = refused(&request.decide(&client, &situation(Some(hopeless))));
    assert_eq!(fault, Fault::AuthenticationRequirementsUnmet);
}
