//! Client secrets: 256 random bits made here, shown once, kept as a hash.
//!
//! A plain SHA-256 is enough for a value that nobody can guess; a password would need another function, and
//! nobody chooses a client secret by hand here.

use core::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::{NoRandom, Random, Sha256, hash, random};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::limits;

/// SHA-256 of a client secret. Two of them may live at once, so that a secret can be changed without a gap.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash of this secret.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(Sha256::of(secret.as_bytes()))
    }

    /// Whether this is the secret, compared in constant time. The empty one never is.
    #[must_use]
    pub fn matches(&self, secret: &str) -> bool {
        let length_fits = !secret.is_empty() && secret.len() <= limits::CLIENT_SECRET_MAX;
        hash::equal(&Self::of(secret).0, &self.0) && length_fits
    }
}

/// A new secret: 43 characters of base64url that need no encoding anywhere.
///
/// # Errors
/// [`NoRandom`] when the source of randomness fails.
pub fn generate(random: &dyn Random) -> Result<String, NoRandom> {
    Ok(URL_SAFE_NO_PAD.encode(random::bytes::<32>(random)?))
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

impl Serialize for SecretHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for SecretHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = URL_SAFE_NO_PAD
            .decode(String::deserialize(deserializer)?)
            .map_err(de::Error::custom)?;
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| de::Error::custom("a secret's hash has 32 bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_secret_matches() {
        let hash = SecretHash::of("correct horse");
        assert!(hash.matches("correct horse"));
        for wrong in ["", "correct hors", "correct horse ", "Correct horse"] {
            assert!(!hash.matches(wrong), "{wrong:?}");
        }
        assert!(!SecretHash::of("").matches(""), "an empty secret is none");
        assert_eq!(
            serde_json::from_str::<SecretHash>(&serde_json::to_string(&hash).unwrap()).unwrap(),
            hash
        );
    }
}
