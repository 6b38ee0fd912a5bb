//! Appending to the journal, and what becomes of it when that fails.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crc32fast::Hasher;
use doorward_crypto::{Random, random};

use super::record;
use super::segment::{self, Segment};
use crate::batch::Batch;
use crate::engine::Fault;
use crate::engines::sled::disk::{Disk, DiskFile};

/// The only writer of a journal.
#[derive(Debug)]
pub(in crate::engines::sled) struct Writer {
    disk: Arc<dyn Disk>,
    random: Arc<dyn Random>,
    folder: PathBuf,
    segment_bytes: u64,
    /// The segment that takes records; none after a fault, until a new one is proved.
    current: Option<Current>,
    /// The highest number that any file may bear.
    number: u64,
    /// The last segment that was proved: what the next one names as its predecessor.
    proved: u64,
    /// The last sequence number that is durable.
    durable: u64,
}

#[derive(Debug)]
struct Current {
    file: Box<dyn DiskFile>,
    salted: Hasher,
    length: u64,
    /// Up to where the disk has promised space.
    reserved: u64,
}

/// Space is asked for in pieces of this size, before it is needed: so that a full disk is met before a record
/// is half written. More than the largest group.
const AHEAD: u64 = 8 * 1024 * 1024;

/// What may be missing of it when the store is healthy again: room for the largest batch and its like.
const ROOM: u64 = 1024 * 1024;

/// How an append failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engines::sled) enum WriteFault {
    /// Nothing of it can be in the journal.
    Nothing(Fault),
    /// It may be in the journal after a restart, or not.
    Unknown(Fault),
}

impl Writer {
    /// A writer that goes on after `durable`, in a new segment behind `newest` (0: there is none). All that
    /// comes before must be durable already: the new segment's header says so.
    pub(in crate::engines::sled) fn begin(
        disk: Arc<dyn Disk>,
        random: Arc<dyn Random>,
        folder: PathBuf,
        segment_bytes: u64,
        newest: u64,
        durable: u64,
    ) -> Result<Self, Fault> {
        let mut writer = Self {
            disk,
            random,
            folder,
            segment_bytes,
            current: None,
            number: newest,
            proved: newest,
            durable,
        };
        writer.prove()?;
        Ok(writer)
    }

    /// The last sequence number that is durable.
    pub(in crate::engines::sled) const fn durable(&self) -> u64 {
        self.durable
    }

    /// Appends the batches as one group under one sync; afterwards they are durable, numbered from the old
    /// `durable() + 1` on. Returns the bytes written.
    ///
    /// After a fault the segment is closed for good. What its tail holds is void as soon as a new segment is
    /// proved, which begins at the same sequence number.
    pub(in crate::engines::sled) fn append(&mut self, group: &[&Batch]) -> Result<u64, WriteFault> {
        if self
            .current
            .as_ref()
            .is_none_or(|current| current.length >= self.segment_bytes)
        {
            self.prove().map_err(WriteFault::Nothing)?;
        }
        let Some(current) = &mut self.current else {
            return Err(WriteFault::Nothing(gone()));
        };
        let mut bytes = Vec::new();
        let mut sequence = self.durable;
        for batch in group {
            sequence = sequence.saturating_add(1);
            record::encode(batch, sequence, self.durable, &current.salted, &mut bytes);
        }
        let written = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        current.make_room(written).map_err(WriteFault::Nothing)?;
        if let Err(error) = current.file.append(&bytes).and_then(|()| current.file.sync()) {
            return Err(self.after_fault(Fault::from(&error)));
        }
        current.length = current.length.saturating_add(written);
        self.durable = sequence;
        Ok(written)
    }

    /// Makes sure that a segment takes records: one without a fault and with room, or else a new one that
    /// could be written, synced and read back.
    pub(in crate::engines::sled) fn heal(&mut self) -> Result<(), Fault> {
        match &mut self.current {
            Some(current) => current.make_room(ROOM),
            None => self.prove(),
        }
    }

    /// The segment is closed. A new one that begins at the same sequence number voids what the fault has left
    /// in it: then nothing can come back. Else that is not known.
    fn after_fault(&mut self, fault: Fault) -> WriteFault {
        match self.prove() {
            Ok(()) => WriteFault::Nothing(fault),
            Err(_) => WriteFault::Unknown(fault),
        }
    }

    /// Begins the next segment: written aside, synced, read back, renamed, the folder synced.
    fn prove(&mut self) -> Result<(), Fault> {
        self.current = None;
        let salt = random::bytes(self.random.as_ref()).map_err(|none| Fault::Io(none.to_string()))?;
        self.number = self.number.saturating_add(1);
        let first = self.durable.saturating_add(1);
        let header = Segment {
            number: self.number,
            previous: self.proved,
            first,
            salt,
        };
        let file = self.create(&header).map_err(|error| Fault::from(&error))?;
        let length = u64::try_from(segment::HEADER).unwrap_or(u64::MAX);
        self.proved = self.number;
        let mut current = Current {
            file,
            salted: header.salted(),
            length,
            reserved: length,
        };
        current.make_room(ROOM)?;
        self.current = Some(current);
        Ok(())
    }

    fn create(&self, header: &Segment) -> io::Result<Box<dyn DiskFile>> {
        let path = segment::path(&self.folder, header.number);
        let aside = self.folder.join("next.new");
        let mut file = self.disk.create(&aside)?;
        file.append(&header.encode())?;
        file.sync()?;
        if Segment::read(&aside)? != Ok(header.clone()) {
            return Err(io::Error::other(
                "a new journal segment reads back otherwise than it was written",
            ));
        }
        self.disk.rename(&aside, &path)?;
        self.disk.sync_folder(&self.folder)?;
        Ok(file)
    }
}

impl Current {
    /// Has the disk promise space for `bytes` more, and for some beyond.
    fn make_room(&mut self, bytes: u64) -> Result<(), Fault> {
        let wanted = self.length.saturating_add(bytes);
        if wanted <= self.reserved {
            return Ok(());
        }
        let ahead = self.file.reserve(self.length, AHEAD.max(bytes));
        let given = match ahead {
            Ok(()) => AHEAD.max(bytes),
            Err(_) => {
                self.file
                    .reserve(self.length, bytes)
                    .map_err(|error| Fault::from(&error))?;
                bytes
            }
        };
        self.reserved = self.length.saturating_add(given);
        Ok(())
    }
}

fn gone() -> Fault {
    Fault::Io("no journal segment is open".to_owned())
}
