//! A disk that really is full. `DOORWARD_SMALL_DISK` names the root of a file system of some 40 MiB,
//! empty but for a file `ballast` of 12 MiB, which the test removes to make room (as root:
//! `mount -t tmpfs -o size=40m tmpfs FOLDER`); without it this says so and tests nothing.

use std::path::PathBuf;
use std::time::Duration;

use doorward_storage::{CommitError, Engine, Fault, Health, SledSettings};

use crate::rig::{batch, everything, settings, sled, value};

#[tokio::test(flavor = "multi_thread")]
async fn a_really_full_disk_loses_nothing_and_service_returns() {
    let Some(folder) = std::env::var_os("DOORWARD_SMALL_DISK").map(PathBuf::from) else {
        println!("SKIPPED: DOORWARD_SMALL_DISK names no small disk");
        return;
    };
    let settings = SledSettings {
        headroom_bytes: 10 * 1024 * 1024,
        ..settings(&folder)
    };
    let engine = sled(&settings);
    let big = vec![0x55; 30_000];
    let (mut acknowledged, mut refused) = (Vec::new(), 0);
    for n in 0.. {
        let name = format!("k{n:05}");
        match engine.commit(batch(&[], &[(&name, &big)], &[])).await {
            Ok(_) => acknowledged.push(name),
            Err(CommitError::Refused(Fault::Full | Fault::Io(_)) | CommitError::Unknown) => refused += 1,
            Err(other) => panic!("{other}"),
        }
        if refused > 20 {
            break;
        }
    }
    println!("{} acknowledged, then {:?}", acknowledged.len(), engine.health());
    assert!(matches!(engine.health(), Health::ReadOnly(_)));
    for name in &acknowledged {
        assert!(
            value(&engine, name).await.is_some(),
            "{name} cannot be read while the disk is full"
        );
    }
    // Somebody makes room.
    let ballast = settings.folder.with_file_name("ballast");
    let room = tokio::fs::remove_file(&ballast).await;
    println!("ballast removed: {}", room.is_ok());
    for _ in 0..60 {
        if engine.health() == Health::Good {
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert_eq!(engine.health(), Health::Good, "service did not return");
    engine.commit(batch(&[], &[("after", b"1")], &[])).await.unwrap();
    drop(engine);
    let engine = sled(&settings);
    let names: Vec<_> = everything(&engine)
        .await
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    for name in &acknowledged {
        assert!(
            names.contains(&name.as_bytes().to_vec()),
            "{name} was acknowledged and lost"
        );
    }
}
