//! The browser at the other end, as far as the rules care.

use crate::ids::Digest;
use crate::tokens::BrowserToken;

/// What is known of a browser: its random name, and words for the lists that people read.
///
/// Only the name counts for the rules. Address and words come from the network and prove nothing.
#[derive(Clone, Debug)]
pub struct Browser {
    token: Digest,
    /// The address it speaks from, as text.
    pub address: Option<String>,
    /// Device and browser in words, at most 120 characters: what follows is cut off.
    pub words: Option<String>,
    /// What an earlier sign-in left as [`crate::sign_in::NewSession::known_device`].
    pub known_device: Option<String>,
}

impl Browser {
    /// The browser that carries this token.
    #[must_use]
    pub fn new(token: &BrowserToken) -> Self {
        Self {
            token: token.digest(),
            address: None,
            words: None,
            known_device: None,
        }
    }

    /// With the address it speaks from.
    #[must_use]
    pub fn at(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// With device and browser in words.
    #[must_use]
    pub fn described(mut self, words: &str) -> Self {
        self.words = Some(words.chars().filter(|c| !c.is_control()).take(120).collect());
        self
    }

    /// With the known-device value that it carries.
    #[must_use]
    pub fn known_by(mut self, value: impl Into<String>) -> Self {
        self.known_device = Some(value.into());
        self
    }

    /// What stands for it in what is kept.
    #[must_use]
    pub const fn digest(&self) -> &Digest {
        &self.token
    }
}
