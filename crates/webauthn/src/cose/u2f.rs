//! Keys that were registered with the U2F API: a point, and no COSE around it.

use doorward_crypto::{Curve, KeyError, PublicKey};

use crate::json::Base64Url;

/// The COSE form of a key that U2F registered: 65 bytes, an uncompressed point on P-256. It goes into
/// [`CredentialRecord::public_key`](crate::CredentialRecord::public_key) of a record that is carried over; the
/// login asks for the `appid` extension.
///
/// # Errors
/// [`KeyError`] when the bytes are no such point.
pub fn u2f_key(point: &[u8]) -> Result<Base64Url, KeyError> {
    let (x, y) = match point {
        [0x04, coordinates @ ..] => coordinates.split_at_checked(32).unwrap_or_default(),
        _ => (&[][..], &[][..]),
    };
    PublicKey::ec(Curve::P256, x, y)?;
    // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
    let head = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
    Ok([&head[..], x, &[0x22, 0x58, 0x20], y].concat().into())
}
