//! Keys that follow from their names.

use std::collections::BTreeMap;
use std::sync::Mutex;

use doorward_crypto::rustcrypto::RustCrypto;
use doorward_crypto::{
    Algorithm, Curve, KeyKind, Parts, Provider, PublicKey, Sha1, SignatureForm, SigningKey,
};

use super::Seeded;
use super::cbor::Cbor;
use super::der::{octets, oid, sequence};
use super::rsa_signer::RsaSigner;

#[derive(Debug)]
pub(crate) struct Key(Box<dyn SigningKey>, Vec<u8>);

impl Key {
    pub(crate) fn new(algorithm: Algorithm, name: &str) -> Self {
        let provider: &dyn Provider = if algorithm.key_kind() == KeyKind::Rsa {
            &RsaSigner
        } else {
            &RustCrypto
        };
        let make = || {
            provider
                .generate(algorithm, &Seeded::new(name))
                .unwrap()
                .as_bytes()
                .to_vec()
        };
        let pkcs8 = if algorithm.key_kind() == KeyKind::Rsa {
            // RSA keys take seconds to make.
            static MADE: Mutex<BTreeMap<String, Vec<u8>>> = Mutex::new(BTreeMap::new());
            MADE.lock()
                .unwrap()
                .entry(name.to_owned())
                .or_insert_with(make)
                .clone()
        } else {
            make()
        };
        Self(provider.signing_key(algorithm, &pkcs8).unwrap(), pkcs8)
    }

    pub(crate) fn es256(name: &str) -> Self {
        Self::new(Algorithm::Es256, name)
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.0.algorithm()
    }

    pub(crate) fn public(&self) -> &PublicKey {
        self.0.public_key()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign_as(SignatureForm::Der, message).unwrap()
    }

    pub(crate) fn sign_fixed(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign_as(SignatureForm::Fixed, message).unwrap()
    }

    /// RSA with PKCS #1 v1.5 and SHA-1, which no provider signs with.
    pub(crate) fn sign_with_sha1(&self, message: &[u8]) -> Vec<u8> {
        use rsa::pkcs8::DecodePrivateKey;
        let key = rsa::PrivateKey::from_pkcs8_der(&self.1).unwrap();
        let sha1 = sequence(&[oid("1.3.14.3.2.26"), vec![5, 0]]);
        let info = sequence(&[sha1, octets(&Sha1::of(message))]);
        key.sign(rsa::Pkcs1v15Sign::new_unprefixed(), &info).unwrap()
    }

    pub(crate) fn cose(&self) -> Cbor {
        let number = self.algorithm().cose();
        let entries = match self.public().parts() {
            Parts::Ec { curve, x, y } => {
                let curve = match curve {
                    Curve::P256 => 1,
                    Curve::P384 => 2,
                    Curve::P521 => 3,
                    Curve::Secp256k1 => 8,
                };
                vec![
                    (1, Cbor::Int(2)),
                    (3, Cbor::Int(number)),
                    (-1, Cbor::Int(curve)),
                    (-2, b(x)),
                    (-3, b(y)),
                ]
            }
            Parts::Ed25519(x) => vec![
                (1, Cbor::Int(1)),
                (3, Cbor::Int(number)),
                (-1, Cbor::Int(6)),
                (-2, b(x)),
            ],
            Parts::Ed448(x) => vec![
                (1, Cbor::Int(1)),
                (3, Cbor::Int(number)),
                (-1, Cbor::Int(7)),
                (-2, b(x)),
            ],
            Parts::Rsa { n, e } => vec![(1, Cbor::Int(3)), (3, Cbor::Int(number)), (-1, b(n)), (-2, b(e))],
            Parts::MlDsa(_, key) => vec![(1, Cbor::Int(7)), (3, Cbor::Int(number)), (-1, b(key))],
        };
        Cbor::Map(
            entries
                .into_iter()
                .map(|(key, value)| (Cbor::Int(key), value))
                .collect(),
        )
    }
}

fn b(bytes: &[u8]) -> Cbor {
    Cbor::Bytes(bytes.to_vec())
}
