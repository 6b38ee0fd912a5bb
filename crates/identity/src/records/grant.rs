//! A grant: what one person allowed one application by one authorization. Every token carries its name and each
//! use reads it, so ending it is one write.
//!
//! It holds the generation of its refresh tokens: a family of them is one key, and two live branches of it cannot
//! be written down. The tokens themselves are not stored: each is a keyed hash of the grant's name and a
//! generation.

use core::time::Duration;

use doorward_crypto::Timestamp;
use doorward_oidc::Acr;
use doorward_oidc::grant::Grant as Terms;
use doorward_oidc::limits::{ACCESS_TOKEN_LIFETIME, CODE_LIFETIME};
use doorward_oidc::token::RefreshFamily;
use doorward_storage::{Kind, Record};
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, GrantId, SessionId};

/// A grant is kept so long after its last token has ended.
const MARGIN: Duration = Duration::from_secs(300);

/// A grant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    /// Its name.
    pub id: GrantId,
    /// Whose account.
    pub account: AccountId,
    /// The account's generation when it was made: a change of a factor ends it.
    pub account_generation: u64,
    /// The generation of the consent that it stands under: taking the consent back ends it.
    pub consent_generation: u32,
    /// The session in which it was made.
    pub session: SessionId,
    /// Whether it ends with that session. One with `offline_access` does not.
    pub session_bound: bool,
    /// To which application, of whom, how far, and how the person had signed in.
    pub terms: Terms,
    /// The rung that the person had reached, which may be above the one that the application is told; `None` of a
    /// grant of before it was written down.
    #[serde(default)]
    pub reached: Option<Acr>,
    /// Its refresh tokens; `None`: it gives none, or its code was not redeemed yet.
    #[serde(default)]
    pub family: Option<RefreshFamily>,
    /// When it was made.
    #[serde(with = "doorward_storage::times")]
    pub made_at: Timestamp,
    /// When a token was last given out under it.
    #[serde(with = "doorward_storage::times")]
    pub used_at: Timestamp,
    /// Set when it has ended.
    #[serde(default)]
    pub ended: Option<Ended>,
}

/// When a grant ended, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    #[serde(with = "doorward_storage::times")]
    pub at: Timestamp,
    /// Why.
    pub why: Why,
}

/// Why a grant ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its code was used a second time (RFC 6749 §4.1.2).
    CodeReused,
    /// A spent refresh token was used again (RFC 9700 §4.14.2).
    RefreshTokenReused,
    /// The application revoked it (RFC 7009).
    Revoked,
    /// The same person and application have too many newer ones with refresh tokens.
    GaveWay,
}

impl Record for Grant {
    const KIND: Kind = Kind::new(b'G', "grant");
    const VERSION: u8 = 1;
    type Id = GrantId;

    fn id(&self) -> GrantId {
        self.id
    }

    fn expires_at(&self) -> Option<Timestamp> {
        let tokens = self.used_at.plus(CODE_LIFETIME).plus(ACCESS_TOKEN_LIFETIME);
        let refresh = self
            .family
            .as_ref()
            .map(|family| family.idle_until.min(family.ends_at));
        Some(refresh.map_or(tokens, |refresh| tokens.max(refresh)).plus(MARGIN))
    }
}

impl Grant {
    /// The rung that the person had reached.
    #[must_use]
    pub fn reached(&self) -> Acr {
        self.reached.unwrap_or(self.terms.authentication.acr)
    }

    /// It has ended. The first reason stays.
    #[must_use]
    pub fn end(mut self, why: Why, at: Timestamp) -> Self {
        self.ended = self.ended.or(Some(Ended { at, why }));
        self
    }
}
