//! Bytes that are base64url in JSON.

use core::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};

/// Bytes that travel as base64url without padding (RFC 4648 §5), in one encoding only: trailing bits are zero.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Base64Url(Box<[u8]>);

impl Base64Url {
    /// Reads the text form.
    ///
    /// # Errors
    /// [`NotBase64Url`] for padding, the other alphabet, spaces and stray bits.
    pub fn parse(text: &str) -> Result<Self, NotBase64Url> {
        URL_SAFE_NO_PAD
            .decode(text)
            .map(Self::from)
            .map_err(|_| NotBase64Url)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Text that is not base64url without padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not base64url without padding")]
pub struct NotBase64Url;

impl From<Vec<u8>> for Base64Url {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into_boxed_slice())
    }
}

impl From<&[u8]> for Base64Url {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl AsRef<[u8]> for Base64Url {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Base64Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl fmt::Debug for Base64Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Base64Url({self})")
    }
}

impl Serialize for Base64Url {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Base64Url {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_encoding() {
        assert_eq!(
            Base64Url::parse("AQI").map(|bytes| bytes.as_bytes().to_vec()),
            Ok(vec![1, 2])
        );
        for wrong in ["AQI=", "AQJ", "AQ I", "AQI\n", "A", "+/8", "_-9="] {
            assert_eq!(Base64Url::parse(wrong), Err(NotBase64Url), "{wrong:?}");
        }
    }
}
