//! Removing what has expired.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::time::Duration;

use doorward_crypto::Timestamp;
use doorward_storage::{Kind, Record, Store, StoreError, Sweep, Swept, limits};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Mark {
    name: u32,
    #[serde(with = "doorward_storage::times::maybe")]
    ends_at: Option<Timestamp>,
}

impl Record for Mark {
    const KIND: Kind = Kind::new(b'm', "mark");
    const VERSION: u8 = 1;
    type Id = [u8; 4];
    fn id(&self) -> [u8; 4] {
        self.name.to_be_bytes()
    }
    fn expires_at(&self) -> Option<Timestamp> {
        self.ends_at
    }
}

const END: Timestamp = Timestamp::from_seconds(10_000);

async fn write(store: &Store, name: u32, ends_at: Option<Timestamp>) {
    let mark = &Mark { name, ends_at };
    let written: Result<(), StoreError> = store
        .transact(Timestamp::default(), |tx| async move {
            tx.read::<Mark>(&mark.id()).await?;
            tx.write(mark.clone())
        })
        .await;
    written.unwrap();
}

async fn round(store: &Store, now: Timestamp) -> usize {
    let (mut sweep, mut removed) = (Sweep::new([Mark::KIND, Kind::new(b'n', "none")]), 0);
    loop {
        let swept = store.sweep(&mut sweep, now).await.unwrap();
        removed += swept.removed;
        if swept.round_done {
            return removed;
        }
    }
}

#[tokio::test]
async fn only_what_ended_five_minutes_ago_goes() {
    let store = Store::in_memory();
    for name in 0..700 {
        let ends_at = match name % 3 {
            0 => Some(END),
            1 => Some(END.plus(Duration::from_secs(1))),
            _ => None,
        };
        write(&store, name, ends_at).await;
    }
    let due = END.plus(limits::SWEEP_AFTER);
    assert_eq!(round(&store, due.minus(Duration::from_millis(1))).await, 0);
    assert_eq!(round(&store, due).await, 234);
    assert_eq!(round(&store, due).await, 0);
    assert_eq!(round(&store, due.plus(Duration::from_secs(1))).await, 233);
    assert!(
        store
            .read::<Mark>(&2_u32.to_be_bytes(), due)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_renewed_while_it_is_swept_stays() {
    let store = Store::in_memory();
    let far = END.plus(Duration::from_secs(1_000_000));
    for name in 0..400 {
        write(&store, name, Some(END)).await;
    }
    let renewer = {
        let store = store.clone();
        tokio::spawn(async move {
            for name in (0..400).step_by(2) {
                write(&store, name, Some(far)).await;
            }
        })
    };
    round(&store, END.plus(limits::SWEEP_AFTER)).await;
    renewer.await.unwrap();
    for name in (0..400_u32).step_by(2) {
        assert!(
            store
                .read::<Mark>(&name.to_be_bytes(), END)
                .await
                .unwrap()
                .is_some(),
            "{name}"
        );
    }
}

#[tokio::test]
async fn the_high_water_only_rises() {
    let store = Store::in_memory();
    assert_eq!(store.high_water().await.unwrap(), Timestamp::default());
    assert_eq!(store.raise_high_water(END).await.unwrap(), END);
    assert_eq!(
        store.raise_high_water(Timestamp::from_seconds(5)).await.unwrap(),
        END
    );
    assert_eq!(store.high_water().await.unwrap(), END);
    let mut nothing = Sweep::new([]);
    let expected = Swept {
        round_done: true,
        ..Swept::default()
    };
    assert_eq!(store.sweep(&mut nothing, END).await.unwrap(), expected);
}
