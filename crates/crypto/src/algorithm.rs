//! The one table of signature algorithms. From a row come the COSE number, the JOSE name, the kind of key and
//! what is computed.
//!
//! Two rows may compute the same ([`Algorithm::Es256`] and [`Algorithm::Esp256`]): they differ in the number
//! that was registered for them, and a key that names one is not a key that names the other.

use der::asn1::ObjectIdentifier;

use crate::hash::Hash;

macro_rules! algorithms {
    ($($(#[$meta:meta])* $variant:ident = ($cose:literal, $jose:expr, $scheme:expr),)+) => {
        /// A signature algorithm by its registered name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Algorithm { $($(#[$meta])* $variant,)+ }

        impl Algorithm {
            /// Every row, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The number in the registry "COSE Algorithms".
            #[must_use]
            pub const fn cose(self) -> i64 {
                match self { $(Self::$variant => $cose,)+ }
            }

            /// The name in the registry "JSON Web Signature and Encryption Algorithms", where there is one.
            #[must_use]
            pub const fn jose(self) -> Option<&'static str> {
                match self { $(Self::$variant => $jose,)+ }
            }

            /// What is computed.
            #[must_use]
            pub const fn scheme(self) -> Scheme {
                match self { $(Self::$variant => $scheme,)+ }
            }
        }
    };
}

algorithms! {
    /// ECDSA with SHA-256 on P-256.
    Es256 = (-7, Some("ES256"), Scheme::Ecdsa(Curve::P256, Hash::Sha256)),
    /// ECDSA with SHA-384 on P-384.
    Es384 = (-35, Some("ES384"), Scheme::Ecdsa(Curve::P384, Hash::Sha384)),
    /// ECDSA with SHA-512 on P-521.
    Es512 = (-36, Some("ES512"), Scheme::Ecdsa(Curve::P521, Hash::Sha512)),
    /// ECDSA with SHA-256 on secp256k1 (RFC 8812).
    Es256k = (-47, Some("ES256K"), Scheme::Ecdsa(Curve::Secp256k1, Hash::Sha256)),
    /// EdDSA, here always with Ed25519 (Web Authentication Level 3, §5.8.5; RFC 8037).
    EdDsa = (-8, Some("EdDSA"), Scheme::Ed25519),
    /// Ed25519 by its own name (RFC 9864).
    Ed25519 = (-19, Some("Ed25519"), Scheme::Ed25519),
    /// Ed448 (RFC 9864).
    Ed448 = (-53, Some("Ed448"), Scheme::Ed448),
    /// ES256 with the curve in the name (RFC 9864). JOSE's ES256 names the curve already.
    Esp256 = (-9, None, Scheme::Ecdsa(Curve::P256, Hash::Sha256)),
    /// ES384 with the curve in the name (RFC 9864).
    Esp384 = (-51, None, Scheme::Ecdsa(Curve::P384, Hash::Sha384)),
    /// ES512 with the curve in the name (RFC 9864).
    Esp512 = (-52, None, Scheme::Ecdsa(Curve::P521, Hash::Sha512)),
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256 = (-257, Some("RS256"), Scheme::RsaPkcs1(Hash::Sha256)),
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384 = (-258, Some("RS384"), Scheme::RsaPkcs1(Hash::Sha384)),
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512 = (-259, Some("RS512"), Scheme::RsaPkcs1(Hash::Sha512)),
    /// RSASSA-PSS with SHA-256, MGF1 with the same and a salt of 32 bytes.
    Ps256 = (-37, Some("PS256"), Scheme::RsaPss(Hash::Sha256)),
    /// RSASSA-PSS with SHA-384, MGF1 with the same and a salt of 48 bytes.
    Ps384 = (-38, Some("PS384"), Scheme::RsaPss(Hash::Sha384)),
    /// RSASSA-PSS with SHA-512, MGF1 with the same and a salt of 64 bytes.
    Ps512 = (-39, Some("PS512"), Scheme::RsaPss(Hash::Sha512)),
    /// RSASSA-PKCS1-v1_5 with SHA-1. TPMs of past years sign with it; whether that counts is the caller's policy.
    Rs1 = (-65535, None, Scheme::RsaPkcs1(Hash::Sha1)),
    /// ML-DSA-44 (FIPS 204).
    MlDsa44 = (-48, Some("ML-DSA-44"), Scheme::MlDsa(MlDsa::MlDsa44)),
    /// ML-DSA-65 (FIPS 204).
    MlDsa65 = (-49, Some("ML-DSA-65"), Scheme::MlDsa(MlDsa::MlDsa65)),
    /// ML-DSA-87 (FIPS 204).
    MlDsa87 = (-50, Some("ML-DSA-87"), Scheme::MlDsa(MlDsa::MlDsa87)),
}

impl Algorithm {
    /// The row with this COSE number.
    #[must_use]
    pub fn from_cose(number: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|row| row.cose() == number)
    }

    /// The row with this JOSE name, compared exactly. `none` and the HMAC names are no rows.
    #[must_use]
    pub fn from_jose(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|row| row.jose() == Some(name))
    }

    /// The one kind of key that fits.
    #[must_use]
    pub const fn key_kind(self) -> KeyKind {
        self.scheme().key_kind()
    }

    /// The object identifier of the signature algorithm in certificates (RFC 5280 §4.1.1.2). RSASSA-PSS has
    /// one identifier for all hashes: the hash stands in the parameters.
    #[must_use]
    pub const fn x509(self) -> ObjectIdentifier {
        self.scheme().x509()
    }
}

