//! Backups: a point in time while writers go on; not a byte of it may change; nothing of it is readable.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use doorward_crypto::Timestamp;
use doorward_storage::{
    AnyEngine, BackupError, Keyring, Kind, Record, Sealer, Store, StoreError, verify_backup,
};
use serde::{Deserialize, Serialize};

use crate::rig::{seeded, settings, sled};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Page(u32, String);

impl Record for Page {
    const KIND: Kind = Kind::new(b'p', "page");
    const VERSION: u8 = 1;
    type Id = [u8; 4];
    fn id(&self) -> [u8; 4] {
        self.0.to_be_bytes()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Visit(u32);

impl Record for Visit {
    const KIND: Kind = Kind::new(b'v', "visit");
    const VERSION: u8 = 1;
    type Id = [u8; 4];
    fn id(&self) -> [u8; 4] {
        self.0.to_be_bytes()
    }
}

const NOW: Timestamp = Timestamp::from_seconds(77);

fn sealer(seed: u64) -> Sealer {
    Sealer::new(Keyring::generate(&*seeded(seed)).unwrap())
}

/// Two pages far apart change together, always.
async fn turn(store: &Store, text: String) {
    let text = &text;
    let turned: Result<(), StoreError> = store
        .transact(NOW, |tx| async move {
            for n in [0, 9999] {
                tx.read::<Page>(&u32::to_be_bytes(n)).await?;
                tx.write(Page(n, text.clone()))?;
            }
            Ok(())
        })
        .await;
    turned.unwrap();
}

async fn filled(store: &Store) {
    for n in 1..400 {
        let fill: Result<(), StoreError> = store
            .transact(NOW, |tx| async move {
                tx.insert(Page(n, "a marker nobody shall find".repeat(40)))
                    .await?;
                tx.insert(Visit(n)).await
            })
            .await;
        fill.unwrap();
    }
    turn(store, "begin".to_owned()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_writers_is_a_point_in_time_and_restores() {
    let folder = crate::rig::folder();
    let store = Store::over(AnyEngine::Sled(sled(&settings(folder.path()))), seeded(3));
    filled(&store).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writer = {
        let (store, stop) = (store.clone(), Arc::clone(&stop));
        tokio::spawn(async move {
            let mut n = 0;
            while !stop.load(Ordering::Relaxed) {
                turn(&store, format!("turn {n}")).await;
                n += 1;
            }
        })
    };
    let (keys, path) = (sealer(1), folder.path().join("backup"));
    let made = store.backup(&path, &keys, &*seeded(8), NOW).await.unwrap();
    stop.store(true, Ordering::Relaxed);
    writer.await.unwrap();
    assert_eq!((made.taken_at, made.records), (NOW, 399 * 2 + 2));
    assert_eq!(verify_backup(&path, &keys).unwrap(), made);
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let bytes = std::fs::read(&path).unwrap();
    assert!(
        !bytes.windows(8).any(|window| window == b"a marker"),
        "it can be read"
    );

    let fresh = Store::in_memory();
    let restored = fresh.restore(&path, &keys, &[Visit::KIND]).await.unwrap();
    assert_eq!(restored.records, 401);
    let read = |n: u32| {
        let fresh = fresh.clone();
        async move {
            fresh
                .read::<Page>(&n.to_be_bytes(), NOW)
                .await
                .unwrap()
                .unwrap()
                .1
        }
    };
    assert_eq!(read(0).await, read(9999).await);
    assert_eq!(
        fresh.read::<Visit>(&5_u32.to_be_bytes(), NOW).await.unwrap(),
        None
    );
    assert!(matches!(
        fresh.restore(&path, &keys, &[]).await,
        Err(BackupError::NotEmpty)
    ));
}

#[tokio::test]
async fn no_flipped_byte_no_truncation_and_no_other_key_passes() {
    let folder = crate::rig::folder();
    let store = Store::in_memory();
    filled(&store).await;
    let (keys, path) = (sealer(1), folder.path().join("backup"));
    store.backup(&path, &keys, &*seeded(8), NOW).await.unwrap();
    assert!(matches!(
        verify_backup(&path, &sealer(2)),
        Err(BackupError::Damaged(0))
    ));
    let bytes = std::fs::read(&path).unwrap();
    let judge = |bytes: &[u8]| {
        let other = folder.path().join("other");
        std::fs::write(&other, bytes).unwrap();
        verify_backup(&other, &keys).is_ok()
    };
    assert!(judge(&bytes));
    let some = (0..60).chain((60..bytes.len()).step_by(bytes.len() / 60));
    for at in some {
        let mut other = bytes.clone();
        other[at] ^= 1;
        assert!(!judge(&other), "flip at {at}");
        assert!(!judge(&bytes[..at]), "cut at {at}");
    }
    assert!(!judge(&[bytes.as_slice(), b"x"].concat()));
    let again = store.backup(&path, &keys, &*seeded(8), NOW).await;
    assert!(
        matches!(again, Err(BackupError::Io(_))),
        "a file that is there stays"
    );
    assert!(judge(&std::fs::read(&path).unwrap()));
}
