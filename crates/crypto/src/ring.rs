//! The provider on `ring`: what it verifies and signs. RSA keys, which ring does not make, come from `rsa`.
//!
//! ring's ECDSA reader refuses zero and out-of-range numbers, long-form lengths that could be short and trailing
//! bytes; its RSA verification wants a signature as long as the modulus. Both are held by the Wycheproof tests.

use core::fmt;

use ring::rand::SystemRandom;
use ring::signature as r;
use ring::signature::KeyPair;

use crate::algorithm::{Algorithm, Curve, Scheme};
use crate::hash::Hash;
use crate::make;
use crate::provider::{Provider, SignatureForm, VerifyError};
use crate::public_key::{Parts, PublicKey};
use crate::random::Random;
use crate::signing_key::{ModulusSize, Pkcs8, SignError, SigningKey, SigningKeyError};

/// The provider on `ring`.
///
/// Verifies ECDSA on P-256 and P-384 with SHA-256 and SHA-384, RSA PKCS #1 and PSS, and Ed25519; signs ES256,
/// ES384, RS256, PS256 and Ed25519. Signing draws from the operating system by ring's own means, since ring
/// takes no other source.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ring;

impl Ring {
    /// Makes an RSA key of this size, with the exponent 65537, for any of the RSA algorithms that sign.
    ///
    /// # Errors
    /// [`SigningKeyError::Random`] when the source of randomness failed.
    pub fn generate_rsa(&self, size: ModulusSize, random: &dyn Random) -> Result<Pkcs8, SigningKeyError> {
        make::rsa(size, random)
    }
}

impl Provider for Ring {
    fn name(&self) -> &'static str {
        "ring"
    }

    fn verifies(&self, scheme: Scheme) -> bool {
        match scheme {
            Scheme::Ecdsa(..) => ecdsa(scheme, SignatureForm::Der).is_some(),
            Scheme::RsaPkcs1(_) | Scheme::RsaPss(_) => rsa(scheme).is_some(),
            Scheme::Ed25519 => true,
            Scheme::Ed448 | Scheme::MlDsa(_) => false,
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
        if key.kind() != scheme.key_kind() {
            return Err(VerifyError::WrongKey);
        }
        let verdict = match key.parts() {
            Parts::Ec { .. } => {
                let verifier = ecdsa(scheme, form).ok_or(VerifyError::Unsupported)?;
                let point = key.point().ok_or(VerifyError::WrongKey)?;
                r::UnparsedPublicKey::new(verifier, point).verify(message, signature)
            }
            Parts::Rsa { n, e } => {
                let verifier = rsa(scheme).ok_or(VerifyError::Unsupported)?;
                r::RsaPublicKeyComponents { n, e }.verify(verifier, message, signature)
            }
            Parts::Ed25519(bytes) => r::UnparsedPublicKey::new(&r::ED25519, bytes).verify(message, signature),
            Parts::Ed448(_) | Parts::MlDsa(..) => return Err(VerifyError::Unsupported),
        };
        verdict.map_err(|_| VerifyError::Invalid)
    }

    fn signing_key(
        &self,
        algorithm: Algorithm,
        pkcs8: &[u8],
    ) -> Result<Box<dyn SigningKey>, SigningKeyError> {
        let system = SystemRandom::new();
        let malformed = |_| SigningKeyError::Malformed;
        let (pair, public) = match algorithm.scheme() {
            Scheme::Ecdsa(curve, hash) => {
                let (der, fixed) = ecdsa_signing(curve, hash).ok_or(SigningKeyError::Unsupported)?;
                let der = r::EcdsaKeyPair::from_pkcs8(der, pkcs8, &system).map_err(malformed)?;
                let fixed = r::EcdsaKeyPair::from_pkcs8(fixed, pkcs8, &system).map_err(malformed)?;
                let public = PublicKey::ec_point(curve, der.public_key().as_ref())?;
                (
                    Pair::Ecdsa {
                        der: Box::new(der),
                        fixed: Box::new(fixed),
                    },
                    public,
                )
            }
            scheme @ (Scheme::RsaPkcs1(_) | Scheme::RsaPss(_)) => {
                let encoding = rsa_signing(scheme).ok_or(SigningKeyError::Unsupported)?;
                let pair = r::RsaKeyPair::from_pkcs8(pkcs8).map_err(malformed)?;
                let public = r::RsaPublicKeyComponents::<Vec<u8>>::from(pair.public());
                let public = PublicKey::rsa(&public.n, &public.e)?;
                (Pair::Rsa(Box::new(pair), encoding), public)
            }
            Scheme::Ed25519 => {
                let pair = r::Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).map_err(malformed)?;
                let public = PublicKey::ed25519(pair.public_key().as_ref())?;
                (Pair::Ed25519(pair), public)
            }
            Scheme::Ed448 | Scheme::MlDsa(_) => return Err(SigningKeyError::Unsupported),
        };
        Ok(Box::new(RingKey {
            algorithm,
            public,
            pair,
            system,
        }))
    }

    fn generate(&self, algorithm: Algorithm, random: &dyn Random) -> Result<Pkcs8, SigningKeyError> {
        let signs = match algorithm.scheme() {
            Scheme::Ecdsa(curve, hash) => ecdsa_signing(curve, hash).is_some(),
            scheme @ (Scheme::RsaPkcs1(_) | Scheme::RsaPss(_)) => rsa_signing(scheme).is_some(),
            Scheme::Ed25519 => true,
            Scheme::Ed448 | Scheme::MlDsa(_) => false,
        };
        if !signs {
            return Err(SigningKeyError::Unsupported);
        }
        make::private_key(algorithm.key_kind(), random)
    }
}

