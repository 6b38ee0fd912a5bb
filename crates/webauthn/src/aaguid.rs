//! AAGUID: which model of authenticator (§6.5.1). Not a secret and, without attestation, not a proof.

use core::fmt;

use serde::{Deserialize, Serialize};

/// 16 bytes that name a model of authenticator. All zero when the authenticator or the client hides it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Aaguid([u8; 16]);

impl Aaguid {
    /// The AAGUID that says nothing.
    pub const ZERO: Self = Self([0; 16]);

    /// From its bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

impl fmt::Display for Aaguid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// Text that is not `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` in hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an AAGUID")]
pub struct NotAnAaguid;

impl core::str::FromStr for Aaguid {
    type Err = NotAnAaguid;

    fn from_str(text: &str) -> Result<Self, NotAnAaguid> {
        let groups = [8, 4, 4, 4, 12];
        let mut parts = text.split('-');
        let mut digits = String::with_capacity(32);
        for length in groups {
            let part = parts
                .next()
                .filter(|part| part.len() == length)
                .ok_or(NotAnAaguid)?;
            digits.push_str(part);
        }
        if parts.next().is_some() || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(NotAnAaguid);
        }
        u128::from_str_radix(&digits, 16)
            .map(|number| Self(number.to_be_bytes()))
            .map_err(|_| NotAnAaguid)
    }
}

impl TryFrom<String> for Aaguid {
    type Error = NotAnAaguid;

    fn try_from(text: String) -> Result<Self, NotAnAaguid> {
        text.parse()
    }
}

impl From<Aaguid> for String {
    fn from(aaguid: Aaguid) -> Self {
        aaguid.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_bytes_are_one() {
        let text = "ee882879-721c-4913-9775-3dfcce97072a";
        let aaguid: Aaguid = text.parse().expect("an AAGUID");
        assert_eq!(aaguid.to_string(), text);
        assert_eq!(aaguid.as_bytes()[..4], [0xee, 0x88, 0x28, 0x79]);
        for wrong in [
            "",
            "ee882879721c491397753dfcce97072a",
            "+e882879-721c-4913-9775-3dfcce97072a",
        ] {
            assert_eq!(wrong.parse::<Aaguid>(), Err(NotAnAaguid), "{wrong}");
        }
    }
}
