//! Engines to test, and small words for what tests do with them.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where it fails"
)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use doorward_crypto::{NoRandom, Random};
use doorward_storage::{Batch, CommitError, Engine, Expected, Key, Prefix, Revision, Sled, SledSettings};

/// Bytes that look random and repeat with their seed (xorshift64*).
#[derive(Debug)]
struct Seeded(AtomicU64);

pub(crate) fn seeded(seed: u64) -> Arc<dyn Random> {
    Arc::new(Seeded(AtomicU64::new(seed | 1)))
}

impl Random for Seeded {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom> {
        for byte in out {
            let mut x = self.0.load(Ordering::Relaxed);
            x ^= x >> 12;
            x ^= x << 25;
            x ^= x >> 27;
            self.0.store(x, Ordering::Relaxed);
            *byte = (x.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56).to_le_bytes()[0];
        }
        Ok(())
    }
}

static STAMP: AtomicU64 = AtomicU64::new(1);

/// A stamp that no other batch of this process has.
pub(crate) fn stamp() -> Revision {
    Revision::from_bytes(u128::from(STAMP.fetch_add(1, Ordering::Relaxed)).to_be_bytes())
}

pub(crate) fn key(name: impl AsRef<[u8]>) -> Key {
    Key::new(name.as_ref()).expect("a test's key")
}

pub(crate) fn prefix(name: impl AsRef<[u8]>) -> Prefix {
    Prefix::new(name.as_ref()).expect("a test's prefix")
}

/// A batch in one expression: expectations, puts, removals.
pub(crate) fn batch(expected: &[(&str, Expected)], puts: &[(&str, &[u8])], removals: &[&str]) -> Batch {
    let mut batch = Batch::new(stamp());
    for (name, expected) in expected {
        batch.expect(key(name), *expected).unwrap();
    }
    for (name, value) in puts {
        batch.put(key(name), value.to_vec()).unwrap();
    }
    for name in removals {
        batch.remove(key(name)).unwrap();
    }
    batch
}

pub(crate) async fn put(engine: &impl Engine, name: &str, value: &[u8]) -> Revision {
    engine.commit(batch(&[], &[(name, value)], &[])).await.unwrap()
}

pub(crate) async fn value(engine: &impl Engine, name: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    engine.get(&key(name)).await.unwrap().map(|found| found.value)
}

pub(crate) async fn conflicts(engine: &impl Engine, batch: Batch) -> bool {
    match engine.commit(batch).await {
        Ok(_) => false,
        Err(CommitError::Conflict(_)) => true,
        Err(other) => unreachable!("{other}"),
    }
}

/// All that an engine holds, page by page.
pub(crate) async fn everything(engine: &impl Engine) -> Vec<(Vec<u8>, Vec<u8>)> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = engine
            .scan(&Prefix::default(), cursor.as_ref(), 64)
            .await
            .unwrap();
        cursor = page.last().map(|(key, _)| key.clone());
        let end = page.len() < 64;
        all.extend(
            page.into_iter()
                .map(|(key, found)| (key.as_bytes().to_vec(), found.value)),
        );
        if end {
            return all;
        }
    }
}

/// A folder that goes with the test. In memory where the system has such a place: no test here rests on what a
/// real disk keeps, and syncs are slow when many tests wait for one disk.
pub(crate) fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    made.unwrap()
}

pub(crate) fn settings(folder: &Path) -> SledSettings {
    SledSettings::new(folder.join("store"))
}

pub(crate) fn sled(settings: &SledSettings) -> Sled {
    Sled::open(settings, &seeded(7)).unwrap()
}
