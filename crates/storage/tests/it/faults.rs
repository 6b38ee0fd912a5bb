//! The disk under the journal fails: what was acknowledged stays, what was refused does not come back, reads
//! go on, and the store is well again by itself when the fault ends.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use doorward_storage::{
    CommitError, Disk, DiskFile, Engine, Fault, Health, RealDisk, Revision, Sled, SledSettings,
};

use crate::rig::{batch, everything, put, settings, sled, value};

/// The real disk, with faults by switch.
#[derive(Debug, Default)]
struct Switches {
    full: AtomicBool,
    read_only: AtomicBool,
    /// So many syncs fail, beginning with the next.
    failing_syncs: AtomicU32,
    /// So many appends write half and fail.
    half_appends: AtomicU32,
    /// Files whose sync has failed: nobody may touch them again.
    condemned: Mutex<Vec<u64>>,
    files: AtomicU32,
}

impl Switches {
    fn takes_one(counter: &AtomicU32) -> bool {
        counter
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
            .is_ok()
    }
}

#[derive(Debug)]
struct Failing(Arc<Switches>);

#[derive(Debug)]
struct FailingFile(Box<dyn DiskFile>, u64, Arc<Switches>);

impl FailingFile {
    fn must_be_clean(&self) {
        assert!(
            !self.2.condemned.lock().unwrap().contains(&self.1),
            "used after its sync had failed"
        );
    }
}

impl Disk for Failing {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        if self.0.read_only.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        let number = u64::from(self.0.files.fetch_add(1, Ordering::SeqCst));
        Ok(Box::new(FailingFile(
            RealDisk.create(path)?,
            number,
            Arc::clone(&self.0),
        )))
    }
    fn sync_file(&self, path: &Path) -> io::Result<()> {
        RealDisk.sync_file(path)
    }
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        RealDisk.sync_folder(path)
    }
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        RealDisk.create_folder(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }
}

impl DiskFile for FailingFile {
    fn reserve(&mut self, offset: u64, bytes: u64) -> io::Result<()> {
        self.must_be_clean();
        if self.2.full.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.reserve(offset, bytes)
    }
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.must_be_clean();
        if self.2.read_only.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        if Switches::takes_one(&self.2.half_appends) {
            self.0.append(bytes.split_at(bytes.len() / 2).0)?;
            return Err(io::Error::other("half of it"));
        }
        self.0.append(bytes)
    }
    fn sync(&mut self) -> io::Result<()> {
        self.must_be_clean();
        if Switches::takes_one(&self.2.failing_syncs) {
            self.2.condemned.lock().unwrap().push(self.1);
            return Err(io::Error::other("the disk says no"));
        }
        self.0.sync()
    }
}

struct Rig {
    _folder: tempfile::TempDir,
    settings: SledSettings,
    switches: Arc<Switches>,
    engine: Sled,
}

impl Rig {
    fn new() -> Self {
        let folder = crate::rig::folder();
        let switches = Arc::new(Switches::default());
        let disk: Arc<dyn Disk> = Arc::new(Failing(Arc::clone(&switches)));
        let settings = SledSettings {
            disk,
            ..settings(folder.path())
        };
        let engine = sled(&settings);
        Self {
            _folder: folder,
            settings,
            switches,
            engine,
        }
    }

    async fn try_put(&self, name: &str) -> Result<Revision, CommitError> {
        self.engine.commit(batch(&[], &[(name, b"x")], &[])).await
    }

