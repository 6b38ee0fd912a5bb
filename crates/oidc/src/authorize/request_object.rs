//! Request objects (OpenID Connect Core §6, RFC 9101): for now told apart and refused, never silently ignored.

use crate::error::Fault;
use crate::params::Params;

/// Refuses what would have to be read from elsewhere, each with its own code (Core §3.1.2.6).
pub(super) fn check_absent(params: &Params) -> Result<(), Fault> {
    if params.get("request").is_some() {
        return Err(Fault::RequestObjectUnsupported);
    }
    if params.get("request_uri").is_some() {
        return Err(Fault::RequestUriUnsupported);
    }
    if params.get("registration").is_some() {
        return Err(Fault::RegistrationParameter);
    }
    Ok(())
}
