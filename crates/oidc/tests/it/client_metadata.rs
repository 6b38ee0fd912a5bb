//! What may be registered: RFC 7591 §2, OpenID Connect Registration §2, RFC 8252 §8.

use doorward_crypto::Algorithm;
use doorward_oidc::client::WebUri;
use doorward_oidc::client::metadata::*;

use crate::world::*;

/// One edit to the good client, and the member whose rule must refuse it.
macro_rules! refused {
    ($($name:ident: $from:ident, $edit:expr => $member:literal, $rule:path;)+) => {
        $(#[test] fn $name() {
            let mut client = $from();
            let edit: fn(&mut Client) = $edit;
            edit(&mut client);
            let error = client.check().unwrap_err();
            assert_eq!(error.member, $member);
            assert_eq!(error.rule, $rule);
        })+
    };
}

refused! {
    name_empty: client, |c| c.name = " ".to_owned() => "client_name", Rule::Name;
    name_too_long: client, |c| c.name = "x".repeat(61) => "client_name", Rule::Name;
    consent_name_spoofing: client, |c| c.name = "App\u{202e}ppA".to_owned() => "client_name", Rule::Name;
    name_with_a_line_break: client, |c| c.name = "App\nDoorward".to_owned() => "client_name", Rule::Name;
    too_many_redirect_uris: client, |c| c.redirect_uris = vec![uri(REDIRECT); 21] => "redirect_uris", Rule::TooMany;
    no_redirect_uri: client, |c| c.redirect_uris.clear() => "redirect_uris", Rule::Empty;
    redirect_http_loopback_for_web: client, |c| c.redirect_uris = vec![uri("http://localhost:1/cb")] => "redirect_uris", Rule::LoopbackNotAllowed;
    redirect_scheme_without_dot: client, |c| c.redirect_uris = vec![uri("obsidian://cb")] => "redirect_uris", Rule::SchemeNotListed;
    post_logout_http_loopback_for_web: client, |c| c.post_logout_redirect_uris = vec![uri("http://localhost/")] => "post_logout_redirect_uris", Rule::LoopbackNotAllowed;
    oidcc_3rd_party_init_login_nohttps: client, |c| c.initiate_login_uri = Some(WebUri::parse("http://localhost/x").unwrap()) => "initiate_login_uri", Rule::NotHttps;
    secret_missing: client, |c| c.secrets.clear() => "token_endpoint_auth_method", Rule::Secret;
    secret_for_a_public_client: native, |c| c.secrets = client().secrets => "token_endpoint_auth_method", Rule::Secret;
    keys_missing: native, |c| c.token_endpoint_auth_method = AuthMethod::PrivateKeyJwt => "token_endpoint_auth_method", Rule::Keys;
    public_without_pkce: native, |c| c.pkce = PkceRequirement::Optional => "pkce", Rule::PkceNeeded;
    fapi_with_a_secret: client, |c| c.profile = Profile::Fapi2Security => "token_endpoint_auth_method", Rule::Method;
    client_credentials_for_public: native, |c| c.grant_types.push(GrantType::ClientCredentials) => "grant_types", Rule::Grants;
    refresh_alone: client, |c| { c.grant_types = vec![GrantType::RefreshToken]; c.response_types.clear(); } => "grant_types", Rule::Grants;
    code_without_its_grant: client, |c| c.grant_types = vec![GrantType::ClientCredentials] => "response_types", Rule::Grants;
    no_grant: client, |c| c.grant_types.clear() => "grant_types", Rule::Empty;
    algorithm_not_offered: client, |c| c.id_token_signed_response_alg = Algorithm::Es512 => "id_token_signed_response_alg", Rule::Algorithm;
    dynamic_without_consent: client, |c| { c.origin = Origin::Dynamic; c.consent = ConsentPolicy::Implicit; } => "consent", Rule::ConsentNeeded;
    pairwise_without_sector: client, |c| c.subject_type = SubjectType::Pairwise { sector: String::new() } => "subject_type", Rule::Sector;
}

#[test]
fn one_document_for_oidc_and_fapi() {
    let mut fapi = native();
    fapi.token_endpoint_auth_method = AuthMethod::PrivateKeyJwt;
    fapi.keys = KeySource::JwksUri(WebUri::parse("https://app.example/jwks").unwrap());
    fapi.profile = Profile::Fapi2Security;
    fapi.check().unwrap();
    fapi.id_token_signed_response_alg = Algorithm::Rs256;
    assert_eq!(
        fapi.check().unwrap_err().rule,
        Rule::Algorithm,
        "the ban on RS256 is a rule per client"
    );
}

#[test]
fn a_client_reads_back_and_old_records_get_defaults() {
    for client in [client(), native()] {
        let stored = serde_json::to_string(&client).unwrap();
        assert_eq!(serde_json::from_str::<Client>(&stored).unwrap(), client);
    }
    let least =
        r#"{"id":"a","name":"A","token_endpoint_auth_method":"none","redirect_uris":["https://a.example/"]}"#;
    let client: Client = serde_json::from_str(least).unwrap();
    client.check().unwrap();
    assert!(client.requires_pkce());
    let pattern = least.replace("https://a.example/", "https://*.example/");
    assert!(
        serde_json::from_str::<Client>(&pattern).is_err(),
        "a stored URI passes the same door"
    );
}

#[test]
fn client_id_case() {
    assert_ne!(id("App"), id("app"));
    for bad in ["", "a b", "a\u{e9}", "a\n", &"x".repeat(256)] {
        assert!(ClientId::parse(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn cors_only_where_meant() {
    let mut client = client();
    client.cors_origins = vec!["https://spa.example".to_owned()];
    assert!(client.admits_origin("https://app.example") && client.admits_origin("https://spa.example"));
    for other in [
        "null",
        "",
        "https://app.example.evil.example",
        "http://app.example",
        "https://app.example:8443",
    ] {
        assert!(!client.admits_origin(other), "{other}");
    }
}

#[test]
fn only_an_error_in_redirect_uris_is_invalid_redirect_uri() {
    let code = |member| {
        ClientError {
            member,
            rule: Rule::Value,
        }
        .code()
        .as_str()
    };
    assert_eq!(code("redirect_uris"), "invalid_redirect_uri");
    assert_eq!(code("jwks_uri"), "invalid_client_metadata");
}
