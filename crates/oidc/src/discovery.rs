//! The provider's metadata (OpenID Connect Discovery §3, RFC 8414 §2): made from what is on, so that whatever the
//! document lists works and nothing unlisted does.

use std::collections::BTreeSet;

use doorward_crypto::Algorithm;
use serde_json::{Map, Value, json};

use crate::acr::Acr;
use crate::authorize::{Prompt, ResponseMode};
use crate::client::metadata::{AuthMethod, GrantType, ResponseType, SIGNING_ALGORITHMS};
use crate::dpop;
use crate::issuer::{Endpoint, Issuer};
use crate::keys::Keys;
use crate::scope::Scope;
use crate::userinfo;

/// What a provider has switched on, beside what is always there.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Offered {
    /// Endpoints that answer.
    pub endpoints: Vec<Endpoint>,
    /// Grant types that some client may have.
    pub grant_types: Vec<GrantType>,
    /// Ways in which clients may authenticate.
    pub auth_methods: Vec<AuthMethod>,
    /// Scopes that open something, or mean something.
    pub scopes: Scope,
    /// Claims about a person that an account can have, the operator's own among them.
    pub claims: Vec<String>,
    /// Rungs that a sign-in can reach here, highest first.
    pub acr_values: Vec<Acr>,
    /// Whether a person may make an account of their own (`prompt=create`).
    pub sign_up: bool,
    /// Languages of the pages, as tags in canonical case.
    pub ui_locales: Vec<String>,
    /// Whether a subject may be named per sector.
    pub pairwise: bool,
    /// Whether request objects are read, and (the second) fetched from registered addresses.
    pub request_objects: (bool, bool),
    /// Whether DPoP proofs are verified.
    pub dpop: bool,
    /// Whether sign-outs are told in the back channel.
    pub backchannel_logout: bool,
    /// Whether sign-outs are told in the front channel.
    pub frontchannel_logout: bool,
    /// The operator's privacy policy, terms, and documentation.
    pub op_policy_uri: Option<String>,
    /// The operator's terms of service.
    pub op_tos_uri: Option<String>,
    /// Where developers read on.
    pub service_documentation: Option<String>,
}

impl Default for Offered {
    /// Sign-in by code: what every provider of this crate can do.
    fn default() -> Self {
        Self {
            endpoints: vec![
                Endpoint::Authorization,
                Endpoint::Token,
                Endpoint::Userinfo,
                Endpoint::Jwks,
                Endpoint::EndSession,
                Endpoint::Introspection,
                Endpoint::Revocation,
            ],
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            auth_methods: AuthMethod::ALL.to_vec(),
            scopes: Scope::known(),
            claims: userinfo::person_claims().into_iter().map(str::to_owned).collect(),
            acr_values: vec![Acr::PhishingResistant, Acr::TwoFactors, Acr::OneFactor],
            sign_up: false,
            ui_locales: vec!["en".to_owned()],
            pairwise: false,
            request_objects: (false, false),
            dpop: false,
            backchannel_logout: false,
            frontchannel_logout: false,
            op_policy_uri: None,
            op_tos_uri: None,
            service_documentation: None,
        }
    }
}

