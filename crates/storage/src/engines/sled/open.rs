//! Opening a folder: lock, trust, replay or rebuild. Damage is never a first run.
//!
//! ```text
//! folder/
//!   lock         held while a process runs; names it
//!   format       the format of the folder, written last when it is made
//!   running      the boot and place at which it was opened last
//!   stopped      the sequence number of a clean stop; gone while a process runs
//!   journal/     the truth
//!   checkpoint/  two states to begin from
//!   state/       sled; can be built anew
//! ```

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorward_crypto::Random;

use super::checkpoint::{self, Checkpoint, CheckpointError};
use super::disk::{self, Disk};
use super::journal::{Chain, JournalError, Replayed, Writer};
use super::lock::{self, Left, Lock, NotLocked};
use super::state::State;
use super::{Folders, SledSettings};
use crate::engine::Fault;

const FORMAT: &str = "doorward store 1\n";

/// Records that are applied to sled in one go while it is built or brought up to date.
const REPLAY_GROUP: usize = 500;

/// Everything that a running engine begins with.
pub(super) struct Opened {
    pub(super) lock: Lock,
    pub(super) state: State,
    pub(super) writer: Writer,
    pub(super) applied: u64,
    /// Bytes of the newest checkpoint.
    pub(super) checkpoint_bytes: u64,
    /// Bytes of journal that there are.
    pub(super) journal_bytes: u64,
    pub(super) rebuilt: bool,
}

/// Why a folder does not open.
#[derive(Debug, thiserror::Error)]
pub enum SledOpenError {
    /// Another process has it.
    #[error("the store at {folder} is in use by {holder}; stop it first")]
    Held {
        /// Which folder.
        folder: PathBuf,
        /// What the lock file says of its holder.
        holder: String,
    },
    /// It lies on a network file system.
    #[error(
        "the store at {folder} lies on {kind}, where locks and syncs are another machine's promises; use a \
         local disk, or allow network file systems in the settings if you know that this one keeps them"
    )]
    NetworkFileSystem {
        /// Which folder.
        folder: PathBuf,
        /// Which file system.
        kind: &'static str,
    },
    /// It holds things of somebody else.
    #[error("{folder} is no store and not empty ({found}); choose an empty folder")]
    Foreign {
        /// Which folder.
        folder: PathBuf,
        /// One of the names in it.
        found: String,
    },
    /// It was written by a newer program.
    #[error("the store at {0} was written by a newer Doorward; nothing has been changed")]
    Newer(PathBuf),
    /// Journal and checkpoints give no state.
    #[error(
        "the store at {folder} is damaged: {why}. Nothing that was stored has been changed. Keep a copy of the folder, then \
         restore the last backup into an empty one"
    )]
    Damaged {
        /// Which folder.
        folder: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The system failed.
    #[error("the store at {folder} cannot be opened: {fault}")]
    Fault {
        /// Which folder.
        folder: PathBuf,
        /// What failed.
        fault: Fault,
    },
}

/// Why an inner step failed, before the folder is named.
enum Failed {
    Newer,
    Damaged(String),
    Fault(Fault),
}

impl From<JournalError> for Failed {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Newer(_) => Self::Newer,
            JournalError::Damaged { .. } | JournalError::Missing { .. } => Self::Damaged(error.to_string()),
            JournalError::Io(error) => Self::from(error),
        }
    }
}

impl From<CheckpointError> for Failed {
    fn from(error: CheckpointError) -> Self {
        match error {
            CheckpointError::Newer(_) => Self::Newer,
            CheckpointError::Damaged(why) => Self::Damaged(why.to_owned()),
            CheckpointError::Journal(error) => Self::from(error),
            CheckpointError::Fault(fault) => Self::Fault(fault),
            CheckpointError::Io(error) => Self::from(error),
            CheckpointError::Stopping => Self::Fault(Fault::Io(error.to_string())),
        }
    }
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Fault(Fault::from(&error))
    }
}

/// Whether a first run may begin here: the folder is missing, or holds nothing but what a set-up that was
/// interrupted left.
///
/// # Errors
/// The system's.
pub fn is_fresh(folder: &Path) -> io::Result<bool> {
    match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
        Ok(_) => survey(folder).map(|found| found == Found::Nothing),
    }
}

