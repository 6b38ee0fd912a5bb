//! The list of checks: OpenID Connect Core §3.1.2.1 and §3.1.2.2, RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707.

use doorward_oidc::authorize::{self, Arrival, Context, Prompt, ResponseMode, Target};
use doorward_oidc::client::metadata::{GrantType, PkceRequirement, Profile, ResponseType};
use doorward_oidc::{Acr, Fault, Params};

use crate::world::*;

/// One edit to the good request, and the rule that must refuse it.
macro_rules! refused {
    ($($name:ident: $way:ident, $edits:expr => $fault:ident;)+) => {
        $(#[test] fn $name() {
            let refusal = check(&$edits, &client()).unwrap_err();
            assert_eq!(refusal.fault(), Fault::$fault);
            assert_eq!(refusal.answer(issuer()).is_some(), stringify!($way) == "travels");
        })+
    };
}

refused! {
    client_id_missing: stays, [("client_id", None)] => ClientIdMissing;
    client_of_another_name: stays, [("client_id", Some("App"))] => ClientUnknown;
    oidcc_ensure_redirect_uri_in_authorization_request: stays, [("redirect_uri", None)] => RedirectUriMissing;
    oidcc_ensure_registered_redirect_uri: stays, [("redirect_uri", Some("https://app.example/callback/x"))] => RedirectUriNotRegistered;
    oidcc_response_type_missing: travels, [("response_type", None)] => ResponseTypeMissing;
    response_type_token: travels, [("response_type", Some("token"))] => ResponseTypeUnsupported;
    response_type_none: travels, [("response_type", Some("none"))] => ResponseTypeUnsupported;
    response_type_code_id_token: travels, [("response_type", Some("code id_token"))] => ResponseTypeUnsupported;
    response_mode_unknown: travels, [("response_mode", Some("web_message"))] => ResponseModeUnsupported;
    response_mode_fragment: travels, [("response_mode", Some("fragment"))] => ResponseModeUnsupported;
    scope_with_a_quote: travels, [("scope", Some("openid \""))] => ScopeMalformed;
    scope_of_unknown_values_alone: travels, [("scope", Some("admin root"))] => ScopeEmpty;
    pkce_required: travels, [("code_challenge", None), ("code_challenge_method", None)] => CodeChallengeMissing;
    pkce_plain: travels, [("code_challenge_method", Some("plain"))] => CodeChallengeMethodUnsupported;
    pkce_without_method: travels, [("code_challenge_method", None)] => CodeChallengeMethodUnsupported;
    pkce_unknown_method_ignored: travels, [("code_challenge_method", Some("s256"))] => CodeChallengeMethodUnsupported;
    pkce_method_without_challenge: travels, [("code_challenge", None)] => CodeChallengeMethodAlone;
    pkce_challenge_empty: travels, [("code_challenge", Some(""))] => CodeChallengeMalformed;
    pkce_challenge_too_short: travels, [("code_challenge", Some("abc"))] => CodeChallengeMalformed;
    prompt_none_with_login: travels, [("prompt", Some("none login"))] => PromptNoneWithOthers;
    prompt_none_with_unknown: travels, [("prompt", Some("sing none"))] => PromptNoneWithOthers;
    max_age_negative_is_invalid_request: travels, [("max_age", Some("-1"))] => MaxAgeMalformed;
    max_age_word: travels, [("max_age", Some("soon"))] => MaxAgeMalformed;
    claims_null_panics: travels, [("claims", Some("null"))] => ClaimsMalformed;
    claims_not_json: travels, [("claims", Some("{"))] => ClaimsMalformed;
    claims_with_a_member_twice: travels, [("claims", Some(r#"{"userinfo":{},"userinfo":{"email":null}}"#))] => ClaimsMalformed;
    id_token_hint_not_ours: travels, [("id_token_hint", Some("a.b.c"))] => IdTokenHintInvalid;
    oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported: travels, [("request", Some("e30.e30."))] => RequestObjectUnsupported;
    oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported: travels, [("request_uri", Some("https://a.example/r"))] => RequestUriUnsupported;
    registration_parameter: travels, [("registration", Some("{}"))] => RegistrationParameter;
    resource_with_a_fragment: travels, [("resource", Some("https://api.example/#a"))] => ResourceMalformed;
    resource_relative: travels, [("resource", Some("/api"))] => ResourceMalformed;
    resource_not_allowed: travels, [("resource", Some("https://api.example/"))] => ResourceNotAllowed;
    dpop_jkt_malformed: travels, [("dpop_jkt", Some("abc"))] => DpopJktMalformed;
}

#[test]
fn the_good_request_is_read_whole() {
    let request = request(&[
        ("max_age", Some("300")),
        ("login_hint", Some("buffy@id.example")),
        ("ui_locales", Some("se de-CH")),
    ]);
    assert_eq!(request.client_id.as_str(), "app");
    assert_eq!(request.target.redirect_uri(), REDIRECT);
    assert_eq!(request.target.state(), Some("s t&a=te"));
    assert_eq!(request.nonce.as_deref(), Some("n-0S6_WzA2Mj"));
    assert_eq!(request.scope.to_string(), "openid email");
    assert_eq!(request.max_age, Some(300));
    assert!(request.auth_time_asked);
    assert_eq!(request.login_hint.as_deref(), Some("buffy@id.example"));
    assert_eq!(request.ui_locales, ["se", "de-CH"]);
    let sealed = serde_json::to_string(&request).unwrap();
    assert_eq!(
        serde_json::from_str::<authorize::AuthorizationRequest>(&sealed).unwrap(),
        request
    );
}

#[test]
fn wishes_beyond_the_limit_are_not_read() {
    let many = |word: &str| vec![word; 21].join(" ");
    let request = request(&[
        ("ui_locales", Some(&many("de"))),
        ("acr_values", Some(&format!("{} phr", many("unknown")))),
    ]);
    assert_eq!(request.ui_locales.len(), 20);
    assert!(request.acr.wished.is_empty());
}

#[test]
fn create_is_ignored_where_nobody_makes_an_account() {
    let context = Context::new(issuer(), keys(), NOW);
    let asked = edited(&[("prompt", Some("create"))]);
    assert!(
        authorize::check(&asked, &client(), &context)
            .unwrap()
            .prompt
            .is_empty()
    );
}

#[test]
fn refusals_travel_as_the_answer_would() {
    for wrong in [
        ("request", "e30.e30."),
        ("request_uri", "https://app.example/request"),
        ("registration", "{}"),
        ("response_type", "token"),
        ("state", &"x".repeat(3000)),
    ] {
        let edits = [("response_mode", Some("form_post")), (wrong.0, Some(wrong.1))];
        let refusal = check(&edits, &client()).unwrap_err();
        let mode = refusal.target().map(Target::response_mode);
        assert_eq!(mode, Some(ResponseMode::FormPost), "{}", wrong.0);
    }
}

#[test]
fn client_first_then_redirect_uri_then_rest() {
    let everything_wrong = params(&[
        ("client_id", "app"),
        ("redirect_uri", "https://evil.example/"),
        ("prompt", "none login"),
    ]);
    let refusal =
        authorize::check(&everything_wrong, &client(), &Context::new(issuer(), keys(), NOW)).unwrap_err();
    assert_eq!(refusal.fault(), Fault::RedirectUriNotRegistered);
    assert!(refusal.target().is_none());
    assert_eq!(
        authorize::client_id(&params(&[])).unwrap_err().fault(),
        Fault::ClientIdMissing
    );
    assert_eq!(
        authorize::client_id(&params(&[("client_id", "a b")]))
            .unwrap_err()
            .fault(),
        Fault::ClientIdMalformed
    );
}

#[test]
fn redirect_exact_string() {
    for mutation in [
        "https://app.example/callback/",
        "https://app.example/callback?",
        "https://app.example/callback?x=1",
        "https://app.example/callback#",
        "https://app.example/callback#x",
        "https://app.example/Callback",
        "https://App.example/callback",
        "HTTPS://app.example/callback",
        "http://app.example/callback",
        "https://app.example:443/callback",
        "https://app.example:8443/callback",
        "https://app.example//callback",
        "https://app.example/./callback",
        "https://app.example/x/../callback",
        "https://app.example/%63allback",
        "https://app.example/callback%00",
        "https://app.example/callback%20",
        "https://app.example/callback;x",
        "https://app.example/callback/..;/",
        "https://app.example\\@evil.example/callback",
        "https://app.example@evil.example/callback",
        "https://evil@app.example/callback",
        "https://app.example.evil.example/callback",
        "https://app.example./callback",
        "https://evil.example/callback",
        "https://evil.example/?https://app.example/callback",
        "//app.example/callback",
        "https:app.example/callback",
        "https:///app.example/callback",
        "app.example/callback",
        " https://app.example/callback",
        "https://app.example/callback ",
        "https://app.example/call\tback",
        "https://app.example/callback\r\n",
        "https://app.example/callback\0",
        "https://app\u{3002}example/callback",
        "https://\u{430}pp.example/callback",
        "https://app.example/callback\u{200b}",
        "javascript:alert(1)",
        "*",
        "",
    ] {
        let refusal = check(&[("redirect_uri", Some(mutation))], &client()).unwrap_err();
        assert!(refusal.target().is_none(), "{mutation:?}");
    }
}

#[test]
fn redirect_loopback_port_only() {
    let native = native();
    let good = [
        ("client_id", Some("native")),
        ("redirect_uri", Some("http://127.0.0.1:51004/cb")),
    ];
    assert!(check(&good, &native).is_ok());
    for bad in [
        "http://localhost:1/cb",
        "http://[::1]:1/cb",
        "http://127.0.0.1:1/cb/",
        "http://127.0.0.1:1/",
    ] {
        assert!(
            check(
                &[("client_id", Some("native")), ("redirect_uri", Some(bad))],
                &native
            )
            .is_err(),
            "{bad}"
        );
    }
    let mut confidential = client();
    confidential.stage = doorward_oidc::client::metadata::Stage::Development;
    confidential.redirect_uris = vec![uri("http://127.0.0.1:9000/cb")];
    confidential.check().unwrap();
    assert!(
        check(
            &[("redirect_uri", Some("http://127.0.0.1:9000/cb"))],
            &confidential
        )
        .is_ok()
    );
    assert!(
        check(
            &[("redirect_uri", Some("http://127.0.0.1:9001/cb"))],
            &confidential
        )
        .is_err(),
        "it has a secret"
    );
}

#[test]
fn redirect_localhost_registered_opens_all() {
    let mut native = native();
    native.redirect_uris = vec![uri("http://localhost/cb")];
    for other in [
        "https://evil.example/cb",
        "http://127.0.0.1/cb",
        "http://localhost.evil.example/cb",
    ] {
        let edits = [("client_id", Some("native")), ("redirect_uri", Some(other))];
        assert_eq!(
            check(&edits, &native).unwrap_err().fault(),
            Fault::RedirectUriNotRegistered
        );
    }
}

#[test]
fn empty_callback_list_accepts_first() {
    let mut client = client();
    client.redirect_uris.clear();
    assert_eq!(
        check(&[], &client).unwrap_err().fault(),
        Fault::RedirectUriNotRegistered
    );
}

#[test]
fn oidcc_ensure_request_with_unknown_parameter_succeeds() {
    let ignored = [
        ("extra", Some("foobar")),
        ("display", Some("popup")),
        ("claims_locales", Some("se")),
        ("prompt", Some("sing")),
    ];
    assert!(request(&ignored).prompt.is_empty());
}

#[test]
fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
    assert_eq!(request(&[("nonce", None)]).nonce, None);
}

#[test]
fn state_echo_exact() {
    let state = "\u{e9} +%26\n\"'<>";
    assert_eq!(request(&[("state", Some(state))]).target.state(), Some(state));
    assert_eq!(
        request(&[("state", Some(""))]).target.state(),
        Some(""),
        "an empty state comes back empty"
    );
    assert_eq!(request(&[("state", None)]).target.state(), None);
    let long = "s".repeat(2049);
    assert_eq!(
        check(&[("state", Some(&long))], &client()).unwrap_err().fault(),
        Fault::StateTooLong
    );
    let long = "n".repeat(513);
    assert_eq!(
        check(&[("nonce", Some(&long))], &client()).unwrap_err().fault(),
        Fault::NonceTooLong
    );
    assert!(check(&[("nonce", Some(&long[1..]))], &client()).is_ok());
    let long = "h".repeat(321);
    assert_eq!(
        check(&[("login_hint", Some(&long))], &client())
            .unwrap_err()
            .fault(),
        Fault::LoginHintTooLong
    );
}

#[test]
fn unknown_scope_dropped() {
    assert_eq!(
        request(&[("scope", Some("openid admin email"))])
            .scope
            .to_string(),
        "openid email"
    );
    assert!(request(&[("scope", None)]).scope.is_empty());
    let mut client = client();
    client.grant_types = vec![GrantType::AuthorizationCode];
    let request = check(&[("scope", Some("openid offline_access"))], &client).unwrap();
    assert_eq!(
        request.scope.to_string(),
        "openid",
        "a client that may not refresh has no use for it"
    );
}

#[test]
fn pkce_requirement_is_per_client() {
    let mut exception = client();
    exception.pkce = PkceRequirement::Optional;
    let without = [("code_challenge", None), ("code_challenge_method", None)];
    assert_eq!(check(&without, &exception).unwrap().code_challenge, None);
    exception.profile = Profile::Fapi2Security;
    assert!(exception.requires_pkce());
    let mut public = native();
    public.pkce = PkceRequirement::Optional;
    assert!(public.requires_pkce() && public.check().is_err());
}

#[test]
fn prompt_space_list() {
    let request = request(&[("prompt", Some("login  consent select_account create"))]);
    for prompt in [
        Prompt::Login,
        Prompt::Consent,
        Prompt::SelectAccount,
        Prompt::Create,
    ] {
        assert!(request.prompt.contains(prompt));
    }
}

#[test]
fn max_age_defaults_and_extremes() {
    let mut client = client();
    client.default_max_age = Some(60);
    assert_eq!(check(&[], &client).unwrap().max_age, Some(60));
    assert_eq!(
        check(&[("max_age", Some("0"))], &client).unwrap().max_age,
        Some(0)
    );
    assert_eq!(
        check(&[("max_age", Some("99999999999999999999999"))], &client)
            .unwrap()
            .max_age,
        Some(u64::MAX)
    );
}

#[test]
fn acr_values_are_wishes_and_essential_is_a_demand() {
    let wish = request(&[("acr_values", Some("unknown phr urn:doorward:acr:2fa"))]);
    assert_eq!(wish.acr.wished, [Acr::PhishingResistant, Acr::TwoFactors]);
    assert_eq!(wish.acr.demanded, None);
    let demand = request(&[(
        "claims",
        Some(r#"{"id_token":{"acr":{"essential":true,"values":["phrh","x"]}}}"#),
    )]);
    assert_eq!(demand.acr.demanded, Some(vec![Acr::PhishingResistantHardware]));
    let loose = request(&[("claims", Some(r#"{"id_token":{"acr":{"essential":true}}}"#))]);
    assert_eq!(loose.acr.demanded, None, "acr always stands in the ID token");
    let mut client = client();
    client.default_acr_values = vec![Acr::TwoFactors];
    assert_eq!(check(&[], &client).unwrap().acr.wished, [Acr::TwoFactors]);
}

#[test]
fn response_mode_form_post() {
    let request = request(&[("response_mode", Some("form_post"))]);
    assert_eq!(request.target.response_mode(), ResponseMode::FormPost);
}

#[test]
fn mode_and_type_allowlist() {
    let mut client = client();
    client.response_types.clear();
    assert_eq!(
        check(&[], &client).unwrap_err().fault(),
        Fault::ResponseTypeNotRegistered
    );
    client.response_types = vec![ResponseType::Code];
    client.grant_types = vec![GrantType::ClientCredentials];
    assert_eq!(
        check(&[], &client).unwrap_err().fault(),
        Fault::ResponseTypeNotRegistered
    );
}

#[test]
fn ensure_unsigned_authorization_request_without_using_par_fails() {
    let mut client = client();
    client.require_pushed_authorization_requests = true;
    let refusal = check(&[], &client).unwrap_err();
    assert_eq!(
        (refusal.fault(), refusal.code().as_str()),
        (Fault::PushedRequestRequired, "invalid_request")
    );
    let context = Context::new(issuer(), keys(), NOW).pushed();
    assert_eq!(context.arrival, Arrival::Pushed);
    assert!(authorize::check(&edited(&[]), &client, &context).is_ok());
    let nested = edited(&[("request_uri", Some("urn:ietf:params:oauth:request_uri:x"))]);
    assert_eq!(
        authorize::check(&nested, &client, &context).unwrap_err().fault(),
        Fault::RequestUriPushed
    );
}

#[test]
fn resource_indicators() {
    let mut client = client();
    client.resources = vec!["https://api.example/".to_owned(), "urn:example:files".to_owned()];
    let mut pairs = GOOD.to_vec();
    pairs.extend([
        ("resource", "https://api.example/"),
        ("resource", "urn:example:files"),
        ("resource", "https://id.example"),
    ]);
    let request = authorize::check(&params(&pairs), &client, &Context::new(issuer(), keys(), NOW)).unwrap();
    assert_eq!(
        request.resources,
        ["https://api.example/", "urn:example:files", "https://id.example"]
    );
}

#[test]
fn error_before_trust_shows_page() {
    let twice = Params::parse(b"client_id=app&client_id=app").unwrap_err();
    assert_eq!(twice.fault, Fault::ParameterTwice);
    assert!(authorize::Refusal::page(twice.into()).answer(issuer()).is_none());
    assert!(authorize::unknown_client().answer(issuer()).is_none());
}
