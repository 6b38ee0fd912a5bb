//! The two providers beside each other: on good signatures, on bad ones and on odd ones they say the same.
#![cfg(all(feature = "ring", feature = "rustcrypto"))]

use doorward_crypto::{
    Algorithm, Hash, KeyKind, Provider, PublicKey, Scheme, SignatureForm, SigningKeyError,
};
use doorward_crypto::{ring::Ring, rustcrypto::RustCrypto};
use proptest::prelude::*;

use crate::Repeating;

/// What is done to a signature.
#[derive(Clone, Debug)]
enum Edit {
    Nothing,
    Flip(usize, u8),
    Cut(usize),
    Push(u8),
    Zeros,
    Ones,
    Replace(Vec<u8>),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        2 => Just(Edit::Nothing),
        6 => (any::<usize>(), 1_u8..).prop_map(|(at, bits)| Edit::Flip(at, bits)),
        2 => any::<usize>().prop_map(Edit::Cut),
        1 => any::<u8>().prop_map(Edit::Push),
        1 => Just(Edit::Zeros),
        1 => Just(Edit::Ones),
        1 => prop::collection::vec(any::<u8>(), 0..80).prop_map(Edit::Replace),
    ]
}

impl Edit {
    fn apply(&self, mut signature: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Nothing => {}
            Self::Flip(at, bits) => {
                let at = at % signature.len();
                signature[at] ^= bits;
            }
            Self::Cut(at) => signature.truncate(at % signature.len()),
            Self::Push(byte) => signature.push(*byte),
            Self::Zeros => signature.fill(0),
            Self::Ones => signature.fill(0xff),
            Self::Replace(bytes) => signature.clone_from(bytes),
        }
        signature
    }
}

pub(crate) fn agree(
    scheme: Scheme,
    key: &PublicKey,
    form: SignatureForm,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let one = Ring.verify_scheme(scheme, key, form, message, signature);
    let other = RustCrypto.verify_scheme(scheme, key, form, message, signature);
    assert_eq!(
        one, other,
        "{scheme:?} {form:?} {key:?} over {message:02x?}: {signature:02x?}"
    );
    one.is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn on_elliptic_signatures(
        seed in any::<u32>(),
        message in prop::collection::vec(any::<u8>(), 0..100),
        der in any::<bool>(),
        edit in edit(),
        algorithm in prop::sample::select(vec![Algorithm::Es256, Algorithm::Es384, Algorithm::Ed25519]),
    ) {
        let form = if der { SignatureForm::Der } else { SignatureForm::Fixed };
        let pkcs8 = RustCrypto.generate(algorithm, &Repeating::from_seed(seed.into())).unwrap();
        let key = RustCrypto.signing_key(algorithm, pkcs8.as_bytes()).unwrap();
        let signature = edit.apply(key.sign_as(form, &message).unwrap());
        let valid = agree(algorithm.scheme(), key.public_key(), form, &message, &signature);
        prop_assert!(valid || !matches!(edit, Edit::Nothing));
    }

    #[test]
    fn on_rsa_signatures(
        n in prop::collection::vec(any::<u8>(), 256),
        signature in prop::collection::vec(any::<u8>(), 254..258),
        message in prop::collection::vec(any::<u8>(), 0..10),
        hash in prop::sample::select(vec![Hash::Sha256, Hash::Sha384, Hash::Sha512]),
        pss in any::<bool>(),
    ) {
        let mut n = n;
        n[0] |= 0x80;
        n[255] |= 1;
        let key = PublicKey::rsa(&n, &[3]).unwrap();
        let scheme = if pss { Scheme::RsaPss(hash) } else { Scheme::RsaPkcs1(hash) };
        agree(scheme, &key, SignatureForm::Fixed, &message, &signature);
    }
}

