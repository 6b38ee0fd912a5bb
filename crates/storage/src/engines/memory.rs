//! State in memory, gone with the process: for tests, and for a demonstration that shall leave nothing.
//!
//! It fails on demand, each fault at a turn that the test names: so that a whole history can be run again with
//! every single call in turn going wrong.

use core::convert::Infallible;
use core::ops::Bound;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use crate::batch::{Batch, Revision};
use crate::engine::{CommitError, Engine, EngineError, Entry, Fault, Health, Snapshot, Versioned};
use crate::key::{Key, Prefix};

/// An ordered map behind a lock. Every call is one point in time.
#[derive(Debug, Default)]
pub struct Memory {
    entries: Mutex<BTreeMap<Key, Versioned>>,
    faults: Faults,
}

impl Memory {
    /// An empty map that fails when it is told to.
    #[must_use]
    pub fn with_faults(faults: Faults) -> Self {
        Self {
            entries: Mutex::default(),
            faults,
        }
    }

    fn apply(&self, batch: &Batch) -> Result<Revision, CommitError> {
        let mut entries = self.entries();
        let Ok(broken) =
            batch.broken_by(|key| Ok::<_, Infallible>(entries.get(key).map(|found| found.revision)));
        if let Some(key) = broken {
            return Err(CommitError::Conflict(key.clone()));
        }
        let revision = batch.revision();
        for (key, change) in batch.changes() {
            match change {
                Some(value) => entries.insert(
                    key.clone(),
                    Versioned {
                        revision,
                        value: value.clone(),
                    },
                ),
                None => entries.remove(key),
            };
        }
        Ok(revision)
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<Key, Versioned>> {
        // Nothing between lock and unlock can panic half way: a poisoned map is a whole map.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine for Memory {
    async fn get(&self, key: &Key) -> Result<Option<Versioned>, EngineError> {
        self.faults.at_read()?;
        Ok(self.entries().get(key).cloned())
    }

    async fn scan(
        &self,
        prefix: &Prefix,
        cursor: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Entry>, EngineError> {
        self.faults.at_read()?;
        Ok(scan(&self.entries(), prefix, cursor, limit))
    }

    async fn commit(&self, batch: Batch) -> Result<Revision, CommitError> {
        let fault = self.faults.at_commit();
        match fault {
            None | Some(CommitFault::UnknownAfter) => {}
            Some(CommitFault::Conflict) => {
                let mut keys = batch
                    .expectations()
                    .map(|(key, _)| key)
                    .chain(batch.changes().map(|(key, _)| key));
                return match keys.next() {
                    Some(key) => Err(CommitError::Conflict(key.clone())),
                    None => Ok(batch.revision()), // a batch of nothing conflicts with nothing
                };
            }
            Some(CommitFault::Refused) => {
                return Err(CommitError::Refused(Fault::Io("on demand".to_owned())));
            }
            Some(CommitFault::UnknownBefore) => return Err(CommitError::Unknown),
            Some(CommitFault::Delay(turns)) => {
                for _ in 0..turns {
                    tokio::task::yield_now().await;
                }
            }
        }
        let landed = self.apply(&batch);
        if fault == Some(CommitFault::UnknownAfter) {
            landed.and(Err(CommitError::Unknown))
        } else {
            landed
        }
    }

    async fn snapshot(&self) -> Result<Snapshot, EngineError> {
        let all: Vec<Entry> = self
            .entries()
            .iter()
            .map(|(key, found)| (key.clone(), found.clone()))
            .collect();
        let (sender, pages) = mpsc::channel(1);
        // One page is room enough for one message; the receiver is still in our hand.
        let _ = sender.try_send(Ok(all));
        Ok(Snapshot::new(pages))
    }

    fn health(&self) -> Health {
        Health::Good
    }
}

/// Faults that an engine in memory shows when its turn comes. Cheap to clone; all clones are the same plan.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Plan>>);

#[derive(Debug, Default)]
struct Plan {
    commits: BTreeMap<usize, CommitFault>,
    reads: BTreeMap<usize, Fault>,
    commits_seen: usize,
    reads_seen: usize,
}

/// How a commit goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitFault {
    /// A conflict without a cause; nothing is written.
    Conflict,
    /// The engine takes no writes; nothing is written.
    Refused,
    /// The answer is lost, and nothing is written.
    UnknownBefore,
    /// The answer is lost after the batch has landed.
    UnknownAfter,
    /// Others run so many turns first.
    Delay(u32),
}

impl Faults {
    /// The commit that comes after `after` more goes wrong in this way.
    pub fn at(&self, after: usize, fault: CommitFault) {
        let mut plan = self.plan();
        let turn = plan.commits_seen.saturating_add(after);
        plan.commits.insert(turn, fault);
    }

    /// The read (of a key or a page) that comes after `after` more fails.
    pub fn at_a_read(&self, after: usize, fault: Fault) {
        let mut plan = self.plan();
        let turn = plan.reads_seen.saturating_add(after);
        plan.reads.insert(turn, fault);
    }

    /// How many commits and reads there have been: what a test that lets each in turn fail counts by.
    #[must_use]
    pub fn seen(&self) -> (usize, usize) {
        let plan = self.plan();
        (plan.commits_seen, plan.reads_seen)
    }

    fn at_commit(&self) -> Option<CommitFault> {
        let mut plan = self.plan();
        let turn = plan.commits_seen;
        plan.commits_seen = turn.saturating_add(1);
        plan.commits.remove(&turn)
    }

    fn at_read(&self) -> Result<(), EngineError> {
        let mut plan = self.plan();
        let turn = plan.reads_seen;
        plan.reads_seen = turn.saturating_add(1);
        plan.reads.remove(&turn).map_or(Ok(()), |fault| Err(fault.into()))
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Up to `limit` entries of `map` under `prefix`, from after `cursor`.
fn scan(map: &BTreeMap<Key, Versioned>, prefix: &Prefix, cursor: Option<&Key>, limit: usize) -> Vec<Entry> {
    let first = Key::new(prefix.as_bytes()).ok();
    let from = match (cursor, &first) {
        (Some(cursor), Some(first)) if cursor < first => Bound::Included(first),
        (Some(cursor), _) => Bound::Excluded(cursor),
        (None, Some(first)) => Bound::Included(first),
        (None, None) => Bound::Unbounded,
    };
    map.range::<Key, _>((from, Bound::Unbounded))
        .take_while(|(key, _)| prefix.covers(key))
        .take(limit)
        .map(|(key, found)| (key.clone(), found.clone()))
        .collect()
}
