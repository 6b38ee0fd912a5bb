//! Attestation statements (§8.2, §8.7) and the authority that vouches for the model.

use crate::{
    cbor::Value,
    certificate::{Certificate, root, vouched},
    keys::{Dice, Key, KeyType},
};

/// Which statement a device makes.
#[derive(Debug, Clone)]
pub enum Attestation {
    /// Format `none`.
    None,
    /// Format `packed`, signed by the credential's own key.
    PackedSelf,
    /// Format `packed`, signed by an attestation key with a certificate.
    Packed(Box<Authority>),
}

/// A root and one attestation certificate under it.
#[derive(Debug, Clone)]
pub struct Authority {
    root: Certificate,
    leaf: Certificate,
    key: Key,
}

impl Authority {
    /// An authority for the model with this AAGUID, from a seed.
    #[must_use]
    pub fn from_seed(name: &str, aaguid: [u8; 16]) -> Self {
        let mut dice = Dice::from_seed(name);
        let root_key = Key::make(KeyType::Es256, &mut dice);
        let key = Key::make(KeyType::Es256, &mut dice);
        let root = root(&root_key);
        let leaf = vouched(&root_key, &key, &aaguid);
        Self { root, leaf, key }
    }

    /// The root certificate, DER: a trust anchor.
    #[must_use]
    pub fn root_der(&self) -> &[u8] {
        &self.root.der
    }
}

impl Attestation {
    /// Format and statement over `authenticator data ‖ client data hash`.
    pub(crate) fn statement(&self, credential: &Key, signed: &[u8]) -> (&'static str, Value) {
        let packed = |signer: &Key| {
            vec![
                (Value::text("alg"), Value::Integer(signer.algorithm())),
                (Value::text("sig"), Value::Bytes(signer.sign(signed))),
            ]
        };
        match self {
            Self::None => ("none", Value::Map(Vec::new())),
            Self::PackedSelf => ("packed", Value::Map(packed(credential))),
            Self::Packed(authority) => {
                let mut members = packed(&authority.key);
                let chain = vec![Value::Bytes(authority.leaf.der.clone())];
                members.push((Value::text("x5c"), Value::Array(chain)));
                ("packed", Value::Map(members))
            }
        }
    }
}
