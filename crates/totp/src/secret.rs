//! The key that server and authenticator share.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::base32::{self, Base32Error};

/// Bytes of the longest secret that is taken. The longest that makes sense is the block of SHA-512: HMAC hashes
/// what is longer.
const BYTES_MAX: usize = 128;
/// Characters that are looked at when a secret is typed or pasted; all [`BYTES_MAX`] bytes in groups of two fit.
const TEXT_MAX: usize = 512;

/// A shared secret of 1 to 128 bytes. It clears itself, and `Debug` shows its length only.
///
/// RFC 4226 §4 wants 16 bytes at least and 20 rather. Secrets made here have as many as the hash gives; shorter
/// ones are taken, because other systems hand them out, and [`Secret::is_short`] tells.
#[derive(Clone)]
pub struct Secret(Zeroizing<Box<[u8]>>);

impl Secret {
    /// A fresh secret as long as a hash of `algorithm` (RFC 6238 §5.1): 20, 32 or 64 bytes, filled by `fill`.
    ///
    /// # Errors
    /// What `fill` says. It must fill the whole slice with bytes that nobody can predict, or fail.
    pub fn generate<E>(
        algorithm: Algorithm,
        fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut bytes = Zeroizing::new(alloc::vec![0; algorithm.output_bytes()].into_boxed_slice());
        fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// A secret that was kept.
    ///
    /// # Errors
    /// [`SecretError::Empty`], [`SecretError::TooLong`] above 128 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SecretError> {
        match bytes.len() {
            0 => Err(SecretError::Empty),
            1..=BYTES_MAX => Ok(Self(Zeroizing::new(bytes.into()))),
            _ => Err(SecretError::TooLong),
        }
    }

    /// A secret as people type and paste it: base32 in either case, with spaces anywhere, padded or not.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        if text.len() > TEXT_MAX {
            return Err(SecretError::TooLong);
        }
        let mut regular = Zeroizing::new(String::with_capacity(text.len()));
        regular.extend(text.chars().filter(|c| *c != ' ').map(|c| c.to_ascii_uppercase()));
        Self::from_bytes(&base32::decode(&regular)?)
    }

    /// The bytes, to be sealed and kept.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// In base32 without padding, as it stands in `otpauth` URIs.
    #[must_use]
    pub fn to_base32(&self) -> Zeroizing<String> {
        base32::encode(&self.0)
    }

    /// In base32 in groups of four characters, to be read and typed by a person. [`Secret::parse`] takes it back.
    #[must_use]
    pub fn to_groups(&self) -> Zeroizing<String> {
        let text = self.to_base32();
        let mut groups = Zeroizing::new(String::with_capacity(text.len().saturating_mul(2)));
        for (index, letter) in text.chars().enumerate() {
            if index != 0 && index.is_multiple_of(4) {
                groups.push(' ');
            }
            groups.push(letter);
        }
        groups
    }

    /// Whether it has less than the 128 bits that RFC 4226 §4 (R6) demands.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.0.len() < 16
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

/// Why something is not a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretError {
    /// It has no bytes.
    Empty,
    /// It has more than 128 bytes.
    TooLong,
    /// Its text is not base32.
    Base32(Base32Error),
}

impl From<Base32Error> for SecretError {
    fn from(error: Base32Error) -> Self {
        Self::Base32(error)
    }
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the secret is empty"),
            Self::TooLong => f.write_str("the secret is longer than 128 bytes"),
            Self::Base32(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for SecretError {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn debug_shows_nothing_of_the_secret() {
        let secret = Secret::from_bytes(b"\x00\x01hidden").expect("eight bytes");
        assert_eq!(format!("{secret:?}"), "Secret(8 bytes)");
    }

    #[test]
    fn groups_are_read_back() {
        let secret = Secret::from_bytes(b"12345678901234567890").expect("twenty bytes");
        assert_eq!(*secret.to_groups(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let typed = Secret::parse(&secret.to_groups().to_lowercase()).expect("the same in lower case");
        assert_eq!(typed.as_bytes(), secret.as_bytes());
    }

    #[test]
    fn only_1_to_128_bytes_are_a_secret() {
        assert_eq!(Secret::from_bytes(&[]).err(), Some(SecretError::Empty));
        assert_eq!(Secret::parse("  ").err(), Some(SecretError::Empty));
        assert!(Secret::from_bytes(&[1; 128]).is_ok());
        assert_eq!(Secret::from_bytes(&[1; 129]).err(), Some(SecretError::TooLong));
    }

    #[test]
    fn a_fresh_secret_is_as_long_as_the_hash_and_fails_with_its_source() {
        for algorithm in Algorithm::ALL {
            let secret = Secret::generate(algorithm, |bytes| {
                bytes.fill(1);
                Ok::<_, ()>(())
            });
            let secret = secret.expect("the source gave bytes");
            assert_eq!(secret.as_bytes().len(), algorithm.output_bytes());
            assert!(!secret.is_short());
        }
        assert!(Secret::generate(Algorithm::Sha1, |_| Err(())).is_err());
    }
}
