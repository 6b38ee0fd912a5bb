//! Makes a checkpoint when the journal has outgrown the last one, and then removes what it replaces.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender};

use super::checkpoint::{self, Checkpoint, CheckpointError};
use super::disk::Disk;
use super::journal::Chain;
use super::{Shared, lock_of};

/// The commit thread's side: counts, and wakes the other.
#[derive(Debug)]
pub(super) struct Wake {
    sender: Sender<()>,
    meter: Arc<Meter>,
}

/// How much journal there is since the last checkpoint, and how much there may be.
#[derive(Debug)]
pub(super) struct Meter {
    grown: AtomicU64,
    allowed: AtomicU64,
    asked: AtomicBool,
    floor: u64,
}

impl Meter {
    /// `floor`: the bytes of journal that are always allowed; `last`: the bytes of the last checkpoint;
    /// `grown`: the bytes of journal that the open has met.
    pub(super) fn new(floor: u64, last: u64, grown: u64) -> Arc<Self> {
        Arc::new(Self {
            grown: AtomicU64::new(grown),
            allowed: AtomicU64::new(floor.max(last)),
            asked: AtomicBool::new(false),
            floor,
        })
    }
}

impl Wake {
    pub(super) const fn new(sender: Sender<()>, meter: Arc<Meter>) -> Self {
        Self { sender, meter }
    }

    pub(super) fn grown_by(&self, bytes: u64) {
        let grown = self
            .meter
            .grown
            .fetch_add(bytes, Ordering::Relaxed)
            .saturating_add(bytes);
        if grown > self.meter.allowed.load(Ordering::Relaxed)
            && !self.meter.asked.swap(true, Ordering::Relaxed)
        {
            // When the thread has gone the engine is stopping.
            let _ = self.sender.send(());
        }
    }
}

/// Runs until the commit thread is gone.
pub(super) fn run(shared: &Arc<Shared>, meter: &Meter, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        let before = meter.grown.swap(0, Ordering::Relaxed);
        match make(shared) {
            Ok(made) => {
                meter
                    .allowed
                    .store(meter.floor.max(made.bytes), Ordering::Relaxed);
                tracing::info!(number = made.number, bytes = made.bytes, "checkpoint made");
            }
            Err(CheckpointError::Stopping) => return,
            Err(error) => {
                // The journal is whole and grows on: what is lost is time at the next rebuild. It is tried
                // again when as much has been added once more.
                meter.grown.fetch_add(before / 2, Ordering::Relaxed);
                tracing::error!(%error, "no checkpoint could be made");
            }
        }
        meter.asked.store(false, Ordering::Relaxed);
    }
}

/// Makes a checkpoint of the state as it is, and removes what is older than the last two.
pub(super) fn make(shared: &Shared) -> Result<Checkpoint, CheckpointError> {
    let _alone = lock_of(&shared.checkpoints);
    let made = checkpoint::write(shared)?;
    tidy(
        shared.disk.as_ref(),
        &shared.folders.checkpoint,
        &shared.folders.journal,
    )?;
    Ok(made)
}

/// Removes checkpoints and journal segments that nothing needs: oldest first, so that a stop in between leaves
/// no hole.
fn tidy(disk: &dyn Disk, checkpoints: &Path, journal: &Path) -> Result<(), CheckpointError> {
    let Some(covered) = checkpoint::remove_older(disk, checkpoints)? else {
        return Ok(());
    };
    let Some(chain) = Chain::survey(journal)? else {
        return Ok(());
    };
    for path in chain.before(covered.saturating_add(1)) {
        disk.remove(&path)?;
    }
    disk.sync_folder(journal)?;
    disk.sync_folder(checkpoints)?;
    Ok(())
}
