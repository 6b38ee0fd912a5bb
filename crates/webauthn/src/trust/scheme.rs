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

#[cfg(test)]
mod tests {
    use doorward_crypto::Curve;

    use super::*;

    fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let body = parts.concat();
        [&[tag, u8::try_from(body.len()).expect("short")][..], &body].concat()
    }

    fn oid(name: ::der::asn1::ObjectIdentifier) -> Vec<u8> {
        tlv(0x06, &[name.as_bytes()])
    }

    fn algorithm(scheme: Scheme, parameters: &[u8]) -> Vec<u8> {
        tlv(0x30, &[&oid(scheme.x509()), parameters])
    }

    const NULL: &[u8] = &[0x05, 0x00];

    #[test]
    fn parameters_are_null_for_rsa_and_absent_for_the_others() {
        let rsa = Scheme::RsaPkcs1(Hash::Sha256);
        let ecdsa = Scheme::Ecdsa(Curve::P256, Hash::Sha256);
        let p256 = KeyKind::Ec(Curve::P256);
        for (bytes, kind, expected) in [
            (algorithm(rsa, NULL), KeyKind::Rsa, Some(rsa)),
            (algorithm(rsa, &[]), KeyKind::Rsa, Some(rsa)),
            (algorithm(rsa, &[0x04, 0]), KeyKind::Rsa, None),
            (algorithm(rsa, NULL), p256, None),
            (algorithm(ecdsa, &[]), p256, Some(ecdsa)),
            (algorithm(ecdsa, NULL), p256, None),
            (algorithm(ecdsa, &[]), KeyKind::Rsa, None),
            ([algorithm(ecdsa, &[]), vec![0]].concat(), p256, None),
        ] {
            assert_eq!(scheme(&bytes, kind, Hashes::Sha2), expected, "{bytes:?}");
        }
    }

    #[test]
    fn sha_1_is_for_those_who_say_so() {
        for (sha1, kind) in [
            (Scheme::RsaPkcs1(Hash::Sha1), KeyKind::Rsa),
            (Scheme::Ecdsa(Curve::P256, Hash::Sha1), KeyKind::Ec(Curve::P256)),
        ] {
            let bytes = algorithm(sha1, &[]);
            assert_eq!(scheme(&bytes, kind, Hashes::Sha2), None);
            assert_eq!(scheme(&bytes, kind, Hashes::Sha1Too), Some(sha1));
        }
    }

    #[test]
    fn pss_names_one_hash_three_times() {
        let hashes = [
            (Hash::Sha256, oid::SHA256, 32),
            (Hash::Sha384, oid::SHA384, 48),
            (Hash::Sha512, oid::SHA512, 64),
        ];
        let pss = |hash, mgf, mask, salt: u8| {
            let hash = tlv(0xa0, &[&tlv(0x30, &[&oid(hash), NULL])]);
            let mask = tlv(0xa1, &[&tlv(0x30, &[&oid(mgf), &tlv(0x30, &[&oid(mask), NULL])])]);
            let salt = tlv(0xa2, &[&tlv(0x02, &[&[salt]])]);
            let parameters = tlv(0x30, &[&hash, &mask, &salt]);
            scheme(
                &algorithm(Scheme::RsaPss(Hash::Sha256), &parameters),
                KeyKind::Rsa,
                Hashes::Sha2,
            )
        };
        for (hash, name, length) in hashes {
            assert_eq!(pss(name, oid::MGF1, name, length), Some(Scheme::RsaPss(hash)));
            assert_eq!(pss(name, oid::MGF1, name, length - 1), None);
            assert_eq!(pss(name, oid::SHA256, name, length), None);
            for (_, other, _) in hashes.iter().filter(|(other, ..)| *other != hash) {
                assert_eq!(pss(name, oid::MGF1, *other, length), None);
            }
        }
        assert_eq!(pss(oid::MGF1, oid::MGF1, oid::MGF1, 32), None);
        let bare = algorithm(Scheme::RsaPss(Hash::Sha256), &[]);
        assert_eq!(
            scheme(&bare, KeyKind::Rsa, Hashes::Sha2),
            None,
            "the defaults are SHA-1"
        );
    }
}
