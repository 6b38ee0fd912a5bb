//! HMAC with SHA-256 (`HS256`, RFC 7518 §3.2): a secret that both sides hold.
//!
//! [`Secret`] is its own type and neither a [`PublicKey`](doorward_crypto::PublicKey) nor a
//! [`Jwk`](crate::Jwk) becomes one. So the old confusion, an RSA key's bytes taken as the secret of an HMAC, has
//! nowhere to happen.

use core::fmt;

use doorward_crypto::{Sha256, VerifyError, hash};
use zeroize::Zeroizing;

use crate::jws::{Compact, JwsError, Protected, SignJwsError, Verified};

/// A secret of at least 32 bytes. `Debug` shows nothing of it; it is wiped when dropped.
pub struct Secret(Zeroizing<Vec<u8>>);

/// RFC 7518 §3.2: a key at least as long as the hash.
const SECRET_BYTES_MIN: usize = 32;

impl Secret {
    /// Takes a secret.
    ///
    /// # Errors
    /// [`TooShort`] below 32 bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, TooShort> {
        if bytes.len() < SECRET_BYTES_MIN {
            return Err(TooShort);
        }
        Ok(Self(Zeroizing::new(bytes.to_vec())))
    }

    /// Signs the payload.
    ///
    /// # Errors
    /// None that can happen today; the type is that of all signing.
    pub fn sign(&self, header: Protected, payload: &[u8]) -> Result<String, SignJwsError> {
        header.sign_with("HS256", payload, |input| {
            Ok(Sha256::hmac(&self.0, &[input]).to_vec())
        })
    }

    /// Verifies a JWS whose header says `HS256`.
    ///
    /// # Errors
    /// [`JwsError::Algorithm`], [`JwsError::Signature`].
    pub fn verify(&self, jws: Compact<'_>) -> Result<Verified, JwsError> {
        if jws.header().alg() != "HS256" {
            return Err(JwsError::Algorithm);
        }
        if !hash::equal(&Sha256::hmac(&self.0, &[jws.signing_input()]), jws.signature()) {
            return Err(JwsError::Signature(VerifyError::Invalid));
        }
        Ok(jws.into_verified())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A secret below 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret for HS256 needs at least 32 bytes")]
pub struct TooShort;
