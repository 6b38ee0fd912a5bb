//! Odd signatures and odd keys, for every algorithm that both providers have: they say the same, and what they say
//! is right. The edits are those that encoders, verifiers and attackers of the past got wrong.
#![cfg(all(feature = "ring", feature = "rustcrypto"))]

use std::sync::OnceLock;

use doorward_crypto::{
    Algorithm, Curve, Hash, KeyKind, Provider, PublicKey, Scheme, SignatureForm, SigningKey,
};
use doorward_crypto::{ring::Ring, rustcrypto::RustCrypto};
use proptest::prelude::*;
use rsa::signature::{RandomizedSigner, SignatureEncoding, Signer};
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, PrivateKey};

use crate::Repeating;
use crate::providers_agree::agree;

const P256_ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const P384_ORDER: &str =
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";
/// The order of Ed25519's group, little-endian.
const ED25519_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// Every algorithm that both providers have, of these kinds of keys.
fn shared(is_wanted: fn(KeyKind) -> bool) -> Vec<Algorithm> {
    let all = Algorithm::ALL.iter().copied();
    all.filter(|row| Ring.supports(*row) && RustCrypto.supports(*row) && is_wanted(row.key_kind()))
        .collect()
}

#[test]
fn no_shared_algorithm_is_left_out() {
    let elliptic = shared(|kind| matches!(kind, KeyKind::Ec(_)));
    let edwards = shared(|kind| kind == KeyKind::Ed25519);
    let rsa = shared(|kind| kind == KeyKind::Rsa);
    assert_eq!(
        elliptic,
        [
            Algorithm::Es256,
            Algorithm::Es384,
            Algorithm::Esp256,
            Algorithm::Esp384
        ]
    );
    assert_eq!(edwards, [Algorithm::EdDsa, Algorithm::Ed25519]);
    assert_eq!(rsa.len(), 7);
    assert_eq!(shared(|_| true).len(), elliptic.len() + edwards.len() + rsa.len());
}

/// What stands in place of r or s.
#[derive(Clone, Debug)]
enum Number {
    Right,
    Zero,
    One,
    Order,
    OrderLessOne,
    /// The order less the number: as good an s.
    Negated,
    /// The order and the number: the same number, out of range.
    Above,
    Ones,
    Any(Vec<u8>),
}

/// How a DER integer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Integer {
    Shortest,
    /// With zero bytes too many before it.
    Padded(u8),
    /// Without the zero byte that makes it positive.
    Bare,
    /// As an OCTET STRING.
    Octets,
    /// With its length in the long form.
    LongLength,
}

/// How the two are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    Der,
    DerTrailing,
    DerTrailingInside,
    DerLongLength,
    DerIndefinite,
    DerSet,
    DerThird,
    Fixed,
    FixedTrailing,
    FixedShort,
    FixedPadded,
    Nothing,
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        12 => Just(Number::Right),
        1 => Just(Number::Zero),
        1 => Just(Number::One),
        1 => Just(Number::Order),
        1 => Just(Number::OrderLessOne),
        3 => Just(Number::Negated),
        1 => Just(Number::Above),
        1 => Just(Number::Ones),
        1 => prop::collection::vec(any::<u8>(), 0..50).prop_map(Number::Any),
    ]
}

fn integer() -> impl Strategy<Value = Integer> {
    prop_oneof![
        12 => Just(Integer::Shortest),
        2 => (1_u8..4).prop_map(Integer::Padded),
        1 => Just(Integer::Bare),
        1 => Just(Integer::Octets),
        1 => Just(Integer::LongLength),
    ]
}

fn frame() -> impl Strategy<Value = Frame> {
    prop_oneof![
        8 => Just(Frame::Der),
        8 => Just(Frame::Fixed),
        1 => prop::sample::select(vec![
            Frame::DerTrailing, Frame::DerTrailingInside, Frame::DerLongLength, Frame::DerIndefinite, Frame::DerSet,
            Frame::DerThird, Frame::FixedTrailing, Frame::FixedShort, Frame::FixedPadded, Frame::Nothing,
        ]),
    ]
}

