//! What an `AlgorithmIdentifier` of a certificate or a list means.

use ::der::Tag;
use doorward_crypto::{Hash, KeyKind, Scheme};

use super::certificate::identifier;
use super::der::{context, only, only_sequence, small};
use super::oid;

/// Which hashes a signature may be made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hashes {
    /// The SHA-2 family.
    Sha2,
    /// SHA-1 as well. Whoever can make two colliding certificates and has one of them signed can pass the other
    /// off as signed; so this is for leaves only, whose CAs sign what the manufacturer makes. Security keys of
    /// the U2F years have such certificates, and they never expire.
    Sha1Too,
}

/// What a certificate's or list's `AlgorithmIdentifier` means under a key of this kind.
pub(crate) fn scheme(algorithm: &[u8], issuer: KeyKind, hashes: Hashes) -> Option<Scheme> {
    let mut der = only_sequence(algorithm).ok()?;
    let name = identifier(der.take(Tag::ObjectIdentifier).ok()?).ok()?;
    let parameters = if der.is_finished() { None } else { der.raw().ok() };
    der.finish().ok()?;
    let scheme = if name == Scheme::RsaPss(Hash::Sha256).x509() {
        (issuer == KeyKind::Rsa).then_some(Scheme::RsaPss(pss_hash(parameters?)?))?
    } else {
        let scheme = Scheme::from_x509(name, issuer)?;
        let null = parameters.is_some_and(|found| found == [0x05, 0x00]);
        let fit = parameters.is_none() || (null && matches!(scheme, Scheme::RsaPkcs1(_)));
        fit.then_some(scheme)?
    };
    let sha1 = matches!(
        scheme,
        Scheme::RsaPkcs1(Hash::Sha1) | Scheme::Ecdsa(_, Hash::Sha1)
    );
    (!sha1 || hashes == Hashes::Sha1Too).then_some(scheme)
}

/// The one hash of RSASSA-PSS-params (RFC 4055 §3.1), when MGF1 uses the same and the salt is as long as it.
fn pss_hash(parameters: &[u8]) -> Option<Hash> {
    let mut der = only_sequence(parameters).ok()?;
    let hash = hash_of(der.optional(context(0, true)).ok()??)?;
    let mut mask = only_sequence(der.optional(context(1, true)).ok()??).ok()?;
    let mgf1 = identifier(mask.take(Tag::ObjectIdentifier).ok()?).ok()?;
    let mask_hash = hash_of(mask.raw().ok()?)?;
    let salt = small(only(der.optional(context(2, true)).ok()??, Tag::Integer).ok()?).ok()?;
    let same = mgf1 == oid::MGF1 && mask_hash == hash && usize::try_from(salt).ok() == Some(hash.bytes());
    (same && mask.is_finished() && der.is_finished()).then_some(hash)
}

fn hash_of(algorithm: &[u8]) -> Option<Hash> {
    let mut der = only_sequence(algorithm).ok()?;
    match identifier(der.take(Tag::ObjectIdentifier).ok()?).ok()? {
        oid::SHA256 => Some(Hash::Sha256),
        oid::SHA384 => Some(Hash::Sha384),
        oid::SHA512 => Some(Hash::Sha512),
        _ => None,
    }
}
