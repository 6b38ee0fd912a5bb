//! Hashing on threads of its own: never more than so many at once, never more than so many waiting.
//!
//! The place in the queue belongs to the work, not to who asked: a client that hangs up frees nothing early and
//! leaves nothing behind. Work whose asker is gone before its turn is dropped unhashed. Memory is taken for one
//! hash and given back after it, so that an idle provider is small.

use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::hash::{Cost, NotHashed, PasswordHash};
use crate::ids::Salt;

/// The pool. Its threads end when it goes.
#[derive(Debug)]
pub(crate) struct Pool {
    queue: SyncSender<Job>,
    wait: Duration,
}

/// Why a password was not hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PoolError {
    /// No place in the queue, or not our turn in time.
    #[error("too many passwords are being checked")]
    Busy,
    /// The hash itself failed.
    #[error(transparent)]
    NotHashed(#[from] NotHashed),
}

struct Job {
    work: Work,
    done: oneshot::Sender<Result<Outcome, NotHashed>>,
}

enum Work {
    Make(Zeroizing<Vec<u8>>, Cost, Salt),
    Match(Zeroizing<Vec<u8>>, PasswordHash),
}

enum Outcome {
    Made(PasswordHash),
    Matched(bool),
}

impl Pool {
    /// A pool of `at_once` threads (one at least) with a queue of `waiting` places.
    pub(crate) fn new(at_once: usize, waiting: usize, wait: Duration) -> std::io::Result<Self> {
        let (queue, jobs) = sync_channel(waiting);
        let jobs = Arc::new(Mutex::new(jobs));
        for n in 0..at_once.max(1) {
            let jobs = Arc::clone(&jobs);
            std::thread::Builder::new()
                .name(format!("password-{n}"))
                .spawn(move || work_on(&jobs))?;
        }
        Ok(Self { queue, wait })
    }

    /// Hashes a new password.
    pub(crate) async fn make(
        &self,
        prepared: Zeroizing<Vec<u8>>,
        cost: Cost,
        salt: Salt,
    ) -> Result<PasswordHash, PoolError> {
        match self.ask(Work::Make(prepared, cost, salt)).await? {
            Outcome::Made(hash) => Ok(hash),
            Outcome::Matched(_) => Err(NotHashed.into()),
        }
    }

    /// Whether this is the password.
    pub(crate) async fn matches(
        &self,
        prepared: Zeroizing<Vec<u8>>,
        hash: PasswordHash,
    ) -> Result<bool, PoolError> {
        match self.ask(Work::Match(prepared, hash)).await? {
            Outcome::Matched(right) => Ok(right),
            Outcome::Made(_) => Err(NotHashed.into()),
        }
    }

    async fn ask(&self, work: Work) -> Result<Outcome, PoolError> {
        let (done, outcome) = oneshot::channel();
        self.queue
            .try_send(Job { work, done })
            .map_err(|refused| match refused {
                TrySendError::Full(_) | TrySendError::Disconnected(_) => PoolError::Busy,
            })?;
        match tokio::time::timeout(self.wait, outcome).await {
            Ok(Ok(outcome)) => Ok(outcome?),
            Ok(Err(_)) | Err(_) => Err(PoolError::Busy),
        }
    }
}

fn work_on(jobs: &Mutex<Receiver<Job>>) {
    loop {
        // The lock is held only while a job is taken.
        let Ok(job) = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv() else {
            return;
        };
        if job.done.is_closed() {
            continue;
        }
        let work = job.work;
        // A panic in one hash must not end the thread: the others in the queue would wait for nobody.
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| match &work {
            Work::Make(prepared, cost, salt) => {
                PasswordHash::make(prepared, *cost, *salt.as_bytes()).map(Outcome::Made)
            }
            Work::Match(prepared, hash) => hash.matches(prepared).map(Outcome::Matched),
        }))
        .unwrap_or(Err(NotHashed));
        // Nobody may be waiting any more; then there is nobody to tell.
        drop(job.done.send(outcome));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work() -> (Zeroizing<Vec<u8>>, Cost, Salt) {
        (
            Zeroizing::new(b"password".to_vec()),
            Cost::FOR_TESTS,
            Salt::from_bytes([0; 16]),
        )
    }

    #[tokio::test]
    async fn argon2_bounded_queue() {
        let (queue, jobs) = sync_channel(1);
        let pool = Pool {
            queue,
            wait: Duration::from_millis(20),
        };
        let (prepared, cost, salt) = work();
        assert_eq!(
            pool.make(prepared.clone(), cost, salt).await,
            Err(PoolError::Busy),
            "nobody worked in time"
        );
        assert_eq!(
            pool.make(prepared.clone(), cost, salt).await,
            Err(PoolError::Busy),
            "the one place is taken"
        );
        assert!(
            jobs.recv().expect("the first job").done.is_closed(),
            "its asker is gone, it will be skipped"
        );
    }

    #[tokio::test]
    async fn what_was_made_matches() {
        let pool = Pool::new(2, 4, Duration::from_secs(5)).expect("threads start");
        let (prepared, cost, salt) = work();
        let hash = pool
            .make(prepared.clone(), cost, salt)
            .await
            .expect("there is place");
        assert_eq!(pool.matches(prepared, hash.clone()).await, Ok(true));
        assert_eq!(
            pool.matches(Zeroizing::new(b"other".to_vec()), hash).await,
            Ok(false)
        );
    }
}
