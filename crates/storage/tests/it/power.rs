//! Power cuts. A disk that keeps account of what is durable, and shows at any moment what a cut could leave:
//! any part of what no sync had covered, in any subset of its blocks, and the names of files up to any point
//! of their order. What was acknowledged must be there, no batch torn, and the store must open.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test ends where it fails"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use doorward_crypto::{Random, random};
use doorward_storage::{Disk, DiskFile, Engine, RealDisk, Sled, SledSettings};

use crate::rig::{batch, everything, seeded};

/// Bytes that a disk loses or keeps as one.
const BLOCK: usize = 512;

#[derive(Clone, Debug, Default)]
struct Contents {
    all: Vec<u8>,
    durable: usize,
}

#[derive(Clone, Debug)]
enum NameChange {
    Link(PathBuf, u64),
    Rename(PathBuf, PathBuf),
    Unlink(PathBuf),
}

impl NameChange {
    fn within(&self, folder: &Path) -> bool {
        let (Self::Link(path, _) | Self::Rename(path, _) | Self::Unlink(path)) = self;
        path.parent() == Some(folder)
    }

    fn apply(&self, names: &mut BTreeMap<PathBuf, u64>) {
        match self {
            Self::Link(path, file) => {
                names.insert(path.clone(), *file);
            }
            Self::Rename(from, to) => {
                if let Some(file) = names.remove(from) {
                    names.insert(to.clone(), file);
                }
            }
            Self::Unlink(path) => {
                names.remove(path);
            }
        }
    }
}

#[derive(Debug, Default)]
struct Account {
    files: BTreeMap<u64, Contents>,
    durable_names: BTreeMap<PathBuf, u64>,
    pending: Vec<NameChange>,
    next: u64,
}

/// The real disk and the account of it.
#[derive(Clone, Debug)]
struct Accounted(Arc<Mutex<Account>>);

impl Accounted {
    /// An account of what lies in `root`, all of it durable.
    fn of(root: &Path) -> Self {
        let mut account = Account::default();
        for folder in [root.to_owned(), root.join("journal"), root.join("checkpoint")] {
            for path in std::fs::read_dir(&folder)
                .into_iter()
                .flatten()
                .map(|entry| entry.unwrap().path())
            {
                if path.is_file() {
                    let all = std::fs::read(&path).unwrap();
                    account.next += 1;
                    account.files.insert(
                        account.next,
                        Contents {
                            durable: all.len(),
                            all,
                        },
                    );
                    account.durable_names.insert(path, account.next);
                }
            }
        }
        Self(Arc::new(Mutex::new(account)))
    }

    /// Writes to `to` what a power cut at this moment could leave of `root`.
    fn cut(&self, root: &Path, to: &Path, random: &dyn Random) {
        let (mut names, files, pending) = {
            let account = self.0.lock().unwrap();
            (
                account.durable_names.clone(),
                account.files.clone(),
                account.pending.clone(),
            )
        };
        let kept = below(random, pending.len() + 1);
        pending[..kept].iter().for_each(|change| change.apply(&mut names));
        for folder in ["journal", "checkpoint", "state"] {
            std::fs::create_dir_all(to.join(folder)).unwrap();
        }
        for (path, file) in names {
            let contents = &files[&file];
            let mut bytes = contents.all.clone();
            let mut at = contents.durable;
            while at < bytes.len() {
                let end = (at / BLOCK * BLOCK + BLOCK).min(bytes.len());
                if below(random, 2) == 0 {
                    bytes[at..end].fill(0);
                }
                at = end;
            }
            bytes.truncate(contents.durable + below(random, bytes.len() - contents.durable + 1));
            std::fs::write(to.join(path.strip_prefix(root).unwrap()), bytes).unwrap();
        }
        // sled: whatever its files hold just now, cut short anywhere.
        for path in std::fs::read_dir(root.join("state"))
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
        {
            let Ok(mut bytes) = std::fs::read(path.path()) else {
                continue;
            };
            bytes.truncate(below(random, bytes.len() + 1));
            std::fs::write(to.join("state").join(path.file_name()), bytes).unwrap();
        }
    }
}

#[derive(Debug)]
struct AccountedFile(Box<dyn DiskFile>, u64, Accounted);

impl Disk for Accounted {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let real = RealDisk.create(path)?;
        let mut account = self.0.lock().unwrap();
        account.next += 1;
        let file = account.next;
        account.files.insert(file, Contents::default());
        account.pending.push(NameChange::Link(path.to_owned(), file));
        drop(account);
        Ok(Box::new(AccountedFile(real, file, self.clone())))
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        let mut account = self.0.lock().unwrap();
        let mut names = account.durable_names.clone();
        account.pending.iter().for_each(|change| change.apply(&mut names));
        if let Some(contents) = names
            .get(path)
            .copied()
            .and_then(|file| account.files.get_mut(&file))
        {
            contents.durable = contents.all.len();
        }
        Ok(())
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        let mut account = self.0.lock().unwrap();
        let pending = std::mem::take(&mut account.pending);
        for change in pending {
            if change.within(path) {
                change.apply(&mut account.durable_names);
            } else {
                account.pending.push(change);
            }
        }
        Ok(())
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        RealDisk.create_folder(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)?;
        self.0
            .lock()
            .unwrap()
            .pending
            .push(NameChange::Rename(from.to_owned(), to.to_owned()));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)?;
        self.0
            .lock()
            .unwrap()
            .pending
            .push(NameChange::Unlink(path.to_owned()));
        Ok(())
    }
}