pub(super) fn open(settings: &SledSettings, random: &Arc<dyn Random>) -> Result<Opened, SledOpenError> {
    let (folder, disk) = (&settings.folder, &settings.disk);
    let named = |failed| match failed {
        Failed::Newer => SledOpenError::Newer(folder.clone()),
        Failed::Damaged(why) => SledOpenError::Damaged {
            folder: folder.clone(),
            why,
        },
        Failed::Fault(fault) => SledOpenError::Fault {
            folder: folder.clone(),
            fault,
        },
    };
    let io = |error: io::Error| named(Failed::from(error));
    disk.create_folder(folder).map_err(io)?;
    if let (Some(kind), false) = (lock::network_file_system(folder), settings.network_file_system) {
        return Err(SledOpenError::NetworkFileSystem {
            folder: folder.clone(),
            kind,
        });
    }
    let found = survey(folder).map_err(io)?;
    if let Found::Foreign(found) = found {
        return Err(SledOpenError::Foreign {
            folder: folder.clone(),
            found,
        });
    }
    let lock = Lock::take(folder).map_err(|error| match error {
        NotLocked::Held(holder) => SledOpenError::Held {
            folder: folder.clone(),
            holder,
        },
        NotLocked::Io(error) => io(error),
    })?;
    // Once more, now that nobody else is at it.
    let found = survey(folder).map_err(io)?;
    let ground = Ground::new(settings, random);
    match found {
        Found::Foreign(found) => Err(SledOpenError::Foreign {
            folder: folder.clone(),
            found,
        }),
        Found::Nothing => ground.first_run(lock).map_err(named),
        Found::Store => ground.reopen(lock).map_err(named),
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Store,
    Foreign(String),
}

/// What lies in the folder. A journal that holds no record, without a `format` file, is an interrupted
/// set-up: nothing was ever acknowledged there.
fn survey(folder: &Path) -> io::Result<Found> {
    let mut foreign = None;
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        match name.as_str() {
            "format" | "state" | "stopped" => return Ok(Found::Store),
            "lock" | "format.new" | "running" | "running.new" | "stopped.new" | "lost+found" => {}
            "journal" | "checkpoint" => {
                let used = std::fs::read_dir(folder.join(&name))?
                    .filter_map(Result::ok)
                    .any(|entry| {
                        entry.file_name().len() == 16 && entry.metadata().is_ok_and(|m| m.len() > 52)
                    });
                if used {
                    return Ok(Found::Store);
                }
            }
            _ => foreign = Some(name),
        }
    }
    Ok(foreign.map_or(Found::Nothing, Found::Foreign))
}

/// A locked folder and the means to work on it.
#[derive(Debug)]
pub(super) struct Ground {
    folders: Folders,
    settings: SledSettings,
    disk: Arc<dyn Disk>,
    random: Arc<dyn Random>,
}

impl Ground {
    pub(super) fn new(settings: &SledSettings, random: &Arc<dyn Random>) -> Self {
        Self {
            folders: Folders::of(&settings.folder),
            settings: settings.clone(),
            disk: Arc::clone(&settings.disk),
            random: Arc::clone(random),
        }
    }

    /// The state once more, by a process that runs and whose sled has failed: as it lies there and brought up
    /// to the journal's end, or else anew.
    pub(super) fn revive(&self) -> Result<(State, u64), Fault> {
        let revived = || {
            let Some(chain) = Chain::survey(&self.folders.journal)? else {
                return Err(Failed::Damaged("there is no journal".to_owned()));
            };
            match self.continued(&chain, Left::Dead)? {
                Some(state) => Ok(state),
                None => self.rebuild(&chain, &checkpoint::survey(&self.folders.checkpoint)?),
            }
        };
        revived().map_err(|failed| match failed {
            Failed::Newer => Fault::Damaged("a newer Doorward wrote here".to_owned()),
            Failed::Damaged(why) => Fault::Damaged(why),
            Failed::Fault(fault) => fault,
        })
    }

