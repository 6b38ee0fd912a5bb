//! RSA: signatures of another length, the same number in another form, keys at the edges of what is allowed.

use std::sync::OnceLock;

use doorward_crypto::{Hash, KeyKind, Parts, PublicKey, Scheme, SignatureForm};
use rsa::signature::{RandomizedSigner, SignatureEncoding, Signer};
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, PrivateKey};

use super::{less, plus, shared};
use crate::Repeating;
use crate::providers_agree::agree;

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
        let Parts::Rsa { n, .. } = public.parts() else {
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
