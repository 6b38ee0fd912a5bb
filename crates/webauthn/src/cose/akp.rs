//! AKP (RFC 9964): `kty` 7, `pub`; the algorithm says everything else.

use doorward_crypto::{MlDsa, PublicKey};

use super::{CoseKeyError, members};
use crate::cbor::Map;

const KTY: i64 = 7;
const PUB: i64 = -1;

pub(super) fn read(map: &Map<'_>, set: MlDsa) -> Result<PublicKey, CoseKeyError> {
    members(map, KTY, &[PUB])?;
    Ok(PublicKey::ml_dsa(set, map.integer_key(PUB)?.bytes()?)?)
}
