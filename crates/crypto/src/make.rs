//! Private keys are made by the pure crates, whichever provider signs with them, so that they come out of the
//! [`Random`] that was passed in.

use p256::elliptic_curve;
use pkcs8::EncodePrivateKey;
use zeroize::Zeroizing;

use crate::algorithm::{Curve, KeyKind, MlDsa};
use crate::random::{NoRandom, Random};
use crate::signing_key::{ModulusSize, Pkcs8, SigningKeyError};

/// A draw is no scalar with a chance below 2⁻³², on P-521 after the excess bits are cut off. So many misses mean
/// that the source is broken.
const DRAWS_MAX: usize = 8;

/// A key of this kind.
pub(crate) fn private_key(kind: KeyKind, random: &dyn Random) -> Result<Pkcs8, SigningKeyError> {
    match kind {
        KeyKind::Ec(Curve::P256) => ec::<p256::NistP256>(random, 0xff),
        KeyKind::Ec(Curve::P384) => ec::<p384::NistP384>(random, 0xff),
        KeyKind::Ec(Curve::P521) => ec::<p521::NistP521>(random, 0x01),
        KeyKind::Ec(Curve::Secp256k1) => ec::<k256::Secp256k1>(random, 0xff),
        KeyKind::Rsa => rsa(ModulusSize::default(), random),
        KeyKind::Ed25519 => ed25519(random),
        KeyKind::Ed448 => ed448(random),
        KeyKind::MlDsa(MlDsa::MlDsa44) => ml_dsa::<ml_dsa::MlDsa44>(random),
        KeyKind::MlDsa(MlDsa::MlDsa65) => ml_dsa::<ml_dsa::MlDsa65>(random),
        KeyKind::MlDsa(MlDsa::MlDsa87) => ml_dsa::<ml_dsa::MlDsa87>(random),
    }
}

/// `top` masks the first byte of a draw.
fn ec<C>(random: &dyn Random, top: u8) -> Result<Pkcs8, SigningKeyError>
where
    C: elliptic_curve::Curve,
    elliptic_curve::SecretKey<C>: EncodePrivateKey,
{
    let mut draw = Zeroizing::new(elliptic_curve::FieldBytes::<C>::default());
    for _ in 0..DRAWS_MAX {
        random.fill(&mut draw)?;
        if let Some(first) = draw.first_mut() {
            *first &= top;
        }
        if let Ok(key) = elliptic_curve::SecretKey::<C>::from_bytes(&draw) {
            let der = key.to_pkcs8_der().map_err(|_| SigningKeyError::Malformed)?;
            return Ok(Pkcs8::from_bytes(der.as_bytes().to_vec()));
        }
    }
    Err(NoRandom.into())
}

pub(crate) fn rsa(size: ModulusSize, random: &dyn Random) -> Result<Pkcs8, SigningKeyError> {
    let key = rsa::PrivateKey::new(&mut Source(random), size.bits()).map_err(|_| NoRandom)?;
    let der = key.to_pkcs8_der().map_err(|_| SigningKeyError::Malformed)?;
    Ok(Pkcs8::from_bytes(der.as_bytes().to_vec()))
}

/// The seed as RFC 8410 §7 wraps it, without the public half.
fn ed25519(random: &dyn Random) -> Result<Pkcs8, SigningKeyError> {
    let mut seed = Zeroizing::new([0; 32]);
    random.fill(seed.as_mut_slice())?;
    let key = ed25519_dalek::SigningKey::from_bytes(&seed);
    let bytes = ed25519_dalek::pkcs8::KeypairBytes {
        secret_key: key.to_bytes(),
        public_key: None,
    };
    let der = bytes.to_pkcs8_der().map_err(|_| SigningKeyError::Malformed)?;
    Ok(Pkcs8::from_bytes(der.as_bytes().to_vec()))
}

fn ed448(random: &dyn Random) -> Result<Pkcs8, SigningKeyError> {
    let mut seed = Zeroizing::new(ed448_goldilocks::SecretKey::default());
    random.fill(&mut seed)?;
    let der = ed448_goldilocks::SigningKey::from(&*seed)
        .to_pkcs8_der()
        .map_err(|_| SigningKeyError::Malformed)?;
    Ok(Pkcs8::from_bytes(der.as_bytes().to_vec()))
}

/// The seed alone (RFC 9881 §6).
fn ml_dsa<P>(random: &dyn Random) -> Result<Pkcs8, SigningKeyError>
where
    P: ml_dsa::MlDsaParams,
    ml_dsa::SigningKey<P>: EncodePrivateKey,
{
    let mut seed = Zeroizing::new(ml_dsa::Seed::default());
    random.fill(&mut seed)?;
    let der = ml_dsa::SigningKey::<P>::from_seed(&seed)
        .to_pkcs8_der()
        .map_err(|_| SigningKeyError::Malformed)?;
    Ok(Pkcs8::from_bytes(der.as_bytes().to_vec()))
}

/// [`Random`] as the crates beneath want it.
struct Source<'a>(&'a dyn Random);

impl rand_core::TryRng for Source<'_> {
    type Error = NoRandom;

    fn try_next_u32(&mut self) -> Result<u32, NoRandom> {
        crate::random::bytes(self.0).map(u32::from_le_bytes)
    }

    fn try_next_u64(&mut self) -> Result<u64, NoRandom> {
        crate::random::bytes(self.0).map(u64::from_le_bytes)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), NoRandom> {
        self.0.fill(out)
    }
}

impl rand_core::TryCryptoRng for Source<'_> {}
