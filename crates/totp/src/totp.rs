//! TOTP (RFC 6238 §4): the counter is the time, in steps of a period.

use core::fmt;
use core::num::{NonZeroU32, NonZeroU64};

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use crate::algorithm::Algorithm;
use crate::code::{Digits, OtpCode};
use crate::hotp::Hotp;
use crate::secret::Secret;

/// A key whose codes follow the time: SHA-1, six digits, 30 seconds from the Unix epoch unless said otherwise.
#[derive(Clone)]
pub struct Totp {
    hotp: Hotp,
    period: Period,
    start: u64,
}

impl Totp {
    /// With SHA-1, six digits and 30 seconds, because authenticator apps ignore the rest.
    #[must_use]
    pub fn new(secret: Secret) -> Self {
        Self {
            hotp: Hotp::new(secret),
            period: Period::default(),
            start: 0,
        }
    }

    pub(crate) fn of(hotp: Hotp, period: Period) -> Self {
        Self {
            hotp,
            period,
            start: 0,
        }
    }

    /// With another hash.
    #[must_use]
    pub fn with_algorithm(self, algorithm: Algorithm) -> Self {
        Self {
            hotp: self.hotp.with_algorithm(algorithm),
            ..self
        }
    }

    /// With more digits.
    #[must_use]
    pub fn with_digits(self, digits: Digits) -> Self {
        Self {
            hotp: self.hotp.with_digits(digits),
            ..self
        }
    }

    /// With another period (RFC 6238 §4.1, `X`).
    #[must_use]
    pub fn with_period(self, period: Period) -> Self {
        Self { period, ..self }
    }

    /// With steps counted from another Unix time (RFC 6238 §4.1, `T0`). `otpauth` URIs cannot say this.
    #[must_use]
    pub fn with_start(self, unix_seconds: u64) -> Self {
        Self {
            start: unix_seconds,
            ..self
        }
    }

    /// The secret.
    #[must_use]
    pub const fn secret(&self) -> &Secret {
        self.hotp.secret()
    }

    /// The hash.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.hotp.algorithm()
    }

    /// How many digits its codes have.
    #[must_use]
    pub const fn digits(&self) -> Digits {
        self.hotp.digits()
    }

    /// How long a step lasts.
    #[must_use]
    pub const fn period(&self) -> Period {
        self.period
    }

    /// The step in which this moment lies. Everything before the start lies in step 0.
    #[must_use]
    pub fn step_at(&self, unix_seconds: u64) -> TimeStep {
        TimeStep(unix_seconds.saturating_sub(self.start) / self.period.divisor())
    }

    /// The code of a step.
    #[must_use]
    pub fn code(&self, step: TimeStep) -> OtpCode {
        self.hotp.code(step.0)
    }

    /// The code that an authenticator with a right clock shows at this moment.
    #[must_use]
    pub fn code_at(&self, unix_seconds: u64) -> OtpCode {
        self.code(self.step_at(unix_seconds))
    }

    /// Checks a code against the steps around `unix_seconds` and returns the step that matched.
    ///
    /// Store the returned step and pass it as `last` next time: a step at or before `last` is refused (RFC 6238
    /// §5.2). The step must be stored in the same commit as the answer, or two requests share one code.
    ///
    /// Every step of the window is computed, whether or not one matched before, and whatever `last` is: the time
    /// taken does not depend on the code. Where two steps have the same code the later one is returned, so that it
    /// does not count again.
    ///
    /// # Errors
    /// [`NoMatch::Wrong`] when no step in the window gives this code; [`NoMatch::AlreadyUsed`] when only steps at or
    /// before `last` do.
    pub fn verify(
        &self,
        code: &OtpCode,
        unix_seconds: u64,
        window: Window,
        last: Option<TimeStep>,
    ) -> Result<TimeStep, NoMatch> {
        let now = self.step_at(unix_seconds).0;
        let (mut fresh, mut stale) = (Choice::from(0), Choice::from(0));
        let mut matched = 0;
        for step in window.around_step(now) {
            let same = self.hotp.code(step).ct_eq(code);
            let is_later = Choice::from(u8::from(last.is_none_or(|last| step > last.0))); // no secret
            matched.conditional_assign(&step, same & is_later);
            fresh |= same & is_later;
            stale |= same & !is_later;
        }
        match (bool::from(fresh), bool::from(stale)) {
            (true, _) => Ok(TimeStep(matched)),
            (false, true) => Err(NoMatch::AlreadyUsed),
            (false, false) => Err(NoMatch::Wrong),
        }
    }

    /// How far the authenticator's clock is from ours, in steps: positive when it is ahead. `matched` is what
    /// [`Totp::verify`] returned at this moment (RFC 6238 §6).
    #[must_use]
    pub fn drift(&self, matched: TimeStep, unix_seconds: u64) -> i64 {
        let now = self.step_at(unix_seconds).0;
        let distance = i64::try_from(matched.0.abs_diff(now)).unwrap_or(i64::MAX);
        if matched.0 < now {
            distance.saturating_neg()
        } else {
            distance
        }
    }
}

