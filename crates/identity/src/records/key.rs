//! The provider's signing keys, all in one record: a rotation is one commit, and whoever loses it reads what won.
//!
//! A key is published before it signs (`Next`), signs (`Current`), is published until the last token that it
//! signed has died (`Retired`), and is then kept without its private half, so that an old ID token still tells
//! whose it was when somebody signs out with it (`Past`).

use doorward_crypto::{Algorithm, Timestamp};
use doorward_storage::{Kind, Record};
use serde::{Deserialize, Serialize};

/// Every key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// In the order in which they were made.
    pub keys: Vec<Key>,
}

/// One key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Its name: the RFC 7638 thumbprint.
    pub kid: String,
    /// The one algorithm with which it signs.
    #[serde(with = "doorward_oidc::stored::algorithm")]
    pub algorithm: Algorithm,
    /// The public half as a JWK, in JSON.
    pub public: String,
    /// The private half (PKCS #8), sealed; wiped when the key no longer signs.
    #[serde(
        default,
        with = "crate::ids::byte_string",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub sealed: Vec<u8>,
    /// Where in its life it stands.
    pub stage: Stage,
    /// Since when.
    #[serde(with = "doorward_storage::times")]
    pub since: Timestamp,
}

/// Where in its life a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Published, does not sign yet.
    Next,
    /// Signs.
    Current,
    /// Published, signs no more.
    Retired,
    /// Recognised, neither published nor signing.
    Past,
}

impl Stage {
    /// Whether relying parties are shown it.
    #[must_use]
    pub const fn is_published(self) -> bool {
        match self {
            Self::Next | Self::Current | Self::Retired => true,
            Self::Past => false,
        }
    }
}

impl Record for Keys {
    const KIND: Kind = Kind::new(b'K', "signing keys");
    const VERSION: u8 = 1;
    type Id = ();

    fn id(&self) {}
}

impl Keys {
    /// The key of this algorithm at this stage.
    #[must_use]
    pub fn at(&self, algorithm: Algorithm, stage: Stage) -> Option<&Key> {
        self.keys
            .iter()
            .find(|key| key.algorithm == algorithm && key.stage == stage)
    }

    /// Adds a key.
    pub fn add(&mut self, key: Key) {
        self.keys.push(key);
    }

    /// Lets the key of this algorithm that is next sign from now on, and retires the one that signed.
    pub fn advance(&mut self, algorithm: Algorithm, now: Timestamp) {
        if self.at(algorithm, Stage::Next).is_none() {
            return;
        }
        for key in self.keys.iter_mut().filter(|key| key.algorithm == algorithm) {
            match key.stage {
                Stage::Current => {
                    key.stage = Stage::Retired;
                    key.since = now;
                    key.sealed.clear();
                }
                Stage::Next => {
                    key.stage = Stage::Current;
                    key.since = now;
                }
                Stage::Retired | Stage::Past => {}
            }
        }
    }

    /// Lets go of what has been kept long enough: retired keys at `unpublish`, past ones at `forget`.
    pub fn age(&mut self, unpublish: Timestamp, forget: Timestamp, now: Timestamp) {
        for key in &mut self.keys {
            if key.stage == Stage::Retired && key.since <= unpublish {
                key.stage = Stage::Past;
                key.since = now;
            }
        }
        self.keys
            .retain(|key| key.stage != Stage::Past || key.since > forget);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kid: &str, stage: Stage) -> Key {
        Key {
            kid: kid.to_owned(),
            algorithm: Algorithm::Es256,
            public: "{}".to_owned(),
            sealed: vec![1],
            stage,
            since: Timestamp::from_seconds(0),
        }
    }

    #[test]
    fn rotation_overlap() {
        let mut keys = Keys {
            keys: vec![key("one", Stage::Current), key("two", Stage::Next)],
        };
        keys.advance(Algorithm::Es256, Timestamp::from_seconds(10));
        let old = keys
            .at(Algorithm::Es256, Stage::Retired)
            .expect("still published");
        assert_eq!((old.kid.as_str(), old.sealed.is_empty()), ("one", true));
        assert_eq!(
            keys.at(Algorithm::Es256, Stage::Current).expect("signs").kid,
            "two"
        );
        keys.advance(Algorithm::Es256, Timestamp::from_seconds(11));
        assert_eq!(
            keys.at(Algorithm::Es256, Stage::Current)
                .expect("no next, no change")
                .kid,
            "two"
        );
        keys.age(
            Timestamp::from_seconds(10),
            Timestamp::from_seconds(0),
            Timestamp::from_seconds(20),
        );
        assert!(keys.at(Algorithm::Es256, Stage::Retired).is_none());
        keys.age(
            Timestamp::from_seconds(10),
            Timestamp::from_seconds(20),
            Timestamp::from_seconds(30),
        );
        assert_eq!(keys.keys.len(), 1);
    }
}
