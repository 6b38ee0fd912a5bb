//! Acknowledged commits a second at 1, 8 and 64 writers, and the ratio to bare sled with `flush()` and
//! `fdatasync` at each commit, in one run. `cargo bench -p doorward-storage --bench commit`
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a bench measures and ends"
)]

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use doorward_crypto::{NoRandom, Random};
use doorward_storage::{Batch, Engine, Key, Revision, Sled, SledSettings};

const VALUE: [u8; 240] = [7; 240];
const SPAN: Duration = Duration::from_secs(3);

#[derive(Debug)]
struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom> {
        out.fill_with(|| {
            self.0
                .fetch_add(1, Ordering::Relaxed)
                .to_le_bytes()
                .into_iter()
                .fold(0, u8::wrapping_add)
        });
        Ok(())
    }
}

/// Commits a second of bare sled, each flushed and synced by its writer.
fn floor(folder: &Path, writers: u64) -> u64 {
    let sled = sled::open(folder).unwrap();
    let begun = Instant::now();
    let threads: Vec<_> = (0..writers)
        .map(|writer| {
            let (sled, db) = (sled.clone(), File::open(folder.join("db")).unwrap());
            std::thread::spawn(move || {
                let mut count = 0_u64;
                while begun.elapsed() < SPAN {
                    sled.insert(key(writer, count), VALUE.as_slice()).unwrap();
                    sled.flush().unwrap();
                    db.sync_data().unwrap();
                    count += 1;
                }
                count
            })
        })
        .collect();
    let all: u64 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    all / SPAN.as_secs()
}

/// Commits a second of the engine.
fn ours(folder: &Path, writers: u64) -> u64 {
    let engine = Arc::new(Sled::open(&SledSettings::new(folder), &random()).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let begun = Instant::now();
    let stamps = Arc::new(AtomicU64::new(1));
    let all: u64 = runtime.block_on(async {
        let tasks: Vec<_> = (0..writers)
            .map(|writer| {
                let (engine, stamps) = (Arc::clone(&engine), Arc::clone(&stamps));
                tokio::spawn(async move {
                    let mut count = 0_u64;
                    while begun.elapsed() < SPAN {
                        let stamp = u128::from(stamps.fetch_add(1, Ordering::Relaxed));
                        let mut batch = Batch::new(Revision::from_bytes(stamp.to_be_bytes()));
                        batch
                            .put(Key::new(&key(writer, count)).unwrap(), VALUE.to_vec())
                            .unwrap();
                        engine.commit(batch).await.unwrap();
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        let mut all = 0;
        for task in tasks {
            all += task.await.unwrap();
        }
        all
    });
    all / SPAN.as_secs()
}

fn random() -> Arc<dyn Random> {
    Arc::new(Counting(AtomicU64::new(1)))
}

fn key(writer: u64, count: u64) -> Vec<u8> {
    [writer.to_be_bytes(), count.to_be_bytes()].concat()
}

fn main() {
    // A folder of the working directory: a temporary one may lie in memory, where a sync costs nothing.
    let folder = tempfile::tempdir_in(".").unwrap();
    for writers in [1, 8, 64] {
        let floor = floor(&folder.path().join(format!("floor-{writers}")), writers);
        let ours = ours(&folder.path().join(format!("ours-{writers}")), writers);
        let ratio = ours.saturating_mul(100) / floor.max(1);
        println!(
            "commit/{writers:>2} writers   floor {floor:>7}/s   ours {ours:>7}/s   ratio {}.{:02}",
            ratio / 100,
            ratio % 100
        );
    }
}
