//! The account for which a credential is made (§5.4.3).

use doorward_crypto::{NoRandom, Random, random};
use serde::{Deserialize, Serialize};

use crate::json::Base64Url;
use crate::limits::USER_HANDLE_MAX;

/// What an account is called among machines: 1 to 64 bytes, random, with nothing about the person in it, never
/// shown (§14.6.1). In JSON: base64url.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Base64Url", into = "Base64Url")]
pub struct UserHandle(Box<[u8]>);

impl UserHandle {
    /// From its bytes.
    ///
    /// # Errors
    /// [`UserHandleLength`] for none and for more than 64.
    pub fn new(bytes: impl Into<Box<[u8]>>) -> Result<Self, UserHandleLength> {
        let bytes = bytes.into();
        if (1..=USER_HANDLE_MAX).contains(&bytes.len()) {
            Ok(Self(bytes))
        } else {
            Err(UserHandleLength)
        }
    }

    /// 64 fresh random bytes, as §14.6.1 recommends.
    ///
    /// # Errors
    /// [`NoRandom`] when the source fails.
    pub fn generate(random: &dyn Random) -> Result<Self, NoRandom> {
        Ok(Self(Box::new(random::bytes::<USER_HANDLE_MAX>(random)?)))
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn of_hashes(one: [u8; 32], other: [u8; 32]) -> Self {
        Self([one, other].concat().into_boxed_slice())
    }
}

/// A user handle that is empty or longer than 64 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a user handle has 1 to 64 bytes")]
pub struct UserHandleLength;

impl TryFrom<Base64Url> for UserHandle {
    type Error = UserHandleLength;

    fn try_from(bytes: Base64Url) -> Result<Self, UserHandleLength> {
        Self::new(bytes.as_bytes())
    }
}

impl From<UserHandle> for Base64Url {
    fn from(handle: UserHandle) -> Self {
        Self::from(&*handle.0)
    }
}

/// The account as the authenticator's dialogs show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserEntity {
    /// What the account is called among machines.
    pub handle: UserHandle,
    /// What tells the account from others: a user name, an e-mail address.
    pub name: String,
    /// What the person is called. May be empty.
    pub display_name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_handle_has_1_to_64_bytes_and_comes_back_bit_by_bit() {
        assert!(UserHandle::new(vec![]).is_err() && UserHandle::new(vec![0; 65]).is_err());
        for bytes in [vec![0xff], vec![0; 64], (0..=63).collect()] {
            let handle = UserHandle::new(bytes).expect("a user handle");
            let json = serde_json::to_string(&handle).expect("JSON");
            assert_eq!(serde_json::from_str::<UserHandle>(&json).ok(), Some(handle));
        }
        assert!(serde_json::from_str::<UserHandle>("\"\"").is_err());
    }
}
