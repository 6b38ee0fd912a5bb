//! Redeeming an authorization code (RFC 6749 §4.1.3, RFC 7636 §4.6).
//!
//! The order matters: only who holds every proof learns that a code was spent, and only that ends the grant. A
//! thief who has the code alone can neither redeem nor burn it.

use doorward_crypto::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Caller, Credential, narrow};
use crate::authorize::{CodeChallenge, Granted};
use crate::error::Fault;
use crate::grant::Grant;
use crate::limits;
use crate::params::Params;
use crate::stored;

/// A request to redeem a code.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CodeRequest {
    /// The code.
    pub code: Credential,
    /// Repeated from the authorization request.
    pub redirect_uri: Option<String>,
    /// The verifier. An empty one is one, and wrong.
    pub code_verifier: Option<String>,
    /// For which of the granted resources.
    pub resources: Vec<String>,
}

impl CodeRequest {
    pub(super) fn parse(form: &Params, resources: Vec<String>) -> Result<Self, Fault> {
        let code = form.get("code").ok_or(Fault::CodeMissing)?;
        Ok(Self {
            code: Credential::parse(code).ok_or(Fault::CodeUnknown)?,
            redirect_uri: form.get("redirect_uri").map(str::to_owned),
            code_verifier: form.get_even_empty("code_verifier").map(str::to_owned),
            resources,
        })
    }
}

/// What a code stands for: the caller stores it under the code's hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CodeGrant {
    /// What was granted.
    pub grant: Grant,
    /// The redirect URI to which the code was sent.
    pub redirect_uri: String,
    /// Whose verifier must come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<CodeChallenge>,
    /// For the ID token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// Thumbprint of the key whose proof must come (RFC 9449 §10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_jkt: Option<String>,
    /// When it ends.
    #[serde(with = "stored::moment")]
    pub expires_at: Timestamp,
}

/// Whether a code was redeemed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeState {
    /// Not yet.
    Fresh,
    /// Yes.
    Spent,
}

/// What becomes of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeDecision {
    /// It is redeemed, for these resources; the caller spends it in the commit that makes the tokens.
    Redeem {
        /// For which protected resources; empty: the issuer itself.
        resources: Vec<String>,
    },
    /// Everything is right, but it was redeemed before: the caller ends the grant, so that the tokens of the
    /// first answer die, and answers [`Fault::CodeReused`].
    Replayed,
    /// It is refused and stays as it is.
    Refuse(Fault),
}

impl CodeGrant {
    /// What a code for a decided request stands for. `sid` names the session to the client.
    #[must_use]
    pub fn new(granted: &Granted, sid: Option<&str>, now: Timestamp) -> Self {
        let request = granted.request();
        Self {
            grant: Grant::of(granted, sid),
            redirect_uri: request.target.redirect_uri().to_owned(),
            code_challenge: request.code_challenge,
            nonce: request.nonce.clone(),
            dpop_jkt: request.dpop_jkt.clone(),
            expires_at: now.plus(limits::CODE_LIFETIME),
        }
    }

    /// Decides.
    #[must_use]
    pub fn decide(&self, request: &CodeRequest, caller: &Caller<'_>, state: CodeState) -> CodeDecision {
        match self.check(request, caller) {
            Err(fault) => CodeDecision::Refuse(fault),
            Ok(_) if state == CodeState::Spent => CodeDecision::Replayed,
            Ok(_) if caller.now >= self.expires_at => CodeDecision::Refuse(Fault::CodeExpired),
            Ok(resources) => CodeDecision::Redeem { resources },
        }
    }

    fn check(&self, request: &CodeRequest, caller: &Caller<'_>) -> Result<Vec<String>, Fault> {
        let client = caller.client.client();
        if client.id != self.grant.client_id {
            return Err(Fault::CodeOfAnotherClient);
        }
        self.check_redirect_uri(request)?;
        self.check_verifier(request)?;
        if self.dpop_jkt.is_some() && self.dpop_jkt.as_deref() != caller.jkt {
            return Err(Fault::DpopKeyMismatch);
        }
        if client.requires_bound_tokens() && caller.jkt.is_none() {
            return Err(Fault::SenderConstraintMissing);
        }
        narrow(&request.resources, &self.grant.resources, caller.issuer.as_str())
    }

    /// It equals that of the authorization request. OAuth 2.1 no longer asks for it; absent, it is forgiven
    /// where a code verifier proves the same.
    fn check_redirect_uri(&self, request: &CodeRequest) -> Result<(), Fault> {
        match &request.redirect_uri {
            Some(uri) if *uri == self.redirect_uri => Ok(()),
            None if self.code_challenge.is_some() => Ok(()),
            Some(_) | None => Err(Fault::RedirectUriMismatch),
        }
    }

    fn check_verifier(&self, request: &CodeRequest) -> Result<(), Fault> {
        match (&self.code_challenge, &request.code_verifier) {
            (Some(challenge), Some(verifier)) => challenge.verify(verifier),
            (Some(_), None) => Err(Fault::CodeVerifierMissing),
            (None, Some(_)) => Err(Fault::CodeVerifierUnexpected), // RFC 9700 §2.1.1
            (None, None) => Ok(()),
        }
    }
}
