//! Keys and prefixes: bytes, in the order of bytes.

use core::fmt;
use std::sync::Arc;

use crate::limits;

/// 1 to 1024 bytes, compared byte by byte. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Arc<[u8]>);

impl Key {
    /// A key of these bytes.
    ///
    /// # Errors
    /// [`KeyLength`] when there are none or more than 1024.
    pub fn new(bytes: &[u8]) -> Result<Self, KeyLength> {
        if bytes.is_empty() || bytes.len() > limits::KEY_BYTES {
            return Err(KeyLength(bytes.len()));
        }
        Ok(Self(bytes.into()))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key(\"{}\")", self.0.escape_ascii())
    }
}

/// What the keys of a scan begin with; empty means every key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prefix(Arc<[u8]>);

impl Prefix {
    /// A prefix of these bytes.
    ///
    /// # Errors
    /// [`KeyLength`] when there are more than 1024: no key can begin with it.
    pub fn new(bytes: &[u8]) -> Result<Self, KeyLength> {
        if bytes.len() > limits::KEY_BYTES {
            return Err(KeyLength(bytes.len()));
        }
        Ok(Self(bytes.into()))
    }

    /// Whether `key` begins with it.
    #[must_use]
    pub fn covers(&self, key: &Key) -> bool {
        key.as_bytes().starts_with(&self.0)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The length that no key can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key has 1 to 1024 bytes, not {0}")]
pub struct KeyLength(pub usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_1_to_1024_bytes() {
        assert_eq!(Key::new(b""), Err(KeyLength(0)));
        assert!(Key::new(&[7; 1024]).is_ok());
        assert_eq!(Key::new(&[7; 1025]), Err(KeyLength(1025)));
        assert!(Prefix::new(b"").is_ok());
    }
}
