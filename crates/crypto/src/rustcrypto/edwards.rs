//! Ed25519 and Ed448. Both providers use the equation without the cofactor, and keys of small order never get here, so
//! they agree on every signature by Ed25519.

use core::fmt;

use ed25519_dalek::{Signature, Signer, Verifier, VerifyingKey};
use pkcs8::DecodePrivateKey;

use crate::algorithm::Algorithm;
use crate::provider::{SignatureForm, VerifyError};
use crate::public_key::PublicKey;
use crate::signing_key::{SignError, SigningKey, SigningKeyError};

pub(super) fn verify_ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
    let key: &[u8; 32] = key.try_into().map_err(|_| VerifyError::WrongKey)?;
    let key = VerifyingKey::from_bytes(key).map_err(|_| VerifyError::WrongKey)?;
    let signature = Signature::from_slice(signature).map_err(|_| VerifyError::Invalid)?;
    key.verify(message, &signature).map_err(|_| VerifyError::Invalid)
}

pub(super) fn signing_key_ed25519(
    algorithm: Algorithm,
    pkcs8: &[u8],
) -> Result<Box<dyn SigningKey>, SigningKeyError> {
    let key = ed25519_dalek::SigningKey::from_pkcs8_der(pkcs8).map_err(|_| SigningKeyError::Malformed)?;
    let public = PublicKey::ed25519(key.verifying_key().as_bytes())?;
    Ok(Box::new(Ed25519Key {
        algorithm,
        public,
        key,
    }))
}

pub(super) fn verify_ed448(key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
    let key: &[u8; 57] = key.try_into().map_err(|_| VerifyError::WrongKey)?;
    let key = ed448_goldilocks::VerifyingKey::from_bytes(key).map_err(|_| VerifyError::WrongKey)?;
    let signature = ed448_goldilocks::Signature::from_slice(signature).map_err(|_| VerifyError::Invalid)?;
    // RFC 8032 §5.2.7 step 1: R is a point in its one encoding. The crate passes over the bits of the last byte that
    // must be zero, so that a signature could be altered without a break.
    let r = ed448_goldilocks::CompressedEdwardsY(*signature.r_bytes())
        .decompress()
        .into_option();
    if r.is_none_or(|point| point.compress().as_bytes() != signature.r_bytes()) {
        return Err(VerifyError::Invalid);
    }
    key.verify_raw(&signature, message)
        .map_err(|_| VerifyError::Invalid)
}

pub(super) fn signing_key_ed448(
    algorithm: Algorithm,
    pkcs8: &[u8],
) -> Result<Box<dyn SigningKey>, SigningKeyError> {
    let key = ed448_goldilocks::SigningKey::from_pkcs8_der(pkcs8).map_err(|_| SigningKeyError::Malformed)?;
    let public = PublicKey::ed448(key.verifying_key().as_bytes())?;
    Ok(Box::new(Ed448Key {
        algorithm,
        public,
        key,
    }))
}

struct Ed25519Key {
    algorithm: Algorithm,
    public: PublicKey,
    key: ed25519_dalek::SigningKey,
}

impl fmt::Debug for Ed25519Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ed25519Key")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

impl SigningKey for Ed25519Key {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign_as(&self, _: SignatureForm, message: &[u8]) -> Result<Vec<u8>, SignError> {
        Ok(self.key.sign(message).to_vec())
    }
}

struct Ed448Key {
    algorithm: Algorithm,
    public: PublicKey,
    key: ed448_goldilocks::SigningKey,
}

impl fmt::Debug for Ed448Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ed448Key")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

impl SigningKey for Ed448Key {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign_as(&self, _: SignatureForm, message: &[u8]) -> Result<Vec<u8>, SignError> {
        Ok(self.key.sign_raw(message).to_bytes().to_vec())
    }
}
