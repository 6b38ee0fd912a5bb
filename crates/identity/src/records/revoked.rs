//! A mark that one access token was revoked alone, by its `jti`. It lives as long as the token would.

use core::time::Duration;

use doorward_crypto::Timestamp;
use doorward_oidc::limits::ACCESS_TOKEN_LIFETIME;
use doorward_storage::{Kind, Record};
use serde::{Deserialize, Serialize};

use crate::ids::Digest;
use crate::limits;

/// A revoked access token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Revoked {
    /// Hash of the token's `jti`.
    pub jti: Digest,
    /// When it was revoked.
    #[serde(with = "doorward_storage::times")]
    pub at: Timestamp,
}

impl Record for Revoked {
    const KIND: Kind = Kind::new(b'R', "revoked token");
    const VERSION: u8 = 1;
    type Id = Digest;

    fn id(&self) -> Digest {
        self.jti
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(
            self.at
                .plus(ACCESS_TOKEN_LIFETIME)
                .plus(limits::SKEW.saturating_add(Duration::from_secs(1))),
        )
    }
}
