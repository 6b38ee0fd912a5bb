//! How a call fails from within: storage, randomness, damage. What a *rule* refuses is told by the operation's own
//! error.

use doorward_crypto::NoRandom;
use doorward_storage::StoreError;

/// Something below the rules failed. Nothing was changed, unless the store says that it does not know.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The source of randomness.
    #[error(transparent)]
    Random(#[from] NoRandom),
    /// A sealed part of a record does not open: the key file is not the one that sealed it.
    #[error("a sealed {0} does not open with this key file")]
    Sealed(&'static str),
    /// A record that passed the store's checks says what cannot be.
    #[error("a stored {0} says what cannot be")]
    Damaged(&'static str),
    /// The relying party or the protocol crates refused what only we can have put together.
    #[error("{0} failed: {1}")]
    Internal(&'static str, String),
}

/// The parts do not make a provider.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The origin is not scheme, host and perhaps port.
    #[error("the address must be an origin: https, a host, perhaps a port, and nothing else")]
    Origin,
    /// Passkeys cannot be used under this address.
    #[error("passkeys cannot be used at this address: {0}")]
    RelyingParty(String),
    /// The instance has no name.
    #[error("the instance needs a name of 1 to 64 characters")]
    InstanceName,
    /// No threads for passwords.
    #[error("the threads that hash passwords did not start: {0}")]
    Threads(#[from] std::io::Error),
    /// The source of randomness.
    #[error(transparent)]
    Random(#[from] NoRandom),
}
