//! The provider's signing keys: made, rotated, published, and used to sign.
//!
//! All keys are one record ([`crate::records::key`]). Private halves are sealed and opened once, when the record
//! is first read or has changed; what was read is looked at again after a second, so that a rotation on another
//! instance is known that much later, and one on this instance at once.
//!
//! Making an RSA key takes long. Keys are made on a thread for blocking work, outside every transaction, and who
//! asks for keys on an empty store waits for them: a discovery document that lists an algorithm without a key
//! would be a lie.

use core::fmt;
use core::time::Duration;
use std::sync::{Arc, PoisonError, RwLock};

use doorward_crypto::{Algorithm, NoRandom, Pkcs8, Provider, SigningKeyError, Timestamp};
use doorward_jose::{Jwk, JwkError};
use doorward_oidc::keys::OwnKey;
use doorward_oidc::limits::{ACCESS_TOKEN_LIFETIME, ID_TOKEN_LIFETIME};
use doorward_storage::{NotOurs, Purpose, Sealer, StoreError};

use crate::Identity;
use crate::audit::{Origin, What};
use crate::outside::Random;
use crate::records::key::{Key, Keys, Stage};

/// The algorithms with which this provider signs, the default first. There is a key for each.
pub const ALGORITHMS: [Algorithm; 3] = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];

/// A key signs for so long.
const LIFETIME: Duration = Duration::from_secs(90 * 24 * 3600);
/// A key is published so long before it signs: relying parties keep key sets for an hour.
const PUBLISHED_BEFORE: Duration = Duration::from_secs(24 * 3600);
/// How long relying parties may keep the key set.
pub const CACHE_LIFETIME: Duration = Duration::from_secs(3600);
/// An ID token of so long ago still tells whose it was when somebody signs out with it.
const REMEMBERED: Duration = Duration::from_secs(400 * 24 * 3600);
/// What was read of the record is believed for so long.
const TRUSTED: Duration = Duration::from_secs(1);