    /// Makes the store. `format` comes last: before it nothing is acknowledged, after it nothing may be
    /// missing.
    fn first_run(&self, lock: Lock) -> Result<Opened, Failed> {
        let folders = &self.folders;
        self.disk.create_folder(&folders.journal)?;
        self.disk.create_folder(&folders.checkpoint)?;
        if let Some(parent) = folders
            .root
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            self.disk.sync_folder(parent)?;
        }
        let newest = Chain::survey(&folders.journal)?.map_or(0, |chain| chain.newest());
        let writer = self.writer(newest, 0)?;
        lock::mark_running(self.disk.as_ref(), &folders.root, self.place().as_deref())?;
        disk::replace(
            self.disk.as_ref(),
            &folders.root.join("format"),
            FORMAT.as_bytes(),
        )?;
        self.disk.create_folder(&folders.state)?;
        let state = State::open(&folders.state)?;
        Ok(Opened {
            lock,
            state,
            writer,
            applied: 0,
            checkpoint_bytes: 0,
            journal_bytes: 0,
            rebuilt: false,
        })
    }

    /// Opens what is there.
    fn reopen(&self, lock: Lock) -> Result<Opened, Failed> {
        let folders = &self.folders;
        match std::fs::read_to_string(folders.root.join("format")) {
            Ok(text) if text == FORMAT => {}
            Ok(text) if text.starts_with("doorward store ") => return Err(Failed::Newer),
            Ok(_) => return Err(Failed::Damaged("the file `format` is not ours".to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Failed::Damaged("the file `format` is missing".to_owned()));
            }
            Err(error) => return Err(error.into()),
        }
        let Some(chain) = Chain::survey(&folders.journal)? else {
            return Err(Failed::Damaged("there is no journal".to_owned()));
        };
        let checkpoints = checkpoint::survey(&folders.checkpoint)?;
        let place = self.place();
        let left = lock::left(&folders.root, place.as_deref());
        let trusted = match left {
            Left::Cleanly { .. } | Left::Dead => self.continued(&chain, left)?,
            Left::Unknown => None,
        };
        let trusted = trusted.filter(|(state, _)| !overgrown(state, &checkpoints));
        let rebuilt = trusted.is_none();
        let (state, applied) = match trusted {
            Some(opened) => opened,
            None => self.rebuild(&chain, &checkpoints)?,
        };
        // Whole records that no sync had covered count from here on: they must not go any more.
        self.disk.sync_file(&chain.newest_path())?;
        let writer = self.writer(chain.newest(), applied)?;
        lock::mark_running(self.disk.as_ref(), &folders.root, place.as_deref())?;
        let journal_bytes = journal_bytes(&folders.journal, &chain);
        let checkpoint_bytes = checkpoints.first().map_or(0, |newest| newest.bytes);
        Ok(Opened {
            lock,
            state,
            writer,
            applied,
            checkpoint_bytes,
            journal_bytes,
            rebuilt,
        })
    }

    /// sled as it was left, brought up to the journal's end; `None` when it cannot be trusted after all.
    fn continued(&self, chain: &Chain, left: Left) -> Result<Option<(State, u64)>, Failed> {
        if !self.folders.state.exists() {
            return Ok(None);
        }
        // From here on sled may write: should this process die, it is as if the one before had not stopped
        // cleanly, on this boot.
        lock::mark_running(self.disk.as_ref(), &self.folders.root, self.place().as_deref())?;
        let state = match State::open(&self.folders.state).and_then(|state| Ok((state.sequence()?, state))) {
            Ok((sequence, state)) => {
                let agrees = match left {
                    Left::Cleanly { sequence: stopped } => sequence == stopped,
                    Left::Dead | Left::Unknown => true,
                };
                if !agrees || sequence.saturating_add(1) < chain.first() {
                    tracing::warn!(sequence, "sled is not where it should be; it is built anew");
                    return Ok(None);
                }
                (state, sequence)
            }
            Err(fault) => {
                tracing::warn!(%fault, "sled does not open; it is built anew");
                return Ok(None);
            }
        };
        let (state, sequence) = state;
        let end = apply(&state, chain, sequence.saturating_add(1))?;
        if end < sequence {
            return Err(Failed::Damaged(format!(
                "the journal ends at {end}, but {sequence} had been applied"
            )));
        }
        Ok(Some((state, end)))
    }

    /// sled anew from the newest checkpoint that is whole, and the journal.
    fn rebuild(&self, chain: &Chain, checkpoints: &[Checkpoint]) -> Result<(State, u64), Failed> {
        let folders = &self.folders;
        let base = base(chain, checkpoints)?;
        let begins = base.map_or(0, |base| base.sequence);
        // All of the journal is read once before anything is moved: damage leaves the folder as it is.
        let end = chain.replay(begins.saturating_add(1), u64::MAX, |_| Ok::<_, Failed>(()))?;
        if end.sequence < begins {
            let end = end.sequence;
            return Err(Failed::Damaged(format!(
                "the journal ends at {end}, the checkpoint at {begins}"
            )));
        }
        let building = folders.root.join("state.building");
        let aside = folders.root.join("state.distrusted");
        remove_folder(&building)?;
        if folders.state.exists() {
            remove_folder(&aside)?;
            self.disk.rename(&folders.state, &aside)?;
        }
        tracing::warn!(
            checkpoint = base.map(|base| base.number),
            bytes = base.map(|base| base.bytes),
            "building the state anew"
        );
        self.disk.create_folder(&building)?;
        let state = State::open(&building)?;
        if let Some(base) = base {
            load(&state, base)?;
        }
        let end = apply(&state, chain, begins.saturating_add(1))?;
        state.close_durably(&building)?;
        self.disk.rename(&building, &folders.state)?;
        self.disk.sync_folder(&folders.root)?;
        remove_folder(&aside)?;
        tracing::warn!(batches = end, "the state is built");
        Ok((State::open(&folders.state)?, end))
    }

    fn writer(&self, newest: u64, durable: u64) -> Result<Writer, Failed> {
        let (disk, random) = (Arc::clone(&self.disk), Arc::clone(&self.random));
        let folder = self.folders.journal.clone();
        Ok(Writer::begin(
            disk,
            random,
            folder,
            self.settings.segment_bytes,
            newest,
            durable,
        )?)
    }

    fn place(&self) -> Option<String> {
        match &self.settings.place {
            Some(place) => Some(place.clone()),
            None => lock::place(&self.folders.root),
        }
    }
}

