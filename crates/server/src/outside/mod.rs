//! The real outside, behind the traits that the crates below name. The only place that may read a clock or ask
//! the system for randomness.

mod clock;
mod random;

pub(crate) use clock::SystemClock;
pub(crate) use random::SystemRandom;
