//! The pure provider: no C, no ring. It is also the other half of the comparison that keeps both honest.
//!
//! ECDSA is signed with the nonce of RFC 6979, so that signing needs no randomness. RSA is verified here and not
//! signed: signing well needs blinding, for which this trait passes no randomness.

mod ecdsa;
mod edwards;
mod ml_dsa;
mod rsa;

use crate::algorithm::{Algorithm, KeyKind, Scheme};
use crate::hash::Hash;
use crate::make;
use crate::provider::{Provider, SignatureForm, VerifyError};
use crate::public_key::{Parts, PublicKey};
use crate::random::Random;
use crate::signing_key::{Pkcs8, SigningKey, SigningKeyError};

/// The provider on `p256` and its sisters, `ed25519-dalek`, `ed448-goldilocks`, `ml-dsa` and `rsa`.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustCrypto;

impl Provider for RustCrypto {
    fn name(&self) -> &'static str {
        "rustcrypto"
    }

    fn verifies(&self, scheme: Scheme) -> bool {
        match scheme {
            Scheme::Ecdsa(_, hash) | Scheme::RsaPss(hash) => hash != Hash::Sha1,
            Scheme::RsaPkcs1(_) | Scheme::Ed25519 | Scheme::Ed448 | Scheme::MlDsa(_) => true,
        }
    }

    fn verify_scheme(
        &self,
        scheme: Scheme,
        key: &PublicKey,
        form: SignatureForm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        if !self.verifies(scheme) {
            return Err(VerifyError::Unsupported);
        }
        match (scheme, key.parts()) {
            (Scheme::Ecdsa(wanted, hash), Parts::Ec { curve, .. }) if curve == wanted => {
                let point = key.point().ok_or(VerifyError::WrongKey)?;
                ecdsa::verify(curve, point, form, &hash.of(message), signature)
            }
            (Scheme::RsaPkcs1(hash), Parts::Rsa { n, e }) => {
                rsa::verify_pkcs1(hash, n, e, message, signature)
            }
            (Scheme::RsaPss(hash), Parts::Rsa { n, e }) => rsa::verify_pss(hash, n, e, message, signature),
            (Scheme::Ed25519, Parts::Ed25519(bytes)) => edwards::verify_ed25519(bytes, message, signature),
            (Scheme::Ed448, Parts::Ed448(bytes)) => edwards::verify_ed448(bytes, message, signature),
            (Scheme::MlDsa(wanted), Parts::MlDsa(set, bytes)) if set == wanted => {
                ml_dsa::verify(set, bytes, message, signature)
            }
            _ => Err(VerifyError::WrongKey),
        }
    }

    fn signing_key(
        &self,
        algorithm: Algorithm,
        pkcs8: &[u8],
    ) -> Result<Box<dyn SigningKey>, SigningKeyError> {
        match algorithm.scheme() {
            Scheme::Ecdsa(curve, _) => ecdsa::signing_key(algorithm, curve, pkcs8),
            Scheme::Ed25519 => edwards::signing_key_ed25519(algorithm, pkcs8),
            Scheme::Ed448 => edwards::signing_key_ed448(algorithm, pkcs8),
            Scheme::MlDsa(set) => ml_dsa::signing_key(algorithm, set, pkcs8),
            Scheme::RsaPkcs1(_) | Scheme::RsaPss(_) => Err(SigningKeyError::Unsupported),
        }
    }

    fn generate(&self, algorithm: Algorithm, random: &dyn Random) -> Result<Pkcs8, SigningKeyError> {
        match algorithm.key_kind() {
            KeyKind::Rsa => Err(SigningKeyError::Unsupported),
            kind @ (KeyKind::Ec(_) | KeyKind::Ed25519 | KeyKind::Ed448 | KeyKind::MlDsa(_)) => {
                make::private_key(kind, random)
            }
        }
    }
}
