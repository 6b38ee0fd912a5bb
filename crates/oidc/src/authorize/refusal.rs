//! A refusal, and how far it may travel.
//!
//! Before the redirect URI was found registered a refusal is a page of our own. Afterwards it goes to the
//! client, and always says who sends it (RFC 9207 §2). The only way to make a travelling refusal is a
//! [`Target`], and only the checks make one.

use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::redirect_uri::Registered;
use super::response_mode::ResponseMode;
use crate::error::{ErrorCode, Fault};
use crate::issuer::Issuer;

/// Where and how an answer may be sent: a redirect URI found registered, the mode, and `state` to echo.
///
/// It is serialised as a part of the request that a caller keeps sealed; what is read back is trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    uri: String,
    mode: ResponseMode,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
}

impl Target {
    pub(super) fn new(uri: &Registered<'_>) -> Self {
        Self {
            uri: uri.as_str().to_owned(),
            mode: ResponseMode::Query,
            state: None,
        }
    }

    pub(super) fn set_state(&mut self, state: Option<&str>) {
        self.state = state.map(str::to_owned);
    }

    pub(super) fn set_mode(&mut self, mode: ResponseMode) {
        self.mode = mode;
    }

    /// The redirect URI, byte for byte as it was requested.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.uri
    }

    /// How the answer travels.
    #[must_use]
    pub fn response_mode(&self) -> ResponseMode {
        self.mode
    }

    /// What the client wants back.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }
}

/// A request that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    fault: Fault,
    target: Option<Target>,
}

impl Refusal {
    /// A refusal that stays here, on a page.
    #[must_use]
    pub fn page(fault: Fault) -> Self {
        Self { fault, target: None }
    }

    /// A refusal that travels to the client.
    #[must_use]
    pub fn redirect(target: &Target, fault: Fault) -> Self {
        Self {
            fault,
            target: Some(target.clone()),
        }
    }

    /// The broken rule.
    #[must_use]
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// What the client is told.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.fault.code()
    }

    /// Where it goes; `None` for a page.
    #[must_use]
    pub fn target(&self) -> Option<&Target> {
        self.target.as_ref()
    }

    /// The answer to the client; `None` when a page must be shown instead.
    #[must_use]
    pub fn answer(&self, issuer: &Issuer) -> Option<Answer> {
        self.target
            .as_ref()
            .map(|target| Answer::error(target, self.fault, issuer))
    }
}
