//! Revocation (RFC 7009): a refresh token takes its grant along, an access token goes alone, a foreign token
//! stays, and the answer is the same 200.

use crate::access_token::AccessToken;
use crate::client::metadata::{Client, ClientId};
use crate::error::Fault;
use crate::params::Params;
use crate::token::Credential;

/// The token to be revoked; `None` when it cannot be one of ours, which is answered with 200 too.
///
/// # Errors
/// [`Fault::RevokedTokenMissing`].
pub fn asked(form: &Params) -> Result<Option<Credential>, Fault> {
    let token = form.get("token").ok_or(Fault::RevokedTokenMissing)?;
    Ok(Credential::parse(token))
}

/// What the token was found to be.
#[derive(Clone, Copy, Debug)]
pub enum Found<'a> {
    /// An access token.
    Access(&'a AccessToken),
    /// A refresh token of this client.
    Refresh(&'a ClientId),
    /// Nothing of ours.
    Unknown,
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// The grant ends, with all its tokens.
    Grant,
    /// This access token ends, by its `jti`.
    Token(String),
    /// Nothing happens.
    Nothing,
}

/// Decides: a client revokes its own tokens and nobody else's (RFC 7009 §2.1).
#[must_use]
pub fn decide(found: Found<'_>, client: &Client) -> Revocation {
    match found {
        Found::Access(token) if token.client_id == client.id => Revocation::Token(token.jti.clone()),
        Found::Refresh(owner) if *owner == client.id => Revocation::Grant,
        Found::Access(_) | Found::Refresh(_) | Found::Unknown => Revocation::Nothing,
    }
}
