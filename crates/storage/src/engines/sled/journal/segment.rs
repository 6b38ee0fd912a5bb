//! The header of a segment, and the names of the files.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crc32fast::Hasher;

use super::record::Reader;

const MAGIC: [u8; 6] = *b"DWJRNL";
const FORMAT: u16 = 1;

/// Bytes before the first record.
pub(super) const HEADER: usize = 52;

/// Which segment it is and what it may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) number: u64,
    /// The segment before it; 0 when it is the first.
    pub(super) previous: u64,
    /// Sequence number of its first record.
    pub(super) first: u64,
    pub(super) salt: [u8; 16],
}

impl Segment {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER);
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&FORMAT.to_be_bytes());
        for number in [self.number, self.previous, self.first] {
            out.extend_from_slice(&number.to_be_bytes());
        }
        out.extend_from_slice(&self.salt);
        out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
        out
    }

    /// The header at the beginning of `bytes`.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, HeaderFault> {
        let covered = bytes
            .get(..HEADER.saturating_sub(4))
            .ok_or(HeaderFault::Damaged)?;
        let mut reader = Reader(bytes);
        let read = |reader: &mut Reader<'_>| {
            let (magic, format) = (reader.array::<6>()?, reader.u16()?);
            let (number, previous, first) = (reader.u64()?, reader.u64()?, reader.u64()?);
            let segment = Self {
                number,
                previous,
                first,
                salt: reader.array()?,
            };
            Some((magic, format, segment, reader.u32()?))
        };
        let (magic, format, segment, sum) = read(&mut reader).ok_or(HeaderFault::Damaged)?;
        if magic != MAGIC || sum != crc32fast::hash(covered) {
            return Err(HeaderFault::Damaged);
        }
        if format != FORMAT {
            return Err(HeaderFault::Newer(format));
        }
        Ok(segment)
    }

    pub(super) fn read(path: &Path) -> io::Result<Result<Self, HeaderFault>> {
        let mut bytes = Vec::with_capacity(HEADER);
        File::open(path)?
            .take(u64::try_from(HEADER).unwrap_or(u64::MAX))
            .read_to_end(&mut bytes)?;
        Ok(Self::decode(&bytes))
    }

    /// A hasher that has taken the salt: every checksum of the segment begins with it.
    pub(super) fn salted(&self) -> Hasher {
        let mut hasher = Hasher::new();
        hasher.update(&self.salt);
        hasher
    }
}

/// Why a header is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderFault {
    Damaged,
    Newer(u16),
}

/// Where the segment with this number lies.
pub(super) fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:016}"))
}

/// The numbers of the segments in `folder`, rising. Files that bear no number are left alone.
pub(super) fn numbers(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number = name
            .to_str()
            .filter(|name| name.len() == 16)
            .and_then(|name| name.parse::<u64>().ok());
        numbers.extend(number);
    }
    numbers.sort_unstable();
    Ok(numbers)
}
