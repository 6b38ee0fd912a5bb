//! The suite that every engine passes: what the seam promises, one rule a test.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test ends where it fails"
)]

use std::sync::Arc;

use doorward_storage::{AnyEngine, Engine, Expected, Key, Memory, Prefix};

use crate::rig::{batch, conflicts, everything, key, prefix, put, settings, sled, stamp, value};

/// Each rule over each engine: a test with a name of its own.
macro_rules! contract {
    ($($rule:ident),+ $(,)?) => {
        mod memory {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread")] async fn $rule() {
                super::$rule(Arc::new(AnyEngine::Memory(Memory::default()))).await;
            })+
        }
        mod sled_engine {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread")] async fn $rule() {
                let folder = crate::rig::folder();
                super::$rule(Arc::new(AnyEngine::Sled(sled(&settings(folder.path()))))).await;
            })+
        }
    };
}

contract! {
    a_value_reads_back_with_the_stamp_of_its_batch,
    keys_come_in_the_order_of_bytes,
    a_scan_stays_under_its_prefix_and_goes_on_after_its_cursor,
    a_cursor_outside_the_prefix_opens_nothing,
    an_expectation_that_fails_writes_nothing,
    expectations_hold_for_keys_that_are_only_read,
    expectations_alone_are_a_batch,
    a_key_made_again_is_not_what_it_was,
    a_batch_removes_and_puts_at_once,
    the_largest_value_key_and_batch_fit,
    of_64_writers_one_wins_each_round,
    a_scan_while_writing_sees_whole_values_in_order,
    a_snapshot_is_one_point_in_time,
}

async fn a_value_reads_back_with_the_stamp_of_its_batch(engine: Arc<AnyEngine>) {
    let revision = put(&*engine, "one", b"first").await;
    let found = engine.get(&key("one")).await.unwrap().unwrap();
    assert_eq!(
        (found.revision, found.value.as_slice()),
        (revision, b"first".as_slice())
    );
    assert_eq!(value(&*engine, "two").await, None);
    assert_eq!(value(&*engine, "on").await, None);
}

async fn keys_come_in_the_order_of_bytes(engine: Arc<AnyEngine>) {
    for name in [
        b"b".as_slice(),
        b"a\xff",
        b"a",
        b"\x00",
        b"ab",
        b"a\x00",
        b"\xff\xff",
    ] {
        let mut batch = doorward_storage::Batch::new(stamp());
        batch.put(key(name), name.to_vec()).unwrap();
        engine.commit(batch).await.unwrap();
    }
    let names: Vec<_> = everything(&*engine)
        .await
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        names,
        [
            b"\x00".as_slice(),
            b"a",
            b"a\x00",
            b"ab",
            b"a\xff",
            b"b",
            b"\xff\xff"
        ]
    );
}

