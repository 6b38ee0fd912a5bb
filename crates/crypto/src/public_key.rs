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
    /// [`KeyError::Exponent`] for an exponent that is even, below 3 or above 33 bits.
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
            ED25519 => Err(KeyError::Encoding),
            _ => Err(KeyError::UnknownKind),
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
        }
    }

    /// The uncompressed point of SEC 1 §2.3.3, where the key is one.
    #[must_use]
    pub fn point(&self) -> Option<&[u8]> {
        match &self.0 {
            Kept::Ec(_, point) => Some(point),
            Kept::Rsa { .. } | Kept::Ed25519(_) => None,
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
}

impl From<der::Error> for KeyError {
    fn from(_: der::Error) -> Self {
        Self::Encoding
    }
}
