//! The seam behind which signatures are verified and made.

use core::fmt;

use crate::algorithm::{Algorithm, Scheme};
use crate::public_key::PublicKey;
use crate::random::Random;
use crate::signing_key::{Pkcs8, SigningKey, SigningKeyError};

/// Somebody who can verify, sign and make keys.
///
/// An implementer must not accept what another refuses: an ECDSA signature with r or s zero or out of range, a
/// DER signature that is not the one shortest encoding or has bytes after it, an RSA signature that is not
/// exactly as long as the modulus, an Ed25519 signature whose S is not reduced. A wrong refusal costs somebody a
/// sign-in; a wrong acceptance gives an account away. Keys were checked by [`PublicKey`] and need not be again.
pub trait Provider: fmt::Debug + Send + Sync {
    /// A word for logs and reports.
    fn name(&self) -> &'static str;

    /// Whether [`Provider::verify_scheme`] can do this. The answer never changes.
    fn verifies(&self, scheme: Scheme) -> bool;

    /// Verifies a signature over `message`, which is hashed inside.
    ///
    /// `form` says how an ECDSA signature is encoded; other schemes have one encoding and ignore it.
    ///
    /// # Errors
    /// [`VerifyError`]; anything but `Ok(())` means that the signature does not count.
    fn verify_scheme(
        &self,
        scheme: Scheme,
        key: &PublicKey,
        form: SignatureForm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), VerifyError>;

    /// Reads a private key (PKCS #8, DER) that shall sign with this one algorithm.
    ///
    /// # Errors
    /// [`SigningKeyError`] when the provider does not sign with the algorithm, or the key is not of its kind, or
    /// its halves do not belong together.
    fn signing_key(&self, algorithm: Algorithm, pkcs8: &[u8])
    -> Result<Box<dyn SigningKey>, SigningKeyError>;

    /// Makes a private key for this algorithm out of `random`. RSA keys have a modulus of 2048 bits and the
    /// exponent 65537.
    ///
    /// # Errors
    /// [`SigningKeyError`] when the provider makes no such keys or the source of randomness failed.
    fn generate(&self, algorithm: Algorithm, random: &dyn Random) -> Result<Pkcs8, SigningKeyError>;

    /// Whether [`Provider::verify`] can do this.
    fn supports(&self, algorithm: Algorithm) -> bool {
        self.verifies(algorithm.scheme())
    }

    /// Verifies a signature by the name of its algorithm. See [`Provider::verify_scheme`].
    ///
    /// # Errors
    /// [`VerifyError`].
    fn verify(
        &self,
        algorithm: Algorithm,
        key: &PublicKey,
        form: SignatureForm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        self.verify_scheme(algorithm.scheme(), key, form, message, signature)
    }
}

/// How an ECDSA signature is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureForm {
    /// `ECDSA-Sig-Value` in DER (RFC 3279 §2.2.3): Web Authentication and certificates.
    Der,
    /// r and s, each as long as the curve's order, one after the other (RFC 7518 §3.4): JOSE and COSE messages.
    Fixed,
}

/// Why a signature does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// This provider cannot verify with this scheme.
    #[error("the provider does not verify with this algorithm")]
    Unsupported,
    /// The key is of another kind than the algorithm needs.
    #[error("the key is not of the kind that the algorithm needs")]
    WrongKey,
    /// The signature is malformed, or is not this key's signature over this message.
    #[error("the signature is not valid")]
    Invalid,
}
