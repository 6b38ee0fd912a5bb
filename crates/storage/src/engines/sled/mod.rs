//! The embedded engine: a journal that is the truth, and sled as the state built from it.
//!
//! What we measured of sled says that it is a fast ordered map which survives a killed process and no power
//! cut. So every read, scan and decision is served from it, and nothing that was promised rests on it: a
//! commit is answered when the journal holds it durably, and sled is built anew from checkpoint and journal
//! whenever it cannot be trusted.
//!
//! - [`journal`]: records and segments; what is torn and what is damage.
//! - [`commit_thread`]: the only writer; group commit.
//! - [`checkpoint`]: states to begin from; [`checkpoint_thread`]: when they are made.
//! - [`open`]: lock, trust, replay, rebuild, refusal.
//! - [`state`]: sled and its traps. [`disk`]: the seam below the journal, so that tests can let it fail.

mod checkpoint;
mod checkpoint_thread;
mod commit_thread;
mod disk;
mod journal;
mod lock;
mod open;
mod snapshot;
mod state;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, mpsc};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use doorward_crypto::Random;
use tokio::sync::oneshot;

pub use disk::{Disk, DiskFile, RealDisk};
pub(crate) use journal::{segment_reads_back, with_right_checksums};
pub use open::{SledOpenError, is_fresh};

use self::checkpoint_thread::{Meter, Wake};
use self::commit_thread::Job;
use self::journal::Pieces;
use self::state::State;
use crate::batch::{Batch, Revision};
use crate::engine::{CommitError, Engine, EngineError, Entry, Fault, Health, Snapshot, Versioned};
use crate::key::{Key, Prefix};

/// Where the embedded engine lives and how it keeps house.
#[derive(Clone, Debug)]
pub struct SledSettings {
    /// A folder of its own. It is made (0700) when it is missing.
    pub folder: PathBuf,
    /// A journal segment is closed when it has grown to this many bytes. Smaller ones go sooner when a
    /// checkpoint has replaced them; each costs three syncs to begin.
    pub segment_bytes: u64,
    /// A checkpoint is made when the journal since the last one has outgrown it and this many bytes. More
    /// means longer rebuilds after a power cut, less means more scanning.
    pub checkpoint_after_bytes: u64,
    /// Commits are refused while the disk has less than this left: so that sled, which answers a full disk with
    /// errors for reads too and does not recover from it, never meets one.
    pub headroom_bytes: u64,
    /// Whether a network file system is taken at its word. It must keep locks and syncs; most do not.
    pub network_file_system: bool,
    /// The writing side of the file system.
    #[doc(hidden)]
    pub disk: Arc<dyn Disk>,
    /// What to take for the id of this boot and place, instead of the system's.
    #[doc(hidden)]
    pub place: Option<String>,
}

impl SledSettings {
    /// The defaults, for this folder.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        const MEBIBYTE: u64 = 1024 * 1024;
        Self {
            folder: folder.into(),
            segment_bytes: 64 * MEBIBYTE,
            checkpoint_after_bytes: 64 * MEBIBYTE,
            headroom_bytes: 64 * MEBIBYTE,
            network_file_system: false,
            disk: Arc::new(RealDisk),
            place: None,
        }
    }
}

/// The engine. Dropping it closes it.
#[derive(Debug)]
pub struct Sled {
    shared: Arc<Shared>,
    lanes: Mutex<Lanes>,
    commits: RwLock<Option<mpsc::Sender<Job>>>,
    rebuilt: bool,
}

/// The threads and what keeps them going.
#[derive(Debug, Default)]
struct Lanes {
    scans: Option<mpsc::Sender<Scan>>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Scan {
    prefix: Prefix,
    cursor: Option<Key>,
    limit: usize,
    answer: oneshot::Sender<Result<Vec<Entry>, EngineError>>,
}

/// Where things lie.
#[derive(Clone, Debug)]
struct Folders {
    root: PathBuf,
    journal: PathBuf,
    checkpoint: PathBuf,
    state: PathBuf,
}

impl Folders {
    fn of(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            journal: root.join("journal"),
            checkpoint: root.join("checkpoint"),
            state: root.join("state"),
        }
    }
}

/// What the threads have in common.
#[derive(Debug)]
struct Shared {
    /// Gone once the engine is closed, and while a state that has failed is replaced.
    state: RwLock<Option<Arc<State>>>,
    /// What a new state is made from.
    ground: open::Ground,
    disk: Arc<dyn Disk>,
    folders: Folders,
    /// The last sequence number that the state shows.
    applied: AtomicU64,
    health: Mutex<Health>,
    headroom: u64,
    /// The state has failed to follow the journal: it may be read, and nothing is decided on it.
    behind: AtomicBool,
    /// Long work ends when this is set.
    stopping: AtomicBool,
    /// Held while a checkpoint is made or journal is read that one might remove.
    checkpoints: Mutex<()>,
    /// Held as long as the engine lives.
    lock: Mutex<Option<lock::Lock>>,
}

