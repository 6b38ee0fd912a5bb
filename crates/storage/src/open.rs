//! Opening a store: the engine that the settings chose, the record it keeps of itself, the right key.

use std::collections::BTreeMap;
use std::sync::Arc;

use doorward_crypto::{Random, Timestamp};
use serde::{Deserialize, Serialize};

use crate::engines::{AnyEngine, Memory, Sled, SledOpenError, SledSettings};
use crate::error::StoreError;
use crate::keyring::Keyring;
use crate::record::{Kind, Record};
use crate::store::Store;

/// Which engine, and where.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Settings {
    /// In memory, gone with the process.
    Memory,
    /// In a folder of this machine.
    Sled(SledSettings),
}

/// A kind of record with the newest version that the program knows: a row of its table of kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    kind: Kind,
    version: u8,
}

impl Known {
    /// The row of `R`.
    #[must_use]
    pub const fn row<R: Record>() -> Self {
        Self {
            kind: R::KIND,
            version: R::VERSION,
        }
    }

    /// The kind.
    #[must_use]
    pub const fn kind(self) -> Kind {
        self.kind
    }
}

/// What the store keeps of itself, so that the wrong program or the wrong key is told before anything else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct About {
    /// The newest version of each kind that any program has been ready to write here.
    versions: BTreeMap<u8, u8>,
    /// A value a root key, by which it is recognised; it gives nothing of the key away.
    keys: BTreeMap<u32, [u8; 32]>,
}

impl Record for About {
    const KIND: Kind = Kind::STORE;
    const VERSION: u8 = 1;
    type Id = ();
    fn id(&self) {}
}

/// Why a store does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The embedded engine refuses its folder.
    #[error(transparent)]
    Sled(#[from] SledOpenError),
    /// A newer program has been at work here.
    #[error(
        "the store was written by a newer Doorward ({kind} has version {version}); use that one, or restore \
         a backup from before"
    )]
    Newer {
        /// Which kind is newer.
        kind: Kind,
        /// Its version in the store.
        version: u8,
    },
    /// The key file is not the one that this store's secrets were sealed with.
    #[error(
        "the sealing key {0} is not the one that this store was made with; find the right key file: without it \
         no second factor and no signing key can be read. Nothing has been changed"
    )]
    WrongKey(u32),
    /// The store holds secrets of a key that the file does not have.
    #[error(
        "the key file lacks key {0}, with which secrets of this store were sealed; find the right key file. \
         Nothing has been changed"
    )]
    MissingKey(u32),
    /// The engine opened and could not be read or written.
    #[error("the store cannot be used: {0}")]
    Store(#[from] StoreError),
    /// The engine's opening broke off.
    #[error("the store's opening broke off")]
    BrokenOff,
}

impl Store {
    /// Opens the store that the settings name, or makes it; for as long as a rebuild takes. Refuses a store
    /// that a newer program wrote or another key sealed.
    ///
    /// `kinds` is the program's table of kinds.
    ///
    /// # Errors
    /// [`OpenError`], each with what to do about it.
    pub async fn open(
        settings: &Settings,
        keys: &Keyring,
        kinds: &[Known],
        random: Arc<dyn Random>,
    ) -> Result<Self, OpenError> {
        let engine = match settings {
            Settings::Memory => AnyEngine::Memory(Memory::default()),
            Settings::Sled(settings) => {
                let (settings, random) = (settings.clone(), Arc::clone(&random));
                let opened = tokio::task::spawn_blocking(move || Sled::open(&settings, &random)).await;
                AnyEngine::Sled(opened.map_err(|_| OpenError::BrokenOff)??)
            }
        };
        let store = Self::over(engine, random);
        match store.recognise(keys, kinds).await {
            Ok(()) => Ok(store),
            Err(error) => {
                store.close().await;
                Err(error)
            }
        }
    }

    /// Compares what the store keeps of itself with the program and its keys, and brings it up to date.
    async fn recognise(&self, keys: &Keyring, kinds: &[Known]) -> Result<(), OpenError> {
        // The record has no end: any moment reads it.
        let (moment, checks) = (Timestamp::default(), &keys.check_values());
        self.transact(moment, |tx| async move {
            let found = tx.read::<About>(&()).await?;
            let mut about = found.clone().unwrap_or(About {
                versions: BTreeMap::new(),
                keys: BTreeMap::new(),
            });
            for (id, check) in &about.keys {
                match checks.get(id) {
                    Some(ours) if ours == check => {}
                    Some(_) => return Err(OpenError::WrongKey(*id)),
                    None => return Err(OpenError::MissingKey(*id)),
                }
            }
            for (tag, version) in &about.versions {
                let known = kinds.iter().find(|known| known.kind.tag() == *tag);
                match known {
                    Some(known) if *version > known.version => {
                        return Err(OpenError::Newer {
                            kind: known.kind,
                            version: *version,
                        });
                    }
                    None => {
                        return Err(OpenError::Newer {
                            kind: Kind::unknown(*tag),
                            version: *version,
                        });
                    }
                    Some(_) => {}
                }
            }
            about.keys.extend(checks);
            about
                .versions
                .extend(kinds.iter().map(|known| (known.kind.tag(), known.version)));
            if found.as_ref() != Some(&about) {
                tx.write(about)?;
            }
            Ok(())
        })
        .await
    }
}
