//! The hashes that a key can work with: one row each.

use core::fmt;

/// The hash under the HMAC (RFC 6238 §1.2). Authenticator apps know [`Algorithm::Sha1`]; several ignore what the
/// URI says about the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// HMAC-SHA-1, the only one of RFC 4226.
    #[default]
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

/// Variant, name in `otpauth` URIs, bytes of a hash.
const TABLE: [(Algorithm, &str, usize); 3] = [
    (Algorithm::Sha1, "SHA1", 20), //
    (Algorithm::Sha256, "SHA256", 32),
    (Algorithm::Sha512, "SHA512", 64),
];

impl Algorithm {
    /// All of them, the usual one first.
    pub const ALL: [Self; 3] = [Self::Sha1, Self::Sha256, Self::Sha512];

    /// By its name in `otpauth` URIs: `SHA1`, `SHA256`, `SHA512`, in this spelling.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// Its name in `otpauth` URIs.
    #[must_use]
    pub fn name(self) -> &'static str {
        TABLE.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// Bytes of a hash, which is also how long a secret should be (RFC 6238 §5.1).
    #[must_use]
    pub fn output_bytes(self) -> usize {
        TABLE.iter().find(|row| row.0 == self).map_or(0, |row| row.2)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_has_one_row() {
        for algorithm in Algorithm::ALL {
            assert_eq!(TABLE.iter().filter(|row| row.0 == algorithm).count(), 1);
            assert_eq!(Algorithm::from_name(algorithm.name()), Some(algorithm));
        }
        assert_eq!(TABLE.len(), Algorithm::ALL.len());
    }
}
