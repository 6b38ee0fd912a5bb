//! What a user of this crate relies on.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first thing that does not hold"
)]

mod cookbook;
mod properties;
mod rfcs;
mod rules;
mod seeds;
mod vectors;
mod wycheproof;

use doorward_crypto::{NoRandom, Provider, Random, Sha256};
use doorward_jose::json::Object;
use doorward_jose::{Jwk, JwkError};
use serde_json::Value;

/// A provider with every algorithm.
fn provider() -> &'static dyn Provider {
    &doorward_crypto::rustcrypto::RustCrypto
}

/// Bytes that repeat from run to run.
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

/// The public half of a published key pair, in JSON.
fn public_members(jwk: &Value) -> Object {
    let mut members = jwk.as_object().unwrap().clone();
    for private in ["d", "p", "q", "dp", "dq", "qi", "oth"] {
        members.remove(private);
    }
    members
}

fn public(jwk: &Value) -> Result<Jwk, JwkError> {
    Jwk::from_object(&public_members(jwk))
}
