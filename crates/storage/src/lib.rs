//! A durable, ordered map of bytes that commits atomically, and records above it.
//!
//! For the crate that holds rules: it sees a [`Store`] of typed [`Record`]s and one atomic commit,
//! [`Store::transact`], and never learns which engine runs.
//!
//! ```
//! use doorward_crypto::Timestamp;
//! use doorward_storage::{Kind, Record, Store, StoreError};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Clone, Serialize, Deserialize)]
//! struct Counter { name: String, count: u64 }
//!
//! impl Record for Counter {
//!     const KIND: Kind = Kind::new(b'c', "counter");
//!     const VERSION: u8 = 1;
//!     type Id = String;
//!     fn id(&self) -> String { self.name.clone() }
//! }
//!
//! async fn count(store: &Store, name: &String, now: Timestamp) -> Result<u64, StoreError> {
//!     store.transact(now, |tx| async move {
//!         // Read: the commit will expect what is found here. Decide. Write.
//!         let before = tx.read::<Counter>(name).await?.map_or(0, |counter| counter.count);
//!         let count = before + 1;
//!         tx.write(Counter { name: name.clone(), count })?;
//!         Ok(count)
//!     }).await
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let store = Store::in_memory();
//! let name = String::from("door");
//! assert_eq!(count(&store, &name, Timestamp::from_seconds(0)).await?, 1);
//! assert_eq!(count(&store, &name, Timestamp::from_seconds(1)).await?, 2);
//! # Ok::<(), StoreError>(())
//! # }).unwrap();
//! ```
//!
//! - To keep a secret in a record, seal it with a [`Sealer`], whose [`Keyring`] lies outside the store.
//! - To write another engine, implement [`Engine`] and pass the suite in `tests/it/contract.rs`.
//!
//! What you will not find here: what an account is allowed to do, queries, secondary indexes, locks, or
//! transactions that stay open.

#![cfg_attr(
    not(test),
    warn(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::string_slice)
)]

mod backup;
mod batch;
mod engine;
mod engines;
mod envelope;
mod error;
#[doc(hidden)]
pub mod fuzzing;
mod key;
mod keyring;
pub mod limits;
mod open;
mod record;
mod seal;
mod store;
mod sweep;
pub mod times;
mod transact;

pub use record::{Kind, Record, RecordId};
pub use store::{Cursor, Page, Store};
pub use sweep::{Sweep, Swept};
pub use transact::Tx;

pub use error::StoreError;
pub use open::{Known, OpenError, Settings};

pub use keyring::{KeyFileError, Keyring};
pub use seal::{NotOurs, Purpose, Sealer};

pub use backup::{Backup, BackupError, verify as verify_backup};
pub use batch::{Batch, Change, Expected, Revision, TooLarge};
pub use engine::{CommitError, Engine, EngineError, Entry, Fault, Health, Snapshot, Versioned};
pub use engines::{AnyEngine, CommitFault, Faults, Memory, Sled, SledOpenError, SledSettings, is_fresh};
#[doc(hidden)]
pub use engines::{Disk, DiskFile, RealDisk};
pub use key::{Key, KeyLength, Prefix};
