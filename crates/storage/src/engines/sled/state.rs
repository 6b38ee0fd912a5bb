//! sled, and what we know of it: a fast ordered map that survives a killed process and no power cut.
//!
//! A value is 16 bytes of stamp and then the bytes. The empty key, which no batch can write, holds the sequence
//! number of the last batch that was applied, written with it: whatever state sled wakes up in, the journal
//! from there on makes it right.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

use crate::batch::{Batch, Revision};
use crate::engine::{Entry, Fault, Versioned};
use crate::key::{Key, Prefix};

use super::journal::Replayed;

/// More and sled takes 517 MB of memory for 10^6 entries; with this it is 136 MB.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;

const SEQUENCE: &[u8] = b"";

/// An open sled.
#[derive(Debug)]
pub(super) struct State {
    sled: ::sled::Db,
}

impl State {
    /// Opens or makes the sled in `folder`. A panic inside sled, which is what it answers to damage, is an
    /// error here.
    pub(super) fn open(folder: &Path) -> Result<Self, Fault> {
        remove_half_snapshots(folder).map_err(|error| Fault::from(&error))?;
        // Should somebody hold it still, sled says so.
        let _ = let_go(folder);
        let open = || {
            // Not `mode(HighThroughput)`: that trades what little sled promises.
            ::sled::Config::new()
                .path(folder)
                .cache_capacity(CACHE_BYTES)
                .print_profile_on_drop(false)
                .open()
        };
        match catch_unwind(AssertUnwindSafe(open)) {
            Ok(Ok(sled)) => Ok(Self { sled }),
            Ok(Err(error)) => Err(fault(&error)),
            Err(_) => Err(Fault::Damaged("sled panicked while it opened".to_owned())),
        }
    }

    /// The sequence number of the last batch that was applied; 0 when none was.
    pub(super) fn sequence(&self) -> Result<u64, Fault> {
        let found = self.sled.get(SEQUENCE).map_err(|error| fault(&error))?;
        let bytes = found.map(|bytes| bytes.as_ref().try_into().map(u64::from_be_bytes));
        bytes
            .unwrap_or(Ok(0))
            .map_err(|_| Fault::Damaged("sled's sequence number is none".to_owned()))
    }

    pub(super) fn get(&self, key: &Key) -> Result<Option<Versioned>, Fault> {
        self.sled
            .get(key.as_bytes())
            .map_err(|error| fault(&error))?
            .map(|bytes| decode(&bytes))
            .transpose()
    }

    /// The stamp alone.
    pub(super) fn revision(&self, key: &Key) -> Result<Option<Revision>, Fault> {
        Ok(self.get(key)?.map(|found| found.revision))
    }

    /// Up to `limit` entries under `prefix` from after `cursor`, of at most `bytes` together (but one at
    /// least).
    pub(super) fn scan(
        &self,
        prefix: &Prefix,
        cursor: Option<&Key>,
        limit: usize,
        bytes: usize,
    ) -> Result<Vec<Entry>, Fault> {
        use core::ops::Bound;
        let first = prefix.as_bytes();
        let from = match cursor.map(Key::as_bytes) {
            Some(cursor) if cursor >= first => Bound::Excluded(cursor),
            Some(_) | None => Bound::Included(first),
        };
        let mut entries = Vec::new();
        let mut size = 0_usize;
        for item in self.sled.range::<&[u8], _>((from, Bound::Unbounded)) {
            let (key, value) = item.map_err(|error| fault(&error))?;
            if key.is_empty() {
                continue;
            }
            if !key.starts_with(first) || entries.len() >= limit || size >= bytes {
                break;
            }
            size = size.saturating_add(key.len()).saturating_add(value.len());
            let key =
                Key::new(&key).map_err(|_| Fault::Damaged("sled holds a key that is none".to_owned()))?;
            entries.push((key, decode(&value)?));
        }
        Ok(entries)
    }

