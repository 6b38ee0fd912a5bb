//! One-time links: the set-up link of an empty instance, invitations to an account without factors, and the
//! operator's reset links.

use doorward_crypto::Timestamp;
use doorward_storage::{Kind, Record};
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, Digest};

/// Whether the instance has an owner, and the set-up link until it has. There is one record of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetUp {
    /// There is an account: no set-up link opens any more.
    pub done: bool,
    /// Hash of the newest link's token; kept after it was used, so that its holder reads what happened.
    pub token: Option<Digest>,
    /// The link ends then.
    #[serde(with = "doorward_storage::times")]
    pub ends_at: Timestamp,
}

impl Record for SetUp {
    const KIND: Kind = Kind::new(b'f', "set-up");
    const VERSION: u8 = 1;
    type Id = ();

    fn id(&self) {}
}

/// What a link gives the account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gives {
    /// Its first factor.
    #[default]
    FirstFactor,
    /// A factor in place of all that it has: the operator's reset link.
    NewFactors,
}

/// A link that gives an account a factor without asking for one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Invitation {
    /// Hash of its token.
    pub token: Digest,
    /// The account.
    pub account: AccountId,
    /// The account's generation then: a newer link, or a factor, ends this one.
    pub generation: u64,
    /// What it gives.
    #[serde(default)]
    pub gives: Gives,
    /// It was used.
    pub used: bool,
    /// It ends then.
    #[serde(with = "doorward_storage::times")]
    pub ends_at: Timestamp,
}

impl Record for Invitation {
    const KIND: Kind = Kind::new(b'l', "invitation");
    const VERSION: u8 = 1;
    type Id = Digest;

    fn id(&self) -> Digest {
        self.token
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.ends_at)
    }
}
