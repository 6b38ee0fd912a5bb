//! What must hold for whatever lies where a segment should.

use super::reader::{End, JournalError, read_segment};
use super::record::{self, Head, Replayed};
use super::segment::{self, Segment};
use crate::batch::Batch;

/// Whether `bytes` can be read as a newest segment. One that can is read the same without its torn tail, and by
/// the claim of a successor; its records are numbered without a gap and are written again as the same bytes.
pub(crate) fn segment_reads_back(bytes: &[u8]) -> bool {
    let Ok(segment) = Segment::decode(bytes) else {
        return false;
    };
    assert!(bytes.starts_with(&segment.encode()), "there is one header");
    // The survey refuses zero; half of all numbers are never reached.
    if segment.first == 0 || segment.first > u64::MAX / 2 {
        return false;
    }
    let (seen, end) = match read(&segment, bytes, None) {
        Ok(read) => read,
        Err(JournalError::Damaged { offset, .. }) => {
            assert!((segment::HEADER..=bytes.len()).contains(&offset));
            return false;
        }
        Err(_) => return false,
    };
    let whole = bytes
        .get(..bytes.len().saturating_sub(end.torn))
        .unwrap_or_default();
    let without_tail = read(&segment, whole, None).ok();
    assert_eq!(without_tail, Some((seen.clone(), End { torn: 0, ..end })));
    let next = end.sequence.saturating_add(1);
    let claimed = read(&segment, bytes, Some(next)).ok();
    assert_eq!(claimed, Some((seen.clone(), End { torn: 0, ..end })));
    assert!(
        next == segment.first || read(&segment, bytes, Some(next.saturating_add(1))).is_err(),
        "a record that a successor claims is there"
    );
    let (mut rest, mut number) = (whole.get(segment::HEADER..).unwrap_or_default(), segment.first);
    for replayed in &seen {
        assert_eq!(replayed.sequence, number, "records follow one another");
        rest = written_again(&segment, rest, replayed);
        number = number.saturating_add(1);
    }
    assert!(rest.is_empty() && number == next, "all is accounted for");
    true
}

fn read(segment: &Segment, bytes: &[u8], claim: Option<u64>) -> Result<(Vec<Replayed>, End), JournalError> {
    let mut seen = Vec::new();
    let end = read_segment(segment, bytes, claim, |replayed| {
        seen.push(replayed);
        Ok::<_, JournalError>(())
    })?;
    Ok((seen, end))
}

/// What follows the record at the beginning of `bytes`.
fn written_again<'a>(segment: &Segment, bytes: &'a [u8], replayed: &Replayed) -> &'a [u8] {
    let salted = segment.salted();
    let head = Head::read(bytes, &salted);
    assert!(head.is_some(), "a record that was read has a header");
    let Some(head) = head else { return &[] };
    let mut batch = Batch::new(replayed.revision);
    for (key, change) in &replayed.changes {
        let _ = match change {
            Some(value) => batch.put(key.clone(), value.clone()),
            None => batch.remove(key.clone()),
        };
    }
    let (record, rest) = bytes
        .split_at_checked(record::HEADER.saturating_add(head.length))
        .unwrap_or_default();
    // A batch names a key once, in order; nothing else is ever written.
    let read = replayed.changes.iter().map(|(key, change)| (key, change));
    if batch.changes().eq(read) {
        let mut again = Vec::new();
        record::encode(&batch, head.sequence, head.durable, &salted, &mut again);
        assert_eq!(again, record, "a batch is written one way");
    }
    rest
}

/// The same bytes with every checksum made right, so that mutations reach what lies behind them.
pub(crate) fn with_right_checksums(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let Some((header, mut rest)) = out.split_first_chunk_mut::<{ segment::HEADER }>() else {
        return out;
    };
    if let Some((covered, sum)) = header.split_last_chunk_mut::<4>() {
        *sum = crc32fast::hash(covered).to_be_bytes();
    }
    let Ok(segment) = Segment::decode(header) else {
        return out;
    };
    let salted = segment.salted();
    while let Some((head, after)) = rest.split_first_chunk_mut::<{ record::HEADER }>() {
        let Some((covered, own)) = head.split_last_chunk_mut::<4>() else {
            break;
        };
        let Some((covered_less, of_body)) = covered.split_last_chunk_mut::<4>() else {
            break;
        };
        let length = covered_less.get(4..8).and_then(|four| four.try_into().ok());
        let length = usize::try_from(u32::from_be_bytes(length.unwrap_or_default())).unwrap_or(usize::MAX);
        let Some((body, after)) = after.split_at_mut_checked(length) else {
            break;
        };
        *of_body = record::checksum(&salted, body).to_be_bytes();
        *own = record::checksum(&salted, covered).to_be_bytes();
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::batch::Revision;
    use crate::key::Key;

    const SEGMENT: Segment = Segment {
        number: 2,
        previous: 1,
        first: 40,
        salt: *b"salt of 16 bytes",
    };

    /// Two groups, of two records and of one.
    fn seeds() -> Vec<(&'static str, Vec<u8>)> {
        let mut bytes = SEGMENT.encode();
        let mut seeds = vec![("empty", bytes.clone())];
        let mut places = Vec::new();
        for (sequence, durable) in [(40, 39), (41, 39), (42, 41)] {
            let mut batch = Batch::new(Revision::from_bytes([u8::try_from(sequence).expect("small"); 16]));
            batch
                .put(Key::new(b"one").expect("short"), b"value".to_vec())
                .expect("few");
            batch
                .remove(Key::new(&[0, sequence as u8]).expect("short"))
                .expect("few");
            places.push(bytes.len());
            record::encode(&batch, sequence, durable, &SEGMENT.salted(), &mut bytes);
        }
        seeds.push(("torn", bytes[..bytes.len() - 3].to_vec()));
        let mut hole = bytes.clone();
        hole[places[1]] ^= 1;
        seeds.push(("refused-hole", hole));
        seeds.push(("whole", bytes));
        seeds
    }

    /// Writes the seeds: `DOORWARD_RECORD=1 cargo test -p doorward-storage --lib seeds`.
    #[test]
    fn the_seeds_are_what_is_written() {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/storage_journal");
        if std::env::var_os("DOORWARD_RECORD").is_some() {
            std::fs::create_dir_all(&folder).expect("a folder");
            for (name, bytes) in seeds() {
                std::fs::write(folder.join(name), bytes).expect("a file");
            }
        }
        if !folder.exists() {
            eprintln!("SKIPPED: there is no fuzz/seeds/storage_journal");
            return;
        }
        for (name, bytes) in seeds() {
            let seed = std::fs::read(folder.join(name)).expect("a seed");
            assert!(seed == bytes, "{name} is not what is written");
        }
    }

    #[test]
    fn right_checksums_change_nothing_that_is_right() {
        for (name, bytes) in seeds() {
            assert_eq!(
                with_right_checksums(&bytes) == bytes,
                name != "refused-hole",
                "{name}"
            );
        }
    }
}