impl DiskFile for AccountedFile {
    fn reserve(&mut self, _offset: u64, _bytes: u64) -> io::Result<()> {
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.append(bytes)?;
        let mut account = self.2.0.lock().unwrap();
        account
            .files
            .get_mut(&self.1)
            .unwrap()
            .all
            .extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut account = self.2.0.lock().unwrap();
        let contents = account.files.get_mut(&self.1).unwrap();
        contents.durable = contents.all.len();
        Ok(())
    }
}

fn below(random: &dyn Random, bound: usize) -> usize {
    let drawn = u64::from_be_bytes(random::bytes(random).unwrap());
    usize::try_from(drawn % u64::try_from(bound).unwrap()).unwrap()
}

/// The keys of one batch carry one number; this many of them.
const KEYS: u64 = 5;

/// One store under 16 writers, cut at a random moment, reopened from what was left, and so on.
async fn generations(seed: u64, cuts: usize, value_bytes: usize) {
    let random = seeded(seed);
    let numbers = Arc::new(AtomicU64::new(1));
    let mut home = crate::rig::folder();
    let mut acknowledged: BTreeSet<u64> = BTreeSet::new();
    for cut in 0..cuts {
        let root = home.path().join("store");
        std::fs::create_dir_all(&root).unwrap();
        let disk = Accounted::of(&root);
        let settings = SledSettings {
            segment_bytes: 60_000,
            checkpoint_after_bytes: 150_000,
            place: Some(format!("boot {cut}")),
            disk: Arc::new(disk.clone()),
            ..SledSettings::new(&root)
        };
        // One cut in four falls while the store opens.
        let opening = (below(&*random, 4) == 0).then(|| {
            let (disk, root, random) = (disk.clone(), root.clone(), seeded(seed ^ cut as u64));
            let to = crate::rig::folder();
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_micros(below(&*random, 20_000) as u64));
                disk.cut(&root, &to.path().join("store"), &*random);
                to
            })
        });
        let engine = Arc::new(Sled::open(&settings, &random).unwrap());
        let present: BTreeMap<Vec<u8>, Vec<u8>> = everything(&*engine).await.into_iter().collect();
        check(&present, &acknowledged, value_bytes);
        if let Some(opening) = opening {
            home = opening.join().unwrap();
            continue;
        }
        let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let writers: Vec<_> = (0..16)
            .map(|_| {
                let (engine, numbers) = (Arc::clone(&engine), Arc::clone(&numbers));
                let (stop, done) = (Arc::clone(&stop), Arc::clone(&done));
                tokio::spawn(async move {
                    while !stop.load(Ordering::Relaxed) {
                        let number = numbers.fetch_add(1, Ordering::Relaxed);
                        let mut value = vec![0xdd; value_bytes];
                        value[..8].copy_from_slice(&number.to_be_bytes());
                        let names: Vec<_> = (0..KEYS).map(|n| format!("{number:08} {n}")).collect();
                        let puts: Vec<_> = names
                            .iter()
                            .map(|name| (name.as_str(), value.as_slice()))
                            .collect();
                        if engine.commit(batch(&[], &puts, &[])).await.is_ok() {
                            done.lock().unwrap().push(number);
                        }
                    }
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(5 + below(&*random, 120) as u64)).await;
        acknowledged.extend(done.lock().unwrap().iter());
        let next = crate::rig::folder();
        disk.cut(&root, &next.path().join("store"), &*random);
        stop.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.await.unwrap();
        }
        home = next;
    }
    assert!(!acknowledged.is_empty());
}

fn check(present: &BTreeMap<Vec<u8>, Vec<u8>>, acknowledged: &BTreeSet<u64>, value_bytes: usize) {
    let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
    for (name, value) in present {
        let number: u64 = std::str::from_utf8(&name[..8]).unwrap().parse().unwrap();
        assert_eq!(value[..8], number.to_be_bytes());
        assert_eq!(value.len(), value_bytes);
        *counts.entry(number).or_default() += 1;
    }
    for (number, count) in &counts {
        assert_eq!(*count, KEYS, "batch {number} is torn");
    }
    for number in acknowledged {
        assert!(
            counts.contains_key(number),
            "batch {number} was acknowledged and lost"
        );
    }
}

/// How many cuts a test makes; `DOORWARD_POWER_CUTS` for more.
fn cuts(few: usize) -> usize {
    std::env::var("DOORWARD_POWER_CUTS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(few)
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_survives_power_loss_with_small_values() {
    generations(300, cuts(12), 300).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_survives_power_loss_with_values_of_1500_bytes() {
    generations(1500, cuts(8), 1500).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_survives_power_loss_with_large_values() {
    generations(20_000, cuts(5), 20_000).await;
}
