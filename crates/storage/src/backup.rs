//! Backup: one point in time in one encrypted file, taken while the store is used; verified; restored.
//!
//! ```text
//! 0..8    "DWBKUP" and format version, 1, as two bytes
//! 8..12   id of the root key
//! 12..20  the moment it was begun, milliseconds since 1970
//! 20..52  salt: 32 random bytes
//! then chunks: length (4), ciphertext with its tag
//! ```
//! The file's key is derived from the root key and the salt; each chunk is sealed with XChaCha20-Poly1305 under
//! the number of the chunk and whether it is the last, with all of the header as associated data: nothing can
//! be cut off, left out, moved or joined from two files. The seal key is not in it: keep a copy elsewhere.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use doorward_crypto::{NoRandom, Random, Timestamp, random};

use crate::batch::{Batch, Revision};
use crate::engine::{CommitError, Engine, EngineError, Entry, Versioned};
use crate::error::StoreError;
use crate::key::Key;
use crate::record::Kind;
use crate::seal::{Purpose, Sealer};
use crate::store::Store;

const MAGIC: [u8; 8] = *b"DWBKUP\x00\x01";
const HEADER: usize = 52;
const PURPOSE: Purpose = Purpose::new("backup");

/// A chunk closes when it has grown to this.
const CHUNK_BYTES: usize = 256 * 1024;

/// No chunk of ours is longer: the largest entry and the tag on top.
const CHUNK_MOST: usize = CHUNK_BYTES + 80 * 1024;

/// What a backup holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backup {
    /// When it was begun.
    pub taken_at: Timestamp,
    /// How many records are in it.
    pub records: u64,
}

/// Why a backup was not made, or is none.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The store could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file could not be read or written.
    #[error("the backup file: {0}")]
    Io(#[from] io::Error),
    /// It is not a backup of ours.
    #[error("this is not a backup of Doorward")]
    Foreign,
    /// It was made by a newer program.
    #[error("this backup was made by a newer Doorward")]
    Newer,
    /// It was made with a key that the key file does not hold.
    #[error("this backup was made with sealing key {0}, which the key file does not hold")]
    MissingKey(u32),
    /// It does not open, or breaks off: after so many whole chunks.
    #[error("the backup is damaged or cut off after chunk {0}, or the key file is another one")]
    Damaged(u64),
    /// The store to restore into holds something.
    #[error("a backup is restored into an empty store only")]
    NotEmpty,
}

impl From<EngineError> for BackupError {
    fn from(error: EngineError) -> Self {
        Self::Store(error.into())
    }
}

impl From<NoRandom> for BackupError {
    fn from(error: NoRandom) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Writes one point in time of the store to a new file at `path` (0600), durably. The store goes on.
    ///
    /// # Errors
    /// [`BackupError`]; a file that was begun is then removed.
    pub async fn backup(
        &self,
        path: &Path,
        keys: &Sealer,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<Backup, BackupError> {
        let mut snapshot = self.snapshot().await?;
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        let written = async {
            let mut writer = Writer::begin(file, keys, random, now)?;
            while let Some(page) = snapshot.next_page().await? {
                for entry in page {
                    writer.entry(&entry)?;
                }
            }
            writer.finish()
        };
        let written = written.await;
        if written.is_err() {
            // What is there is no backup; should it stay, it does not verify.
            let _ = std::fs::remove_file(path);
        }
        written
    }

    /// Puts what the backup holds into this store, which must hold nothing but what a first opening writes.
    ///
    /// Records of the kinds in `leave_out` stay behind: what a restored backup would otherwise revive
    /// (sessions, codes, links, marks of a time that has gone on since). All of it is read and checked before
    /// the first record is written.
    ///
    /// # Errors
    /// [`BackupError`]; when the store fails half way, it holds a part and must be thrown away.
    pub async fn restore(
        &self,
        path: &Path,
        keys: &Sealer,
        leave_out: &[Kind],
    ) -> Result<Backup, BackupError> {
        verify(path, keys)?;
        let held = self
            .engine()
            .scan(&crate::key::Prefix::default(), None, 100)
            .await?;
        if held
            .iter()
            .any(|(key, _)| key.as_bytes().first() != Some(&Kind::STORE.tag()))
        {
            return Err(BackupError::NotEmpty);
        }
        let mut reader = Reader::open(path, keys)?;
        let mut restored = Backup {
            taken_at: reader.taken_at,
            records: 0,
        };
        while let Some(entries) = reader.next_chunk()? {
            let mut batch = Batch::new(self.revision()?);
            for (key, found) in entries {
                let tag = key.as_bytes().first().copied();
                if leave_out.iter().any(|kind| Some(kind.tag()) == tag) {
                    continue;
                }
                restored.records = restored.records.saturating_add(1);
                if batch.put(key.clone(), found.value.clone()).is_err() {
                    let full = std::mem::replace(&mut batch, Batch::new(self.revision()?));
                    self.put_all(full).await?;
                    batch.put(key, found.value).map_err(StoreError::from)?;
                }
            }
            self.put_all(batch).await?;
        }
        Ok(restored)
    }

    async fn put_all(&self, batch: Batch) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        match self.engine().commit(batch).await {
            Ok(_) => Ok(()),
            Err(CommitError::Refused(fault)) => Err(StoreError::Refused(fault)),
            Err(CommitError::TooLarge(bound)) => Err(bound.into()),
            Err(CommitError::Stopped) => Err(EngineError::Stopped.into()),
            Err(CommitError::Conflict(_) | CommitError::Unknown) => Err(StoreError::Unknown),
        }
    }
}

