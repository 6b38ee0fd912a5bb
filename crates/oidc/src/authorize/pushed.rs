//! Pushed authorization requests (RFC 9126): checked when pushed, named by a reference, spent when the sign-in
//! completes.

use core::fmt;

use doorward_crypto::{NoRandom, Random, Timestamp, random};
use doorward_jose::base64url;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::AuthorizationRequest;
use crate::client::metadata::{Client, ClientId};
use crate::error::Fault;
use crate::limits;
use crate::params::Params;
use crate::stored;

/// What every reference begins with (RFC 9126 §2.2).
pub const URN: &str = "urn:ietf:params:oauth:request_uri:";

/// How the parameters of an authorization request reached the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Through the browser: anybody may have written them.
    Browser,
    /// At the pushed authorization request endpoint, from the authenticated client itself.
    Pushed,
}

/// A client that must push is refused in the browser.
pub(super) fn check(client: &Client, arrival: Arrival) -> Result<(), Fault> {
    let browser = arrival == Arrival::Browser;
    if browser && client.requires_pushed_requests() {
        Err(Fault::PushedRequestRequired)
    } else {
        Ok(())
    }
}

/// The reference to a pushed request: 256 random bits. `Debug` does not show them.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestUri(String);

impl RequestUri {
    /// A new reference.
    ///
    /// # Errors
    /// [`NoRandom`] when the source of randomness fails.
    pub fn generate(random: &dyn Random) -> Result<Self, NoRandom> {
        Ok(Self(format!(
            "{URN}{}",
            base64url::encode(&random::bytes::<32>(random)?)
        )))
    }

    /// The reference in a request at the authorization endpoint; `None` when there is none, or one of another
    /// kind. Beside it only `client_id` counts: everything else was pushed.
    #[must_use]
    pub fn named(params: &Params) -> Option<Self> {
        params
            .get("request_uri")
            .filter(|uri| uri.starts_with(URN))
            .map(|uri| Self(uri.to_owned()))
    }

    /// The text, to be hashed and looked up.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The body of the answer to a push: 201, JSON, not to be stored.
    #[must_use]
    pub fn answer(&self) -> String {
        let expires_in = limits::PUSHED_REQUEST_LIFETIME.as_secs();
        json!({ "request_uri": self.0, "expires_in": expires_in }).to_string()
    }
}

impl fmt::Debug for RequestUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestUri(…)")
    }
}

/// A pushed request: the caller stores it under the hash of its reference, and spends it with the commit that
/// makes the code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PushedRequest {
    request: AuthorizationRequest,
    #[serde(with = "stored::moment")]
    expires_at: Timestamp,
}

impl PushedRequest {
    /// Keeps a request that was checked with [`super::Context::pushed`]. `jkt` is the key of a right DPoP proof,
    /// if one came: the code will be bound to it (RFC 9449 §10.1).
    ///
    /// # Errors
    /// [`Fault::DpopJktMismatch`] when the request names another key.
    pub fn new(mut request: AuthorizationRequest, jkt: Option<&str>, now: Timestamp) -> Result<Self, Fault> {
        if let Some(jkt) = jkt {
            if request.dpop_jkt.as_deref().is_some_and(|named| named != jkt) {
                return Err(Fault::DpopJktMismatch);
            }
            request.dpop_jkt = Some(jkt.to_owned());
        }
        Ok(Self {
            request,
            expires_at: now.plus(limits::PUSHED_REQUEST_LIFETIME),
        })
    }

    /// Until when it can be visited.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// The request, as it arrives in the browser. A sign-in counts as fresh from now on, not from the push.
    ///
    /// # Errors
    /// [`Fault::RequestUriUnknown`] when it expired or another client pushed it.
    pub fn visit(&self, client_id: &ClientId, now: Timestamp) -> Result<AuthorizationRequest, Fault> {
        if now >= self.expires_at || self.request.client_id != *client_id {
            return Err(Fault::RequestUriUnknown);
        }
        Ok(AuthorizationRequest {
            received_at: now,
            ..self.request.clone()
        })
    }
}
