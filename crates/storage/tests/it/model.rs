//! The embedded engine beside an ordered map: random commands, stops, kills and power cuts included.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::collections::BTreeMap;

use doorward_storage::{Batch, CommitError, Engine, Expected, Revision, Sled, SledSettings};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::rig::{everything, key, settings, sled, stamp};

#[derive(Clone, Debug)]
enum Command {
    Commit {
        expected: Vec<(u8, Hope)>,
        changes: Vec<(u8, Option<u16>)>,
    },
    Checkpoint,
    Stop,
    Kill,
    PowerCut,
}

/// What a command expects of a key, said without knowing the stamp.
#[derive(Clone, Copy, Debug)]
enum Hope {
    Absent,
    AsItIs,
    AsItNeverWas,
}

fn command() -> impl Strategy<Value = Command> {
    let hope = prop_oneof![1 => Just(Hope::Absent), 4 => Just(Hope::AsItIs), 1 => Just(Hope::AsItNeverWas)];
    let length = prop_oneof![8 => 0..300_u16, 1 => 20_000..60_000_u16];
    let change = prop_oneof![3 => length.prop_map(Some), 1 => Just(None)];
    let commit = (vec((0..12_u8, hope), 0..3), vec((0..12_u8, change), 0..5));
    prop_oneof![
        40 => commit.prop_map(|(expected, changes)| Command::Commit { expected, changes }),
        2 => Just(Command::Checkpoint),
        1 => Just(Command::Stop),
        2 => Just(Command::Kill),
        2 => Just(Command::PowerCut),
    ]
}

type Model = BTreeMap<Vec<u8>, (Revision, Vec<u8>)>;

/// The batch of a command, and what the model says of it.
fn plan(model: &Model, expected: &[(u8, Hope)], changes: &[(u8, Option<u16>)]) -> (Batch, bool) {
    let mut batch = Batch::new(stamp());
    let mut holds = BTreeMap::new();
    for (name, hope) in expected {
        let current = model.get([*name].as_slice()).map(|(revision, _)| *revision);
        let expected = match (hope, current) {
            (Hope::Absent, _) | (Hope::AsItIs, None) => Expected::Absent,
            (Hope::AsItIs, Some(revision)) => Expected::At(revision),
            (Hope::AsItNeverWas, _) => Expected::At(stamp()),
        };
        let right = match expected {
            Expected::Absent => current.is_none(),
            Expected::At(revision) => current == Some(revision),
        };
        holds.insert(*name, right);
        batch.expect(key([*name]), expected).unwrap();
    }
    for (name, change) in changes {
        match change {
            Some(length) => batch
                .put(key([*name]), vec![*name; usize::from(*length)])
                .unwrap(),
            None => batch.remove(key([*name])).unwrap(),
        }
    }
    (batch, holds.values().all(|right| *right))
}

fn apply(model: &mut Model, batch: &Batch) {
    for (key, change) in batch.changes() {
        match change {
            Some(value) => model.insert(key.as_bytes().to_vec(), (batch.revision(), value.clone())),
            None => model.remove(key.as_bytes()),
        };
    }
}

async fn compare(engine: &Sled, model: &Model) {
    let held: Vec<_> = model
        .iter()
        .map(|(name, (_, value))| (name.clone(), value.clone()))
        .collect();
    assert_eq!(everything(engine).await, held);
    for (name, (revision, _)) in model {
        assert_eq!(engine.get(&key(name)).await.unwrap().unwrap().revision, *revision);
    }
}

async fn run(commands: Vec<Command>) {
    let folder = crate::rig::folder();
    let mut settings = SledSettings {
        segment_bytes: 30_000,
        checkpoint_after_bytes: 100_000,
        ..settings(folder.path())
    };
    let mut boots = 0;
    let mut model = Model::new();
    let mut engine = sled(&settings);
    for command in commands {
        match command {
            Command::Commit { expected, changes } => {
                let (batch, holds) = plan(&model, &expected, &changes);
                let copy = batch.clone();
                match engine.commit(batch).await {
                    Ok(_) => {
                        assert!(holds, "it went through against an expectation");
                        apply(&mut model, &copy);
                    }
                    Err(CommitError::Conflict(_)) => assert!(!holds, "a conflict without a cause"),
                    Err(other) => unreachable!("{other}"),
                }
                continue;
            }
            Command::Checkpoint => {
                engine.checkpoint().unwrap();
                continue;
            }
            Command::Stop => drop(engine),
            Command::Kill | Command::PowerCut => {
                drop(engine);
                std::fs::remove_file(settings.folder.join("stopped")).unwrap();
            }
        }
        if matches!(command, Command::PowerCut) {
            boots += 1;
            settings.place = Some(format!("boot {boots}"));
        }
        engine = sled(&settings);
        assert_eq!(engine.was_rebuilt(), matches!(command, Command::PowerCut));
        compare(&engine, &model).await;
    }
    compare(&engine, &model).await;
}

/// How many histories; `DOORWARD_MODEL_CASES` for more.
fn cases() -> u32 {
    std::env::var("DOORWARD_MODEL_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(16)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn an_engine_is_an_ordered_map(commands in vec(command(), 0..120)) {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap().block_on(run(commands));
    }
}
