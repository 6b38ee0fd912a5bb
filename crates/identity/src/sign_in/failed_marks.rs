//! Marks of failed answers are the one thing that strangers make us store, and so they are counted.
//!
//! A full cap drops the mark, never an honest sign-in: the mark of a success is part of its commit and asks nobody.

use std::sync::{Mutex, PoisonError};

use core::time::Duration;
use doorward_crypto::Timestamp;

use crate::limits;

/// How long a mark stays, with the skew of clocks and the sweeper's patience.
const WINDOW: Duration = Duration::from_secs(10 * 60);

/// How many marks this instance wrote in the present window.
#[derive(Debug, Default)]
pub(crate) struct FailedMarks(Mutex<(Timestamp, u32)>);

impl FailedMarks {
    /// Whether one more may be written; counts it.
    pub(crate) fn may_write(&self, now: Timestamp) -> bool {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now.since(window.0) >= WINDOW {
            *window = (now, 0);
        }
        window.1 = window.1.saturating_add(1);
        window.1 <= limits::FAILED_MARKS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_cap_drops_marks_until_the_window_is_over() {
        let marks = FailedMarks::default();
        let now = Timestamp::from_seconds(1_000_000);
        assert!((0..limits::FAILED_MARKS).all(|_| marks.may_write(now)));
        assert!(!marks.may_write(now));
        assert!(marks.may_write(now.plus(WINDOW)));
    }
}