impl Shared {
    fn state(&self) -> Result<Arc<State>, EngineError> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.as_ref().map(Arc::clone).ok_or(EngineError::Stopped)
    }

    fn applied(&self) -> u64 {
        self.applied.load(Ordering::Acquire)
    }

    fn set_applied(&self, sequence: u64) {
        self.applied.store(sequence, Ordering::Release);
    }

    fn health(&self) -> Health {
        lock_of(&self.health).clone()
    }

    fn set_health(&self, health: Health) {
        let mut current = lock_of(&self.health);
        if *current != health {
            match health {
                Health::Good | Health::Stopped => tracing::info!(?health, "the store's health has changed"),
                Health::ReadOnly(_) => tracing::warn!(?health, "the store's health has changed"),
            }
            *current = health;
        }
    }

    /// Nobody may see the state any more.
    fn stop(&self) -> Option<Arc<State>> {
        self.set_health(Health::Stopped);
        self.take_state()
    }

    fn take_state(&self) -> Option<Arc<State>> {
        self.state.write().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Replaces a state that cannot follow the journal by one that has: from here on reads see all that the
    /// journal holds. While it is made, reads are refused. Waits until the last reader has let go of the old
    /// one; when that does not come to pass, or the new one cannot be made, it is for the next try.
    fn revive(&self) -> Result<(), Fault> {
        if let Some(old) = self.take_state() {
            match alone(old) {
                // Its last flush may fail or panic: what it holds is in the journal.
                Ok(old) => drop(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    drop(old)
                }))),
                Err(old) => {
                    *self.state.write().unwrap_or_else(PoisonError::into_inner) = Some(old);
                    return Err(Fault::Io("somebody still reads".to_owned()));
                }
            }
        }
        let (state, applied) = self.ground.revive()?;
        self.set_applied(applied);
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(state));
        Ok(())
    }

    /// Whether there is room for commits and what sled makes of them.
    fn has_headroom(&self) -> bool {
        self.free_bytes() >= self.headroom
    }

    /// Bytes that the disk has left for us; as good as endless where the system cannot tell.
    fn free_bytes(&self) -> u64 {
        rustix::fs::statvfs(&self.folders.root)
            .map_or(u64::MAX, |about| about.f_bavail.saturating_mul(about.f_frsize))
    }

    fn stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

/// What lies behind these locks is whole between any two statements: a panic elsewhere leaves it usable.
fn lock_of<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sled {
    /// Opens the store in the folder, or makes it when there is nothing. Blocks, for as long as a rebuild
    /// takes.
    ///
    /// # Errors
    /// [`SledOpenError`].
    pub fn open(settings: &SledSettings, random: &Arc<dyn Random>) -> Result<Self, SledOpenError> {
        let opened = open::open(settings, random)?;
        let shared = Arc::new(Shared {
            state: RwLock::new(Some(Arc::new(opened.state))),
            ground: open::Ground::new(settings, random),
            disk: Arc::clone(&settings.disk),
            folders: Folders::of(&settings.folder),
            applied: AtomicU64::new(opened.applied),
            health: Mutex::new(Health::Good),
            headroom: settings.headroom_bytes,
            behind: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            checkpoints: Mutex::new(()),
            lock: Mutex::new(Some(opened.lock)),
        });
        let (commits, jobs) = mpsc::channel();
        let (scans, scan_jobs) = mpsc::channel();
        let (wake, woken) = mpsc::channel();
        let meter = Meter::new(
            settings.checkpoint_after_bytes,
            opened.checkpoint_bytes,
            opened.journal_bytes,
        );
        let wake = Wake::new(wake, Arc::clone(&meter));
        let writer = opened.writer;
        let threads = [
            spawn("doorward-commit", &shared, move |shared| {
                commit_thread::run(shared, writer, &jobs, &wake)
            }),
            spawn("doorward-scan", &shared, move |shared| {
                run_scans(shared, &scan_jobs)
            }),
            spawn("doorward-checkpoint", &shared, move |shared| {
                checkpoint_thread::run(shared, &meter, &woken)
            }),
        ];
        let threads =
            threads
                .into_iter()
                .collect::<Result<_, _>>()
                .map_err(|error| SledOpenError::Fault {
                    folder: settings.folder.clone(),
                    fault: Fault::from(&error),
                })?;
        let lanes = Mutex::new(Lanes {
            scans: Some(scans),
            threads,
        });
        Ok(Self {
            shared,
            lanes,
            commits: RwLock::new(Some(commits)),
            rebuilt: opened.rebuilt,
        })
    }

    /// Whether the state had to be built anew when the store was opened.
    #[must_use]
    pub const fn was_rebuilt(&self) -> bool {
        self.rebuilt
    }

    /// Makes a checkpoint now, beside the commits that go on. Blocks until it has been read back.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn checkpoint(&self) -> Result<(), EngineError> {
        let made = checkpoint_thread::make(&self.shared);
        made.map(drop)
            .map_err(|error| Fault::Io(error.to_string()).into())
    }

    /// Bytes that sled takes on the disk.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn state_bytes(&self) -> Result<u64, EngineError> {
        Ok(self.shared.state()?.size_on_disk()?)
    }

    /// Takes no more commits, answers those that it has, brings all of sled to the disk and marks the stop as
    /// clean. Blocks. What is called afterwards is answered with `Stopped`.
    pub fn close(&self) {
        self.commits
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        self.shared.stopping.store(true, Ordering::Relaxed);
        let threads = {
            let mut lanes = lock_of(&self.lanes);
            lanes.scans.take();
            std::mem::take(&mut lanes.threads)
        };
        for thread in threads {
            // What a thread panicked with has been told by the panic hook and is in the health.
            let _ = thread.join();
        }
        if let Some(state) = self.shared.stop() {
            if self.shared.behind.load(Ordering::Relaxed) {
                alone(state).map_or_else(drop, give_up);
            } else if let Err(fault) = stop_cleanly(&self.shared, state) {
                tracing::warn!(%fault, "no clean stop; the next start repairs that by itself");
            }
        }
        lock_of(&self.shared.lock).take();
    }
}

