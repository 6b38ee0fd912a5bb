//! Where the answer may go (RFC 6749 §3.1.2, RFC 9700 §2.1). Until this check has passed, nothing travels.

use crate::client::metadata::Client;
use crate::error::Fault;
use crate::params::Params;

/// The requested redirect URI, found registered. Made here alone.
#[derive(Debug)]
pub struct Registered<'a> {
    uri: &'a str,
}

impl<'a> Registered<'a> {
    /// The requested bytes.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        self.uri
    }
}

/// Compares the requested URI with the registered ones. A request without one is refused, even if only one is
/// registered (Core §3.1.2.1).
pub(super) fn check<'a>(params: &'a Params, client: &Client) -> Result<Registered<'a>, Fault> {
    let uri = params.get("redirect_uri").ok_or(Fault::RedirectUriMissing)?;
    client
        .registered_redirect_uri(uri)
        .ok_or(Fault::RedirectUriNotRegistered)?;
    Ok(Registered { uri })
}
