//! What stands beside applications that register themselves: the operator's permission to do so, and the parent of
//! them all.

use doorward_crypto::Timestamp;
use doorward_storage::{Kind, Record};
use serde::{Deserialize, Serialize};

use crate::ids::Digest;

/// An initial access token (RFC 7591 §3): whoever holds it may register so many applications.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InitialAccess {
    /// Hash of the token.
    pub token: Digest,
    /// Applications that may still be registered with it.
    pub left: u32,
    /// It ends then.
    #[serde(with = "doorward_storage::times")]
    pub ends_at: Timestamp,
}

impl Record for InitialAccess {
    const KIND: Kind = Kind::new(b'I', "initial access");
    const VERSION: u8 = 1;
    type Id = Digest;

    fn id(&self) -> Digest {
        self.token
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.ends_at)
    }
}

/// The parent of all applications that registered themselves. Each registration writes it, so that two that count
/// them at the same time do not both take the last place.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SelfRegistered {
    /// Registrations that there ever were.
    pub ever: u64,
}

impl Record for SelfRegistered {
    const KIND: Kind = Kind::new(b'E', "self-registered");
    const VERSION: u8 = 1;
    type Id = ();

    fn id(&self) {}
}
