//! What a user of this crate relies on, provider by provider.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first thing that does not hold"
)]

mod keys;
mod odd;
mod providers_agree;
mod seeds;
mod signatures;
mod vectors;
mod wycheproof;

use doorward_crypto::{NoRandom, Provider, Random, Sha256};

/// The providers that this build has.
fn providers() -> Vec<Box<dyn Provider>> {
    vec![
        #[cfg(feature = "ring")]
        Box::new(doorward_crypto::ring::Ring),
        #[cfg(feature = "rustcrypto")]
        Box::new(doorward_crypto::rustcrypto::RustCrypto),
        #[cfg(all(feature = "ring", feature = "rustcrypto"))]
        Box::new(doorward_crypto::Widest(
            doorward_crypto::ring::Ring,
            doorward_crypto::rustcrypto::RustCrypto,
        )),
    ]
}

/// Bytes that repeat from run to run: SHA-256 over a seed and a counter.
#[derive(Debug)]
struct Repeating(std::sync::Mutex<u64>);

impl Repeating {
    fn from_seed(seed: u64) -> Self {
        Self(std::sync::Mutex::new(seed << 32))
    }
}

impl Random for Repeating {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom> {
        let mut counter = self.0.lock().unwrap();
        for chunk in out.chunks_mut(32) {
            *counter += 1;
            chunk.copy_from_slice(&Sha256::of(&counter.to_be_bytes())[..chunk.len()]);
        }
        Ok(())
    }
}

/// A source that has run dry.
#[derive(Debug)]
struct Dry;

impl Random for Dry {
    fn fill(&self, _: &mut [u8]) -> Result<(), NoRandom> {
        Err(NoRandom)
    }
}
