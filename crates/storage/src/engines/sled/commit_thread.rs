//! Group commit: many commits wait for one sync of the journal.
//!
//! A commit is acknowledged only by the sync that began *after* its record was appended. The sync that runs
//! while a batch arrives does not count for it: that is the mistake which loses data on a power cut. So this
//! thread takes what has queued up, decides, appends all, syncs once, applies to sled, and only then answers,
//! refusals and batches of expectations alone included: what they saw may have been another's of the group.

use std::collections::HashMap;
use std::sync::Arc;
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
        if !commit(shared, &mut writer, group.drain(..), checkpoints) {
            return;
        }
    }
}

/// Tries a journal that failed again, and tells the readiness page when it is well.
fn heal(shared: &Shared, writer: &mut Writer) {
    if shared.health() == Health::Good {
        return;
    }
    match writer.heal() {
        Ok(()) => shared.set_health(Health::Good),
        Err(fault) => shared.set_health(Health::ReadOnly(fault)),
    }
}

/// Decides, writes and answers a group; `false` when the engine can go no further.
fn commit(
    shared: &Shared,
    writer: &mut Writer,
    group: impl Iterator<Item = Job>,
    checkpoints: &Wake,
) -> bool {
    let Ok(state) = shared.state() else { return false };
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
        answer(decided, None);
        return true;
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
            answer(decided, Some(&outcome));
            return true;
        }
    }
    let applied = state.apply(accepted.into_iter(), writer.durable());
    if let Err(fault) = applied {
        // Durable, and not to be seen here any more: the next open applies it. Nobody may decide on what this
        // state shows.
        tracing::error!(%fault, "the state cannot follow the journal; restart to have it built anew");
        drop(shared.stop());
        answer(decided, Some(&CommitError::Unknown));
        return false;
    }
    shared.set_applied(writer.durable());
    answer(decided, None);
    true
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
