//! The real outside, behind the traits that the crates below name. The only place that may read a clock, ask the
//! system for randomness, or send a request to an address that others named.

mod addresses;
mod clock;
mod outgoing;
mod random;

pub(crate) use clock::SystemClock;
pub(crate) use outgoing::{OutgoingClient, OutgoingSetupError};
pub(crate) use random::SystemRandom;
