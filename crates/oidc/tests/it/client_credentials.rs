//! Tokens for the client itself: RFC 6749 §4.4, RFC 8707.

use doorward_oidc::client::metadata::{Client, GrantType};
use doorward_oidc::token::client_credentials::{ClientToken, decide};
use doorward_oidc::token::{Caller, TokenRequest};
use doorward_oidc::{Fault, Scope};

use crate::world::*;

fn service() -> Client {
    let mut client = client();
    client.grant_types.push(GrantType::ClientCredentials);
    client.scope = Scope::parse("openid offline_access read write").unwrap();
    client.resources = vec!["https://api.example/".to_owned()];
    client.check().unwrap();
    client
}

fn ask(client: &Client, form: &[(&str, &str)]) -> Result<ClientToken, Fault> {
    let known = authenticated(client);
    let mut pairs = vec![("grant_type", "client_credentials")];
    pairs.extend_from_slice(form);
    let TokenRequest::ClientCredentials { scope, resources } = TokenRequest::parse(&params(&pairs), &known)?
    else {
        panic!("another grant")
    };
    let caller = Caller {
        client: &known,
        jkt: None,
        issuer: issuer(),
        now: NOW,
    };
    decide(scope.as_ref(), &resources, &caller)
}

#[test]
fn client_credentials_own_audience() {
    let client = service();
    let token = ask(&client, &[("resource", "https://api.example/")]).unwrap();
    assert_eq!(token.resources, ["https://api.example/"]);
    assert_eq!(
        token.scope.to_string(),
        "read write",
        "no person, so no scope of one"
    );
    assert_eq!(
        ask(&client, &[("resource", "https://other.example/")]).unwrap_err(),
        Fault::ResourceNotAllowed
    );
    assert_eq!(
        ask(&client, &[("resource", "x")]).unwrap_err(),
        Fault::ResourceMalformed
    );
    assert_eq!(
        ask(&client, &[("scope", "openid")]).unwrap_err(),
        Fault::ScopeEmpty
    );
    assert_eq!(
        ask(&client, &[("scope", "read openid")])
            .unwrap()
            .scope
            .to_string(),
        "read"
    );
}

#[test]
fn a_bound_client_needs_its_key() {
    let mut client = service();
    client.dpop_bound_access_tokens = true;
    assert_eq!(ask(&client, &[]).unwrap_err(), Fault::SenderConstraintMissing);
}
