//! An authorization code, by its hash, with what it is bound to. It outlives its minute, so that a second use is
//! told from an unknown code for as long as a token of the first one lives.

use doorward_crypto::Timestamp;
use doorward_oidc::limits::ACCESS_TOKEN_LIFETIME;
use doorward_oidc::token::{CodeGrant, CodeState};
use doorward_storage::{Kind, Record};
use serde::{Deserialize, Serialize};

use crate::ids::{Digest, GrantId};
use crate::limits;

/// A code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Code {
    /// Hash of what the browser carries.
    pub hash: Digest,
    /// What it redeems.
    pub grant: GrantId,
    /// By whom and with which proofs.
    pub terms: CodeGrant,
    /// When it was used.
    #[serde(default, with = "doorward_storage::times::maybe")]
    pub spent_at: Option<Timestamp>,
}

impl Record for Code {
    const KIND: Kind = Kind::new(b'D', "code");
    const VERSION: u8 = 1;
    type Id = Digest;

    fn id(&self) -> Digest {
        self.hash
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(
            self.terms
                .expires_at
                .plus(ACCESS_TOKEN_LIFETIME)
                .plus(limits::SKEW),
        )
    }
}

impl Code {
    /// Whether it was used.
    #[must_use]
    pub const fn state(&self) -> CodeState {
        if self.spent_at.is_some() {
            CodeState::Spent
        } else {
            CodeState::Fresh
        }
    }

    /// Spent.
    #[must_use]
    pub fn spend(mut self, now: Timestamp) -> Self {
        self.spent_at = Some(now);
        self
    }
}
