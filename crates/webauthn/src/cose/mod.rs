//! COSE keys (RFC 9052 §7) as §6.5.1.1 narrows them: `alg` is there, optional members are not, points are not
//! compressed, and the encoding is the CTAP2 canonical one.
//!
//! Which kind, curve and members belong to an `alg` follows from the one table of algorithms; what the table
//! knows, the provider is asked about before it is offered: nothing registers that cannot log in.

mod akp;
mod ec2;
mod firefox;
mod okp;
mod rsa;
mod u2f;

use doorward_crypto::{Algorithm, KeyError, KeyKind, Provider, PublicKey, SignatureForm, VerifyError};

use crate::cbor::{CborError, Item, Key, Map, Rules};
use crate::policy::{Leniencies, Leniency};

pub use u2f::u2f_key;

/// A credential public key: the algorithm that it names, and the checked key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialKey {
    algorithm: Algorithm,
    key: PublicKey,
}

impl CredentialKey {
    /// Reads and checks a COSE key.
    ///
    /// # Errors
    /// [`CoseKeyError`].
    pub fn parse(bytes: &[u8], leniencies: Leniencies) -> Result<Self, CoseKeyError> {
        if leniencies.has(Leniency::Firefox117Ed25519Key)
            && let Some((key, [])) = firefox::split(bytes)
        {
            return Ok(Self {
                algorithm: Algorithm::EdDsa,
                key: PublicKey::ed25519(key)?,
            });
        }
        let map = Item::parse(bytes, Rules::CTAP2)?.map()?;
        let number = map.integer_key(ALG)?.integer()?;
        let algorithm = Algorithm::from_cose(number).ok_or(CoseKeyError::Algorithm(number))?;
        let key = match algorithm.key_kind() {
            KeyKind::Ec(curve) => ec2::read(&map, curve)?,
            KeyKind::Ed25519 => okp::read(&map, okp::Curve::Ed25519)?,
            KeyKind::Rsa => rsa::read(&map)?,
            KeyKind::Ed448 => okp::read(&map, okp::Curve::Ed448)?,
            KeyKind::MlDsa(set) => akp::read(&map, set)?,
        };
        Ok(Self { algorithm, key })
    }

    /// The algorithm that the key names, the only one that it verifies with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The checked key.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Verifies a signature in the form that §6.5.5 prescribes.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn verify(
        &self,
        provider: &dyn Provider,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        provider.verify(self.algorithm, &self.key, SignatureForm::Der, message, signature)
    }
}

/// Splits the key at the front of `bytes` from what follows it.
///
/// # Errors
/// The CBOR that cannot be read.
pub(crate) fn split_key(bytes: &[u8], leniencies: Leniencies) -> Result<(&[u8], &[u8]), CborError> {
    if leniencies.has(Leniency::Firefox117Ed25519Key)
        && let Some((_, rest)) = firefox::split(bytes)
    {
        let length = bytes.len().saturating_sub(rest.len());
        return Ok((bytes.get(..length).unwrap_or_default(), rest));
    }
    Item::prefix(bytes, Rules::CTAP2).map(|(item, rest)| (item.raw(), rest))
}

const KTY: i64 = 1;
const ALG: i64 = 3;

/// Demands the key type, and that no member stands beside `kty`, `alg` and `own`.
fn members(map: &Map<'_>, kty: i64, own: &[i64]) -> Result<(), CoseKeyError> {
    if map.integer_key(KTY)?.integer()? != kty {
        return Err(CoseKeyError::KeyType);
    }
    match map.entries().find(
        |(key, _)| !matches!(key, Key::Integer(label) if [KTY, ALG].contains(label) || own.contains(label)),
    ) {
        Some((_, value)) => Err(value.unexpected().into()),
        None => Ok(()),
    }
}

/// Why bytes are no credential public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CoseKeyError {
    /// Not canonical CBOR, or a member is missing, of the wrong type or too much.
    #[error("COSE key: {0}")]
    Cbor(#[from] CborError),
    /// An `alg` that the table does not have.
    #[error("COSE key: algorithm {0} is not known")]
    Algorithm(i64),
    /// A `kty` that does not fit `alg`.
    #[error("COSE key: kty does not fit alg")]
    KeyType,
    /// A `crv` that does not fit `alg`.
    #[error("COSE key: crv does not fit alg")]
    Curve,
    /// A key that is none to trust.
    #[error("COSE key: {0}")]
    Key(#[from] KeyError),
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: [u8; 32] = hex32("a5fd5ce1b1c458c530a54fa61b31bf6b04be8b97afde54dd8cbb69275a8a1be1");
    const Y: [u8; 32] = hex32("fa3a3231dd9deed9d1897be5a6228c59501e4bcd12975d3dff730f01278ea61c");

    const fn hex32(text: &str) -> [u8; 32] {
        const fn digit(byte: u8) -> u8 {
            if byte >= b'a' {
                byte - b'a' + 10
            } else {
                byte - b'0'
            }
        }
        let text = text.as_bytes();
        let mut out = [0; 32];
        let mut at = 0;
        while at < 32 {
            out[at] = digit(text[2 * at]) << 4 | digit(text[2 * at + 1]);
            at += 1;
        }
        out
    }

    fn es256() -> Vec<u8> {
        [
            &[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..],
            &X,
            &[0x22, 0x58, 32],
            &Y,
        ]
        .concat()
    }

    fn parse(bytes: &[u8]) -> Result<Algorithm, CoseKeyError> {
        CredentialKey::parse(bytes, Leniencies::NONE).map(|key| key.algorithm())
    }

    #[test]
    fn kty_crv_and_alg_are_one_triple() {
        assert_eq!(parse(&es256()), Ok(Algorithm::Es256));
        let edit = |at: usize, to: u8| {
            let mut key = es256();
            key[at] = to;
            parse(&key)
        };
        assert_eq!(edit(2, 1), Err(CoseKeyError::KeyType));
        assert_eq!(edit(6, 2), Err(CoseKeyError::Curve));
        assert_eq!(edit(4, 0x27), Err(CoseKeyError::KeyType));
        assert_eq!(edit(4, 0x28), Ok(Algorithm::Esp256));
        assert_eq!(edit(4, 0x37), Err(CoseKeyError::Algorithm(-24)));
        assert_eq!(edit(20, 0), Err(CoseKeyError::Key(KeyError::NotOnCurve)));
    }

    #[test]
    fn optional_members_and_compressed_points_are_refused() {
        let key_ops = [&[0xa6, 1, 2, 3, 0x26, 4, 0x81, 2][..], &es256()[5..]].concat();
        assert!(matches!(parse(&key_ops), Err(CoseKeyError::Cbor(_))));
        let compressed = [&es256()[..42], &[0x22, 0xf5]].concat();
        assert!(matches!(parse(&compressed), Err(CoseKeyError::Cbor(_))));
    }

    #[test]
    fn firefox_117_keys_need_their_leniency() {
        let key = [
            firefox::HEAD,
            &[0x21, 0x58, 32],
            &hex32("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
        ]
        .concat();
        assert!(parse(&key).is_err());
        let leniencies = Leniencies::NONE.and(Leniency::Firefox117Ed25519Key);
        assert_eq!(
            CredentialKey::parse(&key, leniencies).map(|key| key.algorithm()),
            Ok(Algorithm::EdDsa)
        );
        let followed = [&key[..], &[0xa0]].concat();
        assert_eq!(split_key(&followed, leniencies), Ok((&key[..], &[0xa0][..])));
    }
}
