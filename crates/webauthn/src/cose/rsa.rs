//! RSA (RFC 8230 §4): `kty` 3, `n`, `e`, both without leading zeros.

use doorward_crypto::PublicKey;

use super::{CoseKeyError, members};
use crate::cbor::Map;

const KTY: i64 = 3;
const N: i64 = -1;
const E: i64 = -2;

pub(super) fn read(map: &Map<'_>) -> Result<PublicKey, CoseKeyError> {
    members(map, KTY, &[N, E])?;
    Ok(PublicKey::rsa(
        map.integer_key(N)?.bytes()?,
        map.integer_key(E)?.bytes()?,
    )?)
}