/// The document, the same for both well-known addresses.
#[must_use]
pub fn metadata(issuer: &Issuer, offered: &Offered, keys: &Keys) -> Map<String, Value> {
    let mut document = Map::new();
    let mut set = |name: &str, value: Value| document.insert(name.to_owned(), value);
    set("issuer", json!(issuer.as_str()));
    for endpoint in &offered.endpoints {
        set(endpoint.member(), json!(issuer.endpoint(*endpoint)));
    }
    set("scopes_supported", words(offered.scopes.iter()));
    set(
        "response_types_supported",
        words(ResponseType::ALL.iter().map(|row| row.as_str())),
    );
    set(
        "response_modes_supported",
        words(ResponseMode::ALL.iter().map(|row| row.as_str())),
    );
    set(
        "grant_types_supported",
        words(offered.grant_types.iter().map(|row| row.as_str())),
    );
    let prompts = Prompt::ALL
        .iter()
        .filter(|prompt| offered.sign_up || **prompt != Prompt::Create);
    set("prompt_values_supported", words(prompts.map(|row| row.as_str())));
    set(
        "acr_values_supported",
        words(offered.acr_values.iter().map(|row| row.as_str())),
    );
    set(
        "subject_types_supported",
        if offered.pairwise {
            json!(["public", "pairwise"])
        } else {
            json!(["public"])
        },
    );
    set("code_challenge_methods_supported", json!(["S256"]));
    let signed = algorithms(&keys.signing_algorithms());
    set("id_token_signing_alg_values_supported", signed.clone());
    set("userinfo_signing_alg_values_supported", signed.clone());
    if offered.endpoints.contains(&Endpoint::Introspection) {
        set("introspection_signing_alg_values_supported", signed); // RFC 9701 §7
    }
    let verified = algorithms(&SIGNING_ALGORITHMS);
    for (endpoint, name) in [
        (Endpoint::Token, "token_endpoint"),
        (Endpoint::Introspection, "introspection_endpoint"),
        (Endpoint::Revocation, "revocation_endpoint"),
    ] {
        if offered.endpoints.contains(&endpoint) {
            // Introspection demands a proof (RFC 7662 §2.1): who only says a name is not answered.
            let proving =
                |method: &&AuthMethod| endpoint != Endpoint::Introspection || **method != AuthMethod::None;
            let methods = offered.auth_methods.iter().filter(proving);
            set(
                &format!("{name}_auth_methods_supported"),
                words(methods.map(|row| row.as_str())),
            );
            if offered.auth_methods.contains(&AuthMethod::PrivateKeyJwt) {
                set(
                    &format!("{name}_auth_signing_alg_values_supported"),
                    verified.clone(),
                );
            }
        }
    }
    set("display_values_supported", json!(["page"]));
    set("claim_types_supported", json!(["normal"]));
    let person = offered.claims.iter().map(String::as_str);
    let claims: BTreeSet<&str> = userinfo::PROTOCOL.into_iter().chain(person).collect();
    set("claims_supported", words(claims.into_iter()));
    set("claims_parameter_supported", json!(true));
    let (objects, references) = offered.request_objects;
    set("request_parameter_supported", json!(objects));
    set("request_uri_parameter_supported", json!(references)); // absent would mean true
    if objects {
        set("request_object_signing_alg_values_supported", verified);
    }
    if references {
        set("require_request_uri_registration", json!(true));
    }
    if offered.dpop {
        set("dpop_signing_alg_values_supported", algorithms(&dpop::ALGORITHMS));
    }
    if offered.endpoints.contains(&Endpoint::PushedRequest) {
        set("require_pushed_authorization_requests", json!(false)); // decided client by client
    }
    set("ui_locales_supported", json!(offered.ui_locales));
    set("authorization_response_iss_parameter_supported", json!(true));
    set("backchannel_logout_supported", json!(offered.backchannel_logout));
    set(
        "backchannel_logout_session_supported",
        json!(offered.backchannel_logout),
    );
    set(
        "frontchannel_logout_supported",
        json!(offered.frontchannel_logout),
    );
    set(
        "frontchannel_logout_session_supported",
        json!(offered.frontchannel_logout),
    );
    for (name, uri) in [
        ("op_policy_uri", &offered.op_policy_uri),
        ("op_tos_uri", &offered.op_tos_uri),
        ("service_documentation", &offered.service_documentation),
    ] {
        if let Some(uri) = uri {
            set(name, json!(uri));
        }
    }
    document
}

/// The metadata of userinfo as a protected resource (RFC 9728 §2). Its identifier is the issuer's, which is the
/// audience of tokens for it.
#[must_use]
pub fn protected_resource(issuer: &Issuer, offered: &Offered) -> Map<String, Value> {
    let mut document = Map::new();
    let mut set = |name: &str, value: Value| document.insert(name.to_owned(), value);
    set("resource", json!(issuer.as_str()));
    set("authorization_servers", json!([issuer.as_str()]));
    set("jwks_uri", json!(issuer.endpoint(Endpoint::Jwks)));
    set("scopes_supported", words(offered.scopes.iter()));
    set("bearer_methods_supported", json!(["header", "body"]));
    if offered.dpop {
        set("dpop_signing_alg_values_supported", algorithms(&dpop::ALGORITHMS));
    }
    document
}

fn words<'a>(rows: impl Iterator<Item = &'a str>) -> Value {
    json!(rows.collect::<Vec<_>>())
}

fn algorithms(algorithms: &[Algorithm]) -> Value {
    words(algorithms.iter().filter_map(|algorithm| algorithm.jose()))
}
