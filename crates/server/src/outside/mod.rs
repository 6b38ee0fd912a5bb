//! The real outside, behind the traits that the crates below name. The only place that may read a clock or ask
//! the system for randomness.

mod clock;
mod random;

pub use clock::SystemClock;
pub use random::SystemRandom;
