//! A checkpoint: the state in one file, from which, with the journal, sled can be built anew.
//!
//! It is a scan in key order that begins at a noted sequence number S and does not stand still: the journal
//! from S on holds absolute values, so applied over it in order it gives the right state whatever the scan saw.
//!
//! ```text
//! 0..8    "DWCKPT" and format version, 1, as two bytes
//! 8..16   S: every batch up to it is in here
//! 16..20  CRC-32 of the above
//! then blocks: length (4), CRC-32 of the entries (4), entries
//! entry   length of the key (2), key, stamp (16), length of the value (4), value
//! last    a block of length 0, then number of entries (8) and CRC-32 of those eight bytes and S (4)
//! ```
//! All numbers are big-endian. A file bears its number as its name, is written aside, synced, read back and
//! renamed; two are kept, and the journal from the older one on.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use super::disk::Disk;
use super::journal::JournalError;
use super::{Pieces, Shared};
use crate::batch::Revision;
use crate::engine::{Entry, Fault, Versioned};
use crate::key::{Key, Prefix};
use crate::limits;

const MAGIC: [u8; 6] = *b"DWCKPT";
const FORMAT: u16 = 1;

/// A block closes when it has grown to this. It fits in memory many times over.
const BLOCK_BYTES: usize = 256 * 1024;

/// No block of ours is longer: one entry of the largest kind on top.
const BLOCK_MOST: usize = BLOCK_BYTES + limits::KEY_BYTES + limits::VALUE_BYTES + 64;

/// How many are kept.
const KEPT: usize = 2;

/// A checkpoint file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checkpoint {
    pub(super) number: u64,
    /// Every batch up to this sequence number is in it.
    pub(super) sequence: u64,
    pub(super) bytes: u64,
    pub(super) path: PathBuf,
}

/// Scans the state into a new checkpoint, which counts from when this returns.
pub(super) fn write(shared: &Shared) -> Result<Checkpoint, CheckpointError> {
    let (disk, folder) = (shared.disk.as_ref(), &shared.folders.checkpoint);
    let sequence = shared.applied();
    let number = numbers(folder)?.last().map_or(1, |last| last.saturating_add(1));
    let aside = folder.join("next.new");
    let (entries, bytes) = scan_into(shared, &aside, sequence)?;
    let mut reader = Reader::open(&aside)?;
    while reader.next_block()?.is_some() {}
    if reader.entries != entries || reader.sequence != sequence {
        return Err(CheckpointError::Damaged(
            "it reads back otherwise than it was written",
        ));
    }
    let path = folder.join(format!("{number:016}"));
    disk.rename(&aside, &path)?;
    disk.sync_folder(folder)?;
    Ok(Checkpoint {
        number,
        sequence,
        bytes,
        path,
    })
}

/// Scans the state, which shows at least `sequence`, into the file at `path`, synced. Returns the entries and
/// bytes.
pub(super) fn scan_into(shared: &Shared, path: &Path, sequence: u64) -> Result<(u64, u64), CheckpointError> {
    let mut file = shared.disk.create(path)?;
    let mut out = Vec::from(MAGIC);
    out.extend_from_slice(&FORMAT.to_be_bytes());
    out.extend_from_slice(&sequence.to_be_bytes());
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    file.append(&out)?;
    let mut bytes = length64(out.len());
    let (mut entries, mut cursor) = (0_u64, None);
    loop {
        if shared.stopping() {
            return Err(CheckpointError::Stopping);
        }
        // The state is asked for anew at each page: a long scan must not keep the engine from closing.
        let state = shared.state().map_err(|_| CheckpointError::Stopping)?;
        let page = state.scan(&Prefix::default(), cursor.as_ref(), usize::MAX, BLOCK_BYTES)?;
        let Some((last, _)) = page.last() else { break };
        cursor = Some(last.clone());
        entries = entries.saturating_add(length64(page.len()));
        let block = encode_block(&page);
        file.append(&block)?;
        bytes = bytes.saturating_add(length64(block.len()));
    }
    file.append(&encode_end(entries, sequence))?;
    file.sync()?;
    Ok((entries, bytes))
}

fn encode_block(page: &[Entry]) -> Vec<u8> {
    let mut body = Vec::with_capacity(BLOCK_BYTES);
    for (key, found) in page {
        body.extend_from_slice(
            &u16::try_from(key.as_bytes().len())
                .unwrap_or(u16::MAX)
                .to_be_bytes(),
        );
        body.extend_from_slice(key.as_bytes());
        body.extend_from_slice(found.revision.as_bytes());
        body.extend_from_slice(&u32::try_from(found.value.len()).unwrap_or(u32::MAX).to_be_bytes());
        body.extend_from_slice(&found.value);
    }
    let mut block = Vec::with_capacity(body.len().saturating_add(8));
    block.extend_from_slice(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
    block.extend_from_slice(&crc32fast::hash(&body).to_be_bytes());
    block.extend_from_slice(&body);
    block
}

fn encode_end(entries: u64, sequence: u64) -> Vec<u8> {
    let mut end = vec![0; 4];
    end.extend_from_slice(&entries.to_be_bytes());
    end.extend_from_slice(&end_checksum(entries, sequence).to_be_bytes());
    end
}

fn end_checksum(entries: u64, sequence: u64) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&entries.to_be_bytes());
    hasher.update(&sequence.to_be_bytes());
    hasher.finalize()
}