    /// Applies batches in their order, and the sequence number of the last.
    pub(super) fn apply<'a>(
        &self,
        batches: impl Iterator<Item = &'a Batch>,
        sequence: u64,
    ) -> Result<(), Fault> {
        let mut all = ::sled::Batch::default();
        for batch in batches {
            for (key, change) in batch.changes() {
                put(&mut all, key, batch.revision(), change.as_deref());
            }
        }
        self.finish(all, sequence)
    }

    /// The same for what comes from the journal.
    pub(super) fn replay(&self, records: &[Replayed]) -> Result<(), Fault> {
        let Some(last) = records.last() else { return Ok(()) };
        let mut all = ::sled::Batch::default();
        for record in records {
            for (key, change) in &record.changes {
                put(&mut all, key, record.revision, change.as_deref());
            }
        }
        self.finish(all, last.sequence)
    }

    /// Puts entries of a checkpoint; `sequence` is what they bring the state to.
    pub(super) fn load(&self, entries: &[Entry], sequence: u64) -> Result<(), Fault> {
        let mut all = ::sled::Batch::default();
        for (key, found) in entries {
            put(&mut all, key, found.revision, Some(&found.value));
        }
        self.finish(all, sequence)
    }

    fn finish(&self, mut all: ::sled::Batch, sequence: u64) -> Result<(), Fault> {
        all.insert(SEQUENCE, &sequence.to_be_bytes());
        self.sled.apply_batch(all).map_err(|error| fault(&error))
    }

    /// Closes it with all of its bytes on the disk, file by file and folder by folder: what a clean stop is
    /// worth.
    pub(super) fn close_durably(self, folder: &Path) -> Result<(), Fault> {
        self.sled.flush().map_err(|error| fault(&error))?;
        drop(self);
        if !let_go(folder) {
            return Err(Fault::Io("sled has not let go of its files".to_owned()));
        }
        sync_tree(folder).map_err(|error| Fault::from(&error))
    }

    /// Bytes that sled takes on the disk.
    pub(super) fn size_on_disk(&self) -> Result<u64, Fault> {
        self.sled.size_on_disk().map_err(|error| fault(&error))
    }
}

fn put(all: &mut ::sled::Batch, key: &Key, revision: Revision, change: Option<&[u8]>) {
    match change {
        Some(value) => {
            let mut stored = Vec::with_capacity(value.len().saturating_add(16));
            stored.extend_from_slice(revision.as_bytes());
            stored.extend_from_slice(value);
            all.insert(key.as_bytes(), stored);
        }
        None => all.remove(key.as_bytes()),
    }
}

fn decode(bytes: &[u8]) -> Result<Versioned, Fault> {
    let (stamp, value) = bytes
        .split_first_chunk()
        .ok_or_else(|| Fault::Damaged("sled holds a value without a stamp".to_owned()))?;
    Ok(Versioned {
        revision: Revision::from_bytes(*stamp),
        value: value.to_vec(),
    })
}

fn fault(error: &::sled::Error) -> Fault {
    match error {
        ::sled::Error::Io(error) => Fault::from(error),
        ::sled::Error::Corruption { .. } => Fault::Damaged(error.to_string()),
        ::sled::Error::CollectionNotFound(_)
        | ::sled::Error::Unsupported(_)
        | ::sled::Error::ReportableBug(_) => Fault::Io(error.to_string()),
    }
}

/// A process that dies while sled writes its snapshot leaves `snap.N.generating`, which the next open takes
/// for the newest snapshot and calls the whole database corrupt.
fn remove_half_snapshots(folder: &Path) -> io::Result<()> {
    for path in files(folder)? {
        let half = path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with("snap.") && name.ends_with(".generating"));
        if half {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Waits until no sled holds the folder: its threads go on for a while after it has been dropped, and keep its
/// lock. `false` when that has not come to pass within five seconds.
fn let_go(folder: &Path) -> bool {
    const PATIENCE: u32 = 500;
    let Ok(file) = std::fs::File::open(folder.join("db")) else {
        return true;
    };
    for _ in 0..PATIENCE {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Err(rustix::io::Errno::WOULDBLOCK) => std::thread::sleep(Duration::from_millis(10)),
            Ok(()) | Err(_) => return flock(&file, FlockOperation::Unlock).is_ok(),
        }
    }
    false
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn sync_tree(folder: &Path) -> io::Result<()> {
    for path in files(folder)? {
        if path.is_dir() {
            sync_tree(&path)?;
        } else {
            std::fs::File::open(path)?.sync_all()?;
        }
    }
    std::fs::File::open(folder)?.sync_all()
}
