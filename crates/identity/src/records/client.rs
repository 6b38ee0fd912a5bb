//! An application that may send people here, under its client identifier.
//!
//! Removing the record ends everything that was given to the application: each use of a token reads it. An
//! identifier is random and never given twice, so nothing of a removed application comes alive again.

use doorward_crypto::Timestamp;
use doorward_oidc::client::Client;
use doorward_storage::{Kind, Record};
use serde::{Deserialize, Serialize};

use crate::ids::Digest;

/// A registered application.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Registered {
    /// What the protocol knows of it. Its secrets are hashes.
    pub client: Client,
    /// When it was put into the directory.
    #[serde(with = "doorward_storage::times")]
    pub registered_at: Timestamp,
    /// How it looks after itself, where it registered itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub management: Option<Management>,
    /// Nobody has used it: it ends then. The first use takes this away.
    #[serde(
        default,
        with = "doorward_storage::times::maybe",
        skip_serializing_if = "Option::is_none"
    )]
    pub ends_unused_at: Option<Timestamp>,
}

/// How an application looks after its own registration (RFC 7592).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Management {
    /// Hash of the registration access token that it was told last.
    pub token: Digest,
    /// Hash of the one before, which counts until that is used: the answer that told it may have been lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Digest>,
    /// The operator let it register: else it lives under the narrower rules of strangers.
    pub admitted: bool,
}

impl Registered {
    /// An application that the operator put here.
    #[must_use]
    pub const fn by_operator(client: Client, registered_at: Timestamp) -> Self {
        Self {
            client,
            registered_at,
            management: None,
            ends_unused_at: None,
        }
    }
}

impl Record for Registered {
    const KIND: Kind = Kind::new(b'C', "client");
    const VERSION: u8 = 1;
    type Id = String;

    fn id(&self) -> String {
        self.client.id.as_str().to_owned()
    }

    fn expires_at(&self) -> Option<Timestamp> {
        self.ends_unused_at
    }
}