impl Drop for Sled {
    fn drop(&mut self) {
        self.close();
    }
}

/// Waits until the last reader has let go of the state, then closes it durably.
fn stop_cleanly(shared: &Shared, state: Arc<State>) -> Result<(), Fault> {
    let state = alone(state).map_err(|_| Fault::Io("somebody still reads".to_owned()))?;
    state.close_durably(&shared.folders.state)?;
    let marked = lock::mark_stopped(shared.disk.as_ref(), &shared.folders.root, shared.applied());
    marked.map_err(|error| Fault::from(&error))
}

/// Lets go of a sled that has failed. Its last flush may fail, panic or never end: what it holds is in the
/// journal, so after two seconds nobody waits for it any more.
fn give_up(state: State) {
    let (done, ended) = mpsc::channel::<()>();
    let thread = Builder::new().name("doorward-give-up".to_owned()).spawn(move || {
        let _done = done;
        drop(state);
    });
    if thread.is_ok() {
        // Answered by the sender's end, whether the drop returned or panicked.
        let _ = ended.recv_timeout(Duration::from_secs(2));
    }
}

/// The state, when within five seconds nobody else holds it.
fn alone(mut state: Arc<State>) -> Result<State, Arc<State>> {
    const PATIENCE: u32 = 500;
    for _ in 0..PATIENCE {
        state = match Arc::try_unwrap(state) {
            Ok(state) => return Ok(state),
            Err(state) => state,
        };
        std::thread::sleep(Duration::from_millis(10));
    }
    Err(state)
}

/// A thread of the engine. When it panics, the engine has stopped.
fn spawn(
    name: &str,
    shared: &Arc<Shared>,
    work: impl FnOnce(&Arc<Shared>) + Send + 'static,
) -> std::io::Result<JoinHandle<()>> {
    let shared = Arc::clone(shared);
    Builder::new().name(name.to_owned()).spawn(move || {
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&shared)));
        if ended.is_err() {
            tracing::error!("a thread of the store has died");
            drop(shared.stop());
        }
    })
}

fn run_scans(shared: &Arc<Shared>, jobs: &mpsc::Receiver<Scan>) {
    while let Ok(scan) = jobs.recv() {
        let found = shared
            .state()
            .and_then(|state| Ok(state.scan(&scan.prefix, scan.cursor.as_ref(), scan.limit, usize::MAX)?));
        // Who asked may have gone.
        let _ = scan.answer.send(found);
    }
}

impl Engine for Sled {
    async fn get(&self, key: &Key) -> Result<Option<Versioned>, EngineError> {
        // In place: a cached read takes 2 to 3 µs, less than a change of threads.
        Ok(self.shared.state()?.get(key)?)
    }

    async fn scan(
        &self,
        prefix: &Prefix,
        cursor: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Entry>, EngineError> {
        let (answer, answered) = oneshot::channel();
        let scan = Scan {
            prefix: prefix.clone(),
            cursor: cursor.cloned(),
            limit,
            answer,
        };
        let sent = lock_of(&self.lanes)
            .scans
            .as_ref()
            .is_some_and(|lane| lane.send(scan).is_ok());
        if !sent {
            return Err(EngineError::Stopped);
        }
        answered.await.unwrap_or(Err(EngineError::Stopped))
    }

    async fn commit(&self, batch: Batch) -> Result<Revision, CommitError> {
        let (answer, answered) = oneshot::channel();
        let sent = {
            let commits = self.commits.read().unwrap_or_else(PoisonError::into_inner);
            commits
                .as_ref()
                .is_some_and(|lane| lane.send(Job { batch, answer }).is_ok())
        };
        if !sent {
            return Err(CommitError::Stopped);
        }
        // The thread may have died with the batch written or not.
        answered.await.unwrap_or(Err(CommitError::Unknown))
    }

    async fn snapshot(&self) -> Result<Snapshot, EngineError> {
        snapshot::begin(&self.shared)
    }

    fn health(&self) -> Health {
        self.shared.health()
    }
}
