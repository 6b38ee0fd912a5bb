//! What the fuzz targets check, kept here so that their seeds replay in ordinary tests. Not part of the API.
//!
//! Each function takes what may lie on a disk and returns whether it was let in; it fails when something that
//! was let in does not have the property that the rest of the crate relies on.

use doorward_crypto::Timestamp;
use serde::{Deserialize, Serialize};

use crate::engines::{segment_reads_back, with_right_checksums};
use crate::envelope::{self, HEADER};
use crate::key::Key;
use crate::record::{Kind, Record};

/// The record whose stored bytes lie in `fixtures/storage`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sample {
    name: String,
    count: u64,
    picture: Option<Vec<u8>>,
    #[serde(default, with = "crate::times::maybe")]
    ends_at: Option<Timestamp>,
}

impl Record for Sample {
    const KIND: Kind = Kind::new(b'S', "sample");
    const VERSION: u8 = 3;
    type Id = String;
    fn id(&self) -> String {
        self.name.clone()
    }
    fn expires_at(&self) -> Option<Timestamp> {
        self.ends_at
    }
}

/// Whether the bytes are a record of one of three names. A record that was read is written and read again as the
/// same, and no bytes are read under two keys. Then the same with the bytes behind a header that is right.
#[must_use]
pub fn envelope(bytes: &[u8]) -> bool {
    let names = ["plain".to_owned(), "expiring".to_owned(), "n".repeat(2000)];
    let mut homes = 0_usize;
    for name in names {
        let key = Sample::KIND.key(&name);
        homes = homes.saturating_add(usize::from(reads_back(bytes, &key)));
        let sample = Sample {
            name,
            count: 0,
            picture: None,
            ends_at: None,
        };
        let mut stored = envelope::wrap(&sample, &key).unwrap_or_default();
        stored.truncate(HEADER);
        stored.extend_from_slice(bytes);
        let _ = reads_back(&stored, &key);
    }
    assert!(homes <= 1, "a value lies under its own key only");
    homes == 1
}

fn reads_back(stored: &[u8], key: &Key) -> bool {
    let now = Timestamp::from_millis(0);
    let Ok(Some(record)) = envelope::unwrap::<Sample>(stored, key, now) else {
        return false;
    };
    let written = envelope::wrap(&record, key).unwrap_or_default();
    let over = record.expires_at().is_some_and(|end| end <= now);
    let again = envelope::unwrap::<Sample>(&written, key, now).ok();
    assert_eq!(again, Some((!over).then_some(record)), "a record reads back");
    true
}

/// Whether the bytes are a journal segment that can be replayed; see the reader's properties. Then the same with
/// every checksum made right.
#[must_use]
pub fn journal(bytes: &[u8]) -> bool {
    let _ = segment_reads_back(&with_right_checksums(bytes));
    segment_reads_back(bytes)
}
