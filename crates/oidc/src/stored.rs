//! How moments and algorithms stand in what a caller stores: milliseconds, and the JOSE name.

/// A moment as milliseconds since the epoch. For `#[serde(with = "…")]`.
pub mod moment {
    use doorward_crypto::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes the milliseconds.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(moment.millis())
    }

    /// Reads the milliseconds.
    ///
    /// # Errors
    /// When there is no unsigned number.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        u64::deserialize(deserializer).map(Timestamp::from_millis)
    }

    /// The same for a moment that may be absent.
    pub mod option {
        use super::{Deserialize, Deserializer, Serializer, Timestamp};

        /// Writes the milliseconds or nothing.
        ///
        /// # Errors
        /// Those of the serializer.
        pub fn serialize<S: Serializer>(
            moment: &Option<Timestamp>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            match moment {
                Some(moment) => serializer.serialize_some(&moment.millis()),
                None => serializer.serialize_none(),
            }
        }

        /// Reads the milliseconds or nothing.
        ///
        /// # Errors
        /// When there is something else than an unsigned number.
        pub fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Timestamp>, D::Error> {
            Ok(Option::<u64>::deserialize(deserializer)?.map(Timestamp::from_millis))
        }
    }
}

/// An algorithm by its JOSE name. For `#[serde(with = "…")]`.
pub mod algorithm {
    use doorward_crypto::Algorithm;
    use serde::{Deserialize, Deserializer, Serializer, de, ser};

    /// Writes the name.
    ///
    /// # Errors
    /// When JOSE has no name for the algorithm.
    pub fn serialize<S: Serializer>(algorithm: &Algorithm, serializer: S) -> Result<S::Ok, S::Error> {
        let name = algorithm
            .jose()
            .ok_or_else(|| ser::Error::custom("an algorithm without a JOSE name"))?;
        serializer.serialize_str(name)
    }

    /// Reads the name.
    ///
    /// # Errors
    /// When it is not the exact name of an algorithm of the table.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Algorithm, D::Error> {
        let name = String::deserialize(deserializer)?;
        Algorithm::from_jose(&name).ok_or_else(|| de::Error::custom("an unknown algorithm"))
    }

    /// The same for an algorithm that may be absent.
    pub mod option {
        use super::{Algorithm, Deserialize, Deserializer, Serializer, de, ser};

        /// Writes the name or nothing.
        ///
        /// # Errors
        /// When JOSE has no name for the algorithm.
        pub fn serialize<S: Serializer>(
            algorithm: &Option<Algorithm>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            let Some(algorithm) = algorithm else {
                return serializer.serialize_none();
            };
            let name = algorithm
                .jose()
                .ok_or_else(|| ser::Error::custom("an algorithm without a JOSE name"))?;
            serializer.serialize_some(name)
        }

        /// Reads the name or nothing.
        ///
        /// # Errors
        /// When there is something else than the exact name of an algorithm of the table.
        pub fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Algorithm>, D::Error> {
            let Some(name) = Option::<String>::deserialize(deserializer)? else {
                return Ok(None);
            };
            Algorithm::from_jose(&name)
                .map(Some)
                .ok_or_else(|| de::Error::custom("an unknown algorithm"))
        }
    }
}
