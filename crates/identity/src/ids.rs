//! Names of stored things: random, of one length each, printed in base64url without padding.
//!
//! An id is no secret. What opens a door is a token ([`crate::tokens`]).

use core::fmt;
use core::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::random::{self, NoRandom};

use crate::outside::Random;

/// Some text is not an id of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: it must be {0} bytes in base64url without padding")]
pub struct NotAnId(pub usize);

macro_rules! bytes_newtype {
    ($(#[$meta:meta])* $name:ident, $bytes:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// The value with these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotAnId($bytes))?;
                bytes.try_into().map(Self).map_err(|_| NotAnId($bytes))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::ids::serialize_bytes(&self.0, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::ids::deserialize_bytes(deserializer).map(Self)
            }
        }
    };
}

macro_rules! random_id {
    ($(#[$meta:meta])* $name:ident) => {
        bytes_newtype!($(#[$meta])* $name, 16);

        impl $name {
            /// A fresh one.
            ///
            /// # Errors
            /// [`NoRandom`] when the source fails.
            pub fn random(source: &dyn Random) -> Result<Self, NoRandom> {
                random::bytes(source).map(Self)
            }
        }
    };
}

random_id! {
    /// An account: 128 random bits, never used again. It is the `sub` of the account's tokens.
    AccountId
}
random_id! {
    /// A session's public name: what lists show and what ends it. The cookie holds a secret beside it.
    SessionId
}
random_id! {
    /// A passkey's name within its account.
    PasskeyId
}
random_id! {
    /// A proposed change that waits for its proof.
    ChangeId
}
random_id! {
    /// A grant: what one person allowed one application at one time.
    GrantId
}
random_id! {
    /// An application's request that waits for the person. It opens nothing without its seal and the browser.
    RequestId
}
random_id! {
    /// An event of the audit record. People quote it to their operator.
    EventId
}
random_id! {
    /// A browser that signed in to an account before.
    DeviceId
}
bytes_newtype! {
    /// SHA-256 of something that is looked up but not kept.
    Digest, 32
}
bytes_newtype! {
    /// What makes equal passwords hash differently: 128 random bits.
    Salt, 16
}
/// Base64url text where people read the format, a byte string elsewhere.
pub(crate) fn serialize_bytes<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(bytes))
    } else {
        serializer.serialize_bytes(bytes)
    }
}

/// The inverse of [`serialize_bytes`], for exactly `N` bytes.
pub(crate) fn deserialize_bytes<'de, const N: usize, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<[u8; N], D::Error> {
    struct Exactly<const N: usize>;
    impl<const N: usize> serde::de::Visitor<'_> for Exactly<N> {
        type Value = [u8; N];

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{N} bytes")
        }

        fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
            bytes
                .try_into()
                .map_err(|_| E::invalid_length(bytes.len(), &self))
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
            let bytes = URL_SAFE_NO_PAD.decode(text).map_err(E::custom)?;
            bytes
                .as_slice()
                .try_into()
                .map_err(|_| E::invalid_length(bytes.len(), &self))
        }
    }
    if deserializer.is_human_readable() {
        deserializer.deserialize_str(Exactly)
    } else {
        deserializer.deserialize_bytes(Exactly)
    }
}

/// Byte strings of any length, in the same two forms.
pub(crate) mod byte_string {
    use core::fmt;

    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    pub(crate) fn serialize<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        super::serialize_bytes(bytes, serializer)
    }

    pub(crate) fn deserialize<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        struct Any;
        impl serde::de::Visitor<'_> for Any {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Ok(bytes.to_vec())
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                URL_SAFE_NO_PAD.decode(text).map_err(E::custom)
            }
        }
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(Any)
        } else {
            deserializer.deserialize_byte_buf(Any)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_only_its_own_text() {
        let id = AccountId::from_bytes([7; 16]);
        assert_eq!(id.to_string().parse::<AccountId>(), Ok(id));
        for wrong in [
            "",
            "BwcHBwcHBwcHBwcHBwcH",
            "BwcHBwcHBwcHBwcHBwcHBw==",
            "BwcHBwcHBwcHBwcHBwcHBx",
        ] {
            assert!(wrong.parse::<AccountId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_id_survives_its_readable_form() {
        let id = Digest::from_bytes([9; 32]);
        let text = serde_json::to_string(&id).expect("bytes serialise");
        assert_eq!(
            serde_json::from_str::<Digest>(&text).expect("what was written is read"),
            id
        );
    }
}
