//! Changes that wait for their proof, and TOTP secrets that were shown.

use doorward_crypto::Timestamp;
use doorward_storage::{Kind, Record};
use serde::{Deserialize, Serialize};

use super::account::Passkey;
use crate::ids::{AccountId, ChangeId, PasskeyId, SessionId};
use crate::passwords::PasswordHash;
use crate::sign_in::Method;

/// A proposed change. It belongs to the session that proposed it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingChange {
    /// Its name.
    pub id: ChangeId,
    /// Whose account it would change.
    pub account: AccountId,
    /// The account's generation then: a change of a factor ends it.
    pub generation: u64,
    /// The session that proposed it.
    pub session: SessionId,
    /// What would change.
    pub change: Prepared,
    /// Proofs that were tried for it.
    pub tries: u32,
    /// It ends then.
    #[serde(with = "doorward_storage::times")]
    pub expires_at: Timestamp,
}

/// A change with all that it needs, so that the proof is the last thing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Prepared {
    /// A new passkey, registered and checked, and not yet the account's.
    AddPasskey(Box<Passkey>),
    /// A passkey goes.
    RemovePasskey(PasskeyId),
    /// Another passkey is asked first.
    MakePrimary(PasskeyId),
    /// An authenticator app whose code was right: the first or another one.
    SetTotp {
        /// The secret, sealed.
        #[serde(with = "crate::ids::byte_string")]
        sealed: Vec<u8>,
    },
    /// No authenticator app any more.
    DisableTotp,
    /// A new set of recovery codes, made when the proof is there.
    NewRecoveryCodes,
    /// The password becomes this one.
    SetPassword {
        /// The new one's hash.
        hash: PasswordHash,
        /// It is shorter than one that stands alone must be.
        short: bool,
    },
    /// No password any more.
    RemovePassword,
    /// What is asked first.
    SetPreferred(Method),
    /// One other session of the account ends.
    EndSession(SessionId),
    /// All sessions but this one end.
    EndOtherSessions,
}

impl Record for PendingChange {
    const KIND: Kind = Kind::new(b'p', "pending change");
    const VERSION: u8 = 1;
    type Id = ChangeId;

    fn id(&self) -> ChangeId {
        self.id
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}

/// A TOTP secret that was shown and not yet confirmed: one an account, the newest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingTotp {
    /// Whose.
    pub account: AccountId,
    /// The account's generation then.
    pub generation: u64,
    /// The session that it was shown to.
    pub session: SessionId,
    /// The change that it may become.
    pub change: ChangeId,
    /// The secret, sealed.
    #[serde(with = "crate::ids::byte_string")]
    pub sealed: Vec<u8>,
    /// Codes that were tried.
    #[serde(default)]
    pub tries: u32,
    /// It ends then.
    #[serde(with = "doorward_storage::times")]
    pub expires_at: Timestamp,
}

impl Record for PendingTotp {
    const KIND: Kind = Kind::new(b't', "pending TOTP secret");
    const VERSION: u8 = 1;
    type Id = AccountId;

    fn id(&self) -> AccountId {
        self.account
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}
