//! Records and transactions over the engine in memory.

use std::time::Duration;

use doorward_crypto::Timestamp;
use doorward_storage::{AnyEngine, CommitFault, Fault, Faults, Kind, Memory, Record, Store, StoreError};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Counter {
    name: String,
    count: u64,
    #[serde(default, with = "doorward_storage::times::maybe")]
    ends_at: Option<Timestamp>,
}

impl Counter {
    fn new(name: &str, count: u64) -> Self {
        Self {
            name: name.to_owned(),
            count,
            ends_at: None,
        }
    }
}

impl Record for Counter {
    const KIND: Kind = Kind::new(b'c', "counter");
    const VERSION: u8 = 1;
    type Id = String;
    fn id(&self) -> String {
        self.name.clone()
    }
    fn expires_at(&self) -> Option<Timestamp> {
        self.ends_at
    }
}

const NOW: Timestamp = Timestamp::from_seconds(1_000);

async fn count_up(store: Store, name: String) -> Result<u64, StoreError> {
    let name = &name;
    store
        .transact(NOW, |tx| async move {
            let count = tx.read::<Counter>(name).await?.map_or(0, |found| found.count) + 1;
            tx.write(Counter::new(name, count))?;
            Ok(count)
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_writers_none_is_lost() {
    let store = Store::in_memory();
    let writers: Vec<_> = (0..64)
        .map(|_| tokio::spawn(count_up(store.clone(), "one".to_owned())))
        .collect();
    let mut seen = Vec::new();
    for writer in writers {
        seen.push(writer.await.unwrap().unwrap());
    }
    seen.sort_unstable();
    assert_eq!(seen, (1..=64).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_error_writes_nothing() {
    let store = Store::in_memory();
    let refused: Result<(), StoreError> = store
        .transact(NOW, |tx| async move {
            tx.insert(Counter::new("one", 1)).await?;
            Err(StoreError::Contended)
        })
        .await;
    assert_eq!(refused, Err(StoreError::Contended));
    assert_eq!(store.read::<Counter>(&"one".to_owned(), NOW).await.unwrap(), None);
}

#[tokio::test]
async fn a_write_without_a_read_is_refused() {
    let store = Store::in_memory();
    let refused: Result<(), StoreError> = store
        .transact(NOW, |tx| async move { tx.write(Counter::new("one", 1)) })
        .await;
    assert_eq!(refused, Err(StoreError::UnreadWrite(Counter::KIND)));
}

#[tokio::test]
async fn what_has_expired_reads_as_absent_and_gives_way() {
    let store = Store::in_memory();
    let ending = Counter {
        ends_at: Some(NOW),
        ..Counter::new("one", 1)
    };
    let before = NOW.minus(Duration::from_millis(1));
    let insert = |now, counter: Counter| {
        let store = store.clone();
        async move {
            let counter = &counter;
            store
                .transact(now, |tx| async move { tx.insert(counter.clone()).await })
                .await
        }
    };
    insert(before, ending.clone()).await.unwrap();
    assert_eq!(
        store.read::<Counter>(&ending.name, before).await.unwrap(),
        Some(ending.clone())
    );
    assert_eq!(store.read::<Counter>(&ending.name, NOW).await.unwrap(), None);
    assert_eq!(
        insert(before, ending).await,
        Err(StoreError::Exists(Counter::KIND))
    );
    let again: Result<(), StoreError> = insert(NOW, Counter::new("one", 2)).await;
    again.unwrap();
    assert_eq!(
        store
            .read::<Counter>(&"one".to_owned(), NOW)
            .await
            .unwrap()
            .unwrap()
            .count,
        2
    );
}

#[tokio::test]
async fn a_list_goes_on_where_it_stopped_and_stays_under_its_prefix() {
    let store = Store::in_memory();
    for n in 0..30 {
        count_up(store.clone(), format!("a{n:02}")).await.unwrap();
        count_up(store.clone(), format!("b{n:02}")).await.unwrap();
    }
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let page = store.list::<Counter>(b"a", after.as_ref(), 7, NOW).await.unwrap();
        names.extend(page.records.into_iter().map(|counter| counter.name));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(names, (0..30).map(|n| format!("a{n:02}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_run_sees_what_it_wrote_and_a_removal() {
    let store = Store::in_memory();
    count_up(store.clone(), "one".to_owned()).await.unwrap();
    let name = &"one".to_owned();
    let seen: Result<_, StoreError> = store
        .transact(NOW, |tx| async move {
            tx.read::<Counter>(name).await?;
            tx.write(Counter::new(name, 9))?;
            let written = tx.read::<Counter>(name).await?.map(|found| found.count);
            tx.remove::<Counter>(name)?;
            Ok((written, tx.read::<Counter>(name).await?))
        })
        .await;
    assert_eq!(seen.unwrap(), (Some(9), None));
    assert_eq!(store.read::<Counter>(name, NOW).await.unwrap(), None);
}

/// A store that fails on demand.
fn failing() -> (Store, Faults) {
    let faults = Faults::default();
    (
        Store::over(
            AnyEngine::Memory(Memory::with_faults(faults.clone())),
            crate::rig::seeded(4),
        ),
        faults,
    )
}

#[tokio::test]
async fn a_conflict_decides_anew_and_counts_once() {
    let (store, faults) = failing();
    faults.at(0, CommitFault::Conflict);
    faults.at(1, CommitFault::Conflict);
    assert_eq!(count_up(store.clone(), "one".to_owned()).await, Ok(1));
    assert_eq!(faults.seen().0, 3);
}

#[tokio::test(start_paused = true)]
async fn attempts_are_bounded() {
    let (store, faults) = failing();
    for attempt in 0..100 {
        faults.at(attempt, CommitFault::Conflict);
    }
    assert_eq!(
        count_up(store, "one".to_owned()).await,
        Err(StoreError::Contended)
    );
    assert_eq!(
        u32::try_from(faults.seen().0),
        Ok(doorward_storage::limits::ATTEMPTS)
    );
}

#[tokio::test]
async fn a_lost_answer_is_found_out_by_one_read_or_stays_unknown() {
    let (store, faults) = failing();
    faults.at(0, CommitFault::UnknownAfter);
    assert_eq!(count_up(store.clone(), "one".to_owned()).await, Ok(1));
    faults.at(0, CommitFault::UnknownBefore);
    assert_eq!(
        count_up(store.clone(), "one".to_owned()).await,
        Err(StoreError::Unknown)
    );
    assert_eq!(faults.seen().0, 2, "an unknown outcome is not tried again");
    assert_eq!(
        store
            .read::<Counter>(&"one".to_owned(), NOW)
            .await
            .unwrap()
            .unwrap()
            .count,
        1
    );
}

#[tokio::test]
async fn a_refusal_and_a_failed_read_are_told_and_write_nothing() {
    let (store, faults) = failing();
    faults.at(0, CommitFault::Refused);
    assert!(matches!(
        count_up(store.clone(), "one".to_owned()).await,
        Err(StoreError::Refused(_))
    ));
    faults.at_a_read(0, Fault::Full);
    assert!(matches!(
        count_up(store.clone(), "one".to_owned()).await,
        Err(StoreError::Engine(_))
    ));
    assert_eq!(store.read::<Counter>(&"one".to_owned(), NOW).await.unwrap(), None);
}

#[tokio::test]
async fn a_confirmed_refusal_commits_its_expectations_and_decides_anew() {
    let (store, faults) = failing();
    let name = &"one".to_owned();
    faults.at(0, CommitFault::Conflict);
    let refused: Result<bool, StoreError> = store
        .transact(NOW, |tx| async move {
            let there = tx.read::<Counter>(name).await?.is_some();
            tx.confirm();
            Ok(there)
        })
        .await;
    assert_eq!(refused, Ok(false));
    assert_eq!(faults.seen(), (2, 2));
}
