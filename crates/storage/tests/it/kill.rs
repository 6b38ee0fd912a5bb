//! kill -9 of a real process under 64 writers, again and again on the same folder. The process is this test
//! binary itself, started with a variable that makes it write until it dies.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use doorward_storage::{Engine, Sled, SledSettings};

use crate::rig::{batch, everything, seeded};

const FOLDER: &str = "DOORWARD_KILL_FOLDER";
const GENERATION: &str = "DOORWARD_KILL_GENERATION";
const TEST: &str = "kill::what_was_acknowledged_survives_kill_9";

fn settings(folder: PathBuf) -> SledSettings {
    SledSettings {
        segment_bytes: 200_000,
        checkpoint_after_bytes: 400_000,
        ..SledSettings::new(folder)
    }
}

/// The victim: each line that it prints is an acknowledged batch.
async fn write_until_killed(folder: PathBuf, generation: &str) {
    let seed = generation.parse().unwrap();
    let engine = Arc::new(Sled::open(&settings(folder), &seeded(seed)).unwrap());
    let writers: Vec<_> = (0..64)
        .map(|writer| {
            let (engine, generation) = (Arc::clone(&engine), generation.to_owned());
            tokio::spawn(async move {
                for n in 0_u64.. {
                    let name = format!("g{generation} w{writer} {n}");
                    let (a, b) = (format!("a {name}"), format!("b {name}"));
                    let value = vec![b'v'; 300];
                    engine
                        .commit(batch(&[], &[(&a, &value), (&b, &value)], &[]))
                        .await
                        .unwrap();
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "ack {name}").unwrap();
                    out.flush().unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
}

fn cycles() -> u64 {
    std::env::var("DOORWARD_KILLS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(8)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kill_9() {
    if let (Ok(folder), Ok(generation)) = (std::env::var(FOLDER), std::env::var(GENERATION)) {
        write_until_killed(folder.into(), &generation).await;
        return;
    }
    let folder = crate::rig::folder();
    let store = folder.path().join("store");
    let mut acknowledged = BTreeSet::new();
    for generation in 0..cycles() {
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args([TEST, "--exact", "--nocapture"])
            .env(FOLDER, &store)
            .env(GENERATION, generation.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(victim.stdout.take().unwrap());
        let reader = std::thread::spawn(move || {
            lines
                .lines()
                .map_while(Result::ok)
                .filter_map(|line| Some(line.split_once("ack ")?.1.to_owned()))
                .collect::<Vec<_>>()
        });
        // Some of the kills fall while the store still opens.
        tokio::time::sleep(Duration::from_millis(20 + generation * 97 % 400)).await;
        victim.kill().unwrap();
        victim.wait().unwrap();
        let mut lines = reader.join().unwrap();
        lines.pop(); // the last line may be cut
        acknowledged.extend(lines);
    }
    let engine = Sled::open(&settings(store), &seeded(1)).unwrap();
    let present: BTreeSet<String> = everything(&engine)
        .await
        .into_iter()
        .map(|(name, _)| String::from_utf8(name).expect("names are text"))
        .collect();
    for name in &acknowledged {
        assert!(
            present.contains(&format!("a {name}")),
            "{name} was acknowledged and lost"
        );
    }
    let halves = |half: &str| -> BTreeSet<String> {
        present
            .iter()
            .filter_map(|name| Some(name.strip_prefix(half)?.to_owned()))
            .collect()
    };
    assert_eq!(halves("a "), halves("b "), "a batch is torn");
    assert!(!acknowledged.is_empty());
}
