//! ML-DSA (FIPS 204), pure, with an empty context. Signing is the deterministic variant of §3.4, which needs no
//! randomness.

use core::fmt;

use ml_dsa::signature::{Keypair, Signer, Verifier};
use ml_dsa::{EncodedVerifyingKey, MlDsaParams, Signature, VerifyingKey};
use pkcs8::DecodePrivateKey;

use crate::algorithm::{Algorithm, MlDsa};
use crate::provider::{SignatureForm, VerifyError};
use crate::public_key::PublicKey;
use crate::signing_key::{SignError, SigningKey, SigningKeyError};

pub(super) fn verify(set: MlDsa, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
    match set {
        MlDsa::MlDsa44 => verify_by::<ml_dsa::MlDsa44>(key, message, signature),
        MlDsa::MlDsa65 => verify_by::<ml_dsa::MlDsa65>(key, message, signature),
        MlDsa::MlDsa87 => verify_by::<ml_dsa::MlDsa87>(key, message, signature),
    }
}

fn verify_by<P: MlDsaParams>(key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
    let key = EncodedVerifyingKey::<P>::try_from(key).map_err(|_| VerifyError::WrongKey)?;
    let signature = Signature::<P>::try_from(signature).map_err(|_| VerifyError::Invalid)?;
    VerifyingKey::<P>::decode(&key)
        .verify(message, &signature)
        .map_err(|_| VerifyError::Invalid)
}

pub(super) fn signing_key(
    algorithm: Algorithm,
    set: MlDsa,
    pkcs8: &[u8],
) -> Result<Box<dyn SigningKey>, SigningKeyError> {
    match set {
        MlDsa::MlDsa44 => signing_key_of::<ml_dsa::MlDsa44>(algorithm, set, pkcs8),
        MlDsa::MlDsa65 => signing_key_of::<ml_dsa::MlDsa65>(algorithm, set, pkcs8),
        MlDsa::MlDsa87 => signing_key_of::<ml_dsa::MlDsa87>(algorithm, set, pkcs8),
    }
}

fn signing_key_of<P>(
    algorithm: Algorithm,
    set: MlDsa,
    pkcs8: &[u8],
) -> Result<Box<dyn SigningKey>, SigningKeyError>
where
    P: MlDsaParams + Send + Sync + 'static,
    ml_dsa::SigningKey<P>: DecodePrivateKey + Send + Sync,
{
    let key = ml_dsa::SigningKey::<P>::from_pkcs8_der(pkcs8).map_err(|_| SigningKeyError::Malformed)?;
    let public = PublicKey::ml_dsa(set, &key.verifying_key().encode())?;
    Ok(Box::new(MlDsaKey {
        algorithm,
        public,
        key,
    }))
}

struct MlDsaKey<P: MlDsaParams> {
    algorithm: Algorithm,
    public: PublicKey,
    key: ml_dsa::SigningKey<P>,
}

impl<P: MlDsaParams> fmt::Debug for MlDsaKey<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MlDsaKey")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl<P> SigningKey for MlDsaKey<P>
where
    P: MlDsaParams + Send + Sync + 'static,
    ml_dsa::SigningKey<P>: Send + Sync,
{
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign_as(&self, _: SignatureForm, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let signature = self.key.try_sign(message).map_err(|_| SignError)?;
        Ok(signature.encode().to_vec())
    }
}
