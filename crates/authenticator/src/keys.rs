//! Keys from a seed: the same seed gives the same device, the same signatures, the same failure.

use ed25519_dalek::Signer as _;
use sha2::{Digest, Sha256};

use crate::cbor::Value;

/// Bytes that follow from a seed. They repeat, and are no secret.
#[derive(Debug, Clone)]
pub struct Dice {
    seed: [u8; 32],
    thrown: u64,
}

impl Dice {
    /// A row of bytes for this name.
    #[must_use]
    pub fn from_seed(name: &str) -> Self {
        Self {
            seed: Sha256::digest(name.as_bytes()).into(),
            thrown: 0,
        }
    }

    /// The next 32 bytes.
    pub fn throw(&mut self) -> [u8; 32] {
        self.thrown += 1;
        let mut hash = Sha256::new();
        hash.update(self.seed);
        hash.update(self.thrown.to_be_bytes());
        hash.finalize().into()
    }
}

/// The algorithms that it can sign with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    /// COSE −7: ECDSA on P-256 with SHA-256.
    Es256,
    /// COSE −8 with Ed25519.
    EdDsa,
}

/// A credential's private key.
#[derive(Clone)]
pub enum Key {
    /// P-256.
    Es256(Box<p256::ecdsa::SigningKey>),
    /// Ed25519.
    EdDsa(Box<ed25519_dalek::SigningKey>),
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Key").field(&self.algorithm()).finish()
    }
}

impl Key {
    /// A key of this type.
    #[must_use]
    pub fn make(kind: KeyType, dice: &mut Dice) -> Self {
        loop {
            let bytes = dice.throw();
            match kind {
                KeyType::EdDsa => {
                    return Self::EdDsa(Box::new(ed25519_dalek::SigningKey::from_bytes(&bytes)));
                }
                // Not every 32 bytes are a scalar; the next throw is.
                KeyType::Es256 => {
                    if let Ok(key) = p256::ecdsa::SigningKey::from_slice(&bytes) {
                        return Self::Es256(Box::new(key));
                    }
                }
            }
        }
    }

    /// The COSE algorithm identifier.
    #[must_use]
    pub fn algorithm(&self) -> i64 {
        match self {
            Self::Es256(_) => -7,
            Self::EdDsa(_) => -8,
        }
    }

    /// The signature in the form that WebAuthn wants: DER for ECDSA, raw for EdDSA.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Es256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_der().as_bytes().to_vec()
            }
            Self::EdDsa(key) => key.sign(message).to_bytes().to_vec(),
        }
    }

    /// The public key as a point: `04 ‖ x ‖ y` for P-256, 32 bytes for Ed25519.
    #[must_use]
    pub fn public(&self) -> Vec<u8> {
        match self {
            Self::Es256(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::EdDsa(key) => key.verifying_key().to_bytes().to_vec(),
        }
    }

    /// The COSE key (RFC 9053 §7), in CTAP2 canonical order.
    #[must_use]
    pub fn cose(&self) -> Value {
        let public = self.public();
        let entry = |label: i64, value: Value| (Value::Integer(label), value);
        let algorithm = entry(3, Value::Integer(self.algorithm()));
        Value::Map(match self {
            Self::Es256(_) => vec![
                entry(1, Value::Integer(2)),
                algorithm,
                entry(-1, Value::Integer(1)),
                entry(-2, Value::Bytes(public[1..33].to_vec())),
                entry(-3, Value::Bytes(public[33..].to_vec())),
            ],
            Self::EdDsa(_) => {
                vec![
                    entry(1, Value::Integer(1)),
                    algorithm,
                    entry(-1, Value::Integer(6)),
                    entry(-2, Value::Bytes(public)),
                ]
            }
        })
    }
}
