//! Introspection (RFC 7662): what a token says, to those whom it concerns.
//!
//! A client sees the tokens that it was given and those that are meant for it. Of any other token, of a dead
//! one and of garbage it learns the same: not active.

use doorward_crypto::Timestamp;
use serde_json::{Map, Value, json};

use crate::access_token::AccessToken;
use crate::client::metadata::Client;
use crate::error::Fault;
use crate::grant::Grant;
use crate::issuer::Issuer;
use crate::keys::{JwtType, Keys, SignError};
use crate::params::Params;
use crate::token::Credential;

/// The token that is asked about. The hint about its type is not needed: its form tells.
///
/// # Errors
/// [`Fault::IntrospectedTokenMissing`].
pub fn asked(form: &Params) -> Result<Option<Credential>, Fault> {
    let token = form.get("token").ok_or(Fault::IntrospectedTokenMissing)?;
    Ok(Credential::parse(token))
}

/// The answer for whatever does not concern the caller or does not live: 200 with this alone.
#[must_use]
pub fn inactive() -> Map<String, Value> {
    Map::from_iter([("active".to_owned(), json!(false))])
}

/// The answer for an access token that lives (its grant, client and account were looked up).
#[must_use]
pub fn access_token(token: &AccessToken, caller: &Client, issuer: &Issuer) -> Map<String, Value> {
    // What a client may ask tokens for (`resources`) is not what it is (`protects`).
    let concerned = token.client_id == caller.id
        || token.is_for(caller.id.as_str())
        || caller.protects.iter().any(|own| token.is_for(own));
    if !concerned {
        return inactive();
    }
    let mut claims = token.claims(issuer);
    claims.remove("grant");
    claims.insert("active".to_owned(), json!(true));
    let token_type = if token.jkt.is_some() { "DPoP" } else { "Bearer" };
    claims.insert("token_type".to_owned(), json!(token_type));
    claims
}

/// An introspection answer as a JWT, for a caller that accepts `application/token-introspection+jwt`
/// (RFC 9701 §5). It is signed like the caller's ID tokens.
///
/// # Errors
/// [`SignError`].
pub fn sign(
    answer: Map<String, Value>,
    caller: &Client,
    issuer: &Issuer,
    keys: &Keys,
    now: Timestamp,
) -> Result<String, SignError> {
    let claims = Map::from_iter([
        ("iss".to_owned(), json!(issuer.as_str())),
        ("aud".to_owned(), json!(caller.id.as_str())),
        ("iat".to_owned(), json!(now.seconds())),
        ("token_introspection".to_owned(), Value::Object(answer)),
    ]);
    keys.sign(
        JwtType::Introspection,
        caller.id_token_signed_response_alg,
        &claims,
    )
}

/// The answer for a refresh token that lives: only the client that holds it learns something.
#[must_use]
pub fn refresh_token(grant: &Grant, caller: &Client, issuer: &Issuer) -> Map<String, Value> {
    if grant.client_id != caller.id {
        return inactive();
    }
    Map::from_iter([
        ("active".to_owned(), json!(true)),
        ("iss".to_owned(), json!(issuer.as_str())),
        ("client_id".to_owned(), json!(grant.client_id.as_str())),
        ("sub".to_owned(), json!(grant.sub)),
        ("scope".to_owned(), json!(grant.scope.to_string())),
    ])
}
