//! Odd signatures and odd keys, for every algorithm that both providers have: they say the same, and what they say
//! is right. The edits are those that encoders, verifiers and attackers of the past got wrong.
#![cfg(all(feature = "ring", feature = "rustcrypto"))]

mod ecdsa;
mod edwards;
mod rsa;

use doorward_crypto::{Algorithm, KeyKind, Provider, SigningKey};
use doorward_crypto::{ring::Ring, rustcrypto::RustCrypto};

use crate::Repeating;

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

fn signing_key(algorithm: Algorithm, seed: u64) -> Box<dyn SigningKey> {
    let pkcs8 = RustCrypto
        .generate(algorithm, &Repeating::from_seed(seed))
        .unwrap();
    let one = RustCrypto.signing_key(algorithm, pkcs8.as_bytes()).unwrap();
    // Private keys are read alike too.
    let other = Ring.signing_key(algorithm, pkcs8.as_bytes()).unwrap();
    assert_eq!(other.public_key(), one.public_key());
    one
}

fn hex(text: &str) -> Vec<u8> {
    let pairs = (0..text.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
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
