//! How long ago the person may have signed in (OpenID Connect Core §3.1.2.1).

use crate::client::metadata::Client;
use crate::error::Fault;
use crate::params::Params;

/// Seconds: of the request, else the client's default. Zero demands a fresh sign-in, as `prompt=login` does.
pub(super) fn check(params: &Params, client: &Client) -> Result<Option<u64>, Fault> {
    let Some(text) = params.get("max_age") else {
        return Ok(client.default_max_age);
    };
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::MaxAgeMalformed);
    }
    Ok(Some(text.parse().unwrap_or(u64::MAX))) // more digits than fit mean more time than there is
}
