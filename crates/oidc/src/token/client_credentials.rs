//! Tokens for the client itself (RFC 6749 §4.4): no person, so no `openid`, no refresh token, no userinfo.

use crate::authorize::resource::is_resource;
use crate::client::Authenticated;
use crate::error::Fault;
use crate::issuer::Issuer;
use crate::scope::{self, Scope};

use super::Caller;

/// What a client's own token is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientToken {
    /// How far.
    pub scope: Scope,
    /// For which protected resources; empty: the issuer itself.
    pub resources: Vec<String>,
}

/// Decides. Scopes that speak of a person are left out; a scope that the client may not have is refused.
///
/// # Errors
/// [`Fault::ScopeEmpty`], [`Fault::ResourceMalformed`], [`Fault::ResourceNotAllowed`],
/// [`Fault::SenderConstraintMissing`].
pub fn decide(
    scope: Option<&Scope>,
    resources: &[String],
    caller: &Caller<'_>,
) -> Result<ClientToken, Fault> {
    let client: &Authenticated<'_> = caller.client;
    let allowed: Scope = client
        .client()
        .scope
        .iter()
        .filter(|word| !scope::KNOWN.contains(word))
        .collect();
    let scope = scope.map_or_else(|| allowed.clone(), |asked| asked.intersection(&allowed));
    if scope.is_empty() && !allowed.is_empty() {
        return Err(Fault::ScopeEmpty);
    }
    if !resources.iter().all(|resource| is_resource(resource)) {
        return Err(Fault::ResourceMalformed);
    }
    let issuer: &Issuer = caller.issuer;
    let held =
        |resource: &String| client.client().resources.contains(resource) || resource == issuer.as_str();
    if !resources.iter().all(held) {
        return Err(Fault::ResourceNotAllowed);
    }
    if client.client().requires_bound_tokens() && caller.jkt.is_none() {
        return Err(Fault::SenderConstraintMissing);
    }
    Ok(ClientToken {
        scope,
        resources: resources.to_vec(),
    })
}
