//! Refreshing (RFC 6749 §6, RFC 9700 §4.14.2): rotation with a grace, and what reuse means.
//!
//! A family of refresh tokens is one value with a generation number; the caller derives the token of a
//! generation from a secret, so that the same generation always gives the same token. Whoever presents a token
//! presents a generation:
//! - the current one: a successor, or (where no rotation is needed) the same token again;
//! - the one before it, within the grace: the same successor again, no second branch. The answer may have been
//!   lost;
//! - any older one, or the one before after the grace: two parties hold the family, so it ends.

use doorward_crypto::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Caller, Credential, narrow};
use crate::client::metadata::{ApplicationType, Client, ClientId, GrantType};
use crate::error::Fault;
use crate::grant::Grant;
use crate::limits;
use crate::params::Params;
use crate::scope::{OFFLINE_ACCESS, Scope};
use crate::stored;

/// A request to refresh.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RefreshRequest {
    /// The refresh token.
    pub refresh_token: Credential,
    /// Less than what was granted; all of it when absent.
    pub scope: Option<Scope>,
    /// For which of the granted resources.
    pub resources: Vec<String>,
}

impl RefreshRequest {
    pub(super) fn parse(form: &Params, scope: Option<Scope>, resources: Vec<String>) -> Result<Self, Fault> {
        let token = form.get("refresh_token").ok_or(Fault::RefreshTokenMissing)?;
        let refresh_token = Credential::parse(token).ok_or(Fault::RefreshTokenUnknown)?;
        Ok(Self {
            refresh_token,
            scope,
            resources,
        })
    }
}

/// A family of refresh tokens: part of what the caller stores for a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshFamily {
    /// The client that it was given to.
    pub client_id: ClientId,
    /// The newest generation that was given out, from 1 on.
    pub generation: u32,
    /// When the newest generation was first given out.
    #[serde(with = "stored::moment")]
    pub rotated_at: Timestamp,
    /// When it ends if it is not used.
    #[serde(with = "stored::moment")]
    pub idle_until: Timestamp,
    /// When it ends in any case.
    #[serde(with = "stored::moment")]
    pub ends_at: Timestamp,
    /// Thumbprint of the key that the tokens are bound to: of public clients that came with a DPoP proof
    /// (RFC 9449 §5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jkt: Option<String>,
}

/// Whether each use gives a new token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// Yes: whoever holds the token may use it.
    Each,
    /// No: the client proves itself or its key at each use (FAPI 2.0 Security Profile §5.3.2.1-9).
    Never,
}

impl Rotation {
    /// Public clients without a bound key rotate, others do not.
    #[must_use]
    pub fn of(client: &Client, jkt: Option<&str>) -> Self {
        if client.is_public() && jkt.is_none() {
            Self::Each
        } else {
            Self::Never
        }
    }
}

/// What becomes of a refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefreshDecision {
    /// Tokens are issued, and the family is written back as it is here.
    Issue {
        /// What to store.
        family: RefreshFamily,
        /// Whether the answer carries the token of `family.generation`: it is new to the client.
        successor: bool,
        /// The scope of the access token.
        scope: Scope,
        /// Its resources; empty: the issuer itself.
        resources: Vec<String>,
    },
    /// A spent token came back: the caller ends the grant with all its tokens, tells the operator, and answers
    /// [`Fault::RefreshTokenReused`].
    Reused,
    /// It is refused and stays as it is.
    Refuse(Fault),
}

/// Whether a grant gives a refresh token: the client may refresh, and `offline_access` was granted (Core §11) or
/// the client is a program on the person's own device.
#[must_use]
pub fn is_due(client: &Client, scope: &Scope) -> bool {
    let wanted = scope.contains(OFFLINE_ACCESS) || client.application_type == ApplicationType::Native;
    client.may_use(GrantType::RefreshToken) && wanted
}

impl RefreshFamily {
    /// The first generation. `jkt`: the key of a right DPoP proof, if one came; it binds public clients.
    #[must_use]
    pub fn begin(client: &Client, jkt: Option<&str>, now: Timestamp) -> Self {
        Self {
            client_id: client.id.clone(),
            generation: 1,
            rotated_at: now,
            idle_until: now.plus(limits::REFRESH_IDLE_LIFETIME),
            ends_at: now.plus(limits::REFRESH_ABSOLUTE_LIFETIME),
            jkt: jkt.filter(|_| client.is_public()).map(str::to_owned),
        }
    }

    /// Decides. `presented` is the generation of the token that came; `grant` is what it stands for; whether
    /// the grant, the person and the client still live, the caller has looked up before.
    #[must_use]
    pub fn decide(
        &self,
        presented: u32,
        request: &RefreshRequest,
        grant: &Grant,
        caller: &Caller<'_>,
    ) -> RefreshDecision {
        match self.check(presented, request, grant, caller) {
            Ok(decision) => decision,
            Err(fault) => RefreshDecision::Refuse(fault),
        }
    }

    fn check(
        &self,
        presented: u32,
        request: &RefreshRequest,
        grant: &Grant,
        caller: &Caller<'_>,
    ) -> Result<RefreshDecision, Fault> {
        let (client, now) = (caller.client.client(), caller.now);
        if client.id != self.client_id || client.id != grant.client_id {
            return Err(Fault::RefreshTokenOfAnotherClient);
        }
        if self.jkt.is_some() && self.jkt.as_deref() != caller.jkt {
            return Err(Fault::DpopKeyMismatch);
        }
        if client.requires_bound_tokens() && caller.jkt.is_none() {
            return Err(Fault::SenderConstraintMissing);
        }
        if presented == 0 || presented > self.generation {
            return Err(Fault::RefreshTokenUnknown);
        }
        if now >= self.idle_until || now >= self.ends_at {
            return Err(Fault::RefreshTokenExpired);
        }
        let Some((family, successor)) = self.next(presented, Rotation::of(client, self.jkt.as_deref()), now)
        else {
            return Ok(RefreshDecision::Reused);
        };
        let scope = match &request.scope {
            Some(scope) if scope.is_subset(&grant.scope) => scope.clone(),
            Some(_) => return Err(Fault::ScopeGrows),
            None => grant.scope.clone(),
        };
        let resources = narrow(&request.resources, &grant.resources, caller.issuer.as_str())?;
        Ok(RefreshDecision::Issue {
            family,
            successor,
            scope,
            resources,
        })
    }

    /// The family after this use, and whether the client gets a token that is new to it. `None`: reuse.
    fn next(&self, presented: u32, rotation: Rotation, now: Timestamp) -> Option<(Self, bool)> {
        let mut family = self.clone();
        family.idle_until = now.plus(limits::REFRESH_IDLE_LIFETIME);
        let within_grace = now <= self.rotated_at.plus(limits::REFRESH_GRACE);
        if presented == self.generation {
            if rotation == Rotation::Each {
                family.generation = self.generation.checked_add(1)?;
                family.rotated_at = now;
            }
            Some((family, rotation == Rotation::Each))
        } else if presented.checked_add(1) == Some(self.generation) && within_grace {
            Some((family, true))
        } else {
            None
        }
    }
}
