//! ECDSA on the four curves, one function for all.

use core::fmt;

use p256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use pkcs8::DecodePrivateKey;

use crate::algorithm::{Algorithm, Curve, Scheme};
use crate::provider::{SignatureForm, VerifyError};
use crate::public_key::PublicKey;
use crate::signing_key::{SignError, SigningKey, SigningKeyError};

pub(super) fn verify(
    curve: Curve,
    point: &[u8],
    form: SignatureForm,
    hash: &[u8],
    signature: &[u8],
) -> Result<(), VerifyError> {
    macro_rules! on {
        ($curve:ident) => {{
            let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(|_| VerifyError::WrongKey)?;
            let signature = match form {
                SignatureForm::Der => $curve::ecdsa::Signature::from_der(signature),
                SignatureForm::Fixed => $curve::ecdsa::Signature::from_slice(signature),
            };
            // Of s and n − s both are signatures. Where the crate takes the lower alone it is given the lower:
            // neither COSE nor JOSE asks the signer for it.
            let signature = signature.map_err(|_| VerifyError::Invalid)?.normalize_s();
            key.verify_prehash(hash, &signature).map_err(|_| VerifyError::Invalid)
        }};
    }
    match curve {
        Curve::P256 => on!(p256),
        Curve::P384 => on!(p384),
        Curve::P521 => on!(p521),
        Curve::Secp256k1 => on!(k256),
    }
}

pub(super) fn signing_key(
    algorithm: Algorithm,
    curve: Curve,
    pkcs8: &[u8],
) -> Result<Box<dyn SigningKey>, SigningKeyError> {
    macro_rules! on {
        ($curve:ident) => {{
            let key =
                $curve::ecdsa::SigningKey::from_pkcs8_der(pkcs8).map_err(|_| SigningKeyError::Malformed)?;
            let public = PublicKey::ec_point(curve, key.verifying_key().to_sec1_point(false).as_bytes())?;
            Ok(Box::new(EcdsaKey {
                algorithm,
                public,
                key,
            }))
        }};
    }
    match curve {
        Curve::P256 => on!(p256),
        Curve::P384 => on!(p384),
        Curve::P521 => on!(p521),
        Curve::Secp256k1 => on!(k256),
    }
}

struct EcdsaKey<K> {
    algorithm: Algorithm,
    public: PublicKey,
    key: K,
}

impl<K> fmt::Debug for EcdsaKey<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EcdsaKey")
            .field("algorithm", &self.algorithm)
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

macro_rules! signs {
    ($($curve:ident),+) => { $(
        impl SigningKey for EcdsaKey<$curve::ecdsa::SigningKey> {
            fn algorithm(&self) -> Algorithm {
                self.algorithm
            }

            fn public_key(&self) -> &PublicKey {
                &self.public
            }

            fn sign_as(&self, form: SignatureForm, message: &[u8]) -> Result<Vec<u8>, SignError> {
                let Scheme::Ecdsa(_, hash) = self.algorithm.scheme() else { return Err(SignError) };
                let signature: $curve::ecdsa::Signature =
                    self.key.sign_prehash(&hash.of(message)).map_err(|_| SignError)?;
                Ok(match form {
                    SignatureForm::Der => signature.to_der().as_bytes().to_vec(),
                    SignatureForm::Fixed => signature.to_vec(),
                })
            }
        }
    )+ };
}

signs!(p256, p384, p521, k256);
