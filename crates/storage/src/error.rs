//! How a call to the store fails.

use doorward_crypto::NoRandom;

use crate::batch::TooLarge;
use crate::engine::{EngineError, Fault};
use crate::key::KeyLength;
use crate::record::Kind;

/// Why the store did not do what it was asked.
///
/// Whatever the variant: no answer may be given as if the work had been done. All but `Unknown` say that
/// nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Others kept changing what was read, longer than the bounded number of attempts. Try later.
    #[error("too many others change the same records")]
    Contended,
    /// The engine takes no writes at present.
    #[error("the store takes no writes: {0}")]
    Refused(Fault),
    /// The engine could not read.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The commit may have landed or not, and that cannot be found out. Answer 503 and do not repeat it.
    #[error("whether the commit landed is not known")]
    Unknown,
    /// A record to be inserted is there already.
    #[error("this {0} exists already")]
    Exists(Kind),
    /// A record was written or removed that the transaction had not read: a mistake of the caller.
    #[error("this {0} was changed without having been read")]
    UnreadWrite(Kind),
    /// Past a bound of the seam.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// Past the bound of a key.
    #[error(transparent)]
    KeyLength(#[from] KeyLength),
    /// The stored value is not what a program of ours wrote there.
    #[error("a stored {kind} is damaged: {why}")]
    Damaged {
        /// Of which kind.
        kind: Kind,
        /// What is wrong with it; no content.
        why: String,
    },
    /// The stored value was written by a newer program.
    #[error("a stored {kind} has version {version}, which a newer Doorward wrote")]
    Newer {
        /// Of which kind.
        kind: Kind,
        /// Its version.
        version: u8,
    },
    /// The record cannot be put into bytes: a mistake of the caller.
    #[error("a {kind} cannot be encoded: {why}")]
    Unwritable {
        /// Of which kind.
        kind: Kind,
        /// In the encoder's words.
        why: String,
    },
    /// No randomness for the commit's stamp.
    #[error(transparent)]
    Random(#[from] NoRandom),
}
