//! The address that the signed-out page loads in a frame (Front-Channel Logout 1.0 §2).

use crate::authorize::answer::with_query;
use crate::client::metadata::Client;
use crate::issuer::Issuer;

/// The client's registered address with issuer and session, where it has one. A fragment is dropped.
#[must_use]
pub fn frame(client: &Client, issuer: &Issuer, sid: Option<&str>) -> Option<String> {
    let uri = client.frontchannel_logout_uri.as_ref()?.without_fragment();
    Some(match sid {
        Some(sid) => with_query(
            uri,
            &[("iss", issuer.as_str().to_owned()), ("sid", sid.to_owned())],
        ),
        None => uri.to_owned(),
    })
}
