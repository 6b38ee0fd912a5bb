//! What identity needs from outside, named here and fulfilled by whoever runs it.
//!
//! Time and randomness are values that come in: nothing below reads a clock or a global source.

use core::fmt;

pub use doorward_crypto::Random;
use doorward_crypto::Timestamp;

/// The moment that it is now.
///
/// An implementer must not go backwards by more than the clocks of two instances may differ (60 s): expiry is
/// decided by this value, and a clock that jumps back makes ended things live again.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}
