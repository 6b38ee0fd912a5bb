//! RP IDs: which site a credential belongs to.

use core::fmt;

use doorward_crypto::Sha256;

use crate::BuildError;

/// An RP ID: a host name in lower case, without port or scheme, together with its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct RpId {
    text: String,
    hash: [u8; 32],
}

impl RpId {
    /// Reads an RP ID.
    ///
    /// # Errors
    /// [`BuildError::RpId`] for addresses, upper case, ports, schemes, empty labels and other characters than
    /// those of host names.
    pub fn parse(text: &str) -> Result<Self, BuildError> {
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        let is_name = text.len() <= 253
            && text.split('.').all(label)
            && matches!(url::Host::parse(text), Ok(url::Host::Domain(host)) if host == text);
        if !is_name {
            return Err(BuildError::RpId(text.to_owned()));
        }
        Ok(Self {
            text: text.to_owned(),
            hash: Sha256::of(text.as_bytes()),
        })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the text, as authenticators sign it.
    #[must_use]
    pub const fn hash(&self) -> &[u8; 32] {
        &self.hash
    }
}

impl fmt::Debug for RpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RpId({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_rp_id_is_a_host_name_and_nothing_else() {
        for good in [
            "example.org",
            "localhost",
            "login.example.org",
            "xn--bcher-kva.example",
        ] {
            assert!(RpId::parse(good).is_ok(), "{good}");
        }
        for wrong in [
            "",
            ".",
            "example..org",
            ".example.org",
            "example.org.",
            "Example.org",
            "https://example.org",
            "example.org:443",
            "127.0.0.1",
            "1.2",
            "0x7f.1",
            "[::1]",
            "::1",
            "exa mple.org",
            "bücher.example",
        ] {
            assert_eq!(
                RpId::parse(wrong),
                Err(BuildError::RpId(wrong.to_owned())),
                "{wrong:?}"
            );
        }
    }
}
