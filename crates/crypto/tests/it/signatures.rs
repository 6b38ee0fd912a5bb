//! A signature has one encoding. Each row is a right signature with one edit, and every provider refuses it.

use doorward_crypto::{Algorithm, SignatureForm, SigningKey, VerifyError};

use crate::{Repeating, providers};

fn key_of(algorithm: Algorithm) -> Box<dyn SigningKey> {
    let made = providers().into_iter().find_map(|provider| {
        let pkcs8 = provider.generate(algorithm, &Repeating::from_seed(7)).ok()?;
        provider.signing_key(algorithm, pkcs8.as_bytes()).ok()
    });
    made.unwrap()
}

fn refused(key: &dyn SigningKey, form: SignatureForm, what: &str, signature: &[u8]) {
    for provider in providers() {
        let verdict = provider.verify(key.algorithm(), key.public_key(), form, b"message", signature);
        assert_eq!(verdict, Err(VerifyError::Invalid), "{}: {what}", provider.name());
    }
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    let bare: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    let padded = if bare.first().is_none_or(|first| *first > 0x7f) {
        [&[0], &bare[..]].concat()
    } else {
        bare
    };
    tlv(2, &padded)
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, u8::try_from(content.len()).unwrap()], content].concat()
}

#[test]
fn an_ecdsa_signature_is_der_in_its_one_form() {
    let key = key_of(Algorithm::Es256);
    let fixed = key.sign(b"message").unwrap();
    let (r, s) = fixed.split_at(32);
    let good = tlv(0x30, &[integer(r), integer(s)].concat());
    for provider in providers() {
        let verdict = provider.verify(
            Algorithm::Es256,
            key.public_key(),
            SignatureForm::Der,
            b"message",
            &good,
        );
        assert_eq!(verdict, Ok(()), "{}", provider.name());
    }
    let body = [integer(r), integer(s)].concat();
    let with = |r: Vec<u8>, s: Vec<u8>| tlv(0x30, &[r, s].concat());
    let order = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
        0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let length = u8::try_from(body.len()).unwrap();
    for (what, signature) in [
        ("a trailing byte", [&good[..], &[0]].concat()),
        ("a trailing byte inside", tlv(0x30, &[&body[..], &[0]].concat())),
        ("a third number", tlv(0x30, &[&body[..], &integer(s)].concat())),
        ("one number", tlv(0x30, &integer(r))),
        (
            "a length in long form",
            [&[0x30, 0x81, length], &body[..]].concat(),
        ),
        (
            "an indefinite length",
            [&[0x30, 0x80], &body[..], &[0, 0]].concat(),
        ),
        (
            "a length one too large",
            [&[0x30, length + 1], &body[..]].concat(),
        ),
        (
            "a length one too small",
            [&[0x30, length - 1], &body[..]].concat(),
        ),
        ("a set", tlv(0x31, &body)),
        ("r zero", with(integer(&[0]), integer(s))),
        ("s zero", with(integer(r), integer(&[0]))),
        ("r of no bytes", with(tlv(2, &[]), integer(s))),
        ("r the order", with(integer(&order), integer(s))),
        ("s the order", with(integer(r), integer(&order))),
        (
            "r with a zero too many",
            with(tlv(2, &[&[0, 0], r].concat()), integer(s)),
        ),
        ("r negative", with(tlv(2, &[&[0xff], r].concat()), integer(s))),
        ("r an octet string", with(tlv(4, r), integer(s))),
        ("r and s exchanged", with(integer(s), integer(r))),
        ("the fixed form", fixed.clone()),
        ("nothing", Vec::new()),
    ] {
        refused(key.as_ref(), SignatureForm::Der, what, &signature);
    }
}

#[test]
fn an_ecdsa_signature_is_fixed_in_its_one_form() {
    let key = key_of(Algorithm::Es256);
    let fixed = key.sign(b"message").unwrap();
    let der = key.sign_as(SignatureForm::Der, b"message").unwrap();
    let (r, s) = fixed.split_at(32);
    for (what, signature) in [
        ("the DER form", der),
        ("a byte too many", [&fixed[..], &[0]].concat()),
        ("a byte too few", fixed[..63].to_vec()),
        ("a zero before each", [&[0], r, &[0], s].concat()),
        ("r zero", [&[0; 32], s].concat()),
        ("s zero", [r, &[0; 32]].concat()),
        ("both zero", vec![0; 64]),
        ("both above the order", vec![0xff; 64]),
    ] {
        refused(key.as_ref(), SignatureForm::Fixed, what, &signature);
    }
}

/// RFC 8032 §5.1.7 step 1: S is below the order L. S + L would verify as well.
#[test]
fn an_ed25519_signature_has_a_reduced_s() {
    let key = key_of(Algorithm::Ed25519);
    let mut signature = key.sign(b"message").unwrap();
    let order: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut carry = 0;
    for (digit, add) in signature[32..].iter_mut().zip(order) {
        let sum = u16::from(*digit) + u16::from(add) + carry;
        *digit = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    refused(key.as_ref(), SignatureForm::Fixed, "S + L", &signature);
}

#[test]
#[cfg(feature = "ring")]
fn an_rsa_signature_is_as_long_as_the_modulus() {
    let key = key_of(Algorithm::Rs256);
    // A signature that begins with a zero comes about once in 256.
    let mut tries = 0_u32..;
    let (message, signature) = loop {
        let message = tries.next().unwrap().to_be_bytes();
        let signature = key.sign(&message).unwrap();
        if signature[0] == 0 {
            break (message, signature);
        }
    };
    for provider in providers() {
        let verify = |signature: &[u8]| {
            provider.verify(
                Algorithm::Rs256,
                key.public_key(),
                SignatureForm::Fixed,
                &message,
                signature,
            )
        };
        assert_eq!(verify(&signature), Ok(()), "{}", provider.name());
        assert_eq!(
            verify(&signature[1..]),
            Err(VerifyError::Invalid),
            "{}",
            provider.name()
        );
        let longer = [&[0], &signature[..]].concat();
        assert_eq!(verify(&longer), Err(VerifyError::Invalid), "{}", provider.name());
    }
}
