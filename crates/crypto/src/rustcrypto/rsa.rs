//! RSA, verification alone.

use rsa::signature::Verifier;
use rsa::{BoxedUint, PublicKey, pkcs1v15, pss};

use crate::hash::Hash;
use crate::provider::VerifyError;

pub(super) fn verify_pkcs1(
    hash: Hash,
    n: &[u8],
    e: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), VerifyError> {
    let key = key(n, e, signature)?;
    let signature = pkcs1v15::Signature::try_from(signature).map_err(|_| VerifyError::Invalid)?;
    match hash {
        Hash::Sha1 => pkcs1v15::VerifyingKey::<sha1::Sha1>::new(key).verify(message, &signature),
        Hash::Sha256 => pkcs1v15::VerifyingKey::<sha2::Sha256>::new(key).verify(message, &signature),
        Hash::Sha384 => pkcs1v15::VerifyingKey::<sha2::Sha384>::new(key).verify(message, &signature),
        Hash::Sha512 => pkcs1v15::VerifyingKey::<sha2::Sha512>::new(key).verify(message, &signature),
    }
    .map_err(|_| VerifyError::Invalid)
}

pub(super) fn verify_pss(
    hash: Hash,
    n: &[u8],
    e: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), VerifyError> {
    let key = key(n, e, signature)?;
    let signature = pss::Signature::try_from(signature).map_err(|_| VerifyError::Invalid)?;
    // `new` wants the salt to be as long as the hash.
    match hash {
        Hash::Sha1 => return Err(VerifyError::Unsupported),
        Hash::Sha256 => pss::VerifyingKey::<sha2::Sha256>::new(key).verify(message, &signature),
        Hash::Sha384 => pss::VerifyingKey::<sha2::Sha384>::new(key).verify(message, &signature),
        Hash::Sha512 => pss::VerifyingKey::<sha2::Sha512>::new(key).verify(message, &signature),
    }
    .map_err(|_| VerifyError::Invalid)
}

/// The key as the crate wants it, once the signature is known to be as long as the modulus (RFC 8017 §8.2.2
/// step 1): the crate itself reads a signature as a number, whose leading zeros may be missing or too many.
fn key(n: &[u8], e: &[u8], signature: &[u8]) -> Result<PublicKey, VerifyError> {
    if signature.len() != n.len() {
        return Err(VerifyError::Invalid);
    }
    PublicKey::new(
        BoxedUint::from_be_slice_vartime(n),
        BoxedUint::from_be_slice_vartime(e),
    )
    .map_err(|_| VerifyError::WrongKey)
}