/// The newest checkpoint that is whole and that the journal reaches back to; `None`: the journal holds all.
fn base<'a>(chain: &Chain, checkpoints: &'a [Checkpoint]) -> Result<Option<&'a Checkpoint>, Failed> {
    for base in checkpoints.iter().map(Some).chain([None]) {
        let begins = base.map_or(0, |base| base.sequence);
        if begins.saturating_add(1) < chain.first() {
            continue;
        }
        match base.map(verify).transpose() {
            Ok(_) => return Ok(base),
            Err(Failed::Damaged(why)) => tracing::error!(why, "a checkpoint cannot be read"),
            Err(other) => return Err(other),
        }
    }
    let why = "no checkpoint is whole, and the journal does not reach back to the beginning";
    Err(Failed::Damaged(why.to_owned()))
}

/// Applies the journal from `from` on; returns the sequence number at its end.
fn apply(state: &State, chain: &Chain, from: u64) -> Result<u64, Failed> {
    let mut group: Vec<Replayed> = Vec::with_capacity(REPLAY_GROUP);
    let end = chain.replay(from, u64::MAX, |record| {
        group.push(record);
        if group.len() < REPLAY_GROUP {
            return Ok(());
        }
        let applied = state.replay(&group).map_err(Failed::Fault);
        group.clear();
        applied
    })?;
    state.replay(&group)?;
    if end.torn > 0 {
        tracing::warn!(
            bytes = end.torn,
            "the journal has a torn tail, which nobody was promised"
        );
    }
    Ok(end.sequence)
}

/// Whether sled's file has grown so far past what it holds that building it anew is worth the time. sled needs
/// 2.3 times the bytes of its entries when it is new, and does not always give back what is no longer used.
fn overgrown(state: &State, checkpoints: &[Checkpoint]) -> bool {
    const FLOOR: u64 = 512 * 1024 * 1024;
    const TIMES: u64 = 10;
    let Some(newest) = checkpoints.first() else {
        return false;
    };
    let most = FLOOR.max(newest.bytes.saturating_mul(TIMES));
    let overgrown = state.size_on_disk().is_ok_and(|size| size > most);
    if overgrown {
        tracing::warn!("sled has outgrown what it holds; it is built anew");
    }
    overgrown
}

fn verify(base: &Checkpoint) -> Result<(), Failed> {
    let mut reader = checkpoint::Reader::open(&base.path)?;
    while reader.next_block()?.is_some() {}
    Ok(())
}

fn load(state: &State, base: &Checkpoint) -> Result<(), Failed> {
    let mut reader = checkpoint::Reader::open(&base.path)?;
    let (mut entries, mut told) = (0_usize, 0_usize);
    while let Some(page) = reader.next_block()? {
        state.load(&page, base.sequence)?;
        entries = entries.saturating_add(page.len());
        if entries.saturating_sub(told) >= 100_000 {
            told = entries;
            tracing::warn!(entries, "building the state anew");
        }
    }
    Ok(state.load(&[], base.sequence)?)
}

fn remove_folder(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// What the next checkpoint would replace, roughly: many short segments count as much as a long one.
fn journal_bytes(folder: &Path, chain: &Chain) -> u64 {
    const SEGMENTS: usize = 64;
    if chain.len() > SEGMENTS {
        return u64::MAX / 2;
    }
    let sizes = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len()));
    sizes.sum()
}
