//! The embedded engine's folder: stops, kills, power cuts as a folder shows them, damage, locks.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use doorward_storage::{Engine, Sled, SledOpenError, SledSettings, is_fresh};

use crate::rig::{everything, put, seeded, settings, sled, value};

/// Another boot of the machine: sled is not to be trusted.
fn elsewhere(settings: &SledSettings) -> SledSettings {
    SledSettings {
        place: Some("another boot".to_owned()),
        ..settings.clone()
    }
}

/// What a killed process leaves: the folder as it is, without the mark of a clean stop.
fn kill(engine: Sled, settings: &SledSettings) {
    drop(engine);
    fs::remove_file(settings.folder.join("stopped")).unwrap();
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

/// The last segment that holds records.
fn used_segment(settings: &SledSettings) -> PathBuf {
    let segments = files(&settings.folder.join("journal"));
    segments
        .into_iter()
        .rfind(|path| fs::metadata(path).unwrap().len() > 52)
        .unwrap()
}

fn refused(settings: &SledSettings) -> SledOpenError {
    match Sled::open(settings, &seeded(1)) {
        Ok(_) => panic!("it opened"),
        Err(error) => error,
    }
}

async fn fill(engine: &Sled, from: u32, to: u32) {
    for n in from..to {
        put(engine, &format!("k{n:05}"), &n.to_be_bytes()).await;
    }
}

async fn holds(engine: &Sled, to: u32) {
    assert_eq!(everything(engine).await.len(), usize::try_from(to).unwrap());
    for n in 0..to {
        assert_eq!(
            value(engine, format!("k{n:05}")).await,
            Some(n.to_be_bytes().to_vec())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_after_a_stop_a_kill_and_a_power_cut() {
    let folder = crate::rig::folder();
    let settings = settings(folder.path());
    let engine = sled(&settings);
    fill(&engine, 0, 100).await;
    drop(engine);

    let engine = sled(&settings);
    assert!(!engine.was_rebuilt());
    holds(&engine, 100).await;
    fill(&engine, 100, 200).await;
    kill(engine, &settings);

    let engine = sled(&settings);
    assert!(!engine.was_rebuilt());
    holds(&engine, 200).await;
    fill(&engine, 200, 300).await;
    kill(engine, &settings);

    let engine = sled(&elsewhere(&settings));
    assert!(engine.was_rebuilt());
    holds(&engine, 300).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_is_gone_or_garbage_is_built_anew() {
    let folder = crate::rig::folder();
    let settings = settings(folder.path());
    let engine = sled(&settings);
    fill(&engine, 0, 500).await;
    engine.checkpoint().unwrap();
    fill(&engine, 500, 700).await;
    drop(engine);
    for garbage in [true, false] {
        let state = settings.folder.join("state");
        if garbage {
            for path in files(&state).into_iter().filter(|path| path.is_file()) {
                let half = fs::metadata(&path).unwrap().len() / 2;
                fs::OpenOptions::new()
                    .write(true)
                    .open(&path)
                    .unwrap()
                    .set_len(half)
                    .unwrap();
                fs::write(state.join("snap.0000000000000000.generating"), [0xa5; 100]).unwrap();
            }
        } else {
            fs::remove_dir_all(&state).unwrap();
        }
        let engine = sled(&settings);
        assert!(engine.was_rebuilt());
        holds(&engine, 700).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_checkpoints_are_kept_and_the_older_one_serves_when_the_newer_is_damaged() {
    let folder = crate::rig::folder();
    let settings = SledSettings {
        segment_bytes: 4_000,
        ..settings(folder.path())
    };
    let engine = sled(&settings);
    for round in 0..4 {
        fill(&engine, round * 100, (round + 1) * 100).await;
        engine.checkpoint().unwrap();
    }
    fill(&engine, 400, 450).await;
    kill(engine, &settings);
    let checkpoints = files(&settings.folder.join("checkpoint"));
    assert_eq!(checkpoints.len(), 2);
    let journal = files(&settings.folder.join("journal"));
    assert!(
        !journal.iter().any(|path| path.ends_with("0000000000000001")),
        "{journal:?}"
    );

    let [older, newer] = checkpoints.as_slice() else {
        panic!("two are kept")
    };
    let mut bytes = fs::read(newer).unwrap();
    let middle = bytes.len() / 2;
    *bytes.get_mut(middle).unwrap() ^= 1;
    fs::write(newer, &bytes).unwrap();
    let engine = sled(&elsewhere(&settings));
    assert!(engine.was_rebuilt());
    holds(&engine, 450).await;
    kill(engine, &settings);

    fs::remove_file(older).unwrap();
    assert!(matches!(refused(&settings), SledOpenError::Damaged { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_is_made_when_the_journal_outgrows_the_last() {
    let folder = crate::rig::folder();
    let settings = SledSettings {
        segment_bytes: 20_000,
        checkpoint_after_bytes: 50_000,
        ..settings(folder.path())
    };
    let engine = sled(&settings);
    for n in 0..400_u32 {
        put(&engine, &format!("k{:02}", n % 50), &[1; 900]).await;
    }
    drop(engine);
    assert!(!files(&settings.folder.join("checkpoint")).is_empty());
    assert!(
        files(&settings.folder.join("journal")).len() < 15,
        "old segments go"
    );
    assert_eq!(everything(&sled(&elsewhere(&settings))).await.len(), 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_is_a_refusal_and_never_a_first_run() {
    let build = || async {
        let folder = crate::rig::folder();
        let settings = settings(folder.path());
        let engine = sled(&settings);
        fill(&engine, 0, 50).await;
        kill(engine, &settings);
        (folder, elsewhere(&settings))
    };
    type Harm = fn(&SledSettings);
    let harms: [(&str, Harm); 6] = [
        ("no journal", |settings| {
            fs::remove_dir_all(settings.folder.join("journal")).unwrap()
        }),
        ("an emptied journal", |settings| {
            for path in files(&settings.folder.join("journal")) {
                fs::remove_file(path).unwrap();
            }
        }),
        ("no format", |settings| {
            fs::remove_file(settings.folder.join("format")).unwrap()
        }),
        ("a flipped byte", |settings| {
            let segment = used_segment(settings);
            let mut bytes = fs::read(&segment).unwrap();
            *bytes.get_mut(200).unwrap() ^= 4;
            fs::write(segment, bytes).unwrap();
        }),
        ("a flipped byte in a header", |settings| {
            let segment = used_segment(settings);
            let mut bytes = fs::read(&segment).unwrap();
            *bytes.get_mut(20).unwrap() ^= 4;
            fs::write(segment, bytes).unwrap();
        }),
        ("a zeroed middle", |settings| {
            let segment = used_segment(settings);
            let mut bytes = fs::read(&segment).unwrap();
            bytes.get_mut(500..900).unwrap().fill(0);
            fs::write(segment, bytes).unwrap();
        }),
    ];
    for (name, harm) in harms {
        let (_folder, settings) = build().await;
        harm(&settings);
        assert!(
            matches!(refused(&settings), SledOpenError::Damaged { .. }),
            "{name}"
        );
        assert!(!is_fresh(&settings.folder).unwrap(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_ends_before_what_sled_shows_is_damage() {
    let folder = crate::rig::folder();
    let settings = settings(folder.path());
    let engine = sled(&settings);
    fill(&engine, 0, 50).await;
    drop(engine);
    let segment = used_segment(&settings);
    let length = fs::metadata(&segment).unwrap().len();
    fs::OpenOptions::new()
        .write(true)
        .open(&segment)
        .unwrap()
        .set_len(length - 70)
        .unwrap();
    assert!(matches!(refused(&settings), SledOpenError::Damaged { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_tail_is_cut_off_and_writing_goes_on() {
    let folder = crate::rig::folder();
    let settings = settings(folder.path());
    let engine = sled(&settings);
    fill(&engine, 0, 50).await;
    kill(engine, &settings);
    for round in 0..3_u32 {
        let segment = used_segment(&settings);
        let mut bytes = fs::read(&segment).unwrap();
        bytes.extend_from_slice(b"DWr1 half a record that no sync had covered");
        fs::write(&segment, bytes).unwrap();
        let engine = sled(&elsewhere(&settings));
        holds(&engine, 50 + round).await;
        fill(&engine, 50 + round, 51 + round).await;
        kill(engine, &settings);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_is_told_who_holds_the_folder() {
    let folder = crate::rig::folder();
    let settings = settings(folder.path());
    let engine = sled(&settings);
    let error = refused(&settings);
    assert!(matches!(error, SledOpenError::Held { .. }));
    assert!(
        error
            .to_string()
            .contains(&format!("process {}", std::process::id())),
        "{error}"
    );
    put(&engine, "one", b"1").await;
    drop(engine);
    assert_eq!(value(&sled(&settings), "one").await, Some(b"1".to_vec()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_somebody_else_is_refused() {
    let folder = crate::rig::folder();
    let settings = settings(folder.path());
    fs::create_dir_all(&settings.folder).unwrap();
    assert!(is_fresh(&settings.folder).unwrap());
    fs::write(settings.folder.join("letter.txt"), "dear").unwrap();
    assert!(matches!(refused(&settings), SledOpenError::Foreign { .. }));
    assert_eq!(files(&settings.folder).len(), 1, "nothing was made there");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_set_up_is_a_first_run() {
    let folder = crate::rig::folder();
    let settings = settings(folder.path());
    drop(sled(&settings));
    for name in ["format", "stopped"] {
        fs::remove_file(settings.folder.join(name)).unwrap();
    }
    fs::remove_dir_all(settings.folder.join("state")).unwrap();
    assert!(is_fresh(&settings.folder).unwrap());
    let engine = sled(&settings);
    fill(&engine, 0, 3).await;
    holds(&engine, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_folder_is_refused_and_left_as_it_is() {
    let folder = crate::rig::folder();
    let settings = settings(folder.path());
    drop(sled(&settings));
    fs::write(settings.folder.join("format"), "doorward store 2\n").unwrap();
    let before = files(&settings.folder);
    assert!(matches!(refused(&settings), SledOpenError::Newer(_)));
    assert_eq!(files(&settings.folder), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_and_its_files_are_for_their_owner_alone() {
    let folder = crate::rig::folder();
    let settings = settings(folder.path());
    let engine = sled(&settings);
    put(&engine, "one", b"1").await;
    engine.checkpoint().unwrap();
    drop(engine);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&settings.folder), 0o700);
    for name in ["journal", "checkpoint", "state"] {
        assert_eq!(mode(&settings.folder.join(name)), 0o700, "{name}");
    }
    for name in ["journal", "checkpoint"] {
        for path in files(&settings.folder.join(name)) {
            assert_eq!(mode(&path), 0o600, "{path:?}");
        }
    }
    for name in ["lock", "format", "running", "stopped"] {
        assert_eq!(mode(&settings.folder.join(name)), 0o600, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_closing_everything_is_answered() {
    let folder = crate::rig::folder();
    let engine = sled(&settings(folder.path()));
    put(&engine, "one", b"1").await;
    engine.close();
    assert!(engine.get(&crate::rig::key("one")).await.is_err());
    assert!(engine.scan(&crate::rig::prefix(""), None, 1).await.is_err());
    let late = engine.commit(crate::rig::batch(&[], &[("two", b"2")], &[])).await;
    assert_eq!(late, Err(doorward_storage::CommitError::Stopped));
}
