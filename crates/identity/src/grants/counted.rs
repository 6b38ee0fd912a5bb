//! Counts by name in a window of time: for what a known party may do only so often.

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use doorward_crypto::Timestamp;

/// Names counted at once. Beyond it nobody new is let in until the window is over.
const NAMES: usize = 65_536;

/// How often each name did something in the present window, on this instance.
#[derive(Debug)]
pub(crate) struct Counted<K> {
    window: Duration,
    most: u32,
    counts: Mutex<(Timestamp, BTreeMap<K, u32>)>,
}

impl<K: Ord> Counted<K> {
    /// `most` times in each `window`.
    pub(crate) const fn new(most: u32, window: Duration) -> Self {
        Self {
            window,
            most,
            counts: Mutex::new((Timestamp::from_seconds(0), BTreeMap::new())),
        }
    }

    /// Whether the name may once more; counts it.
    pub(crate) fn admits(&self, name: K, now: Timestamp) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if now.since(counts.0) >= self.window {
            *counts = (now, BTreeMap::new());
        }
        if counts.1.len() >= NAMES && !counts.1.contains_key(&name) {
            return false;
        }
        let count = counts.1.entry(name).or_insert(0);
        *count = count.saturating_add(1);
        *count <= self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_its_own_count_until_the_window_is_over() {
        let counted = Counted::new(2, Duration::from_secs(60));
        let now = Timestamp::from_seconds(1_000_000);
        assert!(counted.admits("a", now) && counted.admits("a", now));
        assert!(!counted.admits("a", now));
        assert!(counted.admits("b", now));
        assert!(counted.admits("a", now.plus(Duration::from_secs(60))));
    }
}
