//! The system's randomness.

use doorward_crypto::Random;
use doorward_crypto::random::NoRandom;

/// The generator of the operating system. It waits until that is seeded and has no weaker fallback.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "this is the one source of randomness")]
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom> {
        getrandom::fill(out).map_err(|_| NoRandom)
    }
}
