//! The name of a key that is made from the key (RFC 7638), with SHA-256.

use core::fmt;

use doorward_crypto::{PublicKey, Sha256};

use crate::base64url;
use crate::jwk::required_members;

/// SHA-256 over the members that say what key it is, in the order of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Thumbprint([u8; 32]);

impl Thumbprint {
    /// The thumbprint of a key (RFC 7638 §3; for AKP keys RFC 9964).
    #[must_use]
    pub fn of(key: &PublicKey) -> Self {
        // The values are base64url and fixed words, so that nothing needs to be escaped.
        let mut members: Vec<_> = required_members(key)
            .into_iter()
            .map(|(name, value)| format!("\"{name}\":\"{}\"", value.as_str().unwrap_or_default()))
            .collect();
        members.sort();
        Self(Sha256::of(format!("{{{}}}", members.join(",")).as_bytes()))
    }

    /// Reads the base64url form, the `jkt` of a proof of possession for instance.
    ///
    /// # Errors
    /// [`base64url::NotBase64Url`] when it is not that of 32 bytes.
    pub fn parse(text: &str) -> Result<Self, base64url::NotBase64Url> {
        let bytes = base64url::decode(text)?;
        bytes.try_into().map(Self).map_err(|_| base64url::NotBase64Url)
    }

    /// The hash.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// base64url, 43 letters.
impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url::encode(&self.0))
    }
}
