//! Read, decide, commit with expectations, again on conflict: the loop, so that nobody writes it twice.
//!
//! Every read becomes an expectation: what was decided on is what the commit finds. The closure may run
//! several times and therefore has no side effects; effects follow the commit. A refusal that must leave a
//! trace is an `Ok`, since an `Err` writes nothing. What is decided from a list needs a parent record whose
//! revision is expected and which every insertion also writes: a list expects nothing of keys that come later.
//!
//! Whoever loses a race waits in a queue by the key that was in dispute. That is a courtesy for progress, not
//! a lock: nothing is right because of it.

use core::time::Duration;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use doorward_crypto::Timestamp;
use tokio::sync::{Mutex as Turn, MutexGuard as MyTurn};

use crate::batch::{Batch, Change, Expected, Revision};
use crate::engine::{CommitError, Engine, EngineError, Versioned};
use crate::envelope;
use crate::error::StoreError;
use crate::key::Key;
use crate::limits;
use crate::record::Record;
use crate::store::Store;

/// One run of a transaction: reads are kept as expectations, writes until the commit. Cheap to clone; all
/// clones are the same run.
#[derive(Clone)]
pub struct Tx {
    store: Store,
    now: Timestamp,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    keys: BTreeMap<Key, Seen>,
    confirm: bool,
}

/// What the run knows of a key.
#[derive(Clone)]
struct Seen {
    found: Option<Versioned>,
    change: Option<Change>,
}

impl Seen {
    fn current(&self) -> Option<&[u8]> {
        match (&self.change, &self.found) {
            (Some(change), _) => change.as_deref(),
            (None, found) => found.as_ref().map(|found| found.value.as_slice()),
        }
    }
}

impl Tx {
    /// The moment at which the transaction decides.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The record with this name, with what this run has written; `None` when it is absent or has expired.
    /// The commit will expect what was found here.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be told.
    pub async fn read<R: Record>(&self, id: &R::Id) -> Result<Option<R>, StoreError> {
        let key = R::KIND.key(id);
        let seen = self.see(&key).await?;
        seen.current()
            .map_or(Ok(None), |stored| envelope::unwrap(stored, &key, self.now))
    }

    /// Puts a record that this run has read (or inserted) before, found or not.
    ///
    /// # Errors
    /// [`StoreError::UnreadWrite`] when it has not; [`StoreError::TooLarge`] past a bound.
    #[expect(clippy::needless_pass_by_value, reason = "what is written is done with")]
    pub fn write<R: Record>(&self, record: R) -> Result<(), StoreError> {
        let key = R::KIND.key(&record.id());
        let stored = stored(&record, &key)?;
        self.change::<R>(&key, Some(stored))
    }

    /// Puts a record that must not be there; one that has expired gives way.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when it is there; [`StoreError`] when that cannot be told.
    pub async fn insert<R: Record>(&self, record: R) -> Result<(), StoreError> {
        if self.read::<R>(&record.id()).await?.is_some() {
            return Err(StoreError::Exists(R::KIND));
        }
        self.write(record)
    }

    /// Removes a record that this run has read before.
    ///
    /// # Errors
    /// [`StoreError::UnreadWrite`] when it has not.
    pub fn remove<R: Record>(&self, id: &R::Id) -> Result<(), StoreError> {
        self.change::<R>(&R::KIND.key(id), None)
    }

    /// Asks that what was read is committed as a batch of expectations when nothing is written: the answer
    /// then comes after the sync that covers what was seen. For refusals and "already done" that rest on
    /// several reads.
    pub fn confirm(&self) {
        self.state().confirm = true;
    }

    async fn see(&self, key: &Key) -> Result<Seen, StoreError> {
        let known = self.state().keys.get(key).cloned();
        if let Some(seen) = known {
            return Ok(seen);
        }
        let found = self.store.engine().get(key).await?;
        // Of two reads at once the first word counts: a run sees each key in one state only.
        Ok(self
            .state()
            .keys
            .entry(key.clone())
            .or_insert(Seen { found, change: None })
            .clone())
    }

