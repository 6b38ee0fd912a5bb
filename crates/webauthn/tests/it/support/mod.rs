//! What the tests share: an authenticator whose every part can be edited, randomness that repeats, recordings.
//!
//! It writes its own CBOR and DER and uses no reader of the crate, so that no mistake can hide in both.

pub(crate) mod cbor;
pub(crate) mod certificates;
pub(crate) mod der;
pub(crate) mod keys;
mod rsa_signer;
pub(crate) mod scene;
pub(crate) mod statements;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use doorward_crypto::rustcrypto::RustCrypto;
use doorward_crypto::{NoRandom, Provider, Random, Sha256};

/// Bytes that follow from a seed: every run is the same.
#[derive(Debug)]
pub(crate) struct Seeded {
    seed: String,
    drawn: AtomicU64,
}

impl Seeded {
    pub(crate) fn new(seed: &str) -> Self {
        Self {
            seed: seed.to_owned(),
            drawn: AtomicU64::new(0),
        }
    }
}

impl Random for Seeded {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom> {
        for chunk in out.chunks_mut(32) {
            let number = self.drawn.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            chunk.copy_from_slice(&Sha256::of_all(&[self.seed.as_bytes(), &number])[..chunk.len()]);
        }
        Ok(())
    }
}

pub(crate) fn provider() -> Arc<dyn Provider> {
    Arc::new(RustCrypto)
}

/// The pure one, and ring, where there is one, with the pure one behind it.
pub(crate) fn providers() -> Vec<Arc<dyn Provider>> {
    vec![
        provider(),
        #[cfg(feature = "ring")]
        Arc::new(doorward_crypto::Widest(doorward_crypto::ring::Ring, RustCrypto)),
    ]
}

/// The folder of recorded vectors, if there is one.
pub(crate) fn vectors(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("DOORWARD_VECTORS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    let path = root.join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("SKIPPED: no recorded vectors at {}", path.display());
    None
}