struct RingKey {
    algorithm: Algorithm,
    public: PublicKey,
    pair: Pair,
    system: SystemRandom,
}

enum Pair {
    /// ring binds a pair to one form of signature, so there is a pair for each.
    Ecdsa {
        der: Box<r::EcdsaKeyPair>,
        fixed: Box<r::EcdsaKeyPair>,
    },
    Rsa(Box<r::RsaKeyPair>, &'static dyn r::RsaEncoding),
    Ed25519(r::Ed25519KeyPair),
}

impl fmt::Debug for RingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RingKey")
            .field("algorithm", &self.algorithm)
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

impl SigningKey for RingKey {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign_as(&self, form: SignatureForm, message: &[u8]) -> Result<Vec<u8>, SignError> {
        match &self.pair {
            Pair::Ecdsa { der, fixed } => {
                let pair = match form {
                    SignatureForm::Der => der,
                    SignatureForm::Fixed => fixed,
                };
                let signature = pair.sign(&self.system, message).map_err(|_| SignError)?;
                Ok(signature.as_ref().to_vec())
            }
            Pair::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(*encoding, &self.system, message, &mut signature)
                    .map_err(|_| SignError)?;
                Ok(signature)
            }
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}

fn ecdsa(scheme: Scheme, form: SignatureForm) -> Option<&'static dyn r::VerificationAlgorithm> {
    let Scheme::Ecdsa(curve, hash) = scheme else {
        return None;
    };
    match (curve, hash, form) {
        (Curve::P256, Hash::Sha256, SignatureForm::Der) => Some(&r::ECDSA_P256_SHA256_ASN1),
        (Curve::P256, Hash::Sha384, SignatureForm::Der) => Some(&r::ECDSA_P256_SHA384_ASN1),
        (Curve::P384, Hash::Sha256, SignatureForm::Der) => Some(&r::ECDSA_P384_SHA256_ASN1),
        (Curve::P384, Hash::Sha384, SignatureForm::Der) => Some(&r::ECDSA_P384_SHA384_ASN1),
        (Curve::P256, Hash::Sha256, SignatureForm::Fixed) => Some(&r::ECDSA_P256_SHA256_FIXED),
        (Curve::P384, Hash::Sha384, SignatureForm::Fixed) => Some(&r::ECDSA_P384_SHA384_FIXED),
        _ => None,
    }
}

fn rsa(scheme: Scheme) -> Option<&'static r::RsaParameters> {
    match scheme {
        // The name says 1024 bits; a smaller modulus than 2048 never gets past `PublicKey::rsa`.
        Scheme::RsaPkcs1(Hash::Sha1) => Some(&r::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
        Scheme::RsaPkcs1(Hash::Sha256) => Some(&r::RSA_PKCS1_2048_8192_SHA256),
        Scheme::RsaPkcs1(Hash::Sha384) => Some(&r::RSA_PKCS1_2048_8192_SHA384),
        Scheme::RsaPkcs1(Hash::Sha512) => Some(&r::RSA_PKCS1_2048_8192_SHA512),
        Scheme::RsaPss(Hash::Sha256) => Some(&r::RSA_PSS_2048_8192_SHA256),
        Scheme::RsaPss(Hash::Sha384) => Some(&r::RSA_PSS_2048_8192_SHA384),
        Scheme::RsaPss(Hash::Sha512) => Some(&r::RSA_PSS_2048_8192_SHA512),
        Scheme::RsaPss(Hash::Sha1)
        | Scheme::Ecdsa(..)
        | Scheme::Ed25519
        | Scheme::Ed448
        | Scheme::MlDsa(_) => None,
    }
}

fn ecdsa_signing(
    curve: Curve,
    hash: Hash,
) -> Option<(
    &'static r::EcdsaSigningAlgorithm,
    &'static r::EcdsaSigningAlgorithm,
)> {
    match (curve, hash) {
        (Curve::P256, Hash::Sha256) => Some((
            &r::ECDSA_P256_SHA256_ASN1_SIGNING,
            &r::ECDSA_P256_SHA256_FIXED_SIGNING,
        )),
        (Curve::P384, Hash::Sha384) => Some((
            &r::ECDSA_P384_SHA384_ASN1_SIGNING,
            &r::ECDSA_P384_SHA384_FIXED_SIGNING,
        )),
        _ => None,
    }
}

fn rsa_signing(scheme: Scheme) -> Option<&'static dyn r::RsaEncoding> {
    match scheme {
        Scheme::RsaPkcs1(Hash::Sha256) => Some(&r::RSA_PKCS1_SHA256),
        Scheme::RsaPss(Hash::Sha256) => Some(&r::RSA_PSS_SHA256),
        Scheme::RsaPkcs1(_)
        | Scheme::RsaPss(_)
        | Scheme::Ecdsa(..)
        | Scheme::Ed25519
        | Scheme::Ed448
        | Scheme::MlDsa(_) => None,
    }
}