fn hex(text: &str) -> Vec<u8> {
    let pairs = (0..text.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn order(curve: Curve) -> Vec<u8> {
    hex(if curve == Curve::P256 {
        P256_ORDER
    } else {
        P384_ORDER
    })
}

/// Big-endian a − b, where a is not the smaller.
fn less(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut out = a.to_vec();
    let mut borrow = 0;
    for (place, digit) in out.iter_mut().enumerate().rev() {
        let difference = i16::from(*digit) - i16::from(b[place]) - borrow;
        borrow = i16::from(difference < 0);
        *digit = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    out
}

/// Big-endian a + b, a byte longer.
fn plus(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut out = vec![0; a.len() + 1];
    let mut carry = 0;
    for place in (0..a.len()).rev() {
        let sum = u16::from(a[place]) + u16::from(b[place]) + carry;
        out[place + 1] = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    out[0] = u8::try_from(carry).unwrap();
    out
}

impl Number {
    fn of(&self, right: &[u8], curve: Curve) -> Vec<u8> {
        let order = order(curve);
        let small = |last: u8| [vec![0; right.len() - 1], vec![last]].concat();
        match self {
            Self::Right => right.to_vec(),
            Self::Zero => small(0),
            Self::One => small(1),
            Self::OrderLessOne => less(&order, &small(1)),
            Self::Order => order,
            Self::Negated => less(&order, right),
            Self::Above => plus(&order, right),
            Self::Ones => vec![0xff; right.len()],
            Self::Any(bytes) => bytes.clone(),
        }
    }
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    // Below 128 bytes in every case but those of P-384 with odd numbers, which need the long form.
    match u8::try_from(content.len()).unwrap() {
        length @ 0..0x80 => [&[tag, length], content].concat(),
        length => [&[tag, 0x81, length], content].concat(),
    }
}

impl Integer {
    fn of(self, number: &[u8]) -> Vec<u8> {
        let bare: Vec<u8> = number.iter().copied().skip_while(|byte| *byte == 0).collect();
        let sign = usize::from(bare.first().is_none_or(|first| *first > 0x7f));
        let shortest = [vec![0; sign], bare.clone()].concat();
        match self {
            Self::Shortest => tlv(2, &shortest),
            Self::Padded(zeros) => tlv(2, &[vec![0; zeros.into()], shortest].concat()),
            Self::Bare => tlv(2, &bare),
            Self::Octets => tlv(4, &shortest),
            Self::LongLength => {
                let length = u8::try_from(shortest.len()).unwrap();
                [&[2, 0x81, length], &shortest[..]].concat()
            }
        }
    }

    /// Whether a number is written as DER wants it.
    fn is_right(self, number: &[u8]) -> bool {
        let first = number.iter().find(|byte| **byte != 0);
        match self {
            Self::Shortest => true,
            // Without a sign to leave out it is the shortest form after all.
            Self::Bare => first.is_some_and(|first| *first <= 0x7f),
            Self::Padded(_) | Self::Octets | Self::LongLength => false,
        }
    }
}

impl Frame {
    fn of(self, fixed: [&[u8]; 2], der: [&[u8]; 2]) -> Vec<u8> {
        let (fixed, body) = (fixed.concat(), der.concat());
        let length = u8::try_from(body.len()).unwrap();
        match self {
            Self::Der => tlv(0x30, &body),
            Self::DerTrailing => [tlv(0x30, &body), vec![0]].concat(),
            Self::DerTrailingInside => tlv(0x30, &[&body[..], &[0]].concat()),
            Self::DerLongLength => [&[0x30, 0x82, 0, length], &body[..]].concat(),
            Self::DerIndefinite => [&[0x30, 0x80], &body[..], &[0, 0]].concat(),
            Self::DerSet => tlv(0x31, &body),
            Self::DerThird => tlv(0x30, &[&body[..], der[1]].concat()),
            Self::Fixed => fixed,
            Self::FixedTrailing => [&fixed[..], &[0]].concat(),
            Self::FixedShort => fixed[..fixed.len().saturating_sub(1)].to_vec(),
            Self::FixedPadded => [&[0], &fixed[..]].concat(),
            Self::Nothing => Vec::new(),
        }
    }
}

fn signing_key(algorithm: Algorithm, seed: u64) -> Box<dyn SigningKey> {
    let pkcs8 = RustCrypto
        .generate(algorithm, &Repeating::from_seed(seed))
        .unwrap();
    let one = RustCrypto.signing_key(algorithm, pkcs8.as_bytes()).unwrap();
    // Private keys are read alike too.
    let other = Ring.signing_key(algorithm, pkcs8.as_bytes());
    assert!(other.is_err() || other.is_ok_and(|other| other.public_key() == one.public_key()));
    one
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn ecdsa(
        seed in 0_u32..8,
        message in prop::collection::vec(any::<u8>(), 0..40),
        (r, s) in (number(), number()),
        (integer_r, integer_s) in (integer(), integer()),
        frame in frame(),
        der in any::<bool>(),
        algorithm in prop::sample::select(shared(|kind| matches!(kind, KeyKind::Ec(_)))),
    ) {
        let KeyKind::Ec(curve) = algorithm.key_kind() else { panic!("an EC algorithm") };
        let key = signing_key(algorithm, seed.into());
        let right = key.sign_as(SignatureForm::Fixed, &message).unwrap();
        let (right_r, right_s) = right.split_at(right.len() / 2);
        let numbers = [r.of(right_r, curve), s.of(right_s, curve)];
        let der_numbers = [integer_r.of(&numbers[0]), integer_s.of(&numbers[1])];
        let signature = frame.of([&numbers[0], &numbers[1]], [&der_numbers[0], &der_numbers[1]]);
        let form = if der { SignatureForm::Der } else { SignatureForm::Fixed };
        let valid = agree(algorithm.scheme(), key.public_key(), form, &message, &signature);
        let is_pair = matches!(r, Number::Right) && matches!(s, Number::Right | Number::Negated);
        let is_framed = match (frame, form) {
            (Frame::Der, SignatureForm::Der) => {
                integer_r.is_right(&numbers[0]) && integer_s.is_right(&numbers[1])
            }
            (frame, SignatureForm::Fixed) => frame == Frame::Fixed,
            _ => false,
        };
        prop_assert_eq!(valid, is_pair && is_framed);
    }

    #[test]
    fn ed25519(
        seed in 0_u32..8,
        message in prop::collection::vec(any::<u8>(), 0..40),
        orders_added in 0_u8..9,
        r in prop::option::weighted(0.3, prop::sample::select(odd_points())),
        s in prop::option::weighted(0.3, prop::sample::select(vec![[0; 32], [0xff; 32], ED25519_ORDER])),
        top_bits in prop::option::weighted(0.2, 0x10_u8..),
        longer in -2_isize..3,
        algorithm in prop::sample::select(shared(|kind| kind == KeyKind::Ed25519)),
    ) {
        let key = signing_key(algorithm, seed.into());
        let right = key.sign(&message).unwrap();
        let mut signature = right.clone();
        for _ in 0..orders_added {
            add_order(&mut signature[32..]);
        }
        if let Some(r) = r { signature[..32].copy_from_slice(&r); }
        if let Some(s) = s { signature[32..].copy_from_slice(&s); }
        if let Some(bits) = top_bits { signature[63] |= bits; }
        if longer.is_negative() {
            signature.truncate(64 - longer.unsigned_abs());
        } else {
            signature.resize(64 + longer.unsigned_abs(), 0);
        }
        let form = SignatureForm::Fixed;
        let valid = agree(algorithm.scheme(), key.public_key(), form, &message, &signature);
        // An S that was reduced and went above the order once more came back to nothing else.
        prop_assert_eq!(valid, signature == right);
    }
}

/// Little-endian, modulo 2²⁵⁶.
fn add_order(s: &mut [u8]) {
    let mut carry = 0;
    for (digit, add) in s.iter_mut().zip(ED25519_ORDER) {
        let sum = u16::from(*digit) + u16::from(add) + carry;
        *digit = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
}

/// Points of small order, and points in an encoding that is not their own: y and y + p, the sign of zero.
fn odd_points() -> Vec<[u8; 32]> {
    let mut p = [0xff; 32];
    (p[0], p[31]) = (0xed, 0x7f);
    let with = |first: u8, last: u8| {
        let mut point = [0; 32];
        (point[0], point[31]) = (first, last);
        point
    };
    let near_p = |first: u8, last: u8| {
        let mut point = p;
        (point[0], point[31]) = (first, last);
        point
    };
    let order_8 = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a";
    let other_8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";
    let mut points = vec![
        with(0, 0),
        with(0, 0x80),
        with(1, 0),
        with(1, 0x80),
        near_p(0xec, 0x7f),
        near_p(0xec, 0xff),
        near_p(0xed, 0x7f),
        near_p(0xed, 0xff),
        near_p(0xee, 0x7f),
        near_p(0xee, 0xff),
        [0xff; 32],
        with(2, 0),
    ];
    for text in [order_8, other_8] {
        let mut point: [u8; 32] = hex(text).try_into().unwrap();
        points.push(point);
        point[31] ^= 0x80;
        points.push(point);
    }
    points
}

/// Keys are checked before a provider sees them; none of the odd points becomes one.
#[test]
fn odd_points_are_no_keys() {
    for point in odd_points() {
        if let Ok(key) = PublicKey::ed25519(&point) {
            // What is left is an ordinary point, and the providers agree about it.
            for signature in [[0; 64], [0xff; 64], [1; 64]] {
                assert!(!agree(
                    Scheme::Ed25519,
                    &key,
                    SignatureForm::Fixed,
                    b"",
                    &signature
                ));
            }
            assert_eq!(point[0], 2, "{point:02x?}");
        }
    }
}

/// Randomness for the crate beneath.
struct Source(Repeating);

impl rand_core::TryRng for Source {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        doorward_crypto::Random::fill(&self.0, out).unwrap();
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Source {}

/// RSA keys at the edges: the smallest and the largest exponent, and a modulus of one bit more than whole bytes,
/// where PSS encodes a byte less.
fn rsa_keys() -> &'static [(PrivateKey, PublicKey)] {
    static KEYS: OnceLock<Vec<(PrivateKey, PublicKey)>> = OnceLock::new();
    KEYS.get_or_init(|| {
        [(2048, 3), (2049, 65537), (2056, 0x1_0000_0001_u64)]
            .map(|(bits, exponent)| {
                let mut source = Source(Repeating::from_seed(bits));
                let bits = usize::try_from(bits).unwrap();
                let key = PrivateKey::new_with_exp(&mut source, bits, BoxedUint::from(exponent)).unwrap();
                let bare = |number: &BoxedUint| number.to_be_bytes_trimmed_vartime().to_vec();
                let public = PublicKey::rsa(&bare(key.n().as_ref()), &bare(key.e())).unwrap();
                (key, public)
            })
            .to_vec()
    })
}

fn rsa_signature(scheme: Scheme, key: &PrivateKey, message: &[u8]) -> Vec<u8> {
    macro_rules! sign {
        ($hash:ty) => {
            match scheme {
                Scheme::RsaPss(_) => rsa::pss::SigningKey::<$hash>::new(key.clone())
                    .sign_with_rng(&mut Source(Repeating::from_seed(3)), message)
                    .to_vec(),
                _ => rsa::pkcs1v15::SigningKey::<$hash>::new(key.clone())
                    .sign(message)
                    .to_vec(),
            }
        };
    }
    match scheme {
        Scheme::RsaPkcs1(Hash::Sha1) => sign!(sha1::Sha1),
        Scheme::RsaPkcs1(Hash::Sha256) | Scheme::RsaPss(Hash::Sha256) => sign!(sha2::Sha256),
        Scheme::RsaPkcs1(Hash::Sha384) | Scheme::RsaPss(Hash::Sha384) => sign!(sha2::Sha384),
        Scheme::RsaPkcs1(Hash::Sha512) | Scheme::RsaPss(Hash::Sha512) => sign!(sha2::Sha512),
        Scheme::RsaPss(Hash::Sha1)
        | Scheme::Ecdsa(..)
        | Scheme::Ed25519
        | Scheme::Ed448
        | Scheme::MlDsa(_) => {
            panic!("{scheme:?} is no scheme of RSA that both providers have")
        }
    }
}

#[test]
fn rsa_at_the_edges() {
    for (private, public) in rsa_keys() {
        let doorward_crypto::Parts::Rsa { n, .. } = public.parts() else {
            panic!("an RSA key")
        };
        for algorithm in shared(|kind| kind == KeyKind::Rsa) {
            let right = rsa_signature(algorithm.scheme(), private, b"message");
            let judge = |signature: &[u8]| {
                let form = SignatureForm::Fixed;
                agree(algorithm.scheme(), public, form, b"message", signature)
            };
            assert_eq!(right.len(), n.len());
            assert!(judge(&right), "{algorithm:?}");
            let mut one = vec![0; n.len()];
            one[n.len() - 1] = 1;
            // The same number modulo n, where it still fits into the length.
            let above = plus(&right, n);
            let mut odd = vec![
                [&[0], &right[..]].concat(),
                [&right[..], &[0]].concat(),
                right[1..].to_vec(),
                right[..n.len() - 1].to_vec(),
                vec![0; n.len()],
                vec![0xff; n.len()],
                less(n, &one),
                less(n, &right),
                n.to_vec(),
                one,
                above.clone(),
                Vec::new(),
            ];
            if above[0] == 0 {
                odd.push(above[1..].to_vec());
            }
            for place in [0, 1, n.len() / 2, n.len() - 1] {
                let mut flipped = right.clone();
                flipped[place] ^= 1;
                odd.push(flipped);
            }
            for signature in odd {
                assert!(!judge(&signature), "{algorithm:?} {signature:02x?}");
            }
            for other in shared(|kind| kind == KeyKind::Rsa) {
                let form = SignatureForm::Fixed;
                let valid = agree(other.scheme(), public, form, b"message", &right);
                assert_eq!(valid, other == algorithm, "{other:?} for {algorithm:?}");
            }
        }
    }
}

/// Numbers that nobody made a key of: any modulus of an allowed size, any exponent.
#[test]
fn rsa_numbers_at_the_edges() {
    let exponents: [&[u8]; 5] = [
        &[3],
        &[1, 0, 1],
        &[0xff; 4],
        &[1, 0, 0, 0, 1],
        &[1, 0xff, 0xff, 0xff, 0xff],
    ];
    for bytes in [256, 257, 384, 512, 1024] {
        let mut n = vec![0xb5; bytes];
        doorward_crypto::Random::fill(&Repeating::from_seed(bytes as u64), &mut n).unwrap();
        n[0] |= 0x80;
        n[bytes - 1] |= 1;
        for e in exponents {
            let key = PublicKey::rsa(&n, e).unwrap();
            for algorithm in shared(|kind| kind == KeyKind::Rsa) {
                for signature in [
                    vec![0; bytes],
                    vec![1; bytes],
                    vec![0xff; bytes],
                    n.clone(),
                    vec![7; 64],
                ] {
                    let form = SignatureForm::Fixed;
                    assert!(!agree(algorithm.scheme(), &key, form, b"", &signature));
                }
            }
        }
    }
}
