//! Stored bytes of every version that was ever written, under `fixtures/storage/`: they must read for ever.
//!
//! A file holds a record's key and its stored bytes, in hexadecimal, a line each. `DOORWARD_WRITE_FIXTURES=1`
//! writes those that are missing, and never changes one that is there.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::path::PathBuf;

use doorward_crypto::Timestamp;
use doorward_storage::{Engine, Kind, Memory, Record, Store, StoreError};
use serde::{Deserialize, Serialize};

use crate::rig::{key, stamp};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sample {
    name: String,
    count: u64,
    picture: Option<Vec<u8>>,
    #[serde(default, with = "doorward_storage::times::maybe")]
    ends_at: Option<Timestamp>,
}

impl Record for Sample {
    const KIND: Kind = Kind::new(b'S', "sample");
    const VERSION: u8 = 3;
    type Id = String;
    fn id(&self) -> String {
        self.name.clone()
    }
    fn expires_at(&self) -> Option<Timestamp> {
        self.ends_at
    }
}

fn samples() -> [(&'static str, Sample); 3] {
    let sample = |name: &str| Sample {
        name: name.to_owned(),
        count: 7,
        picture: None,
        ends_at: None,
    };
    [
        ("plain", sample("plain")),
        (
            "expiring",
            Sample {
                ends_at: Some(Timestamp::from_millis(1_900_000_000_123)),
                ..sample("expiring")
            },
        ),
        (
            "long-name",
            Sample {
                picture: Some(vec![0, 255]),
                ..sample(&"n".repeat(2000))
            },
        ),
    ]
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/storage/v1")
        .join(format!("{name}.hex"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// A store that holds one entry.
async fn store_with(at: &[u8], bytes: Vec<u8>) -> Store {
    let engine = Memory::default();
    let mut batch = doorward_storage::Batch::new(stamp());
    batch.put(key(at), bytes).unwrap();
    engine.commit(batch).await.unwrap();
    Store::over(doorward_storage::AnyEngine::Memory(engine), crate::rig::seeded(5))
}

/// What a store writes for `sample`: key and bytes.
async fn written(sample: &Sample) -> (Vec<u8>, Vec<u8>) {
    let engine = doorward_storage::AnyEngine::Memory(Memory::default());
    let store = Store::over(engine, crate::rig::seeded(5));
    let done: Result<(), StoreError> = store
        .transact(Timestamp::default(), |tx| async move {
            tx.insert(sample.clone()).await
        })
        .await;
    done.unwrap();
    let mut snapshot = store.snapshot().await.unwrap();
    let (key, found) = snapshot.next_page().await.unwrap().unwrap().remove(0);
    (key.as_bytes().to_vec(), found.value)
}

#[tokio::test]
async fn what_any_version_wrote_reads_today() {
    for (name, sample) in samples() {
        let (at, bytes) = written(&sample).await;
        let text = format!("{}\n{}\n", hex(&at), hex(&bytes));
        if std::env::var_os("DOORWARD_WRITE_FIXTURES").is_some() && !path(name).exists() {
            std::fs::write(path(name), &text).unwrap();
        }
        let golden = std::fs::read_to_string(path(name)).unwrap();
        let (at, bytes) = golden.trim_end().split_once('\n').unwrap();
        let store = store_with(&unhex(at), unhex(bytes)).await;
        let found = store
            .read::<Sample>(&sample.name, Timestamp::default())
            .await
            .unwrap();
        assert_eq!(found, Some(sample), "{name}");
        assert_eq!(
            golden, text,
            "{name}: the same record is written otherwise today; raise the version"
        );
    }
}

#[tokio::test]
async fn every_flipped_bit_and_truncation_is_an_error_or_another_value_and_never_a_panic() {
    let (_, sample) = &samples()[1];
    let (at, bytes) = written(sample).await;
    for byte in 0..bytes.len() {
        for bit in 0..8 {
            let mut other = bytes.clone();
            other[byte] ^= 1 << bit;
            let read = store_with(&at, other)
                .await
                .read::<Sample>(&sample.name, Timestamp::default())
                .await;
            // Version 0 of the format, another kind, another key: always told. In the record itself CBOR has no
            // checksum; a disk's errors are the journal's business.
            let told = matches!(read, Err(StoreError::Damaged { .. } | StoreError::Newer { .. }));
            let expiry = (3..12).contains(&byte);
            assert!(told || expiry || byte >= 28, "byte {byte} bit {bit}");
        }
        let cut = store_with(&at, bytes[..byte].to_vec()).await;
        let read = cut.read::<Sample>(&sample.name, Timestamp::default()).await;
        assert!(matches!(read, Err(StoreError::Damaged { .. })), "cut at {byte}");
    }
}

#[tokio::test]
async fn a_value_under_another_key_is_damage() {
    let (_, sample) = &samples()[0];
    let (_, bytes) = written(sample).await;
    let store = store_with(b"Sother", bytes).await;
    let read = store
        .read::<Sample>(&"other".to_owned(), Timestamp::default())
        .await;
    assert!(matches!(read, Err(StoreError::Damaged { .. })));
}
