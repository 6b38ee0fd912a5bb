//! EC2 (RFC 9053 §7.1.1): `kty` 2, `crv`, `x`, `y`, never compressed.

use doorward_crypto::{Curve, PublicKey};

use super::{CoseKeyError, members};
use crate::cbor::Map;

const KTY: i64 = 2;
const CRV: i64 = -1;
const X: i64 = -2;
const Y: i64 = -3;

pub(super) fn read(map: &Map<'_>, curve: Curve) -> Result<PublicKey, CoseKeyError> {
    members(map, KTY, &[CRV, X, Y])?;
    if map.integer_key(CRV)?.integer()? != number(curve) {
        return Err(CoseKeyError::Curve);
    }
    let (x, y) = (map.integer_key(X)?.bytes()?, map.integer_key(Y)?.bytes()?);
    Ok(PublicKey::ec(curve, x, y)?)
}

/// The number in the registry "COSE Elliptic Curves".
const fn number(curve: Curve) -> i64 {
    match curve {
        Curve::P256 => 1,
        Curve::P384 => 2,
        Curve::P521 => 3,
        Curve::Secp256k1 => 8,
    }
}
