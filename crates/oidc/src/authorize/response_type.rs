//! What is asked for (RFC 6749 §3.1.1).

use crate::client::metadata::{Client, GrantType, ResponseType};
use crate::error::Fault;
use crate::params::Params;

/// A response type that is offered and that the client registered. The order of its words does not count.
pub(super) fn check(params: &Params, client: &Client) -> Result<ResponseType, Fault> {
    let asked = params.get("response_type").ok_or(Fault::ResponseTypeMissing)?;
    let response_type = asked.parse().map_err(|_| Fault::ResponseTypeUnsupported)?;
    let registered =
        client.response_types.contains(&response_type) && client.may_use(GrantType::AuthorizationCode);
    if registered {
        Ok(response_type)
    } else {
        Err(Fault::ResponseTypeNotRegistered)
    }
}
