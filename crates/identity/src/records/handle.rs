//! Keys that make things unique: a name or address, and a credential id, each belonging to one account.

use doorward_crypto::Sha256;
use doorward_storage::{Kind, Record};
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, Digest};

/// A user name or an e-mail address, normalised: both share one index, so that nobody can take a name that is
/// another's address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Handle {
    /// Normalised by [`crate::accounts::names`].
    pub text: String,
    /// Whose it is.
    pub account: AccountId,
}

impl Record for Handle {
    const KIND: Kind = Kind::new(b'n', "name");
    const VERSION: u8 = 1;
    type Id = String;

    fn id(&self) -> String {
        self.text.clone()
    }
}

/// A credential id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CredentialOwner {
    /// Its hash: ids have up to 1023 bytes.
    pub credential: Digest,
    /// Whose it is.
    pub account: AccountId,
}

impl CredentialOwner {
    /// What a credential id is looked up by.
    #[must_use]
    pub fn key(credential_id: &[u8]) -> Digest {
        Digest::from_bytes(Sha256::of(credential_id))
    }
}

impl Record for CredentialOwner {
    const KIND: Kind = Kind::new(b'k', "credential id");
    const VERSION: u8 = 1;
    type Id = Digest;

    fn id(&self) -> Digest {
        self.credential
    }
}
