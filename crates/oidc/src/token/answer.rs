//! The token endpoint's answers (RFC 6749 §5): status, headers and body as values.

use core::fmt;
use core::time::Duration;

use serde::Serialize;
use serde_json::json;

use crate::client::authentication::ClientRefused;
use crate::error::{ErrorCode, Fault};
use crate::scope::Scope;

/// Headers of every answer that holds a token or a person's data (RFC 6749 §5.1).
pub const NO_STORE: [(&str, &str); 2] = [("cache-control", "no-store"), ("pragma", "no-cache")];

/// How an access token is to be presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum TokenType {
    /// RFC 6750.
    Bearer,
    /// RFC 9449.
    #[serde(rename = "DPoP")]
    Dpop,
}

/// A successful answer: 200, JSON, not to be stored. `Debug` shows no token.
#[derive(Clone, Serialize)]
pub struct TokenAnswer {
    /// The access token.
    pub access_token: String,
    /// How to present it.
    pub token_type: TokenType,
    /// Seconds that it lives.
    pub expires_in: u64,
    /// The refresh token, where one is new to the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// The ID token, for requests of OpenID Connect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// The granted scope. It is told unless it is empty (the grammar of RFC 6749 §3.3 has no empty one): it may
    /// differ from what was asked for.
    #[serde(skip_serializing_if = "Scope::is_empty")]
    pub scope: Scope,
}

impl TokenAnswer {
    /// An answer with an access token alone.
    #[must_use]
    pub fn new(access_token: String, token_type: TokenType, lifetime: Duration, scope: Scope) -> Self {
        Self {
            access_token,
            token_type,
            expires_in: lifetime.as_secs(),
            refresh_token: None,
            id_token: None,
            scope,
        }
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> String {
        serde_json::to_value(self)
            .map(|value| value.to_string())
            .unwrap_or_default()
    }
}

impl fmt::Debug for TokenAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenAnswer({:?}, scope {})", self.token_type, self.scope)
    }
}

/// A refusal at an endpoint that speaks JSON: token, pushed requests, device authorization, introspection,
/// revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorAnswer {
    fault: Fault,
    basic: bool,
    described: bool,
}

impl ErrorAnswer {
    /// For a client that has authenticated: it is told the cause.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            basic: false,
            described: true,
        }
    }

    /// For a client that has not.
    #[must_use]
    pub fn refused(refused: ClientRefused) -> Self {
        // Requests that are malformed for everybody may be told so; a failed proof is not explained.
        let described = refused.fault.code() != ErrorCode::InvalidClient;
        Self {
            fault: refused.fault,
            basic: refused.basic,
            described,
        }
    }

    /// The broken rule, for the log.
    #[must_use]
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.fault.code().status()
    }

    /// The headers beside the content type (`application/json`).
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, &'static str)> {
        let mut headers = NO_STORE.to_vec();
        if self.basic && self.fault.code() == ErrorCode::InvalidClient {
            headers.push(("www-authenticate", "Basic realm=\"token\", charset=\"UTF-8\""));
        }
        headers
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> String {
        let code = self.fault.code().as_str();
        let generic = Fault::ClientAuthenticationFailed.description();
        let description = if self.described {
            self.fault.description()
        } else {
            generic
        };
        json!({ "error": code, "error_description": description }).to_string()
    }
}

impl From<Fault> for ErrorAnswer {
    fn from(fault: Fault) -> Self {
        Self::new(fault)
    }
}

impl From<ClientRefused> for ErrorAnswer {
    fn from(refused: ClientRefused) -> Self {
        Self::refused(refused)
    }
}
