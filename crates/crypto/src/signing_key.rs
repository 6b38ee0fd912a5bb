//! The private half: how it is kept, read and used.

use core::fmt;

use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::provider::SignatureForm;
use crate::public_key::{KeyError, PublicKey};
use crate::random::NoRandom;

/// A private key that signs with one algorithm.
///
/// An implementer shows nothing of the private half in `Debug` and wipes it when dropped, as far as the
/// implementation beneath allows.
pub trait SigningKey: fmt::Debug + Send + Sync {
    /// The one algorithm.
    fn algorithm(&self) -> Algorithm;

    /// The public half.
    fn public_key(&self) -> &PublicKey;

    /// Signs `message`, which is hashed inside. `form` matters to ECDSA only.
    ///
    /// # Errors
    /// [`SignError`] when the implementation beneath fails, for want of random bytes for instance.
    fn sign_as(&self, form: SignatureForm, message: &[u8]) -> Result<Vec<u8>, SignError>;

    /// Signs `message` in the form that JOSE wants: ECDSA signatures are r and s one after the other.
    ///
    /// # Errors
    /// [`SignError`].
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.sign_as(SignatureForm::Fixed, message)
    }
}

/// A private key as PKCS #8 in DER (RFC 5958). `Debug` prints its length alone; it is wiped when dropped.
pub struct Pkcs8(Zeroizing<Vec<u8>>);

impl Pkcs8 {
    /// Takes over bytes that were kept. They are read by [`Provider::signing_key`](crate::Provider::signing_key).
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, to be sealed and stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Pkcs8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pkcs8({} bytes)", self.0.len())
    }
}

/// How large an RSA key is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ModulusSize {
    /// 2048 bits, some 112 bits of strength. What [`Provider::generate`](crate::Provider::generate) makes.
    #[default]
    Bits2048,
    /// 3072 bits, some 128 bits of strength; signing takes about three times as long.
    Bits3072,
}

impl ModulusSize {
    /// Bits of the modulus.
    #[must_use]
    pub const fn bits(self) -> usize {
        match self {
            Self::Bits2048 => 2048,
            Self::Bits3072 => 3072,
        }
    }
}

/// Why a private key was not read or not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SigningKeyError {
    /// This provider does not sign with this algorithm.
    #[error("the provider does not sign with this algorithm")]
    Unsupported,
    /// Not PKCS #8, or of another kind than the algorithm needs, or its halves do not belong together.
    #[error("not a private key for this algorithm")]
    Malformed,
    /// The public half failed its checks.
    #[error("the public half: {0}")]
    Public(#[from] KeyError),
    /// No random bytes, or so odd ones that no key came of them.
    #[error(transparent)]
    Random(#[from] NoRandom),
}

/// A signature could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature could not be made")]
pub struct SignError;
