//! Group commit: many commits wait for one sync of the journal.
//!
//! A commit is acknowledged only by the sync that began *after* its record was appended. The sync that runs
//! while a batch arrives does not count for it: that is the mistake which loses data on a power cut. So this
//! thread takes what has queued up, decides, appends all, syncs once, applies to sled, and only then answers,
//! refusals and batches of expectations alone included: what they saw may have been another's of the group.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::Shared;
use super::checkpoint_thread::Wake;
use super::journal::{WriteFault, Writer};
use super::state::State;
use crate::batch::{Batch, Revision};
use crate::engine::{CommitError, Fault, Health};
use crate::key::Key;

/// A batch and where its answer goes.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) batch: Batch,
    pub(super) answer: oneshot::Sender<Result<Revision, CommitError>>,
}

/// Batches that share a sync: enough that the sync is no longer what costs, few enough to stay in memory.
const GROUP: usize = 256;

/// How often a journal that failed is tried again when nobody commits.
const HEAL_EVERY: Duration = Duration::from_millis(500);

/// Runs until every sender of jobs is gone.
pub(super) fn run(shared: &Arc<Shared>, mut writer: Writer, jobs: &Receiver<Job>, checkpoints: &Wake) {
    let mut group = Vec::with_capacity(GROUP);
    loop {
        match jobs.recv_timeout(HEAL_EVERY) {
            Ok(job) => group.push(job),
            Err(RecvTimeoutError::Timeout) => {
                heal(shared, &mut writer);
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
        while group.len() < GROUP {
            match jobs.try_recv() {
                Ok(job) => group.push(job),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        heal(shared, &mut writer);
        commit(shared, &mut writer, group.drain(..), checkpoints);
    }
}

/// Tries what has failed again, the journal first, and tells the readiness page when it is well.
fn heal(shared: &Shared, writer: &mut Writer) {
    if shared.health() == Health::Good {
        return;
    }
    let room = if shared.has_headroom() {
        Ok(())
    } else {
        Err(Fault::Full)
    };
    match room.and_then(|()| writer.heal()).and_then(|()| catch_up(shared)) {
        Ok(()) => shared.set_health(Health::Good),
        Err(fault) => shared.set_health(Health::ReadOnly(fault)),
    }
}

/// Replaces a state that could not follow the journal. Asked only when there is room for one: while the disk
/// is full the old one can in part be read.
fn catch_up(shared: &Shared) -> Result<(), Fault> {
    if !shared.behind.load(Ordering::Relaxed) {
        return Ok(());
    }
    shared.revive()?;
    shared.behind.store(false, Ordering::Relaxed);
    Ok(())
}

/// Decides, writes and answers a group.
fn commit(shared: &Shared, writer: &mut Writer, group: impl Iterator<Item = Job>, checkpoints: &Wake) {
    let state = match shared.state() {
        Ok(state) if !shared.behind.load(Ordering::Relaxed) => state,
        Ok(_) | Err(_) => return refuse(shared, group),
    };
    let mut overlay = HashMap::new();
    let mut decided = Vec::new();
    for job in group {
        let verdict = decide(&state, &job.batch, &mut overlay);
        decided.push((job, verdict));
    }
    let accepted: Vec<&Batch> = decided
        .iter()
        .filter(|(job, verdict)| verdict.is_ok() && job.batch.changes().len() > 0)
        .map(|(job, _)| &job.batch)
        .collect();
    if accepted.is_empty() {
        return answer(decided, None);
    }
    if !shared.has_headroom() {
        shared.set_health(Health::ReadOnly(Fault::Full));
        return answer(decided, Some(&CommitError::Refused(Fault::Full)));
    }
    match writer.append(&accepted) {
        Ok(written) => checkpoints.grown_by(written),
        Err(fault) => {
            let (fault, outcome) = match fault {
                WriteFault::Nothing(fault) => (fault.clone(), CommitError::Refused(fault)),
                WriteFault::Unknown(fault) => (fault, CommitError::Unknown),
            };
            tracing::error!(%fault, "the journal takes no writes");
            shared.set_health(Health::ReadOnly(fault));
            return answer(decided, Some(&outcome));
        }
    }
    if let Err(fault) = state.apply(accepted.into_iter(), writer.durable()) {
        // Durable, and not to be seen yet: the state that replaces this one shows it. Until then nothing is
        // decided any more.
        tracing::error!(%fault, "the state cannot follow the journal; it will be replaced");
        shared.behind.store(true, Ordering::Relaxed);
        shared.set_health(Health::ReadOnly(fault));
        return answer(decided, Some(&CommitError::Unknown));
    }
    shared.set_applied(writer.durable());
    answer(decided, None);
}

/// Answers a group that cannot be decided on at all.
fn refuse(shared: &Shared, group: impl Iterator<Item = Job>) {
    let answer = match shared.health() {
        Health::ReadOnly(fault) => CommitError::Refused(fault),
        Health::Good | Health::Stopped => CommitError::Stopped,
    };
    for job in group {
        // Who asked may have gone.
        let _ = job.answer.send(Err(answer.clone()));
    }
}

/// Whether the batch goes through, given the state and what earlier batches of the group write.
fn decide(
    state: &State,
    batch: &Batch,
    overlay: &mut HashMap<Key, Option<Revision>>,
) -> Result<Revision, CommitError> {
    let broken = batch.broken_by(|key| match overlay.get(key) {
        Some(revision) => Ok(*revision),
        None => state.revision(key),
    });
    match broken {
        Ok(None) => {}
        Ok(Some(key)) => return Err(CommitError::Conflict(key.clone())),
        Err(fault) => return Err(CommitError::Refused(fault)),
    }
    for (key, change) in batch.changes() {
        overlay.insert(key.clone(), change.as_ref().map(|_| batch.revision()));
    }
    Ok(batch.revision())
}

/// Answers all of the group: with its verdict, or with what became of the whole group.
///
/// When the group failed, a refusal of one batch may rest on another that did not happen: it is no conflict
/// any more, but the group's failure, in its definite form, since a refused batch was never written.
fn answer(decided: Vec<(Job, Result<Revision, CommitError>)>, failed: Option<&CommitError>) {
    for (job, verdict) in decided {
        let outcome = match (failed, verdict) {
            (None, verdict) => verdict,
            (Some(failed), Ok(_)) => Err(failed.clone()),
            (Some(CommitError::Refused(fault)), Err(_)) => Err(CommitError::Refused(fault.clone())),
            (Some(_), Err(_)) => Err(CommitError::Refused(Fault::Io(
                "the group that it was decided in failed".to_owned(),
            ))),
        };
        // Who asked may have gone; the commit stands all the same.
        let _ = job.answer.send(outcome);
    }
}
