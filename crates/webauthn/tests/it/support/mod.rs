//! What the tests share: randomness that repeats, a relying party, recorded lines.

use std::path::PathBuf;
use std::sync::Arc;

use doorward_crypto::rustcrypto::RustCrypto;
use doorward_crypto::{NoRandom, Provider, Random};

/// Bytes that count upwards: every test run is the same.
#[derive(Debug)]
pub(crate) struct Counting;

impl Random for Counting {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom> {
        out.iter_mut().zip(0..).for_each(|(byte, number)| *byte = number);
        Ok(())
    }
}

pub(crate) fn provider() -> Arc<dyn Provider> {
    Arc::new(RustCrypto)
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