#[test]
fn on_edited_rsa_signatures() {
    let pkcs8 = Ring.generate(Algorithm::Rs256, &Repeating::from_seed(9)).unwrap();
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256] {
        let key = Ring.signing_key(algorithm, pkcs8.as_bytes()).unwrap();
        let signature = key.sign(b"message").unwrap();
        let judge = |signature: &[u8]| {
            agree(
                algorithm.scheme(),
                key.public_key(),
                SignatureForm::Fixed,
                b"message",
                signature,
            )
        };
        assert!(judge(&signature));
        assert!(!judge(&[&[0], &signature[..]].concat()));
        assert!(!judge(&signature[1..]));
        assert!(!judge(&[0; 256]) && !judge(&[0xff; 256]) && !judge(&[]));
        // s + n is the same number modulo n, where it still fits into the length.
        for at in (0..256).step_by(17) {
            let mut edited = signature.clone();
            edited[at] ^= 1;
            assert!(!judge(&edited), "{algorithm:?} {at}");
        }
        for other in [
            Algorithm::Rs384,
            Algorithm::Rs512,
            Algorithm::Ps384,
            Algorithm::Ps512,
            Algorithm::Rs1,
        ] {
            assert!(!agree(
                other.scheme(),
                key.public_key(),
                SignatureForm::Fixed,
                b"message",
                &signature
            ));
        }
    }
}

/// RS1 is signed by nobody here, so the crate beneath signs for the test.
#[test]
fn on_rsa_with_sha_1() {
    use rsa::pkcs8::DecodePrivateKey;
    use rsa::signature::{SignatureEncoding, Signer};
    let pkcs8 = Ring.generate(Algorithm::Rs256, &Repeating::from_seed(9)).unwrap();
    let public = Ring
        .signing_key(Algorithm::Rs256, pkcs8.as_bytes())
        .unwrap()
        .public_key()
        .clone();
    let private = rsa::PrivateKey::from_pkcs8_der(pkcs8.as_bytes()).unwrap();
    let signature = rsa::pkcs1v15::SigningKey::<sha1::Sha1>::new(private)
        .sign(b"message")
        .to_vec();
    let judge = |algorithm: Algorithm, message: &[u8]| {
        agree(
            algorithm.scheme(),
            &public,
            SignatureForm::Fixed,
            message,
            &signature,
        )
    };
    assert!(judge(Algorithm::Rs1, b"message"));
    assert!(!judge(Algorithm::Rs1, b"massage") && !judge(Algorithm::Rs256, b"message"));
    assert!(matches!(
        Ring.signing_key(Algorithm::Rs1, pkcs8.as_bytes()),
        Err(SigningKeyError::Unsupported)
    ));
}

#[test]
fn on_pairs_of_curve_and_hash_that_only_certificates_have() {
    for (algorithm, hash) in [(Algorithm::Es384, Hash::Sha256), (Algorithm::Es256, Hash::Sha384)] {
        let KeyKind::Ec(curve) = algorithm.key_kind() else {
            panic!("an EC algorithm")
        };
        let pkcs8 = RustCrypto.generate(algorithm, &Repeating::from_seed(3)).unwrap();
        let key = Ring.signing_key(algorithm, pkcs8.as_bytes()).unwrap();
        let signature = key.sign_as(SignatureForm::Der, b"message").unwrap();
        let other = Scheme::Ecdsa(curve, hash);
        assert!(Ring.verifies(other) && RustCrypto.verifies(other));
        assert!(!agree(
            other,
            key.public_key(),
            SignatureForm::Der,
            b"message",
            &signature
        ));
    }
}

#[test]
fn together_they_verify_the_whole_table() {
    let widest = doorward_crypto::Widest(Ring, RustCrypto);
    for algorithm in Algorithm::ALL {
        assert!(widest.supports(*algorithm), "{algorithm:?}");
    }
    assert!(!Ring.supports(Algorithm::Es512) && !RustCrypto.verifies(Scheme::RsaPss(Hash::Sha1)));
}
