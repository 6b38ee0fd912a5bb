//! One batch as bytes and back.

use crc32fast::Hasher;

use crate::batch::{Batch, Revision};
use crate::key::Key;
use crate::limits;

const MAGIC: [u8; 4] = *b"DWr1";

/// Bytes before the batch.
pub(super) const HEADER: usize = 32;

/// Stamp and number of changes, and a flag with two lengths a change, beside the bounded bytes themselves.
const BODY_BYTES: usize = limits::BATCH_BYTES + 18 + limits::BATCH_OPERATIONS * 7;

/// A batch as the journal keeps it: only what changes. Expectations held when it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engines::sled) struct Replayed {
    pub(in crate::engines::sled) sequence: u64,
    pub(in crate::engines::sled) revision: Revision,
    pub(in crate::engines::sled) changes: Vec<(Key, Option<Vec<u8>>)>,
}

/// Appends the record of `batch` to `out`. `salted` is a hasher that has taken the segment's salt.
pub(super) fn encode(batch: &Batch, sequence: u64, durable: u64, salted: &Hasher, out: &mut Vec<u8>) {
    let mut body = Vec::with_capacity(512);
    body.extend_from_slice(batch.revision().as_bytes());
    body.extend_from_slice(&length16(batch.changes().len()));
    for (key, change) in batch.changes() {
        body.push(u8::from(change.is_some()));
        body.extend_from_slice(&length16(key.as_bytes().len()));
        body.extend_from_slice(key.as_bytes());
        if let Some(value) = change {
            body.extend_from_slice(&length32(value.len()));
            body.extend_from_slice(value);
        }
    }
    let begin = out.len();
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&length32(body.len()));
    out.extend_from_slice(&sequence.to_be_bytes());
    out.extend_from_slice(&durable.to_be_bytes());
    out.extend_from_slice(&checksum(salted, &body).to_be_bytes());
    let header = checksum(salted, out.get(begin..).unwrap_or_default());
    out.extend_from_slice(&header.to_be_bytes());
    out.extend_from_slice(&body);
}

/// What stands before a batch, its checksum right.
pub(super) struct Head {
    pub(super) length: usize,
    pub(super) sequence: u64,
    pub(super) durable: u64,
    body_checksum: u32,
}

impl Head {
    /// The header at the beginning of `bytes`, if there is a whole one.
    pub(super) fn read(bytes: &[u8], salted: &Hasher) -> Option<Self> {
        let covered = bytes.get(..28)?;
        let mut reader = Reader(bytes);
        if reader.array::<4>()? != MAGIC {
            return None;
        }
        let length = usize::try_from(reader.u32()?).ok()?;
        let (sequence, durable) = (reader.u64()?, reader.u64()?);
        let (body_checksum, own) = (reader.u32()?, reader.u32()?);
        let whole = own == checksum(salted, covered) && length <= BODY_BYTES;
        whole.then_some(Self {
            length,
            sequence,
            durable,
            body_checksum,
        })
    }

    /// The batch that follows the header in `bytes`, if it is whole.
    pub(super) fn body(&self, bytes: &[u8], salted: &Hasher) -> Option<Replayed> {
        let body = bytes.get(HEADER..HEADER.checked_add(self.length)?)?;
        if checksum(salted, body) != self.body_checksum {
            return None;
        }
        let mut reader = Reader(body);
        let revision = Revision::from_bytes(reader.array()?);
        let count = reader.u16()?;
        let mut changes = Vec::with_capacity(usize::from(count));
        for _ in 0..count {
            let [put] = reader.array()?;
            let length = usize::from(reader.u16()?);
            let key = Key::new(reader.take(length)?).ok()?;
            let change = match put {
                0 => None,
                1 => {
                    let length = usize::try_from(reader.u32()?).ok()?;
                    Some(reader.take(length)?.to_vec())
                }
                _ => return None,
            };
            changes.push((key, change));
        }
        reader.0.is_empty().then_some(Replayed {
            sequence: self.sequence,
            revision,
            changes,
        })
    }
}

/// Where in `bytes` the next thing that looks like a record begins, from `from` on.
pub(super) fn next_magic(bytes: &[u8], from: usize) -> Option<usize> {
    let found = bytes
        .get(from..)?
        .windows(MAGIC.len())
        .position(|window| window == MAGIC)?;
    from.checked_add(found)
}

pub(super) fn checksum(salted: &Hasher, bytes: &[u8]) -> u32 {
    let mut hasher = salted.clone();
    hasher.update(bytes);
    hasher.finalize()
}

/// The bounds of keys and batches keep both lengths within their fields.
fn length16(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes()
}

fn length32(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

/// Pieces from the front of a slice; nothing beyond its end.
pub(in crate::engines::sled) struct Reader<'a>(pub(in crate::engines::sled) &'a [u8]);

impl<'a> Reader<'a> {
    pub(in crate::engines::sled) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    pub(in crate::engines::sled) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(in crate::engines::sled) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(in crate::engines::sled) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(in crate::engines::sled) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }
}
