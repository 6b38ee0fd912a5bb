//! Keys that are made, kept, read again and used.

use doorward_crypto::{Algorithm, KeyKind, PublicKey, SignatureForm, SigningKeyError, VerifyError};

use crate::{Dry, Repeating, providers};

/// RSA keys take long to make: one for all RSA algorithms.
fn made(algorithm: Algorithm) -> Option<doorward_crypto::Pkcs8> {
    use std::sync::OnceLock;
    static RSA: OnceLock<Vec<u8>> = OnceLock::new();
    for provider in providers() {
        let make = || provider.generate(algorithm, &Repeating::from_seed(1));
        if algorithm.key_kind() == KeyKind::Rsa {
            if matches!(
                provider.generate(algorithm, &Dry),
                Err(SigningKeyError::Unsupported)
            ) {
                continue;
            }
            let bytes = RSA.get_or_init(|| make().unwrap().as_bytes().to_vec());
            return Some(doorward_crypto::Pkcs8::from_bytes(bytes.clone()));
        }
        match make() {
            Ok(key) => return Some(key),
            Err(why) => assert_eq!(why, SigningKeyError::Unsupported, "{algorithm:?}"),
        }
    }
    None
}

#[test]
fn what_one_provider_signs_every_provider_verifies() {
    for algorithm in Algorithm::ALL.iter().copied() {
        let Some(pkcs8) = made(algorithm) else { continue };
        for signer in providers() {
            let key = match signer.signing_key(algorithm, pkcs8.as_bytes()) {
                Ok(key) => key,
                Err(why) => {
                    assert_eq!(
                        why,
                        SigningKeyError::Unsupported,
                        "{} {algorithm:?}",
                        signer.name()
                    );
                    continue;
                }
            };
            assert_eq!(
                (key.algorithm(), key.public_key().kind()),
                (algorithm, algorithm.key_kind())
            );
            let public = PublicKey::from_spki(&key.public_key().to_spki().unwrap()).unwrap();
            for form in [SignatureForm::Fixed, SignatureForm::Der] {
                let signature = key.sign_as(form, b"message").unwrap();
                for verifier in providers().iter().filter(|provider| provider.supports(algorithm)) {
                    let verify = |message: &[u8], signature: &[u8]| {
                        verifier.verify(algorithm, &public, form, message, signature)
                    };
                    let names = format!("{} by {}, {algorithm:?} {form:?}", signer.name(), verifier.name());
                    assert_eq!(verify(b"message", &signature), Ok(()), "{names}");
                    assert_eq!(
                        verify(b"massage", &signature),
                        Err(VerifyError::Invalid),
                        "{names}"
                    );
                    assert_eq!(verify(b"message", &[]), Err(VerifyError::Invalid), "{names}");
                    let longer = [&signature[..], &[0]].concat();
                    assert_eq!(verify(b"message", &longer), Err(VerifyError::Invalid), "{names}");
                    let shorter = &signature[..signature.len() - 1];
                    assert_eq!(verify(b"message", shorter), Err(VerifyError::Invalid), "{names}");
                }
            }
        }
    }
}

#[test]
fn a_key_of_another_kind_is_refused_by_name() {
    for provider in providers() {
        for algorithm in Algorithm::ALL
            .iter()
            .copied()
            .filter(|row| provider.supports(*row))
        {
            for other in Algorithm::ALL
                .iter()
                .copied()
                .filter(|row| row.key_kind() != algorithm.key_kind())
            {
                let Some(pkcs8) = made(other) else { continue };
                let Some(public) = providers()
                    .iter()
                    .find_map(|provider| provider.signing_key(other, pkcs8.as_bytes()).ok())
                    .map(|key| key.public_key().clone())
                else {
                    continue;
                };
                assert_eq!(
                    provider.verify(algorithm, &public, SignatureForm::Der, b"", &[0; 64]),
                    Err(VerifyError::WrongKey),
                    "{} {algorithm:?} {other:?}",
                    provider.name(),
                );
                let read = provider.signing_key(algorithm, pkcs8.as_bytes());
                assert!(
                    matches!(
                        read,
                        Err(SigningKeyError::Malformed | SigningKeyError::Unsupported)
                    ),
                    "{} {algorithm:?} {other:?}",
                    provider.name(),
                );
            }
        }
    }
}

#[test]
fn a_dry_source_makes_no_key() {
    for provider in providers() {
        for algorithm in Algorithm::ALL.iter().copied() {
            let made = provider.generate(algorithm, &Dry).map(drop);
            assert!(
                matches!(
                    made,
                    Err(SigningKeyError::Random(_) | SigningKeyError::Unsupported)
                ),
                "{} {algorithm:?} {made:?}",
                provider.name(),
            );
        }
    }
}

#[test]
fn a_private_key_shows_nothing_of_itself() {
    let pkcs8 = made(Algorithm::EdDsa).unwrap();
    assert_eq!(
        format!("{pkcs8:?}"),
        format!("Pkcs8({} bytes)", pkcs8.as_bytes().len())
    );
    for provider in providers() {
        let key = provider.signing_key(Algorithm::EdDsa, pkcs8.as_bytes()).unwrap();
        assert!(!format!("{key:?}").to_lowercase().contains("secret"));
    }
}

#[test]
fn a_private_key_is_read_whole_or_not_at_all() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Ed25519] {
        let pkcs8 = made(algorithm).unwrap();
        for provider in providers() {
            for end in 0..pkcs8.as_bytes().len() {
                assert!(provider.signing_key(algorithm, &pkcs8.as_bytes()[..end]).is_err());
            }
        }
    }
}

/// Found by Wycheproof (ed448 tcId 63): the crate beneath passes over seven bits of R that must be zero.
#[cfg(feature = "rustcrypto")]
#[test]
fn the_unused_bits_of_an_ed448_signature_are_zero() {
    use doorward_crypto::{Provider, rustcrypto::RustCrypto};
    let pkcs8 = RustCrypto
        .generate(Algorithm::Ed448, &Repeating::from_seed(5))
        .unwrap();
    let key = RustCrypto
        .signing_key(Algorithm::Ed448, pkcs8.as_bytes())
        .unwrap();
    let signature = key.sign(b"message").unwrap();
    for bit in 0..8 {
        let mut edited = signature.clone();
        edited[56] ^= 1 << bit;
        let verdict = RustCrypto.verify(
            Algorithm::Ed448,
            key.public_key(),
            SignatureForm::Fixed,
            b"message",
            &edited,
        );
        assert_eq!(verdict, Err(VerifyError::Invalid), "bit {bit}");
    }
}

#[cfg(feature = "ring")]
#[test]
fn an_rsa_key_is_made_in_either_size() {
    use doorward_crypto::{ModulusSize, Parts, Provider, ring::Ring};
    for size in [ModulusSize::Bits2048, ModulusSize::Bits3072] {
        let pkcs8 = Ring.generate_rsa(size, &Repeating::from_seed(4)).unwrap();
        let key = Ring.signing_key(Algorithm::Ps256, pkcs8.as_bytes()).unwrap();
        let Parts::Rsa { n, e } = key.public_key().parts() else {
            panic!("an RSA key")
        };
        assert_eq!((n.len() * 8, e), (size.bits(), &[1, 0, 1][..]));
        assert_eq!(key.sign(b"message").unwrap().len(), n.len());
    }
}
