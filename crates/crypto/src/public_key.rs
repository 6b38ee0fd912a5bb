//! Public keys that were checked when they were made.
//!
//! Whoever holds a [`PublicKey`] holds a point that is on its curve, a modulus of an allowed size, an Edwards
//! point in its one encoding that is not of small order. No verification has to look again. The checks are those
//! of the pure crates, whichever provider verifies afterwards.

use core::fmt;

use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier, UintRef};
use der::{Decode, Encode, Sequence};
use p256::elliptic_curve;
use spki::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use crate::algorithm::{Curve, KeyKind, MlDsa};
use crate::roca;

/// A public key, checked. Equal keys have equal bytes, since every kind has one encoding here.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicKey(Kept);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Kept {
    /// The uncompressed point: 4, x, y.
    Ec(Curve, Box<[u8]>),
    /// Big-endian, without leading zeros.
    Rsa {
        n: Box<[u8]>,
        e: Box<[u8]>,
    },
    Ed25519([u8; 32]),
    Ed448(Box<[u8]>),
    MlDsa(MlDsa, Box<[u8]>),
}

/// What a key consists of. Numbers are big-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts<'a> {
    /// A point; each coordinate is as long as the field.
    Ec {
        /// The curve.
        curve: Curve,
        /// The first coordinate.
        x: &'a [u8],
        /// The second coordinate.
        y: &'a [u8],
    },
    /// An RSA key, both numbers without leading zeros.
    Rsa {
        /// The modulus.
        n: &'a [u8],
        /// The public exponent.
        e: &'a [u8],
    },
    /// 32 bytes as in RFC 8032.
    Ed25519(&'a [u8]),
    /// 57 bytes as in RFC 8032.
    Ed448(&'a [u8]),
    /// A key of this parameter set as in FIPS 204.
    MlDsa(MlDsa, &'a [u8]),
}

/// Bits that a modulus may have.
const MODULUS_BITS: core::ops::RangeInclusive<usize> = 2048..=8192;
/// Bits that a public exponent may have. Larger ones serve nobody but those who want verification to be slow.
const EXPONENT_BITS_MAX: usize = 33;

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const ED448: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.113");

impl PublicKey {
    /// A point by its coordinates, each exactly as long as the field.
    ///
    /// # Errors
    /// [`KeyError::Length`] for a coordinate of another length, [`KeyError::NotOnCurve`].
    pub fn ec(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, KeyError> {
        if x.len() != curve.field_bytes() || y.len() != curve.field_bytes() {
            return Err(KeyError::Length);
        }
        let point = [&[4], x, y].concat().into_boxed_slice();
        check_point(curve, &point)?;
        Ok(Self(Kept::Ec(curve, point)))
    }

    /// A point in the uncompressed form of SEC 1 §2.3.3: 4, x, y.
    ///
    /// # Errors
    /// [`KeyError::Compressed`] for the other forms, [`KeyError::Length`], [`KeyError::NotOnCurve`].
    pub fn ec_point(curve: Curve, point: &[u8]) -> Result<Self, KeyError> {
        match point.split_first() {
            Some((4, coordinates)) if coordinates.len() == 2 * curve.field_bytes() => {
                let (x, y) = coordinates.split_at(curve.field_bytes());
                Self::ec(curve, x, y)
            }
            Some((2 | 3, _)) => Err(KeyError::Compressed),
            _ => Err(KeyError::Length),
        }
    }

    /// An RSA key; both numbers big-endian without leading zeros.
    ///
    /// # Errors
    /// [`KeyError::LeadingZero`], [`KeyError::ModulusSize`] outside 2048 to 8192 bits, [`KeyError::ModulusEven`],
    /// [`KeyError::Exponent`] for an exponent that is even, below 3 or above 33 bits, [`KeyError::Roca`].
    pub fn rsa(n: &[u8], e: &[u8]) -> Result<Self, KeyError> {
        if n.first() == Some(&0) || e.first() == Some(&0) {
            return Err(KeyError::LeadingZero);
        }
        if !MODULUS_BITS.contains(&bits(n)) {
            return Err(KeyError::ModulusSize);
        }
        if n.last().is_none_or(|last| last % 2 == 0) {
            return Err(KeyError::ModulusEven);
        }
        if e.last().is_none_or(|last| last % 2 == 0) || e == [1] || bits(e) > EXPONENT_BITS_MAX {
            return Err(KeyError::Exponent);
        }
        if roca::is_weak(n) {
            return Err(KeyError::Roca);
        }
        Ok(Self(Kept::Rsa {
            n: n.into(),
            e: e.into(),
        }))
    }

    /// An Ed25519 key of 32 bytes (RFC 8032 §5.1.5).
    ///
    /// # Errors
    /// [`KeyError::Length`], [`KeyError::NotOnCurve`], [`KeyError::NotCanonical`] when the point has another
    /// encoding, [`KeyError::SmallOrder`] when any message would pass.
    pub fn ed25519(key: &[u8]) -> Result<Self, KeyError> {
        let key: &[u8; 32] = key.try_into().map_err(|_| KeyError::Length)?;
        let point = ed25519_dalek::VerifyingKey::from_bytes(key).map_err(|_| KeyError::NotOnCurve)?;
        if point.to_edwards().compress().as_bytes() != key {
            return Err(KeyError::NotCanonical);
        }
        if point.is_weak() {
            return Err(KeyError::SmallOrder);
        }
        Ok(Self(Kept::Ed25519(*key)))
    }

    /// An Ed448 key of 57 bytes (RFC 8032 §5.2.5).
    ///
    /// # Errors
    /// As [`PublicKey::ed25519`]. [`KeyError::NotOnCurve`] is also said of a point outside the group of prime
    /// order.
    pub fn ed448(key: &[u8]) -> Result<Self, KeyError> {
        let bytes: &[u8; 57] = key.try_into().map_err(|_| KeyError::Length)?;
        let point = ed448_goldilocks::CompressedEdwardsY(*bytes)
            .decompress()
            .into_option();
        let point = point.ok_or(KeyError::NotOnCurve)?;
        if point.compress().as_bytes() != bytes {
            return Err(KeyError::NotCanonical);
        }
        if point == ed448_goldilocks::AffinePoint::IDENTITY {
            return Err(KeyError::SmallOrder);
        }
        Ok(Self(Kept::Ed448(key.into())))
    }

    /// An ML-DSA key (FIPS 204 §7.2, `pkDecode`). Of the right length, any bytes are a key.
    ///
    /// # Errors
    /// [`KeyError::Length`].
    pub fn ml_dsa(set: MlDsa, key: &[u8]) -> Result<Self, KeyError> {
        if key.len() != set.public_key_bytes() {
            return Err(KeyError::Length);
        }
        Ok(Self(Kept::MlDsa(set, key.into())))
    }

    /// Reads a `SubjectPublicKeyInfo` in DER (RFC 5280 §4.1.2.7), and nothing behind it.
    ///
    /// # Errors
    /// [`KeyError::Encoding`] when it is not DER, [`KeyError::UnknownKind`] for other kinds of keys or other
    /// curves, and whatever the constructor of the kind says.
    pub fn from_spki(der: &[u8]) -> Result<Self, KeyError> {
        let spki = SubjectPublicKeyInfo::<AnyRef<'_>, BitStringRef<'_>>::from_der(der)?;
        let key = spki.subject_public_key.as_bytes().ok_or(KeyError::Encoding)?;
        let parameters = spki.algorithm.parameters;
        match spki.algorithm.oid {
            EC_PUBLIC_KEY => {
                let name: ObjectIdentifier = parameters.ok_or(KeyError::Encoding)?.decode_as()?;
                let curve = Curve::ALL.iter().find(|curve| curve.oid() == name);
                Self::ec_point(*curve.ok_or(KeyError::UnknownKind)?, key)
            }
            RSA_ENCRYPTION => {
                // RFC 3279 §2.3.1: the parameters are NULL.
                if parameters != Some(AnyRef::NULL) {
                    return Err(KeyError::Encoding);
                }
                let numbers = RsaPublicKey::from_der(key)?;
                Self::rsa(numbers.modulus.as_bytes(), numbers.public_exponent.as_bytes())
            }
            // RFC 8410 §3: no parameters.
            ED25519 if parameters.is_none() => Self::ed25519(key),
            ED448 if parameters.is_none() => Self::ed448(key),
            other => match MlDsa::ALL.iter().find(|set| set.oid() == other) {
                // RFC 9881 §4: no parameters.
                Some(set) if parameters.is_none() => Self::ml_dsa(*set, key),
                Some(_) => Err(KeyError::Encoding),
                None if matches!(other, ED25519 | ED448) => Err(KeyError::Encoding),
                None => Err(KeyError::UnknownKind),
            },
        }
    }

    /// The key as `SubjectPublicKeyInfo` in DER.
    ///
    /// # Errors
    /// [`KeyError::Encoding`] if the encoder fails, which no checked key gives it a reason to.
    pub fn to_spki(&self) -> Result<Vec<u8>, KeyError> {
        let (oid, parameters, key) = match &self.0 {
            Kept::Ec(curve, point) => {
                let curve = curve.oid();
                return spki(EC_PUBLIC_KEY, Some(AnyRef::from(&curve)), point);
            }
            Kept::Rsa { n, e } => {
                let numbers = RsaPublicKey {
                    modulus: UintRef::new(n)?,
                    public_exponent: UintRef::new(e)?,
                };
                (RSA_ENCRYPTION, Some(AnyRef::NULL), numbers.to_der()?)
            }
            Kept::Ed25519(key) => (ED25519, None, key.to_vec()),
            Kept::Ed448(key) => (ED448, None, key.to_vec()),
            Kept::MlDsa(set, key) => (set.oid(), None, key.to_vec()),
        };
        spki(oid, parameters, &key)
    }

    /// What kind of key this is.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        match &self.0 {
            Kept::Ec(curve, _) => KeyKind::Ec(*curve),
            Kept::Rsa { .. } => KeyKind::Rsa,
            Kept::Ed25519(_) => KeyKind::Ed25519,
            Kept::Ed448(_) => KeyKind::Ed448,
            Kept::MlDsa(set, _) => KeyKind::MlDsa(*set),
        }
    }

    /// What the key consists of.
    #[must_use]
    pub fn parts(&self) -> Parts<'_> {
        match &self.0 {
            Kept::Ec(curve, point) => {
                let (x, y) = point
                    .split_first()
                    .map_or((&[][..], &[][..]), |(_, both)| both.split_at(both.len() / 2));
                Parts::Ec { curve: *curve, x, y }
            }
            Kept::Rsa { n, e } => Parts::Rsa { n, e },
            Kept::Ed25519(key) => Parts::Ed25519(key),
            Kept::Ed448(key) => Parts::Ed448(key),
            Kept::MlDsa(set, key) => Parts::MlDsa(*set, key),
        }
    }

    /// The uncompressed point of SEC 1 §2.3.3, where the key is one.
    #[must_use]
    pub fn point(&self) -> Option<&[u8]> {
        match &self.0 {
            Kept::Ec(_, point) => Some(point),
            Kept::Rsa { .. } | Kept::Ed25519(_) | Kept::Ed448(_) | Kept::MlDsa(..) => None,
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:?})", self.parts())
    }
}

