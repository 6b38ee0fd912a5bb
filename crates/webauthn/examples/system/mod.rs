//! What the examples take from the system: its clock and its randomness. A program has one place for each.

use std::time::SystemTime;

use doorward_crypto::{NoRandom, Random, Timestamp};

/// The operating system's randomness.
#[derive(Debug)]
pub(crate) struct System;

impl Random for System {
    #[expect(clippy::disallowed_methods, reason = "this is the one source")]
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom> {
        getrandom::fill(out).map_err(|_| NoRandom)
    }
}

/// The system's time; 1970 where the clock stands before it.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    Timestamp::from_seconds(since.as_secs())
}
