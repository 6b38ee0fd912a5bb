//! The metadata: OpenID Connect Discovery §3, RFC 8414 §2.

use doorward_oidc::Endpoint;
use doorward_oidc::discovery::{Offered, metadata, protected_resource};
use serde_json::{Value, json};

use crate::world::*;

fn document() -> serde_json::Map<String, Value> {
    metadata(issuer(), &Offered::default(), keys())
}

#[test]
fn required_members() {
    let document = document();
    assert_eq!(document["issuer"], "https://id.example");
    assert_eq!(document["authorization_endpoint"], "https://id.example/authorize");
    assert_eq!(document["jwks_uri"], "https://id.example/jwks");
    assert_eq!(document["response_types_supported"], json!(["code"]));
    assert_eq!(document["subject_types_supported"], json!(["public"]));
    assert!(
        document["id_token_signing_alg_values_supported"]
            .as_array()
            .unwrap()
            .contains(&json!("RS256"))
    );
    assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(document["authorization_response_iss_parameter_supported"], true);
    assert_eq!(
        document["request_uri_parameter_supported"], false,
        "its default would be true"
    );
}

#[test]
fn lists_not_empty() {
    for (name, value) in &document() {
        if let Some(list) = value.as_array() {
            assert!(!list.is_empty(), "{name}");
        }
        if name.ends_with("_endpoint") {
            assert!(
                value.as_str().unwrap().starts_with("https://id.example/"),
                "{name}"
            );
        }
    }
    assert!(
        document()["scopes_supported"]
            .as_array()
            .unwrap()
            .contains(&json!("openid"))
    );
    assert!(
        document()["claims_supported"]
            .as_array()
            .unwrap()
            .contains(&json!("zoneinfo"))
    );
}

#[test]
fn metadata_lists_only_what_works() {
    let document = document();
    for absent in [
        "registration_endpoint",
        "device_authorization_endpoint",
        "pushed_authorization_request_endpoint",
    ] {
        assert!(!document.contains_key(absent), "{absent}");
    }
    assert_eq!(document["backchannel_logout_supported"], false);
    let mut offered = Offered::default();
    offered.backchannel_logout = true;
    offered.endpoints.push(Endpoint::PushedRequest);
    let more = metadata(issuer(), &offered, keys());
    assert_eq!(
        more["pushed_authorization_request_endpoint"],
        "https://id.example/par"
    );
    assert_eq!(more["backchannel_logout_session_supported"], true);
    let text = serde_json::to_string(&document).unwrap();
    for never in ["\"none\"]", "HS256", "plain", "password", "implicit"] {
        assert!(!text.contains(never) || never == "\"none\"]", "{never}");
    }
    assert!(!text.contains("signing_alg_values_supported\":[\"none"));
}

#[test]
fn scopes_and_claims_are_those_of_accounts() {
    let mut offered = Offered::default();
    offered.scopes = doorward_oidc::Scope::parse("openid email").unwrap();
    offered.claims = vec!["email".to_owned()];
    let document = metadata(issuer(), &offered, keys());
    assert_eq!(document["scopes_supported"], json!(["openid", "email"]));
    let claims = document["claims_supported"].as_array().unwrap();
    assert!(claims.contains(&json!("email")) && claims.contains(&json!("sub")));
    assert!(!claims.contains(&json!("address")));
    assert_eq!(
        protected_resource(issuer(), &offered)["scopes_supported"],
        document["scopes_supported"]
    );
}

#[test]
fn protected_resource_metadata() {
    let mut offered = Offered::default();
    offered.dpop = true;
    let document = protected_resource(issuer(), &offered);
    assert_eq!(document["resource"], "https://id.example");
    assert_eq!(document["authorization_servers"], json!(["https://id.example"]));
    assert!(document.contains_key("dpop_signing_alg_values_supported"));
}

#[test]
fn metadata_follows_what_is_on() {
    let mut offered = Offered::default();
    let before = metadata(issuer(), &offered, keys());
    assert_eq!(
        before["prompt_values_supported"],
        json!(["none", "login", "consent", "select_account"])
    );
    assert_eq!(
        before["acr_values_supported"],
        json!(["phr", "urn:doorward:acr:2fa", "urn:doorward:acr:1fa"])
    );
    let methods = before["introspection_endpoint_auth_methods_supported"]
        .as_array()
        .unwrap();
    assert!(!methods.contains(&json!("none")));
    assert!(!before.contains_key("dpop_signing_alg_values_supported"));
    (
        offered.sign_up,
        offered.dpop,
        offered.pairwise,
        offered.request_objects,
    ) = (true, true, true, (true, true));
    let after = metadata(issuer(), &offered, keys());
    assert_eq!(after["prompt_values_supported"].as_array().unwrap().len(), 5);
    assert_eq!(after["subject_types_supported"], json!(["public", "pairwise"]));
    assert_eq!(
        (
            &after["request_parameter_supported"],
            &after["require_request_uri_registration"]
        ),
        (&json!(true), &json!(true))
    );
    let algorithms = after["request_object_signing_alg_values_supported"]
        .as_array()
        .unwrap();
    assert!(algorithms.contains(&json!("RS256")) && !algorithms.contains(&json!("none")));
}

#[test]
fn jwks_sound() {
    let set = serde_json::to_value(keys().published()).unwrap();
    let listed = set["keys"].as_array().unwrap();
    let mut kids: Vec<&str> = listed.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    for key in listed {
        assert!(key["use"] == "sig" && key["alg"].is_string() && key["kid"].as_str().unwrap().len() == 43);
        for private in ["d", "p", "q", "k"] {
            assert!(key.get(private).is_none());
        }
    }
    kids.sort_unstable();
    kids.dedup();
    assert_eq!(kids.len(), listed.len());
}
