//! What the client may be given of what it asks for (RFC 6749 §3.3).

use crate::client::metadata::{Client, GrantType};
use crate::error::Fault;
use crate::params::Params;
use crate::scope::{OFFLINE_ACCESS, Scope};

/// The requested scope without what this client may not have, which the token answer tells (RFC 6749 §5.1).
/// `offline_access` counts only for a client that may use refresh tokens (Core §11).
pub(super) fn check(params: &Params, client: &Client) -> Result<Scope, Fault> {
    let Some(text) = params.get("scope") else {
        return Ok(Scope::empty());
    };
    let mut scope = Scope::parse(text)?.intersection(&client.scope);
    if !client.may_use(GrantType::RefreshToken) {
        scope = scope.without(OFFLINE_ACCESS);
    }
    if scope.is_empty() {
        Err(Fault::ScopeEmpty)
    } else {
        Ok(scope)
    }
}