/// Reads a checkpoint block by block. It is whole only when `next_block` has answered `None`.
#[derive(Debug)]
pub(super) struct Reader {
    file: BufReader<File>,
    pub(super) sequence: u64,
    pub(super) entries: u64,
    done: bool,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self, CheckpointError> {
        let mut file = BufReader::with_capacity(BLOCK_BYTES, File::open(path)?);
        let head: [u8; 20] = array(&mut file)?;
        let mut reader = Pieces(&head);
        let parts = (|| Some((reader.array()?, reader.u16()?, reader.u64()?, reader.u32()?)))();
        let Some((magic, format, sequence, sum)) = parts else {
            return Err(CheckpointError::Damaged("it has no header"));
        };
        let covered = head.get(..16).unwrap_or_default();
        if magic != MAGIC || sum != crc32fast::hash(covered) {
            return Err(CheckpointError::Damaged("its header is damaged"));
        }
        if format != FORMAT {
            return Err(CheckpointError::Newer(format));
        }
        Ok(Self {
            file,
            sequence,
            entries: 0,
            done: false,
        })
    }

    /// The next entries, in key order; `None` when the end has been read and is right.
    pub(super) fn next_block(&mut self) -> Result<Option<Vec<Entry>>, CheckpointError> {
        if self.done {
            return Ok(None);
        }
        let length = usize::try_from(u32::from_be_bytes(array(&mut self.file)?)).unwrap_or(usize::MAX);
        if length == 0 {
            self.done = true;
            return self.finish().map(|()| None);
        }
        if length > BLOCK_MOST {
            return Err(CheckpointError::Damaged("a block is too long"));
        }
        let sum = u32::from_be_bytes(array(&mut self.file)?);
        let mut body = vec![0; length];
        read_exact(&mut self.file, &mut body)?;
        if sum != crc32fast::hash(&body) {
            return Err(CheckpointError::Damaged("a block is damaged"));
        }
        let page = decode_block(&body).ok_or(CheckpointError::Damaged("a block holds no entries"))?;
        self.entries = self.entries.saturating_add(length64(page.len()));
        Ok(Some(page))
    }

    fn finish(&mut self) -> Result<(), CheckpointError> {
        let entries = u64::from_be_bytes(array(&mut self.file)?);
        let sum = u32::from_be_bytes(array(&mut self.file)?);
        let ended = self.file.read(&mut [0])? == 0;
        if entries == self.entries && sum == end_checksum(entries, self.sequence) && ended {
            Ok(())
        } else {
            Err(CheckpointError::Damaged("its end is damaged"))
        }
    }
}

fn decode_block(body: &[u8]) -> Option<Vec<Entry>> {
    let mut reader = Pieces(body);
    let mut page = Vec::new();
    while !reader.0.is_empty() {
        let length = usize::from(reader.u16()?);
        let key = Key::new(reader.take(length)?).ok()?;
        let revision = Revision::from_bytes(reader.array()?);
        let length = usize::try_from(reader.u32()?).ok()?;
        let value = reader.take(length)?.to_vec();
        page.push((key, Versioned { revision, value }));
    }
    Some(page)
}

/// The checkpoints in `folder`, newest first, as far as their headers can be read: only reading one to its
/// end shows that it is whole.
pub(super) fn survey(folder: &Path) -> Result<Vec<Checkpoint>, CheckpointError> {
    let mut found = Vec::new();
    for number in numbers(folder)?.into_iter().rev() {
        let path = folder.join(format!("{number:016}"));
        match Reader::open(&path) {
            Ok(reader) => {
                let bytes = std::fs::metadata(&path)?.len();
                found.push(Checkpoint {
                    number,
                    sequence: reader.sequence,
                    bytes,
                    path,
                });
            }
            Err(CheckpointError::Damaged(why)) => {
                tracing::error!(
                    checkpoint = number,
                    why,
                    "a checkpoint is damaged; an older one must serve"
                );
            }
            Err(other) => return Err(other),
        }
    }
    Ok(found)
}

/// Removes all but the newest two. Returns the sequence number up to which the journal is not needed any
/// more, if there is one.
pub(super) fn remove_older(disk: &dyn Disk, folder: &Path) -> Result<Option<u64>, CheckpointError> {
    let found = survey(folder)?;
    for old in found.iter().skip(KEPT) {
        disk.remove(&old.path)?;
    }
    Ok(found.get(KEPT.saturating_sub(1)).map(|oldest| oldest.sequence))
}

/// The numbers of the files in `folder`, rising.
pub(super) fn numbers(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(numbers),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let name = entry?.file_name();
        numbers.extend(
            name.to_str()
                .filter(|name| name.len() == 16)
                .and_then(|name| name.parse::<u64>().ok()),
        );
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn array<const N: usize>(file: &mut impl Read) -> Result<[u8; N], CheckpointError> {
    let mut out = [0; N];
    read_exact(file, &mut out)?;
    Ok(out)
}

fn read_exact(file: &mut impl Read, out: &mut [u8]) -> Result<(), CheckpointError> {
    match file.read_exact(out) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Err(CheckpointError::Damaged("it ends too early"))
        }
        other => Ok(other?),
    }
}

fn length64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Why a checkpoint cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub(super) enum CheckpointError {
    #[error("the checkpoint is damaged: {0}")]
    Damaged(&'static str),
    #[error("the checkpoint has format {0}, which a newer Doorward wrote")]
    Newer(u16),
    #[error("the engine is stopping")]
    Stopping,
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Fault(#[from] Fault),
    #[error(transparent)]
    Io(#[from] io::Error),
}
