//! What a person permits a client: scopes, and single claims beyond them (OpenID Connect Core §3.1.2.4).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::AuthorizationRequest;
use crate::client::metadata::{Client, ConsentPolicy, Origin};
use crate::client::redirect_uri::{Destination, RedirectUri};
use crate::scope::{self, Scope};

/// Scopes and single claims. What was once permitted is remembered as such a set; only the difference is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Permissions {
    /// Scopes.
    pub scope: Scope,
    /// Claims that the claims parameter asks for and no scope of the set opens.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub claims: BTreeSet<String>,
}

impl Permissions {
    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.scope.is_empty() && self.claims.is_empty()
    }

    /// What `other` does not permit. A claim counts as permitted when a permitted scope opens it.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let opened = |claim: &String| {
            other.claims.contains(claim)
                || other
                    .scope
                    .iter()
                    .any(|scope| scope::claims_of(scope).contains(&claim.as_str()))
        };
        Self {
            scope: self.scope.difference(&other.scope),
            claims: self
                .claims
                .iter()
                .filter(|claim| !opened(claim))
                .cloned()
                .collect(),
        }
    }

    /// What `other` permits too. A claim counts as permitted when a permitted scope opens it.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let refused = self.difference(other).claims;
        Self {
            scope: self.scope.intersection(&other.scope),
            claims: self.claims.difference(&refused).cloned().collect(),
        }
    }

    /// Both together.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            scope: self.scope.union(&other.scope),
            claims: self.claims.union(&other.claims).cloned().collect(),
        }
    }
}

impl AuthorizationRequest {
    /// What this request wants to be permitted. Claims count only where the client may have the scope that
    /// opens them: the claims parameter is no way around the operator's setting.
    #[must_use]
    pub fn permissions(&self, client: &Client) -> Permissions {
        let asked = self.claims.userinfo.keys().chain(self.claims.id_token.keys());
        let beyond = asked.filter(|claim| {
            scope::scope_of_claim(claim).is_some_and(|opener| {
                opener != scope::OPENID && client.scope.contains(opener) && !self.scope.contains(opener)
            })
        });
        Permissions {
            scope: self.scope.clone(),
            claims: beyond.cloned().collect(),
        }
    }
}

/// How a client's consent is treated for one redirect URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asking {
    /// Not asked: the operator answered.
    Never,
    /// Asked once, for the difference.
    Once,
    /// Asked each time: whoever opens the redirect URI on the person's device gets the answer (RFC 8252 §8.6).
    Always,
}

/// The operator's answer never counts for an unchecked client or for a redirect to the loopback interface;
/// memory does not count for a public client whose redirect URI another program could open.
pub(super) fn asking(client: &Client, redirect_uri: &str) -> Asking {
    let registered = client.registered_redirect_uri(redirect_uri);
    let https = registered.is_some_and(|uri| uri.destination() == Destination::Https);
    let loopback = registered
        .map(RedirectUri::destination)
        .is_none_or(|to| to == Destination::Loopback);
    match client.consent {
        ConsentPolicy::Implicit if client.origin == Origin::Operator && !loopback => Asking::Never,
        ConsentPolicy::Implicit | ConsentPolicy::Explicit if client.is_public() && !https => Asking::Always,
        ConsentPolicy::Implicit | ConsentPolicy::Explicit => Asking::Once,
    }
}
