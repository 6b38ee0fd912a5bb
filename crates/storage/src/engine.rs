//! The seam: what an engine promises, and the words in which it fails.

use core::future::Future;

use tokio::sync::mpsc;

use crate::batch::{Batch, Revision, TooLarge};
use crate::key::{Key, Prefix};

/// A durable, ordered map of bytes. What `commit` acknowledged survives power loss.
///
/// An implementer must not
/// - answer `Ok` before the sync that covers the batch *and everything its expectations saw*: the cost is a
///   session that was ended, or a code that was used, coming back after a power cut;
/// - answer [`CommitError::Conflict`] when something was written, or any definite error when that cannot be
///   told: say [`CommitError::Unknown`]. A false "failed" makes the caller do it twice;
/// - let part of a batch be seen or survive without the rest;
/// - serve a `get` from before a commit that the same instance has acknowledged;
/// - take an expectation of absence lightly: it is what makes names unique and marks single-use.
///
/// A conflict without a cause is harmless (the caller decides anew); a missed conflict is not.
pub trait Engine: Send + Sync + 'static {
    /// The newest committed value and its revision.
    ///
    /// # Errors
    /// [`EngineError`] when the engine cannot tell. Never an absence that is not one.
    fn get(&self, key: &Key) -> impl Future<Output = Result<Option<Versioned>, EngineError>> + Send;

    /// Up to `limit` entries under `prefix`, in key order, from after `cursor`.
    ///
    /// Pages under writes are not one point in time. Fewer than `limit` entries mean that there are no more.
    ///
    /// # Errors
    /// [`EngineError`] when the engine cannot tell.
    fn scan(
        &self,
        prefix: &Prefix,
        cursor: Option<&Key>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Entry>, EngineError>> + Send;

    /// All of the batch or nothing: `Conflict` when an expectation no longer holds.
    ///
    /// # Errors
    /// [`CommitError`]; only [`CommitError::Unknown`] leaves open whether the batch landed.
    fn commit(&self, batch: Batch) -> impl Future<Output = Result<Revision, CommitError>> + Send;

    /// One point in time, streamed out in key order.
    ///
    /// # Errors
    /// [`EngineError`] when it cannot begin; a page may still bring one.
    fn snapshot(&self) -> impl Future<Output = Result<Snapshot, EngineError>> + Send;

    /// How the engine is.
    fn health(&self) -> Health;
}

/// A key with what it holds.
pub type Entry = (Key, Versioned);

/// A value and the stamp of the batch that wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned {
    /// The stamp.
    pub revision: Revision,
    /// Up to 65,536 bytes.
    pub value: Vec<u8>,
}

/// Pages of one point in time. Dropping it ends the work behind it.
#[derive(Debug)]
pub struct Snapshot {
    pages: mpsc::Receiver<Result<Vec<Entry>, EngineError>>,
}

impl Snapshot {
    /// A snapshot whose pages come through this channel; it ends when the sender goes.
    pub(crate) const fn new(pages: mpsc::Receiver<Result<Vec<Entry>, EngineError>>) -> Self {
        Self { pages }
    }

    /// The next entries in key order; `None` at the end.
    ///
    /// # Errors
    /// [`EngineError`]: what came before is then not the whole, and must not be used as if it were.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Entry>>, EngineError> {
        self.pages.recv().await.transpose()
    }
}

/// How an engine is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// Reads and commits go on.
    Good,
    /// Commits are refused for this reason; reads may go on. It passes by itself when the fault ends.
    ReadOnly(Fault),
    /// The engine has stopped and answers nothing more.
    Stopped,
}

/// What an engine met below itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The disk is full, or a quota is.
    #[error("no space is left for the store")]
    Full,
    /// The file system does not let us write.
    #[error("the store's file system is read-only")]
    ReadOnly,
    /// Any other failure of the system below, in its words.
    #[error("input or output failed: {0}")]
    Io(String),
    /// What is stored is not what was written.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
}

impl From<&std::io::Error> for Fault {
    fn from(error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        let kind = error.kind();
        if matches!(kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
            Self::Full
        } else if kind == ErrorKind::ReadOnlyFilesystem {
            Self::ReadOnly
        } else {
            Self::Io(error.to_string())
        }
    }
}

/// Why a read failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// Something below failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The engine has been closed or has died.
    #[error("the storage engine has stopped")]
    Stopped,
}

/// Why a commit did not happen, or may not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// An expectation no longer held. Nothing was written.
    #[error("{0:?} has changed since it was read")]
    Conflict(Key),
    /// The batch is past a bound. Nothing was written.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// The engine takes no writes. Nothing was written.
    #[error("the store takes no writes: {0}")]
    Refused(Fault),
    /// The engine has been closed or has died before it took the batch. Nothing was written.
    #[error("the storage engine has stopped")]
    Stopped,
    /// The batch may have landed or not.
    #[error("whether the commit landed is not known")]
    Unknown,
}
