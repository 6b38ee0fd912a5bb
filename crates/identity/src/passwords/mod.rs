//! Passwords: the type, what is demanded of a new one, and hashing within bounds.
//!
//! A password is hashed on threads of its own (`pool`), never inside a transaction, and never before its try
//! was counted. What is stored carries its own cost ([`hash`]); a stored cost past the bounds is damage and is
//! refused before memory is taken for it.

mod common;
pub mod hash;
pub(crate) mod pool;
mod rules;

use core::fmt;

use precis_profiles::OpaqueString;
use precis_profiles::precis_core::profile::PrecisFastInvocation as _;
use zeroize::Zeroizing;

pub use hash::{Cost, PasswordHash};
pub use rules::{PasswordRefused, Surroundings};

use crate::limits;

/// A password as a person typed it. `Debug` shows nothing; it clears itself.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes what was typed. Anything goes: whether it is a good new password is [`Self::check_new`]'s matter.
    #[must_use]
    pub fn new(typed: impl Into<String>) -> Self {
        Self(Zeroizing::new(typed.into()))
    }

    /// What is hashed: prepared by RFC 8265 §4 (`OpaqueString`: NFC, other spaces become SPACE, case stays),
    /// whole, and bounded. `None` when the profile refuses it or it is too long: no stored password is so.
    pub(crate) fn prepared(&self) -> Option<Zeroizing<Vec<u8>>> {
        if self.0.is_empty() || self.0.len() > limits::PASSWORD_BYTES_MAX {
            return None;
        }
        let prepared = OpaqueString::enforce(self.0.as_str()).ok()?;
        Some(Zeroizing::new(prepared.into_owned().into_bytes()))
    }

    /// The same as text, to count and to compare.
    pub(crate) fn prepared_text(&self) -> Option<Zeroizing<String>> {
        let bytes = self.prepared()?;
        core::str::from_utf8(&bytes)
            .ok()
            .map(|text| Zeroizing::new(text.to_owned()))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}
