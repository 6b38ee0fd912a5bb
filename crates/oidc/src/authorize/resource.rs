//! For which protected resources the token shall be (RFC 8707).

use crate::client::metadata::Client;
use crate::error::Fault;
use crate::issuer::Issuer;
use crate::limits;
use crate::params::Params;

/// The requested resources: absolute URIs without fragment, of those that the client may ask for. The issuer
/// itself is always among them.
pub(crate) fn check(params: &Params, client: &Client, issuer: &Issuer) -> Result<Vec<String>, Fault> {
    let mut resources: Vec<String> = Vec::new();
    for resource in params.all("resource") {
        if !is_resource(resource) {
            return Err(Fault::ResourceMalformed);
        }
        let allowed = client.resources.iter().any(|own| own == resource) || resource == issuer.as_str();
        if !allowed || resources.len() >= limits::RESOURCES_MAX {
            return Err(Fault::ResourceNotAllowed);
        }
        if !resources.iter().any(|own| own == resource) {
            resources.push(resource.to_owned());
        }
    }
    Ok(resources)
}

/// Whether a text is an absolute URI without fragment (RFC 8707 §2).
#[must_use]
pub fn is_resource(text: &str) -> bool {
    let ascii = text.bytes().all(|byte| byte.is_ascii_graphic());
    ascii && text.len() <= limits::RESOURCE_MAX && !text.contains('#') && url::Url::parse(text).is_ok()
}
