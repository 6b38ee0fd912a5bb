//! OKP (RFC 9053 §7.2): `kty` 1, `crv`, `x`.

use doorward_crypto::PublicKey;

use super::{CoseKeyError, members};
use crate::cbor::Map;

const KTY: i64 = 1;
const CRV: i64 = -1;
const X: i64 = -2;

#[derive(Clone, Copy)]
pub(super) enum Curve {
    Ed25519,
    Ed448,
}

pub(super) fn read(map: &Map<'_>, curve: Curve) -> Result<PublicKey, CoseKeyError> {
    members(map, KTY, &[CRV, X])?;
    if map.integer_key(CRV)?.integer()? != curve.number() {
        return Err(CoseKeyError::Curve);
    }
    let x = map.integer_key(X)?.bytes()?;
    Ok(match curve {
        Curve::Ed25519 => PublicKey::ed25519(x)?,
        Curve::Ed448 => PublicKey::ed448(x)?,
    })
}

impl Curve {
    /// The number in the registry "COSE Elliptic Curves".
    const fn number(self) -> i64 {
        match self {
            Self::Ed25519 => 6,
            Self::Ed448 => 7,
        }
    }
}
