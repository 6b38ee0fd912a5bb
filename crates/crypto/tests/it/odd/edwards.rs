//! Ed25519: an S that is not reduced, an R of small order or in another encoding, keys with a part of small order.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::{EdwardsPoint, Scalar};
use doorward_crypto::{KeyError, KeyKind, PublicKey, Scheme, Sha512, SignatureForm};
use proptest::prelude::*;

use super::{hex, shared, signing_key};
use crate::providers_agree::agree;

/// The order of Ed25519's group, little-endian.
const ED25519_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

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

/// A key with a part of small order passes: it is on the curve, and RFC 8032 asks for no more. Which signatures count
/// under it depends on whether the equation has its cofactor, where verifiers of the world differ. Ours do not.
#[test]
fn keys_with_a_part_of_small_order_are_judged_alike() {
    let scalar = |bytes: &[&[u8]]| Scalar::from_bytes_mod_order_wide(&Sha512::of_all(bytes));
    let encoded = |point: EdwardsPoint| point.compress().to_bytes();
    let secret = scalar(&[b"a secret"]);
    let (mut valid, mut invalid) = (0, 0);
    for part in EIGHT_TORSION {
        let bytes = encoded(ED25519_BASEPOINT_POINT * secret + part);
        let key = PublicKey::ed25519(&bytes).unwrap();
        for message in 0_u8..24 {
            for nonce_part in [EIGHT_TORSION[0], EIGHT_TORSION[1], EIGHT_TORSION[4]] {
                let nonce = scalar(&[b"a nonce", &[message]]);
                let r = encoded(ED25519_BASEPOINT_POINT * nonce + nonce_part);
                let hash = scalar(&[&r, &bytes, &[message]]);
                let s = (nonce + hash * secret).to_bytes();
                let signature = [r, s].concat();
                let form = SignatureForm::Fixed;
                if agree(Scheme::Ed25519, &key, form, &[message], &signature) {
                    valid += 1;
                } else {
                    invalid += 1;
                }
            }
        }
    }
    assert!(valid > 0 && invalid > 0, "{valid} valid, {invalid} invalid");
    // The parts alone are no keys.
    for part in EIGHT_TORSION {
        assert_eq!(PublicKey::ed25519(&encoded(part)), Err(KeyError::SmallOrder));
    }
}
