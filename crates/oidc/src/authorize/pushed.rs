//! Whether the request came the way that the client must take (RFC 9126 §5, §6).

use crate::client::metadata::Client;
use crate::error::Fault;
use crate::params::Params;

/// How the parameters of an authorization request reached the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Through the browser: anybody may have written them.
    Browser,
    /// At the pushed authorization request endpoint, from the authenticated client itself.
    Pushed,
}

/// A client that must push is refused in the browser. What only a request object or a pushed request may
/// bring is refused elsewhere.
pub(super) fn check(params: &Params, client: &Client, arrival: Arrival) -> Result<(), Fault> {
    match arrival {
        Arrival::Browser if client.requires_pushed_requests() => Err(Fault::PushedRequestRequired),
        Arrival::Pushed if params.get("request_uri").is_some() => Err(Fault::RequestUriPushed),
        Arrival::Browser | Arrival::Pushed => Ok(()),
    }
}