    fn change<R: Record>(&self, key: &Key, change: Change) -> Result<(), StoreError> {
        match self.state().keys.get_mut(key) {
            Some(seen) => seen.change = Some(change),
            None => return Err(StoreError::UnreadWrite(R::KIND)),
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere ends that run of the closure; nothing half done can be left behind the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The batch of this run; `None` when there is nothing to commit.
    fn batch(&self, revision: Revision) -> Result<Option<Batch>, StoreError> {
        let State { keys, confirm } = core::mem::take(&mut *self.state());
        let writes = keys.values().any(|seen| seen.change.is_some());
        if !writes && (!confirm || keys.is_empty()) {
            return Ok(None);
        }
        let mut batch = Batch::new(revision);
        for (key, seen) in keys {
            let expected = seen
                .found
                .map_or(Expected::Absent, |found| Expected::At(found.revision));
            batch.expect(key.clone(), expected)?;
            match seen.change {
                Some(Some(value)) => batch.put(key, value)?,
                Some(None) => batch.remove(key)?,
                None => {}
            }
        }
        Ok(Some(batch))
    }
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx")
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

fn stored<R: Record>(record: &R, key: &Key) -> Result<Vec<u8>, StoreError> {
    let stored = envelope::wrap(record, key)?;
    if stored.len() > limits::VALUE_BYTES {
        return Err(crate::batch::TooLarge::Value(stored.len()).into());
    }
    Ok(stored)
}

impl Store {
    /// Runs `work` until its commit meets no conflict, a bounded number of times.
    ///
    /// # Errors
    /// What `work` says; and [`StoreError`] turned into `E`: `Contended` when the attempts are used up,
    /// `Unknown` when a commit's answer was lost and cannot be found out.
    pub async fn transact<F, Fut, T, E>(&self, now: Timestamp, work: F) -> Result<T, E>
    where
        F: Fn(Tx) -> Fut,
        Fut: Future<Output = Result<T, E>> + Send,
        E: From<StoreError>,
    {
        let mut turn: Option<MyTurn<'_, ()>> = None;
        for attempt in 1..=limits::ATTEMPTS {
            let tx = Tx {
                store: self.clone(),
                now,
                state: Arc::default(),
            };
            let done = work(tx.clone()).await?;
            let stamp = self.revision().map_err(StoreError::from)?;
            let Some(batch) = tx.batch(stamp)? else {
                return Ok(done);
            };
            let witness = witness(&batch);
            match self.engine().commit(batch).await {
                Ok(_) => return Ok(done),
                Err(CommitError::Conflict(key)) => {
                    drop(turn.take());
                    turn = Some(self.queue().turn(&key).await);
                    pause(attempt).await;
                }
                Err(CommitError::Unknown) if self.landed(witness, stamp).await => return Ok(done),
                Err(CommitError::Unknown) => return Err(StoreError::Unknown.into()),
                Err(CommitError::TooLarge(bound)) => return Err(StoreError::from(bound).into()),
                Err(CommitError::Refused(fault)) => return Err(StoreError::Refused(fault).into()),
                Err(CommitError::Stopped) => return Err(StoreError::from(EngineError::Stopped).into()),
            }
        }
        Err(StoreError::Contended.into())
    }

    /// Whether the key that the batch wrote carries its stamp. Another stamp proves nothing: the batch may
    /// still be on its way, or may have been followed by another.
    async fn landed(&self, witness: Option<Key>, revision: Revision) -> bool {
        let Some(key) = witness else { return false };
        matches!(self.engine().get(&key).await, Ok(Some(found)) if found.revision == revision)
    }
}

/// A key that the batch gives a value.
fn witness(batch: &Batch) -> Option<Key> {
    batch
        .changes()
        .find_map(|(key, change)| change.is_some().then(|| key.clone()))
}

/// Losers of a few rounds give way at once, later ones wait a little: another instance may hold the record.
async fn pause(attempt: u32) {
    const PATIENT: u32 = 8;
    if attempt > PATIENT {
        let doublings = attempt.saturating_sub(PATIENT).min(5);
        tokio::time::sleep(Duration::from_millis(1_u64 << doublings)).await;
    }
}

/// Queues by key, a fixed number of them: two keys that share one wait for each other needlessly, no more.
pub(crate) struct Queue([Turn<()>; 64]);

impl Queue {
    pub(crate) fn new() -> Self {
        Self(core::array::from_fn(|_| Turn::new(())))
    }

    async fn turn(&self, key: &Key) -> MyTurn<'_, ()> {
        let sum = crc32fast::hash(key.as_bytes());
        let slot = usize::try_from(sum % 64).unwrap_or(0);
        match self.0.get(slot) {
            Some(turn) => turn.lock().await,
            None => unreachable!("a remainder of 64 is below 64"),
        }
    }
}
