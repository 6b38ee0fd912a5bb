//! The name of a credential, chosen by its authenticator.

use serde::{Deserialize, Serialize};

use crate::json::Base64Url;
use crate::limits::CREDENTIAL_ID_MAX;

/// 1 to 1023 bytes (§7.1 step 25), exactly as the authenticator sent them. In JSON: base64url.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Base64Url", into = "Base64Url")]
pub struct CredentialId(Box<[u8]>);

impl CredentialId {
    /// From its bytes.
    ///
    /// # Errors
    /// [`CredentialIdLength`] for none and for more than 1023.
    pub fn new(bytes: impl Into<Box<[u8]>>) -> Result<Self, CredentialIdLength> {
        let bytes = bytes.into();
        if (1..=CREDENTIAL_ID_MAX).contains(&bytes.len()) {
            Ok(Self(bytes))
        } else {
            Err(CredentialIdLength)
        }
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A credential id that is empty or longer than 1023 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a credential id has 1 to 1023 bytes")]
pub struct CredentialIdLength;

impl TryFrom<Base64Url> for CredentialId {
    type Error = CredentialIdLength;

    fn try_from(bytes: Base64Url) -> Result<Self, CredentialIdLength> {
        Self::new(bytes.as_bytes())
    }
}

impl From<CredentialId> for Base64Url {
    fn from(id: CredentialId) -> Self {
        Self::from(&*id.0)
    }
}

impl core::fmt::Display for CredentialId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(&Base64Url::from(&*self.0), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_id_has_1_to_1023_bytes() {
        assert!(CredentialId::new(vec![0; 1]).is_ok() && CredentialId::new(vec![0; 1023]).is_ok());
        assert!(CredentialId::new(vec![]).is_err() && CredentialId::new(vec![0; 1024]).is_err());
    }
}