const SEALED: Purpose = Purpose::new("signing key");

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No random bytes for a new key.
    #[error(transparent)]
    Random(#[from] NoRandom),
    /// A key could not be made or read.
    #[error(transparent)]
    Key(#[from] SigningKeyError),
    /// A public half is not what was stored.
    #[error(transparent)]
    Public(#[from] JwkError),
    /// A private half does not open: the key file is not the one with which it was sealed.
    #[error("a signing key was sealed with another key file")]
    Sealed(#[from] NotOurs),
    /// The thread that made a key died.
    #[error("the work of making a key was given up")]
    GivenUp,
}

/// What is kept of the record in memory.
#[derive(Default)]
pub(crate) struct Cache {
    loaded: RwLock<Option<(Timestamp, Arc<SigningKeys>)>>,
    making: tokio::sync::Mutex<()>,
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cache(…)")
    }
}

/// The keys as they are at a moment.
pub struct SigningKeys {
    record: Keys,
    protocol: doorward_oidc::keys::Keys,
    known: doorward_oidc::keys::Keys,
}

impl SigningKeys {
    /// What signs, what relying parties are shown, and what verifies our tokens.
    #[must_use]
    pub const fn protocol(&self) -> &doorward_oidc::keys::Keys {
        &self.protocol
    }

    /// Every key by which something of ours may still be recognised: for hints, however old.
    #[must_use]
    pub const fn known(&self) -> &doorward_oidc::keys::Keys {
        &self.known
    }

    fn open(record: Keys, sealer: &Sealer, provider: &Arc<dyn Provider>) -> Result<Self, KeysError> {
        let (mut published, mut known) = (Vec::new(), Vec::new());
        // Those that sign first, in the order of preference; what is offered is listed in that order.
        let mut keys: Vec<&Key> = record.keys.iter().collect();
        keys.sort_by_key(|key| {
            (
                key.stage != Stage::Current,
                ALGORITHMS.iter().position(|one| *one == key.algorithm),
            )
        });
        for key in keys {
            let own = if key.stage == Stage::Current {
                let pkcs8 = sealer.open(SEALED, key.kid.as_bytes(), &key.sealed)?;
                OwnKey::signing(Arc::from(provider.signing_key(key.algorithm, &pkcs8)?))?
            } else {
                OwnKey::published(Jwk::parse(key.public.as_bytes())?.key().clone(), key.algorithm)?
            };
            if key.stage.is_published() {
                published.push(own.clone());
            }
            known.push(own);
        }
        let with = |own| doorward_oidc::keys::Keys::new(Arc::clone(provider), own);
        Ok(Self {
            protocol: with(published),
            known: with(known),
            record,
        })
    }

    fn is_whole(&self) -> bool {
        ALGORITHMS.iter().all(|algorithm| self.signs(*algorithm))
    }

    fn signs(&self, algorithm: Algorithm) -> bool {
        self.record.at(algorithm, Stage::Current).is_some()
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(
                self.record
                    .keys
                    .iter()
                    .map(|key| (&key.kid, key.algorithm, key.stage)),
            )
            .finish()
    }
}

impl Identity {
    /// Makes the keys that are missing, and waits until there is one for each algorithm.
    ///
    /// # Errors
    /// [`KeysError`].
    pub async fn ensure_keys(&self) -> Result<(), KeysError> {
        self.signing_keys().await.map(drop)
    }

    /// The keys as they are now.
    ///
    /// # Errors
    /// [`KeysError`].
    pub async fn signing_keys(&self) -> Result<Arc<SigningKeys>, KeysError> {
        let now = self.now();
        if let Some(keys) = self.keys_in_memory(now) {
            return Ok(keys);
        }
        let keys = self.read_keys(now).await?;
        if keys.is_whole() {
            return Ok(keys);
        }
        let _turn = self.key_cache().making.lock().await; // who comes while keys are made waits for them
        let keys = self.read_keys(now).await?;
        let missing: Vec<_> = ALGORITHMS.into_iter().filter(|one| !keys.signs(*one)).collect();
        if !missing.is_empty() {
            self.add_keys(missing, Stage::Current).await?;
        }
        self.read_keys(now).await
    }

    /// Lets new keys sign from this moment on. The old ones stay published until what they signed has died.
    ///
    /// # Errors
    /// [`KeysError`].
    pub async fn rotate_keys(&self) -> Result<(), KeysError> {
        let keys = self.signing_keys().await?;
        let without_next = |one: &Algorithm| keys.record.at(*one, Stage::Next).is_none();
        self.add_keys(ALGORITHMS.into_iter().filter(without_next).collect(), Stage::Next)
            .await?;
        let advance = |keys: &mut Keys, now| {
            for algorithm in ALGORITHMS {
                keys.advance(algorithm, now);
            }
        };
        self.change_keys(advance, Some(What::KeysRotated)).await
    }

    /// What is due: the next keys are made a day before they are needed, sign when the old ones have signed long
    /// enough, and what was kept long enough is let go. To be called about every hour; more often does no harm.
    ///
    /// # Errors
    /// [`KeysError`].
    pub async fn tend_keys(&self) -> Result<(), KeysError> {
        let keys = self.signing_keys().await?;
        let now = self.now();
        let old = |algorithm: Algorithm, age: Duration| {
            keys.record
                .at(algorithm, Stage::Current)
                .is_some_and(|key| now.since(key.since) >= age)
        };
        let due = |one: &Algorithm| {
            keys.record.at(*one, Stage::Next).is_none()
                && old(*one, LIFETIME.saturating_sub(PUBLISHED_BEFORE))
        };
        self.add_keys(ALGORITHMS.into_iter().filter(due).collect(), Stage::Next)
            .await?;
        let unpublish = now.minus(
            ID_TOKEN_LIFETIME
                .max(ACCESS_TOKEN_LIFETIME)
                .saturating_add(CACHE_LIFETIME),
        );
        let due_now = move |keys: &mut Keys, now: Timestamp| {
            for algorithm in ALGORITHMS {
                let signed_enough = keys
                    .at(algorithm, Stage::Current)
                    .is_some_and(|key| now.since(key.since) >= LIFETIME);
                let shown_enough = keys
                    .at(algorithm, Stage::Next)
                    .is_some_and(|key| now.since(key.since) >= PUBLISHED_BEFORE);
                if signed_enough && shown_enough {
                    keys.advance(algorithm, now);
                }
            }
            keys.age(unpublish, now.minus(REMEMBERED), now);
        };
        self.change_keys(due_now, None).await
    }

    fn keys_in_memory(&self, now: Timestamp) -> Option<Arc<SigningKeys>> {
        let loaded = self
            .key_cache()
            .loaded
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let (read_at, keys) = loaded.as_ref()?;
        (now >= *read_at && now.since(*read_at) < TRUSTED).then(|| Arc::clone(keys))
    }

    async fn read_keys(&self, now: Timestamp) -> Result<Arc<SigningKeys>, KeysError> {
        let record = self.store().read::<Keys>(&(), now).await?.unwrap_or_default();
        let mut loaded = self
            .key_cache()
            .loaded
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let keys = match loaded.take() {
            Some((_, keys)) if keys.record == record => keys,
            Some(_) | None => Arc::new(SigningKeys::open(record, self.sealer(), self.provider())?),
        };
        if keys.is_whole() {
            *loaded = Some((now, Arc::clone(&keys)));
        }
        Ok(keys)
    }

    /// Makes keys and adds those that nobody else added meanwhile.
    async fn add_keys(&self, algorithms: Vec<Algorithm>, stage: Stage) -> Result<(), KeysError> {
        if algorithms.is_empty() {
            return Ok(());
        }
        let (provider, random) = (Arc::clone(self.provider()), Arc::clone(self.random()));
        let made = tokio::task::spawn_blocking(move || {
            algorithms
                .into_iter()
                .map(|algorithm| make(algorithm, provider.as_ref(), random.as_ref()))
                .collect()
        });
        let made: Result<Vec<Made>, KeysError> = made.await.map_err(|_| KeysError::GivenUp)?;
        let now = self.now();
        let mut sealed = Vec::new();
        for one in made? {
            let bytes = self.sealer().seal(
                SEALED,
                one.kid.as_bytes(),
                one.pkcs8.as_bytes(),
                self.random().as_ref(),
            )?;
            let (kid, algorithm, public) = (one.kid, one.algorithm, one.public);
            sealed.push(Key {
                kid,
                algorithm,
                public,
                sealed: bytes,
                stage,
                since: now,
            });
        }
        let add = move |keys: &mut Keys, _| {
            for key in &sealed {
                if keys.at(key.algorithm, stage).is_none() {
                    keys.add(key.clone());
                }
            }
        };
        self.change_keys(add, None).await
    }

    async fn change_keys(
        &self,
        change: impl Fn(&mut Keys, Timestamp) + Send + Sync,
        told: Option<What>,
    ) -> Result<(), KeysError> {
        let now = self.now();
        let (change, told) = (&change, &told);
        self.store()
            .transact(now, |tx| async move {
                let before = tx.read::<Keys>(&()).await?.unwrap_or_default();
                let mut keys = before.clone();
                change(&mut keys, now);
                if keys != before {
                    tx.write(keys)?;
                    if let Some(what) = told {
                        self.record(&tx, None, &Origin::default(), what.clone()).await?;
                    }
                }
                Ok::<(), StoreError>(())
            })
            .await?;
        self.read_keys(now).await.map(drop)
    }
}

struct Made {
    kid: String,
    algorithm: Algorithm,
    public: String,
    pkcs8: Pkcs8,
}

fn make(algorithm: Algorithm, provider: &dyn Provider, random: &dyn Random) -> Result<Made, KeysError> {
    let pkcs8 = provider.generate(algorithm, random)?;
    let key = provider.signing_key(algorithm, pkcs8.as_bytes())?;
    let own = OwnKey::published(key.public_key().clone(), algorithm)?;
    let public = serde_json::Value::Object(Jwk::new(key.public_key().clone()).to_object()).to_string();
    Ok(Made {
        kid: own.kid().to_owned(),
        algorithm,
        public,
        pkcs8,
    })
}