impl fmt::Debug for Totp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Totp({:?}, {} s)", self.hotp, self.period.seconds())
    }
}

/// The number of a step since the start (RFC 6238 §4.2, `T`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeStep(u64);

impl TimeStep {
    /// A step that was kept.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// Its number, to be kept.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// How long a step lasts, in whole seconds; never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period(NonZeroU32);

impl Period {
    /// A period of this many seconds, unless it is zero.
    #[must_use]
    pub const fn from_seconds(seconds: u32) -> Option<Self> {
        match NonZeroU32::new(seconds) {
            Some(seconds) => Some(Self(seconds)),
            None => None,
        }
    }

    /// Its seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.0.get()
    }

    fn divisor(self) -> NonZeroU64 {
        NonZeroU64::from(self.0)
    }
}

impl Default for Period {
    /// 30 seconds (RFC 6238 §5.2).
    fn default() -> Self {
        const THIRTY: Period = match Period::from_seconds(30) {
            Some(period) => period,
            None => Period(NonZeroU32::MIN),
        };
        THIRTY
    }
}

/// How many steps before and after the present one count too, at most 255 each.
///
/// Each step more lets a guesser try one code more at once, and lets a code that somebody overheard live for one
/// period longer. RFC 6238 §5.2 recommends one step at most for the way through the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    before: u8,
    after: u8,
}

impl Window {
    /// The present step alone.
    pub const EXACT: Self = Self { before: 0, after: 0 };

    /// As many steps on either side.
    #[must_use]
    pub const fn around(steps: u8) -> Self {
        Self {
            before: steps,
            after: steps,
        }
    }

    /// Steps before the present one (a slow person, an authenticator that is behind), and after it (one that is
    /// ahead).
    #[must_use]
    pub const fn new(before: u8, after: u8) -> Self {
        Self { before, after }
    }

    /// The steps in ascending order, always as many; at the ends of time the last one is repeated.
    fn around_step(self, now: u64) -> impl Iterator<Item = u64> {
        let before = (1..=self.before)
            .rev()
            .map(move |distance| now.saturating_sub(u64::from(distance)));
        let after = (0..=self.after).map(move |distance| now.saturating_add(u64::from(distance)));
        before.chain(after)
    }
}

/// Why a code does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoMatch {
    /// No step, or no counter, in the window gives this code.
    Wrong,
    /// The code is right, but its step is not after the last one that was accepted.
    AlreadyUsed,
}

impl fmt::Display for NoMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wrong => "the code is wrong",
            Self::AlreadyUsed => "the code was already used",
        })
    }
}

impl core::error::Error for NoMatch {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn a_window_always_has_the_same_number_of_steps() {
        for now in [0, 1, 2, 1_000_000, u64::MAX - 1, u64::MAX] {
            let steps: Vec<u64> = Window::new(2, 3).around_step(now).collect();
            assert_eq!(steps.len(), 6);
            assert!(steps.is_sorted());
        }
        assert_eq!(
            Window::around(2).around_step(10).collect::<Vec<_>>(),
            [8, 9, 10, 11, 12]
        );
        assert_eq!(Window::around(255).around_step(1_000).count(), 511);
    }

    #[test]
    fn the_default_period_is_30_seconds() {
        assert_eq!(Period::default().seconds(), 30);
        assert_eq!(Period::from_seconds(0), None);
    }

    #[test]
    fn steps_are_counted_from_the_start() {
        let totp = Totp::new(Secret::from_bytes(&[1]).expect("one byte")).with_start(100);
        assert_eq!(totp.step_at(0), TimeStep(0));
        assert_eq!(totp.step_at(129), TimeStep(0));
        assert_eq!(totp.step_at(130), TimeStep(1));
    }
}