    async fn well_again(&self) {
        for _ in 0..40 {
            if self.engine.health() == Health::Good {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the store did not recover by itself: {:?}", self.engine.health());
    }

    /// After a power cut, with a disk that works: the names that are there.
    async fn names_after_a_power_cut(self) -> Vec<String> {
        drop(self.engine);
        let settings = SledSettings {
            place: Some("later".to_owned()),
            ..SledSettings::new(self.settings.folder)
        };
        let _ = std::fs::remove_file(settings.folder.join("stopped"));
        let engine = sled(&settings);
        assert!(engine.was_rebuilt());
        let all = everything(&engine).await;
        all.into_iter()
            .map(|(name, _)| String::from_utf8(name).unwrap())
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_commits_serves_reads_and_recovers() {
    let rig = Rig::new();
    put(&rig.engine, "before", b"1").await;
    rig.switches.full.store(true, Ordering::SeqCst);
    let mut refused = 0;
    // What is reserved may still be used; then every commit is refused.
    for n in 0..400 {
        let big = vec![0; 60_000];
        match rig
            .engine
            .commit(batch(&[], &[(&format!("big{n:03}"), &big)], &[]))
            .await
        {
            Ok(_) => assert_eq!(refused, 0, "an order of refusals and successes"),
            Err(CommitError::Refused(Fault::Full)) => refused += 1,
            Err(other) => panic!("{other}"),
        }
        if refused > 3 {
            break;
        }
    }
    assert!(refused > 3);
    assert_eq!(rig.engine.health(), Health::ReadOnly(Fault::Full));
    assert_eq!(value(&rig.engine, "before").await, Some(b"1".to_vec()));
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(rig.engine.health(), Health::ReadOnly(Fault::Full));
    rig.switches.full.store(false, Ordering::SeqCst);
    rig.well_again().await;
    put(&rig.engine, "after", b"2").await;
    let acknowledged = everything(&rig.engine).await.len();
    assert_eq!(rig.names_after_a_power_cut().await.len(), acknowledged);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_sync_failed_is_refused_and_does_not_come_back() {
    let rig = Rig::new();
    put(&rig.engine, "a before", b"1").await;
    rig.switches.failing_syncs.store(1, Ordering::SeqCst);
    assert!(matches!(
        rig.try_put("b refused").await,
        Err(CommitError::Refused(Fault::Io(_)))
    ));
    assert_eq!(value(&rig.engine, "b refused").await, None);
    rig.well_again().await;
    put(&rig.engine, "c after", b"2").await;
    assert_eq!(rig.names_after_a_power_cut().await, ["a before", "c after"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nothing_voids_the_failed_group_its_outcome_is_unknown() {
    let rig = Rig::new();
    put(&rig.engine, "a before", b"1").await;
    rig.switches.failing_syncs.store(2, Ordering::SeqCst); // the group's, and that of the segment after it
    assert_eq!(rig.try_put("b unknown").await, Err(CommitError::Unknown));
    rig.well_again().await;
    put(&rig.engine, "c after", b"2").await;
    assert_eq!(value(&rig.engine, "b unknown").await, None);
    // Once a later segment is proved the unknown group is void: what this process does not show stays away.
    assert_eq!(rig.names_after_a_power_cut().await, ["a before", "c after"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_an_append_is_void() {
    let rig = Rig::new();
    put(&rig.engine, "a before", b"1").await;
    rig.switches.half_appends.store(1, Ordering::SeqCst);
    assert!(matches!(
        rig.try_put("b refused").await,
        Err(CommitError::Refused(Fault::Io(_)))
    ));
    rig.well_again().await;
    put(&rig.engine, "c after", b"2").await;
    assert_eq!(rig.names_after_a_power_cut().await, ["a before", "c after"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_disk_turns_health_red_and_loses_nothing() {
    let rig = Rig::new();
    put(&rig.engine, "a before", b"1").await;
    rig.switches.read_only.store(true, Ordering::SeqCst);
    assert_eq!(rig.try_put("b unknown").await, Err(CommitError::Unknown));
    assert_eq!(
        rig.try_put("b refused").await,
        Err(CommitError::Refused(Fault::ReadOnly))
    );
    assert_eq!(rig.engine.health(), Health::ReadOnly(Fault::ReadOnly));
    assert_eq!(value(&rig.engine, "a before").await, Some(b"1".to_vec()));
    rig.switches.read_only.store(false, Ordering::SeqCst);
    rig.well_again().await;
    put(&rig.engine, "c after", b"2").await;
    assert_eq!(rig.names_after_a_power_cut().await, ["a before", "c after"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn under_64_writers_faults_lose_nothing_and_revive_nothing() {
    let rig = Arc::new(Rig::new());
    let writers: Vec<_> = (0..64_u32)
        .map(|writer| {
            let rig = Arc::clone(&rig);
            tokio::spawn(async move {
                let (mut there, mut gone) = (Vec::new(), Vec::new());
                for n in 0..30_u32 {
                    if (writer + n) % 37 == 0 {
                        rig.switches.failing_syncs.fetch_add(1, Ordering::SeqCst);
                    }
                    if (writer + n) % 41 == 0 {
                        rig.switches.half_appends.fetch_add(1, Ordering::SeqCst);
                    }
                    let name = format!("w{writer:02} {n:02}");
                    match rig.try_put(&name).await {
                        Ok(_) => there.push(name),
                        Err(CommitError::Refused(_)) => gone.push(name),
                        Err(CommitError::Unknown) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
                (there, gone)
            })
        })
        .collect();
    let (mut there, mut gone) = (Vec::new(), Vec::new());
    for writer in writers {
        let (some_there, some_gone) = writer.await.unwrap();
        there.extend(some_there);
        gone.extend(some_gone);
    }
    let rig = Arc::into_inner(rig).unwrap();
    let names = rig.names_after_a_power_cut().await;
    assert!(!there.is_empty() && !gone.is_empty());
    assert!(
        there.iter().all(|name| names.contains(name)),
        "acknowledged and lost"
    );
    assert!(!gone.iter().any(|name| names.contains(name)), "refused and there");
}