/// Reads a backup to its end and checks every byte of it.
///
/// # Errors
/// [`BackupError`].
pub fn verify(path: &Path, keys: &Sealer) -> Result<Backup, BackupError> {
    let mut reader = Reader::open(path, keys)?;
    let mut records = 0_u64;
    while let Some(entries) = reader.next_chunk()? {
        records = records.saturating_add(u64::try_from(entries.len()).unwrap_or(u64::MAX));
    }
    Ok(Backup {
        taken_at: reader.taken_at,
        records,
    })
}

/// The nonce of a chunk: its number, and whether it is the last. The file's key is its own, so none repeats.
fn nonce(chunk: u64, last: bool) -> XNonce {
    let mut nonce = [0; 24];
    let parts = chunk.to_be_bytes().into_iter().chain([u8::from(last)]);
    nonce.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
    XNonce::from(nonce)
}

struct Writer {
    file: BufWriter<File>,
    cipher: XChaCha20Poly1305,
    header: [u8; HEADER],
    open: Vec<u8>,
    chunk: u64,
    made: Backup,
}

impl Writer {
    fn begin(file: File, keys: &Sealer, random: &dyn Random, now: Timestamp) -> Result<Self, BackupError> {
        let salt: [u8; 32] = random::bytes(random)?;
        let (id, key) = keys
            .derive_salted(PURPOSE, None, &salt)
            .ok_or(BackupError::MissingKey(0))?;
        let mut head = Vec::with_capacity(HEADER);
        head.extend_from_slice(&MAGIC);
        head.extend_from_slice(&id.to_be_bytes());
        head.extend_from_slice(&now.millis().to_be_bytes());
        head.extend_from_slice(&salt);
        let header = <[u8; HEADER]>::try_from(head).map_err(|_| BackupError::Foreign)?;
        let mut file = BufWriter::new(file);
        file.write_all(&header)?;
        let cipher = XChaCha20Poly1305::new((&*key).into());
        let made = Backup {
            taken_at: now,
            records: 0,
        };
        Ok(Self {
            file,
            cipher,
            header,
            open: Vec::with_capacity(CHUNK_BYTES),
            chunk: 0,
            made,
        })
    }

    fn entry(&mut self, (key, found): &Entry) -> Result<(), BackupError> {
        let (key, value) = (key.as_bytes(), &found.value);
        self.open
            .extend_from_slice(&u16::try_from(key.len()).unwrap_or(u16::MAX).to_be_bytes());
        self.open.extend_from_slice(key);
        self.open
            .extend_from_slice(&u32::try_from(value.len()).unwrap_or(u32::MAX).to_be_bytes());
        self.open.extend_from_slice(value);
        self.made.records = self.made.records.saturating_add(1);
        if self.open.len() >= CHUNK_BYTES {
            self.seal(false)
        } else {
            Ok(())
        }
    }

