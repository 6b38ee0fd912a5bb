//! What the journal and the checkpoints ask of the file system: a seam, so that tests can let it fail.
//!
//! Writing goes through here and nothing else does: what is read is read by plain means.

use core::fmt;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// A file system.
///
/// An implementer must not answer a `sync` before the bytes would survive a power cut, and must not try again
/// after one has failed: the system may have dropped the pages, and a second success proves nothing.
pub trait Disk: fmt::Debug + Send + Sync + 'static {
    /// A new, empty file for its owner alone (0600), in place of an older one of this name.
    ///
    /// # Errors
    /// The system's.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Makes durable what a file of an earlier process holds.
    ///
    /// # Errors
    /// The system's.
    fn sync_file(&self, path: &Path) -> io::Result<()>;

    /// Makes durable which names a folder holds.
    ///
    /// # Errors
    /// The system's.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;

    /// A folder for its owner alone (0700), if it is not there.
    ///
    /// # Errors
    /// The system's.
    fn create_folder(&self, path: &Path) -> io::Result<()>;

    /// Gives a file or folder another name, in place of what bore it.
    ///
    /// # Errors
    /// The system's.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// The system's.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// A file that is being written.
pub trait DiskFile: fmt::Debug + Send {
    /// Has the system promise space for `bytes` from `offset` on, without making the file longer. Systems that
    /// promise nothing answer `Ok`.
    ///
    /// # Errors
    /// The system's, above all that the disk is full.
    fn reserve(&mut self, offset: u64, bytes: u64) -> io::Result<()>;

    /// Writes all of `bytes` at the end.
    ///
    /// # Errors
    /// The system's; any part of `bytes` may then be in the file.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// `fdatasync`: returns when what was appended, and the length, would survive a power cut.
    ///
    /// # Errors
    /// The system's; what was appended since the last success may then be lost or not.
    fn sync(&mut self) -> io::Result<()>;
}

/// The system's own.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut options = OpenOptions::new();
        let file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        Ok(Box::new(RealFile(file)))
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        OpenOptions::new().write(true).open(path)?.sync_all()
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }
}

#[derive(Debug)]
struct RealFile(File);

impl DiskFile for RealFile {
    fn reserve(&mut self, offset: u64, bytes: u64) -> io::Result<()> {
        use rustix::fs::{FallocateFlags, fallocate};
        match fallocate(&self.0, FallocateFlags::KEEP_SIZE, offset, bytes) {
            Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS | rustix::io::Errno::INVAL) => Ok(()),
            other => Ok(other?),
        }
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }
}

/// Writes a small file whole: aside, synced, renamed, the folder synced. A reader sees the old or the new.
pub(super) fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let aside = path.with_extension("new");
    let mut file = disk.create(&aside)?;
    file.append(bytes)?;
    file.sync()?;
    disk.rename(&aside, path)?;
    disk.sync_folder(path.parent().unwrap_or(Path::new(".")))
}