async fn a_scan_stays_under_its_prefix_and_goes_on_after_its_cursor(engine: Arc<AnyEngine>) {
    for n in 0..25 {
        put(&*engine, &format!("a{n:02}"), b"").await;
        put(&*engine, &format!("b{n:02}"), b"").await;
    }
    let mut names = Vec::new();
    let mut cursor: Option<Key> = None;
    loop {
        let page = engine.scan(&prefix("a"), cursor.as_ref(), 10).await.unwrap();
        names.extend(
            page.iter()
                .map(|(key, _)| String::from_utf8(key.as_bytes().to_vec()).unwrap()),
        );
        cursor = page.last().map(|(key, _)| key.clone());
        if page.len() < 10 {
            break;
        }
    }
    assert_eq!(names, (0..25).map(|n| format!("a{n:02}")).collect::<Vec<_>>());
    assert!(
        engine
            .scan(&prefix("a"), Some(&key("a24")), 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(engine.scan(&prefix("c"), None, 10).await.unwrap().is_empty());
}

async fn a_cursor_outside_the_prefix_opens_nothing(engine: Arc<AnyEngine>) {
    for name in ["a1", "b1", "c1"] {
        put(&*engine, name, b"").await;
    }
    let before = engine.scan(&prefix("b"), Some(&key("a1")), 10).await.unwrap();
    assert_eq!(
        before.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>(),
        [key("b1")]
    );
    assert!(
        engine
            .scan(&prefix("b"), Some(&key("c0")), 10)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn an_expectation_that_fails_writes_nothing(engine: Arc<AnyEngine>) {
    let first = put(&*engine, "one", b"1").await;
    assert!(
        conflicts(
            &*engine,
            batch(&[("one", Expected::Absent)], &[("two", b"2")], &["one"])
        )
        .await
    );
    assert!(
        conflicts(
            &*engine,
            batch(&[("one", Expected::At(stamp()))], &[("two", b"2")], &[])
        )
        .await
    );
    assert!(
        conflicts(
            &*engine,
            batch(&[("none", Expected::At(first))], &[("two", b"2")], &[])
        )
        .await
    );
    assert_eq!(everything(&*engine).await, [(b"one".to_vec(), b"1".to_vec())]);
    assert!(
        !conflicts(
            &*engine,
            batch(&[("one", Expected::At(first))], &[("two", b"2")], &[])
        )
        .await
    );
}

async fn expectations_hold_for_keys_that_are_only_read(engine: Arc<AnyEngine>) {
    let parent = put(&*engine, "parent", b"1").await;
    let child = |name| {
        batch(
            &[("parent", Expected::At(parent)), ("mark", Expected::Absent)],
            &[(name, b"c")],
            &[],
        )
    };
    assert!(!conflicts(&*engine, child("child 1")).await);
    put(&*engine, "mark", b"").await;
    assert!(conflicts(&*engine, child("child 2")).await);
    engine.commit(batch(&[], &[], &["mark"])).await.unwrap();
    assert!(!conflicts(&*engine, child("child 2")).await);
    put(&*engine, "parent", b"1").await;
    assert!(conflicts(&*engine, child("child 3")).await);
}

async fn expectations_alone_are_a_batch(engine: Arc<AnyEngine>) {
    let one = put(&*engine, "one", b"1").await;
    let seen = || batch(&[("one", Expected::At(one)), ("two", Expected::Absent)], &[], &[]);
    assert!(!conflicts(&*engine, seen()).await);
    assert!(!conflicts(&*engine, batch(&[], &[], &[])).await);
    put(&*engine, "two", b"2").await;
    assert!(conflicts(&*engine, seen()).await);
}

async fn a_key_made_again_is_not_what_it_was(engine: Arc<AnyEngine>) {
    let first = put(&*engine, "one", b"same").await;
    engine.commit(batch(&[], &[], &["one"])).await.unwrap();
    put(&*engine, "one", b"same").await;
    assert!(conflicts(&*engine, batch(&[("one", Expected::At(first))], &[], &[])).await);
}

async fn a_batch_removes_and_puts_at_once(engine: Arc<AnyEngine>) {
    put(&*engine, "old name", b"1").await;
    let rename = batch(
        &[("new name", Expected::Absent)],
        &[("new name", b"1")],
        &["old name", "never was"],
    );
    engine.commit(rename).await.unwrap();
    assert_eq!(
        everything(&*engine).await,
        [(b"new name".to_vec(), b"1".to_vec())]
    );
}

async fn the_largest_value_key_and_batch_fit(engine: Arc<AnyEngine>) {
    let mut large = doorward_storage::Batch::new(stamp());
    for n in 0..7_u8 {
        large.put(key([n; 1024]), vec![n; 65_536]).unwrap();
    }
    engine.commit(large).await.unwrap();
    let mut many = doorward_storage::Batch::new(stamp());
    for n in 0..100_u8 {
        many.expect(key([200, n]), Expected::Absent).unwrap();
        many.put(key([200, n]), vec![n]).unwrap();
    }
    engine.commit(many).await.unwrap();
    for n in 0..7_u8 {
        assert_eq!(value(&*engine, [n; 1024]).await.unwrap(), vec![n; 65_536]);
    }
    assert_eq!(everything(&*engine).await.len(), 107);
}

async fn of_64_writers_one_wins_each_round(engine: Arc<AnyEngine>) {
    let mut current = put(&*engine, "prize", b"0").await;
    for round in 1..=20_u8 {
        let racers: Vec<_> = (0..64)
            .map(|_| {
                let engine = Arc::clone(&engine);
                let own = format!("won {}", u128::from_be_bytes(*stamp().as_bytes()));
                let try_it = batch(
                    &[("prize", Expected::At(current))],
                    &[("prize", &[round]), (&own, &[round])],
                    &[],
                );
                tokio::spawn(async move { (try_it.revision(), conflicts(&*engine, try_it).await) })
            })
            .collect();
        let mut winners = Vec::new();
        for racer in racers {
            let (revision, lost) = racer.await.unwrap();
            winners.extend((!lost).then_some(revision));
        }
        assert_eq!(winners.len(), 1, "round {round}");
        assert_eq!(
            engine.get(&key("prize")).await.unwrap().unwrap().revision,
            winners[0]
        );
        current = winners[0];
    }
    assert_eq!(engine.scan(&prefix("won"), None, 1000).await.unwrap().len(), 20);
}

async fn a_scan_while_writing_sees_whole_values_in_order(engine: Arc<AnyEngine>) {
    for n in 0..200 {
        put(&*engine, &format!("k{n:03}"), &[0; 100]).await;
    }
    let writer = {
        let engine = Arc::clone(&engine);
        tokio::spawn(async move {
            for n in 0..400_usize {
                let fill = u8::try_from(n % 200).unwrap();
                put(&*engine, &format!("k{:03}", n % 200), &[fill; 100]).await;
            }
        })
    };
    for _ in 0..20 {
        let page = engine.scan(&Prefix::default(), None, 1000).await.unwrap();
        assert_eq!(page.len(), 200);
        assert!(page.is_sorted_by(|(a, _), (b, _)| a < b));
        assert!(
            page.iter()
                .all(|(_, found)| found.value.iter().all(|byte| *byte == found.value[0]))
        );
    }
    writer.await.unwrap();
}

async fn a_snapshot_is_one_point_in_time(engine: Arc<AnyEngine>) {
    // Two counters that every batch raises together, far apart, with much between them.
    for n in 0..3000 {
        put(&*engine, &format!("m{n:04}"), &[1; 300]).await;
    }
    let raise = |n: u32| {
        let bytes = n.to_be_bytes();
        batch(
            &[],
            &[("a", &bytes), ("z", &bytes), (&format!("n{n}"), &bytes)],
            &[],
        )
    };
    engine.commit(raise(0)).await.unwrap();
    let writer = {
        let engine = Arc::clone(&engine);
        tokio::spawn(async move {
            for n in 1..300 {
                engine.commit(raise(n)).await.unwrap();
            }
        })
    };
    for _ in 0..3 {
        let mut snapshot = engine.snapshot().await.unwrap();
        let mut all = Vec::new();
        while let Some(page) = snapshot.next_page().await.unwrap() {
            all.extend(page);
        }
        assert!(all.is_sorted_by(|(a, _), (b, _)| a < b));
        let find = |name| {
            all.iter()
                .find(|(at, _)| *at == key(name))
                .unwrap()
                .1
                .value
                .clone()
        };
        let (a, z) = (find("a"), find("z"));
        assert_eq!(a, z);
        let count = u32::from_be_bytes(a.try_into().unwrap());
        let marks = all
            .iter()
            .filter(|(at, _)| at.as_bytes().starts_with(b"n"))
            .count();
        assert_eq!(u32::try_from(marks).unwrap(), count + 1);
    }
    writer.await.unwrap();
}