/// What is computed: the mathematics, the hash and the kind of key, without a registry's name for it.
///
/// Certificates need more pairs than the registries name: a P-384 authority may sign with SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// ECDSA (FIPS 186-5).
    Ecdsa(Curve, Hash),
    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2).
    RsaPkcs1(Hash),
    /// RSASSA-PSS (RFC 8017 §8.1), MGF1 with the same hash, the salt as long as the hash.
    RsaPss(Hash),
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// Ed448 with an empty context (RFC 8032).
    Ed448,
    /// ML-DSA, pure, with an empty context (FIPS 204).
    MlDsa(MlDsa),
}

impl Scheme {
    /// The one kind of key that fits.
    #[must_use]
    pub const fn key_kind(self) -> KeyKind {
        match self {
            Self::Ecdsa(curve, _) => KeyKind::Ec(curve),
            Self::RsaPkcs1(_) | Self::RsaPss(_) => KeyKind::Rsa,
            Self::Ed25519 => KeyKind::Ed25519,
            Self::Ed448 => KeyKind::Ed448,
            Self::MlDsa(set) => KeyKind::MlDsa(set),
        }
    }

    /// What a certificate's signature algorithm means together with the issuer's key.
    ///
    /// RSASSA-PSS is not found here, since its hash stands in the parameters: read them and make
    /// [`Scheme::RsaPss`]. ECDSA and RSA with SHA-1 are found: whether they count is the caller's policy.
    #[must_use]
    pub fn from_x509(signature: ObjectIdentifier, issuer: KeyKind) -> Option<Self> {
        let scheme = match issuer {
            KeyKind::Ec(curve) => Hash::ALL
                .iter()
                .map(|hash| Self::Ecdsa(curve, *hash))
                .find(|row| row.x509() == signature),
            KeyKind::Rsa => Hash::ALL
                .iter()
                .map(|hash| Self::RsaPkcs1(*hash))
                .find(|row| row.x509() == signature),
            KeyKind::Ed25519 => Some(Self::Ed25519),
            KeyKind::Ed448 => Some(Self::Ed448),
            KeyKind::MlDsa(set) => Some(Self::MlDsa(set)),
        };
        scheme.filter(|found| found.x509() == signature)
    }

    /// The object identifier of the signature algorithm in certificates.
    #[must_use]
    pub const fn x509(self) -> ObjectIdentifier {
        match self {
            Self::Ecdsa(_, Hash::Sha1) => oid("1.2.840.10045.4.1"),
            Self::Ecdsa(_, Hash::Sha256) => oid("1.2.840.10045.4.3.2"),
            Self::Ecdsa(_, Hash::Sha384) => oid("1.2.840.10045.4.3.3"),
            Self::Ecdsa(_, Hash::Sha512) => oid("1.2.840.10045.4.3.4"),
            Self::RsaPkcs1(Hash::Sha1) => oid("1.2.840.113549.1.1.5"),
            Self::RsaPkcs1(Hash::Sha256) => oid("1.2.840.113549.1.1.11"),
            Self::RsaPkcs1(Hash::Sha384) => oid("1.2.840.113549.1.1.12"),
            Self::RsaPkcs1(Hash::Sha512) => oid("1.2.840.113549.1.1.13"),
            Self::RsaPss(_) => oid("1.2.840.113549.1.1.10"),
            Self::Ed25519 => oid("1.3.101.112"),
            Self::Ed448 => oid("1.3.101.113"),
            Self::MlDsa(set) => set.oid(),
        }
    }
}

/// A kind of public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// A point on this curve.
    Ec(Curve),
    /// A modulus and an exponent.
    Rsa,
    /// An Ed25519 key.
    Ed25519,
    /// An Ed448 key.
    Ed448,
    /// An ML-DSA key of this parameter set.
    MlDsa(MlDsa),
}

