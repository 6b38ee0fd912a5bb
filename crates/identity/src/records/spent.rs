//! Marks of what was used once and travels in a seal: its second use finds the mark.

use doorward_crypto::Timestamp;
use doorward_storage::{Kind, Record, RecordId};
use serde::{Deserialize, Serialize};

use crate::ids::Digest;
use crate::limits;

/// A mark. It outlives what it marks by the skew of clocks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Spent {
    /// Of which kind.
    pub what: SpentKind,
    /// Hash of what was used.
    pub digest: Digest,
    /// What it marks ends then.
    #[serde(with = "doorward_storage::times")]
    pub ends_at: Timestamp,
}

/// What is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SpentKind {
    /// A challenge of Web Authentication.
    Challenge,
    /// The `jti` of a client's assertion.
    ClientAssertion,
    /// An application's request that was answered.
    Request,
    /// The `jti` of a proof of possession.
    DpopProof,
}

impl SpentKind {
    const fn tag(self) -> u8 {
        match self {
            Self::Challenge => 1,
            Self::ClientAssertion => 2,
            Self::Request => 3,
            Self::DpopProof => 4,
        }
    }
}

/// A mark's name.
#[derive(Clone, Copy, Debug)]
pub struct SpentId(pub SpentKind, pub Digest);

impl RecordId for SpentId {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.0.tag());
        out.extend_from_slice(self.1.as_bytes());
    }
}

impl Record for Spent {
    const KIND: Kind = Kind::new(b'm', "mark");
    const VERSION: u8 = 1;
    type Id = SpentId;

    fn id(&self) -> SpentId {
        SpentId(self.what, self.digest)
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.ends_at.plus(limits::SKEW))
    }
}
