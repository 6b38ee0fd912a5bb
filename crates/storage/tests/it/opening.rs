//! The wrong key, the wrong program: told before anything is opened with them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

use doorward_crypto::Timestamp;
use doorward_storage::{Keyring, Kind, Known, OpenError, Record, Settings, Store, StoreError};
use serde::{Deserialize, Serialize};

use crate::rig::{seeded, settings};

#[derive(Clone, Serialize, Deserialize)]
struct Old(u8);
#[derive(Clone, Serialize, Deserialize)]
struct New(u8);

macro_rules! record {
    ($name:ident, $version:literal) => {
        impl Record for $name {
            const KIND: Kind = Kind::new(b'r', "room");
            const VERSION: u8 = $version;
            type Id = [u8; 1];
            fn id(&self) -> [u8; 1] {
                [self.0]
            }
        }
    };
}
record!(Old, 1);
record!(New, 2);

fn keys(seed: u64) -> Keyring {
    Keyring::generate(&*seeded(seed)).unwrap()
}

async fn open(settings: &Settings, keys: &Keyring, kinds: &[Known]) -> Result<Store, OpenError> {
    Store::open(settings, keys, kinds, seeded(3)).await
}

async fn refusal(settings: &Settings, keys: &Keyring, kinds: &[Known]) -> OpenError {
    match open(settings, keys, kinds).await {
        Ok(_) => panic!("it opened"),
        Err(error) => error,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_or_missing_key_and_a_newer_store_are_refused() {
    let folder = crate::rig::folder();
    let settings = Settings::Sled(settings(folder.path()));
    let (right, old, new) = (keys(1), [Known::row::<Old>()], [Known::row::<New>()]);
    let rotated = right.rotated(&*seeded(9)).unwrap();

    open(&settings, &right, &old).await.unwrap().close().await;
    assert!(matches!(
        refusal(&settings, &keys(2), &old).await,
        OpenError::WrongKey(1)
    ));
    open(&settings, &rotated, &old).await.unwrap().close().await;
    assert!(matches!(
        refusal(&settings, &right, &old).await,
        OpenError::MissingKey(2)
    ));

    open(&settings, &rotated, &new).await.unwrap().close().await;
    assert!(matches!(
        refusal(&settings, &rotated, &old).await,
        OpenError::Newer { version: 2, .. }
    ));
    assert!(matches!(
        refusal(&settings, &rotated, &[]).await,
        OpenError::Newer { version: 2, .. }
    ));
    open(&settings, &rotated, &new).await.unwrap().close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_outlive_the_store_that_wrote_them_and_a_newer_one_is_told() {
    let folder = crate::rig::folder();
    let settings = Settings::Sled(settings(folder.path()));
    let now = Timestamp::default();
    let store = open(&settings, &keys(1), &[]).await.unwrap();
    let written: Result<(), StoreError> = store
        .transact(now, |tx| async move { tx.insert(New(7)).await })
        .await;
    written.unwrap();
    store.close().await;
    let store = open(&settings, &keys(1), &[]).await.unwrap();
    assert!(store.read::<New>(&[7], now).await.unwrap().is_some());
    let newer = store.read::<Old>(&[7], now).await.err();
    assert_eq!(
        newer,
        Some(StoreError::Newer {
            kind: Old::KIND,
            version: 2
        })
    );
}
