//! The token endpoint: what a request must be, what becomes of a code or a refresh token, what is answered.
//!
//! The caller authenticates the client ([`crate::client::Presented`]), reads the request with [`TokenRequest::parse`],
//! looks up what it names, and asks the stored value for a decision: [`CodeGrant::decide`], [`RefreshFamily::decide`].
//! Signing and storing come after; the decisions change nothing.

pub mod answer;
pub mod authorization_code;
pub mod client_credentials;
pub mod refresh_token;

use core::fmt;

use doorward_crypto::Timestamp;

pub use answer::{ErrorAnswer, TokenAnswer, TokenType};
pub use authorization_code::{CodeDecision, CodeGrant, CodeRequest, CodeState};
pub use refresh_token::{RefreshDecision, RefreshFamily, RefreshRequest, Rotation};

use crate::client::Authenticated;
use crate::client::metadata::GrantType;
use crate::error::Fault;
use crate::issuer::Issuer;
use crate::limits;
use crate::params::Params;
use crate::scope::Scope;

/// A token request of a client that has authenticated.
#[derive(Debug)]
#[non_exhaustive]
pub enum TokenRequest {
    /// With a code.
    AuthorizationCode(CodeRequest),
    /// With a refresh token.
    RefreshToken(RefreshRequest),
    /// For the client itself, with this scope (RFC 6749 §4.4).
    ClientCredentials {
        /// What is asked for; everything allowed when absent.
        scope: Option<Scope>,
        /// For which protected resources.
        resources: Vec<String>,
    },
    /// With a device code (RFC 8628 §3.4).
    DeviceCode {
        /// The device code.
        device_code: Credential,
        /// The verifier, where the device sent a challenge.
        code_verifier: Option<String>,
    },
}

/// Who presents a code or a refresh token, and how. The same for both.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The client.
    pub client: &'a Authenticated<'a>,
    /// Thumbprint of the key of a DPoP proof that was found right, if one came.
    pub jkt: Option<&'a str>,
    /// Who is asked.
    pub issuer: &'a Issuer,
    /// Now.
    pub now: Timestamp,
}

/// A code or token that a client presents. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential(String);

impl Credential {
    /// Visible ASCII, at most [`limits::TOKEN_MAX`] bytes; anything else cannot be one of ours.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fits =
            (1..=limits::TOKEN_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// The text, to be hashed and looked up.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(…)")
    }
}

impl TokenRequest {
    /// Reads a token request. The client must be registered for the grant type.
    ///
    /// # Errors
    /// [`Fault`] for a missing or unknown grant type, one that the client may not use, and for missing or
    /// malformed parameters.
    pub fn parse(form: &Params, client: &Authenticated<'_>) -> Result<Self, Fault> {
        let grant = form.get("grant_type").ok_or(Fault::GrantTypeMissing)?;
        let grant: GrantType = grant.parse().map_err(|_| Fault::GrantTypeUnsupported)?;
        let client = client.client();
        if !client.may_use(grant) {
            return Err(Fault::GrantTypeNotRegistered);
        }
        let resources = form.all("resource").map(str::to_owned).collect();
        let scope = form.get("scope").map(Scope::parse).transpose();
        match grant {
            GrantType::AuthorizationCode => CodeRequest::parse(form, resources).map(Self::AuthorizationCode),
            GrantType::RefreshToken => RefreshRequest::parse(form, scope?, resources).map(Self::RefreshToken),
            GrantType::ClientCredentials if client.is_public() => Err(Fault::ClientCredentialsPublic),
            GrantType::ClientCredentials => Ok(Self::ClientCredentials {
                scope: scope?,
                resources,
            }),
            GrantType::DeviceCode => {
                let code = form.get("device_code").ok_or(Fault::DeviceCodeMissing)?;
                let device_code = Credential::parse(code).ok_or(Fault::DeviceCodeUnknown)?;
                let code_verifier = form.get_even_empty("code_verifier").map(str::to_owned);
                Ok(Self::DeviceCode {
                    device_code,
                    code_verifier,
                })
            }
        }
    }
}

/// The audience of a token request narrows what was granted (RFC 8707 §2.2).
///
/// # Errors
/// [`Fault::ResourceNotAllowed`] for a resource that the grant does not hold.
pub(crate) fn narrow(asked: &[String], granted: &[String], issuer: &str) -> Result<Vec<String>, Fault> {
    let held = |resource: &String| granted.contains(resource) || (granted.is_empty() && resource == issuer);
    if !asked.iter().all(held) {
        return Err(Fault::ResourceNotAllowed);
    }
    Ok(if asked.is_empty() {
        granted.to_vec()
    } else {
        asked.to_vec()
    })
}