/// `RSAPublicKey` of RFC 8017 §A.1.1.
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    public_exponent: UintRef<'a>,
}

fn spki(oid: ObjectIdentifier, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<Vec<u8>, KeyError> {
    let spki = SubjectPublicKeyInfo {
        algorithm: AlgorithmIdentifier { oid, parameters },
        subject_public_key: BitStringRef::from_bytes(key)?,
    };
    Ok(spki.to_der()?)
}

fn check_point(curve: Curve, point: &[u8]) -> Result<(), KeyError> {
    fn on<C>(point: &[u8]) -> Result<(), KeyError>
    where
        C: elliptic_curve::CurveArithmetic,
        elliptic_curve::AffinePoint<C>:
            elliptic_curve::sec1::FromSec1Point<C> + elliptic_curve::sec1::ToSec1Point<C>,
        elliptic_curve::FieldBytesSize<C>: elliptic_curve::sec1::ModulusSize,
    {
        elliptic_curve::PublicKey::<C>::from_sec1_bytes(point)
            .map(drop)
            .map_err(|_| KeyError::NotOnCurve)
    }
    match curve {
        Curve::P256 => on::<p256::NistP256>(point),
        Curve::P384 => on::<p384::NistP384>(point),
        Curve::P521 => on::<p521::NistP521>(point),
        Curve::Secp256k1 => on::<k256::Secp256k1>(point),
    }
}

/// Bits from the highest one that is set, in a number without leading zeros.
fn bits(number: &[u8]) -> usize {
    number
        .first()
        .map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

/// What is wrong with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not DER, or not the structure that it should be.
    #[error("the key is not encoded as it should be")]
    Encoding,
    /// A kind of key or a curve that no algorithm of the table uses.
    #[error("a kind of key that is not known here")]
    UnknownKind,
    /// A coordinate or a key of the wrong length.
    #[error("the key or a coordinate has the wrong length")]
    Length,
    /// A compressed point where only the uncompressed form is read.
    #[error("the point is compressed")]
    Compressed,
    /// A coordinate out of range, or a point off the curve.
    #[error("the point is not on its curve")]
    NotOnCurve,
    /// An Edwards point in an encoding that is not its own.
    #[error("the point is not in its one encoding")]
    NotCanonical,
    /// An Edwards point under which signatures mean nothing.
    #[error("the point has small order")]
    SmallOrder,
    /// A number that begins with a zero byte.
    #[error("a number begins with a zero byte")]
    LeadingZero,
    /// A modulus that is too small or too large.
    #[error("the modulus does not have 2048 to 8192 bits")]
    ModulusSize,
    /// An even modulus.
    #[error("the modulus is even")]
    ModulusEven,
    /// An exponent that is even, below 3 or above 33 bits.
    #[error("the public exponent is not allowed")]
    Exponent,
    /// A modulus made by the library that CVE-2017-15361 is about: its owner is not alone with the private key.
    #[error("the modulus has the form of CVE-2017-15361")]
    Roca,
}

impl From<der::Error> for KeyError {
    fn from(_: der::Error) -> Self {
        Self::Encoding
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The base point of P-256.
    const X: [u8; 32] = [
        0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77,
        0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
    ];
    const Y: [u8; 32] = [
        0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b,
        0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
    ];

    #[test]
    fn a_point_lies_on_its_curve() {
        assert!(PublicKey::ec(Curve::P256, &X, &Y).is_ok());
        let mut off = Y;
        off[31] ^= 1;
        assert_eq!(PublicKey::ec(Curve::P256, &X, &off), Err(KeyError::NotOnCurve));
        assert_eq!(PublicKey::ec(Curve::Secp256k1, &X, &Y), Err(KeyError::NotOnCurve));
        assert_eq!(
            PublicKey::ec(Curve::P256, &[0; 32], &[0; 32]),
            Err(KeyError::NotOnCurve)
        );
        assert_eq!(
            PublicKey::ec(Curve::P256, &[0xff; 32], &Y),
            Err(KeyError::NotOnCurve)
        );
    }

    #[test]
    fn a_coordinate_is_as_long_as_the_field() {
        assert_eq!(PublicKey::ec(Curve::P256, &X[1..], &Y), Err(KeyError::Length));
        assert_eq!(
            PublicKey::ec(Curve::P256, &[&[0], &X[..]].concat(), &Y),
            Err(KeyError::Length)
        );
        assert_eq!(PublicKey::ec(Curve::P384, &X, &Y), Err(KeyError::Length));
    }

    #[test]
    fn a_point_is_uncompressed() {
        let point = |first: u8, rest: &[u8]| PublicKey::ec_point(Curve::P256, &[&[first], rest].concat());
        assert!(point(4, &[X, Y].concat()).is_ok());
        assert_eq!(point(3, &X), Err(KeyError::Compressed));
        assert_eq!(point(2, &X), Err(KeyError::Compressed));
        assert_eq!(point(6, &[X, Y].concat()), Err(KeyError::Length)); // the hybrid form of X9.62
        assert_eq!(point(0, &[]), Err(KeyError::Length));
        assert_eq!(PublicKey::ec_point(Curve::P256, &[]), Err(KeyError::Length));
    }

    fn modulus(bytes: usize) -> Vec<u8> {
        let mut n: Vec<u8> = (0..bytes).map(|place| (place * 37 + 11) as u8).collect();
        n[0] = 0x80;
        n[bytes - 1] = 0x07;
        n
    }

    #[test]
    fn a_modulus_is_odd_and_of_an_allowed_size() {
        let e = [1, 0, 1];
        assert!(PublicKey::rsa(&modulus(256), &e).is_ok() && PublicKey::rsa(&modulus(1024), &e).is_ok());
        assert_eq!(PublicKey::rsa(&modulus(255), &e), Err(KeyError::ModulusSize));
        assert_eq!(PublicKey::rsa(&modulus(1025), &e), Err(KeyError::ModulusSize));
        assert_eq!(PublicKey::rsa(&[], &e), Err(KeyError::ModulusSize));
        let mut short = modulus(256);
        short[0] = 0x7f; // 2047 bits
        assert_eq!(PublicKey::rsa(&short, &e), Err(KeyError::ModulusSize));
        let mut even = modulus(256);
        even[255] = 0x06;
        assert_eq!(PublicKey::rsa(&even, &e), Err(KeyError::ModulusEven));
        assert_eq!(
            PublicKey::rsa(&[&[0], &modulus(256)[..]].concat(), &e),
            Err(KeyError::LeadingZero)
        );
    }

    #[test]
    fn an_exponent_is_odd_at_least_3_and_at_most_33_bits() {
        let n = modulus(256);
        for good in [&[3][..], &[1, 0, 1], &[0xff, 0xff, 0xff, 0xff], &[1, 0, 0, 0, 1]] {
            assert!(PublicKey::rsa(&n, good).is_ok(), "{good:?}");
        }
        for bad in [&[][..], &[1], &[2], &[1, 0, 0], &[2, 0, 0, 0, 1]] {
            assert_eq!(PublicKey::rsa(&n, bad), Err(KeyError::Exponent), "{bad:?}");
        }
        assert_eq!(PublicKey::rsa(&n, &[0, 3]), Err(KeyError::LeadingZero));
    }

    #[test]
    fn an_edwards_point_of_small_order_or_in_another_encoding_is_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(PublicKey::ed25519(&identity), Err(KeyError::SmallOrder));
        assert_eq!(PublicKey::ed25519(&[0; 32]), Err(KeyError::SmallOrder)); // order 4
        let mut above = [0xff; 32]; // y = p + 1, the identity once more
        above[0] = 0xee;
        above[31] = 0x7f;
        assert_eq!(PublicKey::ed25519(&above), Err(KeyError::NotCanonical));
        assert_eq!(PublicKey::ed25519(&[0; 31]), Err(KeyError::Length));
        let mut identity = [0; 57];
        identity[0] = 1;
        assert_eq!(PublicKey::ed448(&identity), Err(KeyError::SmallOrder));
        assert!(PublicKey::ed448(&[0; 57]).is_err());
    }

    #[test]
    fn spki_is_read_as_it_is_written() {
        let key = PublicKey::ec(Curve::P256, &X, &Y).expect("the base point");
        let rsa = PublicKey::rsa(&modulus(256), &[1, 0, 1]).expect("odd and of 2048 bits");
        for key in [key, rsa] {
            let der = key.to_spki().expect("a checked key");
            assert_eq!(PublicKey::from_spki(&der), Ok(key));
            assert_eq!(
                PublicKey::from_spki(&[&der[..], &[0]].concat()),
                Err(KeyError::Encoding)
            );
            assert_eq!(
                PublicKey::from_spki(&der[..der.len() - 1]),
                Err(KeyError::Encoding)
            );
        }
        assert_eq!(PublicKey::from_spki(&[]), Err(KeyError::Encoding));
    }

    #[test]
    fn debug_names_the_kind() {
        let key = PublicKey::ec(Curve::P256, &X, &Y).expect("the base point");
        assert!(format!("{key:?}").starts_with("PublicKey(Ec { curve: P256"));
    }
}
