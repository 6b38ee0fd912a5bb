//! Signs with RSA without ring: the pure provider verifies RSA and does not sign it, and a test needs no blinding.

use core::convert::Infallible;

use doorward_crypto::rustcrypto::RustCrypto;
use doorward_crypto::{
    Algorithm, Hash, Pkcs8, Provider, PublicKey, Random, Scheme, SignError, SignatureForm, SigningKey,
    SigningKeyError, VerifyError,
};
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, PrivateKey};

use super::Seeded;
use super::der::{octets, oid, sequence};

/// The pure provider, which here signs with RSA, too.
#[derive(Debug)]
pub(crate) struct RsaSigner;

impl Provider for RsaSigner {
    fn name(&self) -> &'static str {
        "RSA for tests"
    }

    fn verifies(&self, scheme: Scheme) -> bool {
        RustCrypto.verifies(scheme)
    }

    fn verify_scheme(
        &self,
        scheme: Scheme,
        key: &PublicKey,
        form: SignatureForm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        RustCrypto.verify_scheme(scheme, key, form, message, signature)
    }

    fn signing_key(
        &self,
        algorithm: Algorithm,
        pkcs8: &[u8],
    ) -> Result<Box<dyn SigningKey>, SigningKeyError> {
        let private = PrivateKey::from_pkcs8_der(pkcs8).map_err(|_| SigningKeyError::Malformed)?;
        let (n, e) = (private.n_bytes(), private.e_bytes());
        let public = PublicKey::rsa(&n, &e)?;
        Ok(Box::new(RsaKey {
            algorithm,
            private,
            public,
        }))
    }

    fn generate(&self, _: Algorithm, random: &dyn Random) -> Result<Pkcs8, SigningKeyError> {
        let key = PrivateKey::new(&mut Source(random), 2048).unwrap();
        Ok(Pkcs8::from_bytes(key.to_pkcs8_der().unwrap().as_bytes().to_vec()))
    }
}

#[derive(Debug)]
struct RsaKey {
    algorithm: Algorithm,
    private: PrivateKey,
    public: PublicKey,
}

impl SigningKey for RsaKey {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign_as(&self, _: SignatureForm, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let salts = Seeded::new("salt");
        let salts = &mut Source(&salts);
        let signature = match self.algorithm.scheme() {
            Scheme::RsaPkcs1(hash) => {
                let algorithm = sequence(&[oid(name(hash)), vec![5, 0]]);
                let info = sequence(&[algorithm, octets(&hash.of(message))]);
                self.private.sign(Pkcs1v15Sign::new_unprefixed(), &info)
            }
            Scheme::RsaPss(Hash::Sha384) => self.private.pss_sign_with_rng::<sha2::Sha384, _>(salts, message),
            Scheme::RsaPss(Hash::Sha512) => self.private.pss_sign_with_rng::<sha2::Sha512, _>(salts, message),
            Scheme::RsaPss(_) => self.private.pss_sign_with_rng::<sha2::Sha256, _>(salts, message),
            other @ (Scheme::Ecdsa(..) | Scheme::Ed25519 | Scheme::Ed448 | Scheme::MlDsa(_)) => {
                panic!("{other:?} is not RSA")
            }
        };
        signature.map_err(|_| SignError)
    }
}

fn name(hash: Hash) -> &'static str {
    match hash {
        Hash::Sha1 => "1.3.14.3.2.26",
        Hash::Sha256 => "2.16.840.1.101.3.4.2.1",
        Hash::Sha384 => "2.16.840.1.101.3.4.2.2",
        Hash::Sha512 => "2.16.840.1.101.3.4.2.3",
    }
}

/// Our randomness as RustCrypto wants it.
struct Source<'r>(&'r dyn Random);

impl rand_core::TryRng for Source<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(
            doorward_crypto::random::bytes(self.0).unwrap(),
        ))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(
            doorward_crypto::random::bytes(self.0).unwrap(),
        ))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(out).unwrap();
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Source<'_> {}
