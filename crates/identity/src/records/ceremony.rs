//! A sign-in whose first proof was right. Before that nothing is stored.

use doorward_crypto::Timestamp;
use doorward_storage::{Kind, Record};
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, Digest};
use crate::sign_in::proof::Proof;

/// A half sign-in. Its handle opens nothing but the next step, from the same browser.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HalfSignIn {
    /// Hash of its token.
    pub token: Digest,
    /// Whose password was right.
    pub account: AccountId,
    /// The account's generation then.
    pub generation: u64,
    /// What was proved.
    pub proofs: Vec<Proof>,
    /// The browser that proved it.
    pub browser: Digest,
    /// `Stay signed in on this device` was asked for.
    pub stay: bool,
    /// Second factors that were tried in it.
    pub tries: u32,
    /// It ends then.
    #[serde(with = "doorward_storage::times")]
    pub expires_at: Timestamp,
}

impl Record for HalfSignIn {
    const KIND: Kind = Kind::new(b'h', "half sign-in");
    const VERSION: u8 = 1;
    type Id = Digest;

    fn id(&self) -> Digest {
        self.token
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}
