//! How a record keeps moments: as whole numbers, for `#[serde(with = "doorward_storage::times")]`.

use doorward_crypto::Timestamp;
use serde::{Deserialize, Deserializer, Serializer};

/// Writes milliseconds since 1970.
///
/// # Errors
/// The serializer's.
pub fn serialize<S: Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(moment.millis())
}

/// Reads milliseconds since 1970.
///
/// # Errors
/// The deserializer's.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    u64::deserialize(deserializer).map(Timestamp::from_millis)
}

/// The same for a moment that may be missing: `#[serde(default, with = "doorward_storage::times::maybe")]`.
pub mod maybe {
    use super::{Deserialize, Deserializer, Serializer, Timestamp};

    /// Writes milliseconds since 1970, or nothing.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(moment: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        match moment {
            Some(moment) => serializer.serialize_some(&moment.millis()),
            None => serializer.serialize_none(),
        }
    }

    /// Reads milliseconds since 1970, or nothing.
    ///
    /// # Errors
    /// The deserializer's.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<u64>::deserialize(deserializer)?.map(Timestamp::from_millis))
    }
}
