//! Two providers as one: the first wherever it can, the second for what the first lacks.

use crate::algorithm::{Algorithm, Scheme};
use crate::provider::{Provider, SignatureForm, VerifyError};
use crate::public_key::PublicKey;
use crate::random::Random;
use crate::signing_key::{Pkcs8, SigningKey, SigningKeyError};

/// `Widest(Ring, RustCrypto)`: ring's speed, and every algorithm of the table.
///
/// The second is asked only when the first says that it cannot. It never gets a second opinion on a signature
/// that the first has refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct Widest<First, Second>(pub First, pub Second);

impl<First: Provider, Second: Provider> Provider for Widest<First, Second> {
    fn name(&self) -> &'static str {
        "widest"
    }

    fn verifies(&self, scheme: Scheme) -> bool {
        self.0.verifies(scheme) || self.1.verifies(scheme)
    }

    fn verify_scheme(
        &self,
        scheme: Scheme,
        key: &PublicKey,
        form: SignatureForm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        match self.0.verify_scheme(scheme, key, form, message, signature) {
            Err(VerifyError::Unsupported) => self.1.verify_scheme(scheme, key, form, message, signature),
            verdict @ (Ok(()) | Err(VerifyError::WrongKey | VerifyError::Invalid)) => verdict,
        }
    }

    fn signing_key(
        &self,
        algorithm: Algorithm,
        pkcs8: &[u8],
    ) -> Result<Box<dyn SigningKey>, SigningKeyError> {
        match self.0.signing_key(algorithm, pkcs8) {
            Err(SigningKeyError::Unsupported) => self.1.signing_key(algorithm, pkcs8),
            outcome => outcome,
        }
    }

    fn generate(&self, algorithm: Algorithm, random: &dyn Random) -> Result<Pkcs8, SigningKeyError> {
        match self.0.generate(algorithm, random) {
            Err(SigningKeyError::Unsupported) => self.1.generate(algorithm, random),
            outcome => outcome,
        }
    }
}
