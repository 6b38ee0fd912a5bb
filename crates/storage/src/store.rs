//! Typed records above the chosen engine.

use core::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use doorward_crypto::{NoRandom, Random, Timestamp, random};

use crate::batch::Revision;
use crate::engine::{Engine, Health, Snapshot};
use crate::engines::{AnyEngine, Memory};
use crate::envelope;
use crate::error::StoreError;
use crate::key::Key;
use crate::limits;
use crate::record::Record;
use crate::transact::Queue;

/// The store. Cheap to clone; all clones are the same store.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    engine: AnyEngine,
    random: Arc<dyn Random>,
    queue: Queue,
}

impl Store {
    /// A store in memory, gone with the process.
    #[must_use]
    pub fn in_memory() -> Self {
        // Stamps need only differ within the life of what they stamp, which is this process.
        Self::over(
            AnyEngine::Memory(Memory::default()),
            Arc::new(Counting(AtomicU64::new(1))),
        )
    }

    /// A store over an engine that is open, with the source of its commits' stamps.
    #[must_use]
    pub fn over(engine: AnyEngine, random: Arc<dyn Random>) -> Self {
        Self(Arc::new(Inner {
            engine,
            random,
            queue: Queue::new(),
        }))
    }

    /// The record with this name; `None` when it is absent or has expired at `now`.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be told.
    pub async fn read<R: Record>(&self, id: &R::Id, now: Timestamp) -> Result<Option<R>, StoreError> {
        let key = R::KIND.key(id);
        let found = self.engine().get(&key).await?;
        found.map_or(Ok(None), |found| envelope::unwrap(&found.value, &key, now))
    }

    /// Up to `limit` records whose names begin with `under`, in the order of their names, from after `after`.
    ///
    /// A page may hold fewer than `limit` and still have a `next`, when many of what was looked at had
    /// expired. Pages under writes are not one point in time.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be told.
    pub async fn list<R: Record>(
        &self,
        under: &[u8],
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page<R>, StoreError> {
        let mut page = Page {
            records: Vec::new(),
            next: None,
        };
        let Some(prefix) = R::KIND.prefix(under) else {
            return Ok(page);
        };
        let mut last = match after {
            Some(cursor) => Some(cursor.key(R::KIND.tag())?),
            None => None,
        };
        let mut looked_at = 0_usize;
        while page.records.len() < limit {
            let wanted = limit.saturating_sub(page.records.len()).min(limits::SCAN_PAGE);
            let entries = self.engine().scan(&prefix, last.as_ref(), wanted).await?;
            let end = entries.len() < wanted;
            looked_at = looked_at.saturating_add(entries.len());
            for (key, found) in entries {
                page.records
                    .extend(envelope::unwrap::<R>(&found.value, &key, now)?);
                last = Some(key);
            }
            if end {
                return Ok(page);
            }
            if looked_at >= limit.saturating_add(4 * limits::SCAN_PAGE) {
                break;
            }
        }
        page.next = last.map(|key| Cursor::after(&key));
        Ok(page)
    }

    /// One point in time of everything, as the engine holds it.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot begin.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        Ok(self.engine().snapshot().await?)
    }

    /// How the engine is: what a readiness page shows.
    #[must_use]
    pub fn health(&self) -> Health {
        self.engine().health()
    }

    /// Answers what it has, takes no more, and marks the stop as clean: the next start finds nothing to repair.
    /// Whoever still holds a clone is answered that the engine has stopped.
    pub async fn close(&self) {
        let inner = Arc::clone(&self.0);
        // A panic inside is in the log already; there is nothing left to close.
        let _ = tokio::task::spawn_blocking(move || inner.engine.close()).await;
    }

    pub(crate) fn engine(&self) -> &AnyEngine {
        &self.0.engine
    }

    pub(crate) fn queue(&self) -> &Queue {
        &self.0.queue
    }

    pub(crate) fn revision(&self) -> Result<Revision, NoRandom> {
        random::bytes(self.0.random.as_ref()).map(Revision::from_bytes)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Store").field(&self.0.engine).finish()
    }
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<R> {
    /// The records.
    pub records: Vec<R>,
    /// Where the next page begins; `None` when there is nothing more.
    pub next: Option<Cursor>,
}

/// A place in a list: the name of the last record that was seen. It opens nothing by itself: a list shows
/// only what is `under` what its caller asked for, whatever the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(Vec<u8>);

impl Cursor {
    /// The place with these bytes, as [`as_bytes`](Self::as_bytes) gave them.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// The bytes, up to 1023 for a cursor of ours.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn after(key: &Key) -> Self {
        Self(key.as_bytes().iter().skip(1).copied().collect())
    }

    fn key(&self, tag: u8) -> Result<Key, StoreError> {
        let mut bytes = vec![tag];
        bytes.extend_from_slice(&self.0);
        Ok(Key::new(&bytes)?)
    }
}

/// Bytes that count up: no secret is made of them, see [`Store::in_memory`].
#[derive(Debug)]
struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom> {
        let next = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        for chunk in out.chunks_mut(next.len()) {
            chunk.iter_mut().zip(next).for_each(|(to, from)| *to = from);
        }
        Ok(())
    }
}
