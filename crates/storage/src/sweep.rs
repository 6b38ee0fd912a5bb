//! Removing what has expired, a page at a time, and the latest moment that the store has seen.
//!
//! Reads treat expired as absent, so a sweeper is only about space. It deletes no sooner than five minutes
//! after the end, since the clocks of instances differ, and only the revision that it saw: a record that was
//! renewed meanwhile stays.

use doorward_crypto::Timestamp;
use serde::{Deserialize, Serialize};

use crate::batch::{Batch, Expected};
use crate::engine::{CommitError, Engine, EngineError};
use crate::envelope::Header;
use crate::error::StoreError;
use crate::key::Key;
use crate::limits;
use crate::record::{Kind, Record};
use crate::store::Store;

/// Deletions in one commit: small, so that no writer waits long behind it.
const DELETIONS: usize = 50;

/// A round through the kinds that can expire; keeps where it is.
#[derive(Clone, Debug)]
pub struct Sweep {
    kinds: Vec<Kind>,
    at: usize,
    cursor: Option<Key>,
}

/// What one step of a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Records that were removed.
    pub removed: usize,
    /// Records whose bytes no program of ours wrote. They stay: whoever reads one is told.
    pub damaged: usize,
    /// Whether the round is complete; the next step begins another.
    pub round_done: bool,
}

impl Sweep {
    /// A round through these kinds.
    #[must_use]
    pub fn new(kinds: impl IntoIterator<Item = Kind>) -> Self {
        Self {
            kinds: kinds.into_iter().collect(),
            at: 0,
            cursor: None,
        }
    }

    fn next_kind(&mut self) -> bool {
        self.cursor = None;
        self.at = self.at.saturating_add(1);
        let done = self.at >= self.kinds.len();
        if done {
            self.at = 0;
        }
        done
    }
}

impl Store {
    /// One step: looks at a page of records and removes those whose end lies five minutes back at `now`.
    ///
    /// Call it while the clock is trusted, and pause when the clock has leapt: what is deleted is gone.
    ///
    /// # Errors
    /// [`StoreError`]; the sweep keeps its place and can go on.
    pub async fn sweep(&self, sweep: &mut Sweep, now: Timestamp) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        let prefix = sweep.kinds.get(sweep.at).and_then(|kind| kind.prefix(&[]));
        let Some(prefix) = prefix else {
            swept.round_done = true;
            return Ok(swept);
        };
        let page = self
            .engine()
            .scan(&prefix, sweep.cursor.as_ref(), limits::SCAN_PAGE)
            .await?;
        let deadline = now.minus(limits::SWEEP_AFTER);
        let mut due = Vec::new();
        for (key, found) in &page {
            match Header::read(&found.value) {
                Ok(header) if header.expired(deadline) => due.push((key.clone(), found.revision)),
                Ok(_) => {}
                Err(_) => swept.damaged = swept.damaged.saturating_add(1),
            }
        }
        for group in due.chunks(DELETIONS) {
            swept.removed = swept.removed.saturating_add(self.delete(group.to_vec()).await?);
        }
        if page.len() < limits::SCAN_PAGE {
            swept.round_done = sweep.next_kind();
        } else {
            sweep.cursor = page.last().map(|(key, _)| key.clone());
        }
        Ok(swept)
    }

    /// Deletes what is still as it was seen; what has changed is left alone. Returns how many went.
    async fn delete(&self, mut due: Vec<(Key, crate::batch::Revision)>) -> Result<usize, StoreError> {
        while !due.is_empty() {
            let mut batch = Batch::new(self.revision()?);
            for (key, revision) in &due {
                batch.expect(key.clone(), Expected::At(*revision))?;
                batch.remove(key.clone())?;
            }
            match self.engine().commit(batch).await {
                Ok(_) => return Ok(due.len()),
                Err(CommitError::Conflict(changed)) => due.retain(|(key, _)| *key != changed),
                Err(CommitError::TooLarge(bound)) => return Err(bound.into()),
                Err(CommitError::Refused(fault)) => return Err(StoreError::Refused(fault)),
                Err(CommitError::Stopped) => return Err(EngineError::Stopped.into()),
                Err(CommitError::Unknown) => return Err(StoreError::Unknown),
            }
        }
        Ok(0)
    }

    /// The latest moment that the store has seen; 1970 when it has seen none. A clock behind it is wrong: what
    /// had expired would live again.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be told.
    pub async fn high_water(&self) -> Result<Timestamp, StoreError> {
        let found = self.read::<HighWater>(&HIGH_WATER, Timestamp::default()).await?;
        Ok(found.map_or_else(Timestamp::default, |mark| mark.at))
    }

    /// Notes that `now` has been seen; never an earlier moment than before. Returns the mark that stands.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn raise_high_water(&self, now: Timestamp) -> Result<Timestamp, StoreError> {
        self.transact(now, |tx| async move {
            let stands = tx
                .read::<HighWater>(&HIGH_WATER)
                .await?
                .map_or_else(Timestamp::default, |mark| mark.at);
            if stands < now {
                tx.write(HighWater { at: now })?;
            }
            Ok(stands.max(now))
        })
        .await
    }
}

const HIGH_WATER: [u8; 5] = *b"clock";

#[derive(Clone, Serialize, Deserialize)]
struct HighWater {
    #[serde(with = "crate::times")]
    at: Timestamp,
}

impl Record for HighWater {
    const KIND: Kind = Kind::STORE;
    const VERSION: u8 = 1;
    type Id = [u8; 5];
    fn id(&self) -> [u8; 5] {
        HIGH_WATER
    }
}
