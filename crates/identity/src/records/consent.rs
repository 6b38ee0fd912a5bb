//! What a person allowed an application: one record for the pair, the person first, so that their list is a scan.
//!
//! Grants copy `generation`. Taking the consent back raises it, and so ends all of them in one write; the record
//! stays, since without it a later consent would begin at the same number and old grants would live again.

use doorward_crypto::Timestamp;
use doorward_oidc::authorize::Permissions;
use doorward_oidc::client::ClientId;
use doorward_storage::{Kind, Record, RecordId};
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, GrantId};

/// Families of refresh tokens of one person for one application: as many as somebody has devices.
pub const REFRESHING_MAX: usize = 20;

/// What one person allowed one application.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Consent {
    /// Whose account.
    pub account: AccountId,
    /// Which application.
    pub client: ClientId,
    /// What was allowed, over all requests since the consent was last taken back.
    pub permissions: Permissions,
    /// How often it was taken back.
    pub generation: u32,
    /// Whether it stands: `false` after it was taken back.
    pub given: bool,
    /// When it was first given, since it was last taken back.
    #[serde(with = "doorward_storage::times")]
    pub given_at: Timestamp,
    /// When the application last began a sign-in under it.
    #[serde(with = "doorward_storage::times")]
    pub last_used_at: Timestamp,
    /// Grants under it that give refresh tokens, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refreshing: Vec<GrantId>,
}

/// Person and application.
#[derive(Clone, Debug)]
pub struct ConsentId {
    /// Whose account.
    pub account: AccountId,
    /// Which application.
    pub client: ClientId,
}

impl RecordId for ConsentId {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.account.as_bytes());
        out.extend_from_slice(self.client.as_str().as_bytes());
    }
}

impl Record for Consent {
    const KIND: Kind = Kind::new(b'O', "consent");
    const VERSION: u8 = 1;
    type Id = ConsentId;

    fn id(&self) -> ConsentId {
        ConsentId {
            account: self.account,
            client: self.client.clone(),
        }
    }
}

impl Consent {
    /// The consent of somebody who was never asked.
    #[must_use]
    pub fn none(id: &ConsentId, now: Timestamp) -> Self {
        Self {
            account: id.account,
            client: id.client.clone(),
            permissions: Permissions::default(),
            generation: 0,
            given: false,
            given_at: now,
            last_used_at: now,
            refreshing: Vec::new(),
        }
    }

    /// With these permissions too.
    #[must_use]
    pub fn widened(mut self, permissions: &Permissions, now: Timestamp) -> Self {
        if !self.given {
            self.given = true;
            self.given_at = now;
        }
        self.permissions = self.permissions.union(permissions);
        self.last_used_at = now;
        self
    }

    /// With one more grant that gives refresh tokens; the oldest one, which gives way, where there are too many.
    #[must_use]
    pub fn refreshed_by(mut self, grant: GrantId) -> (Self, Option<GrantId>) {
        self.refreshing.push(grant);
        let oldest = (self.refreshing.len() > REFRESHING_MAX).then(|| self.refreshing.remove(0));
        (self, oldest)
    }

    /// Taken back: nothing is allowed, and every grant under it has ended.
    #[must_use]
    pub fn withdrawn(mut self) -> Self {
        self.permissions = Permissions::default();
        self.refreshing.clear();
        self.given = false;
        self.generation = self.generation.saturating_add(1);
        self
    }
}

#[cfg(test)]
mod tests {
    use doorward_oidc::scope::Scope;

    use super::*;

    fn consent() -> Consent {
        let client = ClientId::parse("app").expect("visible");
        let id = ConsentId {
            account: AccountId::from_bytes([1; 16]),
            client,
        };
        Consent::none(&id, Timestamp::from_seconds(1))
    }

    fn permissions(scope: &str) -> Permissions {
        Permissions {
            scope: Scope::parse(scope).expect("well formed"),
            ..Permissions::default()
        }
    }

    #[test]
    fn consent_remembered_per_scope_set() {
        let given = consent().widened(&permissions("openid email"), Timestamp::from_seconds(2));
        let more = given.widened(&permissions("openid profile"), Timestamp::from_seconds(3));
        assert!(
            permissions("openid email profile")
                .difference(&more.permissions)
                .is_empty()
        );
        assert_eq!(more.given_at, Timestamp::from_seconds(2));
    }

    #[test]
    fn withdrawing_ends_what_stood_under_it_for_ever() {
        let given = consent().widened(&permissions("openid"), Timestamp::from_seconds(2));
        let withdrawn = given.clone().withdrawn();
        assert!(withdrawn.permissions.is_empty() && !withdrawn.given);
        let again = withdrawn.widened(&permissions("openid"), Timestamp::from_seconds(3));
        assert_ne!(again.generation, given.generation);
    }
}
