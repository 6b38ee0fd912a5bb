//! An application that may send people here, under its client identifier.
//!
//! Removing the record ends everything that was given to the application: each use of a token reads it. An
//! identifier is random and never given twice, so nothing of a removed application comes alive again.

use doorward_crypto::Timestamp;
use doorward_oidc::client::Client;
use doorward_storage::{Kind, Record};
use serde::{Deserialize, Serialize};

/// A registered application.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Registered {
    /// What the protocol knows of it. Its secrets are hashes.
    pub client: Client,
    /// When it was put into the directory.
    #[serde(with = "doorward_storage::times")]
    pub registered_at: Timestamp,
}

impl Record for Registered {
    const KIND: Kind = Kind::new(b'C', "client");
    const VERSION: u8 = 1;
    type Id = String;

    fn id(&self) -> String {
        self.client.id.as_str().to_owned()
    }
}
