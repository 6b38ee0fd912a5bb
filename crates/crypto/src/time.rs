//! A moment, as every crate of the house passes it. Nothing here reads a clock.

use core::time::Duration;

/// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// Arithmetic saturates: a moment before 1970 is 1970, a moment past the end of time is the end of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The moment this many whole seconds after the epoch.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// The moment this many milliseconds after the epoch.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Whole seconds since the epoch, rounded down (a JWT `NumericDate`).
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0 / 1000
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// The moment `span` later.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)),
        )
    }

    /// The moment `span` earlier.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)),
        )
    }

    /// How long after `earlier` this is; zero when it is not after it.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        let first = Timestamp::from_seconds(10);
        assert_eq!(first.minus(Duration::from_secs(20)), Timestamp::from_millis(0));
        assert_eq!(
            Timestamp::from_millis(u64::MAX).plus(Duration::MAX),
            Timestamp::from_millis(u64::MAX)
        );
        assert_eq!(first.since(Timestamp::from_seconds(11)), Duration::ZERO);
        assert_eq!(first.plus(Duration::from_millis(1500)).seconds(), 11);
    }
}
