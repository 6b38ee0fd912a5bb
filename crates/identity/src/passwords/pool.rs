//! Hashing on threads of its own: never more than so many at once, never more than so many waiting.
//!
//! The place in the queue belongs to the work, not to who asked: a client that hangs up frees nothing early and
//! leaves nothing behind. Work whose asker is gone before its turn is dropped unhashed. Memory is taken for one
//! hash and given back after it, so that an idle provider is small.

use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::hash::{Cost, NotHashed, PasswordHash};
use crate::ids::Salt;
use crate::limits;
use crate::sign_in::addresses::Network;

/// The pool. Its threads end when it goes.
#[derive(Debug)]
pub(crate) struct Pool {
    queue: SyncSender<Job>,
    wait: Duration,
    shares: Arc<Shares>,
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
    /// Given back when the work is done, and not when its asker is gone.
    share: Option<Share>,
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
        let each = (waiting / limits::QUEUE_SHARES).max(1);
        Ok(Self {
            queue,
            wait,
            shares: Arc::new(Shares::new(each)),
        })
    }

    /// Hashes a new password.
    pub(crate) async fn make(
        &self,
        prepared: Zeroizing<Vec<u8>>,
        cost: Cost,
        salt: Salt,
    ) -> Result<PasswordHash, PoolError> {
        match self.ask(Work::Make(prepared, cost, salt), None).await? {
            Outcome::Made(hash) => Ok(hash),
            Outcome::Matched(_) => Err(NotHashed.into()),
        }
    }

    /// Whether this is the password. One address holds only its share of the queue.
    pub(crate) async fn matches(
        &self,
        prepared: Zeroizing<Vec<u8>>,
        hash: PasswordHash,
        from: Option<Network>,
    ) -> Result<bool, PoolError> {
        match self.ask(Work::Match(prepared, hash), from).await? {
            Outcome::Matched(right) => Ok(right),
            Outcome::Made(_) => Err(NotHashed.into()),
        }
    }

    async fn ask(&self, work: Work, from: Option<Network>) -> Result<Outcome, PoolError> {
        let share = match from {
            Some(network) => Some(Shares::take(&self.shares, network).ok_or(PoolError::Busy)?),
            None => None,
        };
        let (done, outcome) = oneshot::channel();
        self.queue
            .try_send(Job { work, share, done })
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
        drop(job.share);
        // Nobody may be waiting any more; then there is nobody to tell.
        drop(job.done.send(outcome));
    }
}

/// How many places each address holds. As large as the queue at the most.
#[derive(Debug)]
struct Shares {
    each: usize,
    held: Mutex<HashMap<Network, usize>>,
}

impl Shares {
    fn new(each: usize) -> Self {
        Self {
            each,
            held: Mutex::new(HashMap::new()),
        }
    }

    fn take(shares: &Arc<Self>, network: Network) -> Option<Share> {
        let mut held = shares.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(network).or_insert(0);
        if *count >= shares.each {
            return None;
        }
        *count += 1;
        Some(Share {
            shares: Arc::clone(shares),
            network,
        })
    }
}

/// A place that an address holds; dropping it gives it back.
struct Share {
    shares: Arc<Shares>,
    network: Network,
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = self.shares.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.network);
            }
        }
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
            shares: Arc::new(Shares::new(1)),
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
        assert_eq!(pool.matches(prepared, hash.clone(), None).await, Ok(true));
        assert_eq!(
            pool.matches(Zeroizing::new(b"other".to_vec()), hash, None).await,
            Ok(false)
        );
    }

    // Without `take` the first address fills the queue and the other is told to wait.
    #[tokio::test]
    async fn one_address_cannot_fill_the_queue() {
        let (queue, jobs) = sync_channel(8);
        let pool = Pool {
            queue,
            wait: Duration::from_millis(20),
            shares: Arc::new(Shares::new(2)),
        };
        let hash = PasswordHash::make(b"password", Cost::FOR_TESTS, [0; 16]).expect("a hash");
        let ask = |address: &str| {
            let network = Network::of(address);
            pool.matches(Zeroizing::new(b"guess".to_vec()), hash.clone(), network)
        };
        for _ in 0..20 {
            assert_eq!(ask("192.0.2.1").await, Err(PoolError::Busy));
        }
        assert_eq!(
            ask("192.0.2.2").await,
            Err(PoolError::Busy),
            "nobody works in this test"
        );
        let queued = std::iter::from_fn(|| jobs.try_recv().ok()).count();
        assert_eq!(queued, 3, "two of the one address, one of the other");
        assert_eq!(ask("192.0.2.1").await, Err(PoolError::Busy));
        assert!(jobs.try_recv().is_ok(), "what is done gives its place back");
    }
}
