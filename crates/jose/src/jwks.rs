//! A set of public keys (RFC 7517 §5), bounded.

use serde::Serialize;

use crate::json::{self, JsonError};
use crate::jwk::{Jwk, JwkError};
use crate::jws::Header;

/// A set of public keys.
///
/// As RFC 7517 §5 advises, a key that is not understood or not good enough does not spoil its neighbours: it is
/// left out and [`JwkSet::left_out`] tells why. A private key spoils the whole set, since its owner has a leak.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    keys: Vec<Jwk>,
    #[serde(skip)]
    left_out: Vec<JwkError>,
}

/// Bytes of a set. Fifty RSA keys of 4096 bits fit, or ten with a certificate each.
const SET_BYTES_MAX: usize = 64 * 1024;
/// Keys in a set. More than this makes every token without `kid` a burden.
const KEYS_MAX: usize = 50;

impl JwkSet {
    /// A set of keys that are at hand.
    #[must_use]
    pub fn new(keys: Vec<Jwk>) -> Self {
        Self {
            keys,
            left_out: Vec::new(),
        }
    }

    /// Reads a set.
    ///
    /// # Errors
    /// [`JwkSetError`].
    pub fn parse(text: &[u8]) -> Result<Self, JwkSetError> {
        if text.len() > SET_BYTES_MAX {
            return Err(JwkSetError::TooLarge);
        }
        Self::from_object(&json::object(text)?)
    }

    /// Reads a set that stands inside something larger, the `jwks` of a client's metadata for instance.
    ///
    /// # Errors
    /// [`JwkSetError`].
    pub fn from_object(members: &json::Object) -> Result<Self, JwkSetError> {
        let items = members
            .get("keys")
            .and_then(|keys| keys.as_array())
            .ok_or(JwkSetError::Keys)?;
        if items.len() > KEYS_MAX {
            return Err(JwkSetError::TooLarge);
        }
        let mut set = Self::default();
        for item in items {
            match Jwk::from_object(item.as_object().ok_or(JwkSetError::Keys)?) {
                Ok(key) => set.keys.push(key),
                Err(JwkError::Private(name)) => return Err(JwkSetError::Private(name)),
                Err(why) => set.left_out.push(why),
            }
        }
        Ok(set)
    }

    /// The keys, in their order.
    #[must_use]
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// Why keys were left out, in their order.
    #[must_use]
    pub fn left_out(&self) -> &[JwkError] {
        &self.left_out
    }

    /// The keys that may have signed under this header: those of its `kid`, or all where it has none, whose one
    /// algorithm is the header's and that may verify. An RSA key without `alg` counts for none.
    #[must_use]
    pub fn candidates(&self, header: &Header) -> Vec<&Jwk> {
        let fits = |key: &&Jwk| {
            header.kid().is_none_or(|kid| key.kid() == Some(kid))
                && key
                    .algorithm()
                    .is_some_and(|algorithm| algorithm.jose() == Some(header.alg()))
                && key.may_verify()
        };
        self.keys.iter().filter(fits).collect()
    }
}

/// Why a set was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwkSetError {
    /// Not an object whose members each occur once.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// Too many bytes or too many keys.
    #[error("the set is too large")]
    TooLarge,
    /// `keys` is missing or not an array of objects.
    #[error("the member keys is missing or malformed")]
    Keys,
    /// A key of the set is private.
    #[error("a key of the set has the private member {0}")]
    Private(&'static str),
}