    fn seal(&mut self, last: bool) -> Result<(), BackupError> {
        let payload = Payload {
            msg: &self.open,
            aad: &self.header,
        };
        let sealed = self.cipher.encrypt(&nonce(self.chunk, last), payload);
        let sealed = sealed.map_err(|_| BackupError::Damaged(self.chunk))?;
        self.file
            .write_all(&u32::try_from(sealed.len()).unwrap_or(u32::MAX).to_be_bytes())?;
        self.file.write_all(&sealed)?;
        self.open.clear();
        self.chunk = self.chunk.saturating_add(1);
        Ok(())
    }

    fn finish(mut self) -> Result<Backup, BackupError> {
        self.seal(true)?;
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        Ok(self.made)
    }
}

struct Reader {
    file: BufReader<File>,
    cipher: XChaCha20Poly1305,
    header: [u8; HEADER],
    chunk: u64,
    done: bool,
    taken_at: Timestamp,
}

impl Reader {
    fn open(path: &Path, keys: &Sealer) -> Result<Self, BackupError> {
        let mut file = BufReader::new(File::open(path)?);
        let mut header = [0; HEADER];
        file.read_exact(&mut header).map_err(|_| BackupError::Foreign)?;
        let mut rest = Pieces(&header);
        let parts = (|| {
            Some((
                rest.array::<8>()?,
                rest.array()?,
                rest.array()?,
                rest.array::<32>()?,
            ))
        })();
        let (magic, id, taken_at, salt) = parts.ok_or(BackupError::Foreign)?;
        if magic != MAGIC {
            let ours = magic.starts_with(b"DWBKUP");
            return Err(if ours {
                BackupError::Newer
            } else {
                BackupError::Foreign
            });
        }
        let id = u32::from_be_bytes(id);
        let (_, key) = keys
            .derive_salted(PURPOSE, Some(id), &salt)
            .ok_or(BackupError::MissingKey(id))?;
        let cipher = XChaCha20Poly1305::new((&*key).into());
        let taken_at = Timestamp::from_millis(u64::from_be_bytes(taken_at));
        Ok(Self {
            file,
            cipher,
            header,
            chunk: 0,
            done: false,
            taken_at,
        })
    }

    /// The next entries; `None` when the last chunk has been read and nothing follows it.
    fn next_chunk(&mut self) -> Result<Option<Vec<Entry>>, BackupError> {
        let damaged = BackupError::Damaged(self.chunk);
        if self.done {
            return if self.file.read(&mut [0])? == 0 {
                Ok(None)
            } else {
                Err(damaged)
            };
        }
        let mut length = [0; 4];
        if self.file.read_exact(&mut length).is_err() {
            return Err(damaged);
        }
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > CHUNK_MOST {
            return Err(damaged);
        }
        let mut sealed = vec![0; length];
        if self.file.read_exact(&mut sealed).is_err() {
            return Err(damaged);
        }
        let open = |last| {
            let payload = Payload {
                msg: &sealed,
                aad: &self.header,
            };
            self.cipher.decrypt(&nonce(self.chunk, last), payload).ok()
        };
        let (bytes, last) = match (open(false), open(true)) {
            (Some(bytes), _) => (bytes, false),
            (None, Some(bytes)) => (bytes, true),
            (None, None) => return Err(damaged),
        };
        self.done = last;
        self.chunk = self.chunk.saturating_add(1);
        entries(&bytes).map(Some).ok_or(damaged)
    }
}

fn entries(bytes: &[u8]) -> Option<Vec<Entry>> {
    let mut rest = Pieces(bytes);
    let mut entries = Vec::new();
    while !rest.0.is_empty() {
        let length = usize::from(u16::from_be_bytes(rest.array()?));
        let key = Key::new(rest.take(length)?).ok()?;
        let length = usize::try_from(u32::from_be_bytes(rest.array()?)).ok()?;
        // A restored value gets a new stamp: that of the batch which restores it.
        let revision = Revision::from_bytes([0; 16]);
        entries.push((
            key,
            Versioned {
                revision,
                value: rest.take(length)?.to_vec(),
            },
        ));
    }
    Some(entries)
}

/// Pieces from the front of a slice; nothing beyond its end.
struct Pieces<'a>(&'a [u8]);

impl<'a> Pieces<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }
}