macro_rules! curves {
    ($($(#[$meta:meta])* $variant:ident = ($name:literal, $bytes:literal, $oid:literal),)+) => {
        /// A curve for ECDSA.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Curve { $($(#[$meta])* $variant,)+ }

        impl Curve {
            /// Every curve.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in the registry "JSON Web Key Elliptic Curve" (`crv`).
            #[must_use]
            pub const fn jose(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Bytes in a coordinate.
            #[must_use]
            pub const fn field_bytes(self) -> usize {
                match self { $(Self::$variant => $bytes,)+ }
            }

            /// The object identifier of the named curve (RFC 5480 §2.1.1.1).
            #[must_use]
            pub const fn oid(self) -> ObjectIdentifier {
                match self { $(Self::$variant => oid($oid),)+ }
            }
        }
    };
}

curves! {
    /// NIST P-256, secp256r1.
    P256 = ("P-256", 32, "1.2.840.10045.3.1.7"),
    /// NIST P-384, secp384r1.
    P384 = ("P-384", 48, "1.3.132.0.34"),
    /// NIST P-521, secp521r1.
    P521 = ("P-521", 66, "1.3.132.0.35"),
    /// secp256k1.
    Secp256k1 = ("secp256k1", 32, "1.3.132.0.10"),
}

macro_rules! ml_dsa_sets {
    ($($(#[$meta:meta])* $variant:ident = ($name:literal, $key:literal, $signature:literal, $oid:literal),)+) => {
        /// A parameter set of ML-DSA (FIPS 204 §4).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum MlDsa { $($(#[$meta])* $variant,)+ }

        impl MlDsa {
            /// Every set.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name, also the `alg` of JOSE and COSE.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Bytes in a public key.
            #[must_use]
            pub const fn public_key_bytes(self) -> usize {
                match self { $(Self::$variant => $key,)+ }
            }

            /// Bytes in a signature.
            #[must_use]
            pub const fn signature_bytes(self) -> usize {
                match self { $(Self::$variant => $signature,)+ }
            }

            /// The object identifier, of the key and of the signature alike (RFC 9881).
            #[must_use]
            pub const fn oid(self) -> ObjectIdentifier {
                match self { $(Self::$variant => oid($oid),)+ }
            }
        }
    };
}

ml_dsa_sets! {
    /// ML-DSA-44, security category 2.
    MlDsa44 = ("ML-DSA-44", 1312, 2420, "2.16.840.1.101.3.4.3.17"),
    /// ML-DSA-65, security category 3.
    MlDsa65 = ("ML-DSA-65", 1952, 3309, "2.16.840.1.101.3.4.3.18"),
    /// ML-DSA-87, security category 5.
    MlDsa87 = ("ML-DSA-87", 2592, 4627, "2.16.840.1.101.3.4.3.19"),
}

const fn oid(dotted: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(dotted)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_number_or_a_name_stands_for_one_row() {
        let numbers: BTreeSet<_> = Algorithm::ALL.iter().map(|row| row.cose()).collect();
        assert_eq!(numbers.len(), Algorithm::ALL.len());
        let names: Vec<_> = Algorithm::ALL.iter().filter_map(|row| row.jose()).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        for row in Algorithm::ALL {
            assert_eq!(Algorithm::from_cose(row.cose()), Some(*row));
            if let Some(name) = row.jose() {
                assert_eq!(Algorithm::from_jose(name), Some(*row));
            }
        }
    }

    #[test]
    fn none_and_hmac_are_not_signatures() {
        for name in ["none", "None", "HS256", "HS384", "HS512", "es256", "ES256 ", ""] {
            assert_eq!(Algorithm::from_jose(name), None, "{name:?}");
        }
    }

    #[test]
    fn a_certificate_may_pair_any_hash_with_a_curve_but_not_with_another_kind_of_key() {
        let sha256 = Algorithm::Es256.x509();
        assert_eq!(
            Scheme::from_x509(sha256, KeyKind::Ec(Curve::P384)),
            Some(Scheme::Ecdsa(Curve::P384, Hash::Sha256))
        );
        assert_eq!(Scheme::from_x509(sha256, KeyKind::Rsa), None);
        assert_eq!(Scheme::from_x509(sha256, KeyKind::Ed25519), None);
        assert_eq!(Scheme::from_x509(Algorithm::Ps256.x509(), KeyKind::Rsa), None);
        for row in Algorithm::ALL {
            if !matches!(row.scheme(), Scheme::RsaPss(_)) {
                assert_eq!(
                    Scheme::from_x509(row.x509(), row.key_kind()),
                    Some(row.scheme()),
                    "{row:?}"
                );
            }
        }
    }
}
