//! The pseudo-random function (§10.1.4) and the `hmac-secret` that carries it (CTAP 2.2 §12.5).
//!
//! An input may have any length: the client hashes it to the 32 bytes of a salt, so that no page can ask for the
//! secrets that another protocol keeps under the same credential. A result is the authenticator's HMAC over the salt
//! and has 32 bytes; what has another length is no key to use.

use doorward_crypto::Sha256;

use super::inputs::PrfValues;
use super::outputs::PrfOutputs;
use crate::cause::Cause;
use crate::step::{Fault, Step, ensure};

/// A result's length, in bytes.
const RESULT: usize = 32;

/// The salt of one input, in the form that `hmac-secret` takes: for clients of one's own, and to read recordings.
#[must_use]
pub fn prf_salt(input: &[u8]) -> [u8; 32] {
    Sha256::of_all(&[b"WebAuthn PRF", &[0x00], input])
}

impl PrfValues {
    /// The salts of one or two inputs, one after the other: 32 or 64 bytes.
    #[must_use]
    pub fn salts(&self) -> Vec<u8> {
        let inputs = [Some(&self.first), self.second.as_ref()];
        inputs
            .into_iter()
            .flatten()
            .flat_map(|input| prf_salt(input.as_bytes()))
            .collect()
    }
}

/// §7.1 step 28, §7.2 step 23: results have their length.
pub(crate) fn check_results(prf: Option<&PrfOutputs>) -> Result<(), Fault> {
    let results = prf.and_then(|prf| prf.results.as_ref());
    let holds = results.is_none_or(|results| {
        let all = [Some(&results.first), results.second.as_ref()];
        all.into_iter()
            .flatten()
            .all(|result| result.as_bytes().len() == RESULT)
    });
    ensure(
        holds,
        Step::Extensions,
        Cause::Extension("prf: a result has not 32 bytes"),
    )
}
