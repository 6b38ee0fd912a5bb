//! A moment as people read it: relative up to seven days, a date after that, the whole of it on hover.

use doorward_crypto::Timestamp;
use jiff::{Timestamp as Instant, ZonedDateTime, tz::TimeZone};

/// A moment in the forms that a `<time>` element needs.
#[derive(Debug, Clone)]
pub struct Moment {
    /// What is read: `3 hours ago`, `24 November 2026`.
    pub text: String,
    /// Date, time and zone.
    pub full: String,
    /// RFC 3339, for machines.
    pub datetime: String,
}

/// When something that was slowed down may be tried again.
#[derive(Debug, Clone)]
pub struct Until {
    /// Milliseconds since 1970, for the countdown.
    pub millis: u64,
    /// Whole seconds from now, rounded up.
    pub seconds: u64,
    /// RFC 3339.
    pub datetime: String,
    /// Hours, minutes and seconds, with the zone.
    pub clock: String,
}

impl Moment {
    /// `at` as seen at `now`.
    #[must_use]
    pub fn relative(at: Timestamp, now: Timestamp) -> Self {
        let seconds = now.since(at).as_secs();
        let text = match seconds {
            0..60 => "just now".to_owned(),
            60..3600 => ago(seconds / 60, "minute"),
            3600..86_400 => ago(seconds / 3600, "hour"),
            86_400..604_800 => ago(seconds / 86_400, "day"),
            _ => date(at),
        };
        Self {
            text,
            ..Self::dated(at)
        }
    }

    /// `at` as a date, however near.
    #[must_use]
    pub fn dated(at: Timestamp) -> Self {
        let zoned = zoned(at);
        Self {
            text: date(at),
            full: zoned.strftime("%-d %B %Y, %H:%M:%S UTC").to_string(),
            datetime: instant(at).to_string(),
        }
    }
}

impl Until {
    /// How `at` is told at `now`.
    #[must_use]
    pub fn new(at: Timestamp, now: Timestamp) -> Self {
        Self {
            millis: at.millis(),
            seconds: at
                .since(now)
                .as_millis()
                .div_ceil(1000)
                .try_into()
                .unwrap_or(u64::MAX),
            datetime: instant(at).to_string(),
            clock: zoned(at).strftime("%H:%M:%S UTC").to_string(),
        }
    }
}

fn ago(count: u64, unit: &str) -> String {
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

fn date(at: Timestamp) -> String {
    zoned(at).strftime("%-d %B %Y").to_string()
}

fn zoned(at: Timestamp) -> ZonedDateTime {
    ZonedDateTime::new(instant(at), TimeZone::UTC)
}

fn instant(at: Timestamp) -> Instant {
    i64::try_from(at.millis())
        .ok()
        .and_then(|millis| Instant::from_millisecond(millis).ok())
        .unwrap_or(Instant::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_up_to_seven_days_then_a_date() {
        let now = Timestamp::from_seconds(1_795_564_800); // 2026-11-25T00:00:00Z
        for (ago, text) in [
            (0, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (7200, "2 hours ago"),
            (6 * 86_400, "6 days ago"),
            (7 * 86_400, "18 November 2026"),
        ] {
            let at = Timestamp::from_seconds(now.seconds() - ago);
            assert_eq!(Moment::relative(at, now).text, text);
        }
        assert_eq!(Moment::dated(now).full, "25 November 2026, 00:00:00 UTC");
    }

    #[test]
    fn a_wait_is_rounded_up_to_whole_seconds() {
        let until = Until::new(Timestamp::from_millis(10_001), Timestamp::from_millis(9_000));
        assert_eq!((until.seconds, until.millis), (2, 10_001));
    }
}
