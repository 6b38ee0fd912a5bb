//! ECDSA: numbers out of range, DER in other forms than its one, and the fixed form in place of it.

use doorward_crypto::{Curve, KeyKind, SignatureForm};
use proptest::prelude::*;

use super::{hex, less, plus, shared, signing_key};
use crate::providers_agree::agree;

const P256_ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const P384_ORDER: &str =
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";
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

fn order(curve: Curve) -> Vec<u8> {
    hex(if curve == Curve::P256 {
        P256_ORDER
    } else {
        P384_ORDER
    })
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
}
