//! One point in time, streamed out while commits go on: a scan from S, and the journal until its end, merged.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;

use super::checkpoint::{self, CheckpointError, Reader};
use super::journal::{Chain, JournalError};
use super::{Shared, lock_of};
use crate::engine::{EngineError, Entry, Fault, Snapshot, Versioned};
use crate::key::Key;

/// What the journal says of a key since the scan began.
type Later = BTreeMap<Key, Option<Versioned>>;

static NEXT: AtomicU64 = AtomicU64::new(0);

pub(super) fn begin(shared: &Arc<Shared>) -> Result<Snapshot, EngineError> {
    let (pages, receiver) = mpsc::channel(2);
    let shared = Arc::clone(shared);
    let work = move || {
        if let Err(error) = run(&shared, &pages) {
            let fault = Fault::Io(error.to_string());
            // Who asked may have gone.
            let _ = pages.blocking_send(Err(fault.into()));
        }
    };
    let thread = std::thread::Builder::new()
        .name("doorward-snapshot".to_owned())
        .spawn(work);
    thread.map_err(|error| Fault::from(&error))?;
    Ok(Snapshot::new(receiver))
}

fn run(
    shared: &Shared,
    pages: &mpsc::Sender<Result<Vec<Entry>, EngineError>>,
) -> Result<(), CheckpointError> {
    let (mut reader, mut later) = {
        // While the journal is read, no checkpoint may remove it.
        let _alone = lock_of(&shared.checkpoints);
        let name = format!("snapshot-{}.new", NEXT.fetch_add(1, Ordering::Relaxed));
        let aside = shared.folders.checkpoint.join(name);
        let scanned = scan(shared, &aside);
        // The open file stays readable without its name, and nothing of it stays behind.
        match std::fs::remove_file(&aside) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
        scanned?
    };
    while let Some(page) = reader.next_block()? {
        let merged = merge(page, &mut later);
        if pages.blocking_send(Ok(merged)).is_err() {
            return Ok(());
        }
    }
    let rest: Vec<Entry> = later
        .into_iter()
        .filter_map(|(key, found)| Some((key, found?)))
        .collect();
    if !rest.is_empty() {
        let _ = pages.blocking_send(Ok(rest));
    }
    Ok(())
}

/// The scan, ready to be read, and what was committed while it ran.
fn scan(shared: &Shared, aside: &std::path::Path) -> Result<(Reader, Later), CheckpointError> {
    let begins = shared.applied();
    checkpoint::scan_into(shared, aside, begins)?;
    let reader = Reader::open(aside)?;
    let ends = shared.applied();
    let mut later = Later::new();
    if let Some(chain) = Chain::survey(&shared.folders.journal)? {
        chain.replay(begins.saturating_add(1), ends, |record| {
            for (key, change) in record.changes {
                let found = change.map(|value| Versioned {
                    revision: record.revision,
                    value,
                });
                later.insert(key, found);
            }
            Ok::<_, JournalError>(())
        })?;
    }
    Ok((reader, later))
}

/// The entries of `page` and those of `later` up to its last key; the later word counts.
fn merge(page: Vec<Entry>, later: &mut Later) -> Vec<Entry> {
    let Some((last, _)) = page.last() else { return page };
    let mut after = later.split_off(last);
    // `split_off` keeps the last key itself on the far side; it belongs to this page.
    let at_last = after.remove_entry(last);
    let mut due = std::mem::replace(later, after);
    due.extend(at_last);
    if due.is_empty() {
        return page;
    }
    let mut merged: BTreeMap<Key, Option<Versioned>> = BTreeMap::new();
    merged.extend(page.into_iter().map(|(key, found)| (key, Some(found))));
    merged.extend(due);
    merged
        .into_iter()
        .filter_map(|(key, found)| Some((key, found?)))
        .collect()
}
