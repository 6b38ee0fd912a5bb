//! The bounds of the seam, each with its reason. They fit every engine that the seam can be mapped onto.

use core::time::Duration;

/// Bytes of a key: what etcd, FoundationDB and an index page of PostgreSQL all take. Longer things go by hash.
pub const KEY_BYTES: usize = 1024;

/// Bytes of a value: below FoundationDB's 100 kB, and small enough that a document is read whole.
pub const VALUE_BYTES: usize = 64 * 1024;

/// Operations of a batch, and likewise its expectations: etcd takes 128 of each.
pub const BATCH_OPERATIONS: usize = 100;

/// Bytes of keys and values of a batch: etcd takes 1.5 MiB, and a journal record is read into memory whole.
pub const BATCH_BYTES: usize = 512 * 1024;

/// How often a transaction decides anew before it gives up: enough for the queue in `transact` to move on,
/// few enough that a request ends while its reader waits.
pub const ATTEMPTS: u32 = 40;

/// How long after its expiry a record is kept: clocks of instances may differ by a minute, and a mark that
/// goes early lets a used thing be used again.
pub const SWEEP_AFTER: Duration = Duration::from_secs(5 * 60);

/// Entries a sweep or a list looks at in one go.
pub const SCAN_PAGE: usize = 256;
