//! What the fuzz targets check, kept here so that their seeds replay in ordinary tests. Not part of the API.
//!
//! Each function takes what a stranger sends and returns whether it was let in; it fails when the two providers
//! do not say the same.

use crate::algorithm::{Algorithm, Curve};
use crate::provider::{Provider, SignatureForm};
use crate::public_key::PublicKey;
use crate::ring::Ring;
use crate::rustcrypto::RustCrypto;

/// ES256 over `x (32) | y (32) | form (1) | length of the signature (1) | signature | message`; form 0 is r and s,
/// any other is DER.
#[must_use]
pub fn es256(bytes: &[u8]) -> bool {
    ecdsa(Algorithm::Es256, Curve::P256, bytes)
}

/// ES384, laid out as for [`es256`] with coordinates of 48 bytes.
#[must_use]
pub fn es384(bytes: &[u8]) -> bool {
    ecdsa(Algorithm::Es384, Curve::P384, bytes)
}

fn ecdsa(algorithm: Algorithm, curve: Curve, bytes: &[u8]) -> bool {
    let field = curve.field_bytes();
    let Some((point, rest)) = bytes.split_at_checked(field.saturating_mul(2)) else {
        return false;
    };
    let (x, y) = point.split_at(field);
    let (Ok(key), Some(([form, length], rest))) = (PublicKey::ec(curve, x, y), rest.split_first_chunk())
    else {
        return false;
    };
    let Some((signature, message)) = rest.split_at_checked(usize::from(*length)) else {
        return false;
    };
    let form = if *form == 0 {
        SignatureForm::Fixed
    } else {
        SignatureForm::Der
    };
    agree(algorithm, &key, form, message, signature)
}

/// RSA over `algorithm (1) | length of e (1) | e | length of n (2) | n | length of the signature (2) | signature |
/// message`; the algorithm is a place in [`RSA`].
#[must_use]
pub fn rsa(bytes: &[u8]) -> bool {
    let read = || {
        let (&[algorithm, length], rest) = bytes.split_first_chunk()?;
        let (e, rest) = rest.split_at_checked(usize::from(length))?;
        let (length, rest) = rest.split_first_chunk()?;
        let (n, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        let (length, rest) = rest.split_first_chunk()?;
        let (signature, message) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        let key = PublicKey::rsa(n, e).ok()?;
        Some((*RSA.get(usize::from(algorithm))?, key, signature, message))
    };
    let Some((algorithm, key, signature, message)) = read() else {
        return false;
    };
    agree(algorithm, &key, SignatureForm::Fixed, message, signature)
}

/// The RSA algorithms, in the order of their bytes.
pub const RSA: [Algorithm; 7] = [
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
    Algorithm::Rs1,
];

/// Ed25519 over `key (32) | signature (64) | message`.
#[must_use]
pub fn ed25519(bytes: &[u8]) -> bool {
    let Some((key, rest)) = bytes.split_first_chunk::<32>() else {
        return false;
    };
    let (Ok(key), Some((signature, message))) = (PublicKey::ed25519(key), rest.split_first_chunk::<64>())
    else {
        return false;
    };
    agree(Algorithm::Ed25519, &key, SignatureForm::Fixed, message, signature)
}

fn agree(
    algorithm: Algorithm,
    key: &PublicKey,
    form: SignatureForm,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let spki = key.to_spki().unwrap_or_default();
    assert_eq!(PublicKey::from_spki(&spki).as_ref(), Ok(key), "a key reads back");
    let one = Ring.verify(algorithm, key, form, message, signature);
    let other = RustCrypto.verify(algorithm, key, form, message, signature);
    assert_eq!(one, other, "the providers agree");
    one.is_ok()
}
