//! The device's request, what is kept of it, and what its polls get (RFC 8628 §3.1, §3.4, §3.5).

use core::time::Duration;

use doorward_crypto::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::user_code::UserCode;
use crate::authorize::{CodeChallenge, resource};
use crate::client::Authenticated;
use crate::client::metadata::{ClientId, GrantType};
use crate::error::Fault;
use crate::grant::Grant;
use crate::issuer::Issuer;
use crate::limits;
use crate::params::Params;
use crate::scope::{OFFLINE_ACCESS, Scope};
use crate::stored;

/// What a device asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeviceRequest {
    /// Who asks.
    pub client_id: ClientId,
    /// The scope without what the client may not have.
    pub scope: Scope,
    /// Protected resources that the token shall be for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Echoed in the ID token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// A challenge that a device may send is enforced like any other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<CodeChallenge>,
}

impl DeviceRequest {
    /// Reads a request at the device authorization endpoint.
    ///
    /// # Errors
    /// [`Fault`] when the client may not use the grant, and for a malformed or empty scope, resource, nonce or
    /// challenge.
    pub fn parse(form: &Params, client: &Authenticated<'_>, issuer: &Issuer) -> Result<Self, Fault> {
        let client = client.client();
        if !client.may_use(GrantType::DeviceCode) {
            return Err(Fault::GrantTypeNotRegistered);
        }
        let asked = Scope::parse(form.get("scope").unwrap_or_default())?;
        let mut scope = asked.intersection(&client.scope);
        if !client.may_use(GrantType::RefreshToken) {
            scope = scope.without(OFFLINE_ACCESS);
        }
        if scope.is_empty() && !asked.is_empty() {
            return Err(Fault::ScopeEmpty);
        }
        let nonce = form.get("nonce");
        if nonce.is_some_and(|nonce| nonce.len() > limits::NONCE_MAX) {
            return Err(Fault::NonceTooLong);
        }
        let code_challenge = match (form.get("code_challenge"), form.get("code_challenge_method")) {
            (None, _) => None,
            (Some(challenge), Some("S256")) => Some(CodeChallenge::parse(challenge)?),
            (Some(_), Some(_) | None) => return Err(Fault::CodeChallengeMethodUnsupported),
        };
        let resources = resource::check(form, client, issuer)?;
        let client_id = client.id.clone();
        Ok(Self {
            client_id,
            scope,
            resources,
            nonce: nonce.map(str::to_owned),
            code_challenge,
        })
    }
}

/// How far the person has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Progress {
    /// Nothing was decided.
    Pending,
    /// The person said no.
    Denied,
    /// The person said yes.
    Granted(Box<Grant>),
    /// The tokens were given out.
    Spent,
}

/// A device code: the caller stores it under the code's hash, with the user code as a second key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceGrant {
    /// What was asked for.
    pub request: DeviceRequest,
    /// How far the person has come.
    pub progress: Progress,
    /// When it ends.
    #[serde(with = "stored::moment")]
    pub expires_at: Timestamp,
    /// Before this moment a poll is too early.
    #[serde(with = "stored::moment")]
    pub next_poll_at: Timestamp,
    /// Seconds between two polls; each poll that is too early adds five (RFC 8628 §3.5).
    pub interval: u64,
}

/// What a poll gets.
#[derive(Clone, Debug, PartialEq)]
pub enum Poll {
    /// Tokens; the caller stores `spent` in the commit that makes them.
    Issue {
        /// What the tokens are made from.
        grant: Box<Grant>,
        /// What to store.
        spent: DeviceGrant,
    },
    /// Not yet: [`Fault::DevicePending`] or [`Fault::DevicePollTooFast`]; the caller stores the value.
    Wait {
        /// The answer.
        fault: Fault,
        /// What to store.
        grant: DeviceGrant,
    },
    /// Never.
    Refuse(Fault),
}

impl DeviceGrant {
    /// Begins to wait for the person.
    #[must_use]
    pub fn begin(request: DeviceRequest, now: Timestamp) -> Self {
        Self {
            request,
            progress: Progress::Pending,
            expires_at: now.plus(limits::DEVICE_CODE_LIFETIME),
            next_poll_at: now,
            interval: limits::DEVICE_POLL_INTERVAL.as_secs(),
        }
    }

    /// Decides what a poll by this client gets. `code_verifier` is that of the token request.
    #[must_use]
    pub fn poll(&self, client: &Authenticated<'_>, code_verifier: Option<&str>, now: Timestamp) -> Poll {
        if client.client().id != self.request.client_id {
            return Poll::Refuse(Fault::DeviceCodeOfAnotherClient);
        }
        if let Err(fault) = self.check_verifier(code_verifier) {
            return Poll::Refuse(fault);
        }
        if self.progress == Progress::Spent {
            return Poll::Refuse(Fault::DeviceCodeUnknown);
        }
        if now >= self.expires_at {
            return Poll::Refuse(Fault::DeviceCodeExpired);
        }
        match &self.progress {
            Progress::Denied => Poll::Refuse(Fault::PersonDeclined),
            Progress::Granted(grant) => {
                let spent = Self {
                    progress: Progress::Spent,
                    ..self.clone()
                };
                Poll::Issue {
                    grant: grant.clone(),
                    spent,
                }
            }
            Progress::Pending | Progress::Spent => self.wait(now),
        }
    }

    fn wait(&self, now: Timestamp) -> Poll {
        let early = now < self.next_poll_at;
        let more = if early {
            limits::DEVICE_POLL_INTERVAL.as_secs()
        } else {
            0
        };
        let interval = self.interval.saturating_add(more);
        let next_poll_at = now.plus(Duration::from_secs(interval));
        let fault = if early {
            Fault::DevicePollTooFast
        } else {
            Fault::DevicePending
        };
        Poll::Wait {
            fault,
            grant: Self {
                interval,
                next_poll_at,
                ..self.clone()
            },
        }
    }

    fn check_verifier(&self, verifier: Option<&str>) -> Result<(), Fault> {
        match (&self.request.code_challenge, verifier) {
            (Some(challenge), Some(verifier)) => challenge.verify(verifier),
            (Some(_), None) => Err(Fault::CodeVerifierMissing),
            (None, Some(_)) => Err(Fault::CodeVerifierUnexpected),
            (None, None) => Ok(()),
        }
    }
}

/// The answer to a device's request (RFC 8628 §3.2).
#[derive(Clone, Copy, Debug)]
pub struct DeviceAnswer<'a> {
    /// The secret half, for the device.
    pub device_code: &'a str,
    /// What the person types.
    pub user_code: &'a UserCode,
    /// Where.
    pub verification_uri: &'a str,
}

impl DeviceAnswer<'_> {
    /// The body: 200, JSON, not to be stored.
    #[must_use]
    pub fn body(&self) -> String {
        let code = self.user_code.to_string();
        json!({
            "device_code": self.device_code,
            "user_code": code,
            "verification_uri": self.verification_uri,
            "verification_uri_complete": format!("{}?user_code={code}", self.verification_uri),
            "expires_in": limits::DEVICE_CODE_LIFETIME.as_secs(),
            "interval": limits::DEVICE_POLL_INTERVAL.as_secs(),
        })
        .to_string()
    }
}
