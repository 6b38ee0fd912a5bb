//! Ed25519. Both providers use the equation without the cofactor, and keys of small order never get here, so
//! they agree on every signature.

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
