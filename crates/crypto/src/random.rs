//! Randomness as an argument. The real source lives in the server; tests bring one that repeats.

use core::fmt;

/// A source of bytes that nobody can predict.
///
/// An implementer must not return before every byte is filled, and must not fall back to a weaker source:
/// a guessable challenge, code or key breaks every promise made above it.
pub trait Random: fmt::Debug + Send + Sync {
    /// Fills `out` whole.
    ///
    /// # Errors
    /// [`NoRandom`] when the operating system gives none. The caller gives up what it was doing.
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom>;
}

/// The source of randomness failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct NoRandom;

/// `N` fresh bytes.
///
/// # Errors
/// [`NoRandom`] when the source fails.
pub fn bytes<const N: usize>(random: &dyn Random) -> Result<[u8; N], NoRandom> {
    let mut out = [0; N];
    random.fill(&mut out)?;
    Ok(out)
}
