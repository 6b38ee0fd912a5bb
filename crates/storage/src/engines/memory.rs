//! State in memory, gone with the process: for tests, and for a demonstration that shall leave nothing.

use core::convert::Infallible;
use core::ops::Bound;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use crate::batch::{Batch, Revision};
use crate::engine::{CommitError, Engine, EngineError, Entry, Health, Snapshot, Versioned};
use crate::key::{Key, Prefix};

/// An ordered map behind a lock. Every call is one point in time.
#[derive(Debug, Default)]
pub struct Memory {
    entries: Mutex<BTreeMap<Key, Versioned>>,
}

impl Memory {
    fn entries(&self) -> MutexGuard<'_, BTreeMap<Key, Versioned>> {
        // Nothing between lock and unlock can panic half way: a poisoned map is a whole map.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine for Memory {
    async fn get(&self, key: &Key) -> Result<Option<Versioned>, EngineError> {
        Ok(self.entries().get(key).cloned())
    }

    async fn scan(
        &self,
        prefix: &Prefix,
        cursor: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Entry>, EngineError> {
        Ok(scan(&self.entries(), prefix, cursor, limit))
    }

    async fn commit(&self, batch: Batch) -> Result<Revision, CommitError> {
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
