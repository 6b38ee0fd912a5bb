//! One process a folder, and what the last one left: who holds it, on which boot, stopped cleanly or not.
//!
//! `lock` is held by `flock` as long as the process lives; its text names the holder for the message that a
//! second one prints, and nothing is decided by it. `running` holds the id of the machine's boot on which the
//! folder was opened last, and which folder it was: a process that died on this very boot has lost nothing that the system had taken.
//! `stopped` holds the sequence number of a clean stop, after which all of sled's bytes are on the disk.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{FlockOperation, flock, statfs};

use super::disk::{Disk, replace};

/// Held while it lives.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Said outright, since closing alone would leave the lock with a child that is just being started. When
        // it fails, closing does what it can.
        let _ = flock(&self.0, FlockOperation::Unlock);
    }
}

/// Why the folder is not ours.
#[derive(Debug)]
pub(super) enum NotLocked {
    /// Somebody holds it: the text of the lock file.
    Held(String),
    Io(io::Error),
}

impl Lock {
    pub(super) fn take(folder: &Path) -> Result<Self, NotLocked> {
        let path = folder.join("lock");
        let mut options = OpenOptions::new();
        let opened = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path);
        let mut file = opened.map_err(NotLocked::Io)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(NotLocked::Held(holder(&mut file))),
            Err(error) => return Err(NotLocked::Io(error.into())),
        }
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let text = format!("process {} on {}\n", std::process::id(), host.trim());
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(text.as_bytes())
        };
        // The text is a courtesy: a full disk must not keep us from what is stored.
        let _ = write(&mut file);
        Ok(Self(file))
    }
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let _ = file.take(200).read_to_string(&mut text);
    let text = text.trim();
    if text.is_empty() {
        "another process".to_owned()
    } else {
        text.to_owned()
    }
}

/// This boot of the machine, and which folder this is on it: a copy of the folder is another one, whose sled
/// somebody copied while it was being written. `None` where the system has no boot id.
pub(super) fn place(folder: &Path) -> Option<String> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let about = std::fs::metadata(folder).ok()?;
    let boot = boot.trim();
    (!boot.is_empty()).then(|| format!("{boot} {}:{}", about.dev(), about.ino()))
}

/// What the process before us left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// Stopped cleanly at this sequence number: sled's bytes are on the disk.
    Cleanly { sequence: u64 },
    /// Died on this boot: sled's bytes are in the system's cache or on the disk.
    Dead,
    /// The machine went down after it, or nobody knows: sled's bytes are worth nothing.
    Unknown,
}

pub(super) fn left(folder: &Path, place: Option<&str>) -> Left {
    let read = |name| std::fs::read_to_string(folder.join(name)).ok();
    if let Some(sequence) = read("stopped").and_then(|text| text.trim().parse().ok()) {
        return Left::Cleanly { sequence };
    }
    match (read("running"), place) {
        (Some(then), Some(now)) if then.trim() == now => Left::Dead,
        (Some(_) | None, _) => Left::Unknown,
    }
}

/// From here on sled may change: the mark of the clean stop goes first, durably.
pub(super) fn mark_running(disk: &dyn Disk, folder: &Path, place: Option<&str>) -> io::Result<()> {
    replace(
        disk,
        &folder.join("running"),
        place.unwrap_or("unknown").as_bytes(),
    )?;
    match disk.remove(&folder.join("stopped")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    disk.sync_folder(folder)
}

/// All of sled's bytes are on the disk, and show the state at `sequence`.
pub(super) fn mark_stopped(disk: &dyn Disk, folder: &Path, sequence: u64) -> io::Result<()> {
    replace(disk, &folder.join("stopped"), sequence.to_string().as_bytes())
}

/// The kind of network file system that `folder` lies on, if it does: there locks and syncs are promises of
/// another machine.
pub(super) fn network_file_system(folder: &Path) -> Option<&'static str> {
    let magic = u32::try_from(statfs(folder).ok()?.f_type & 0xffff_ffff).ok()?;
    NETWORK
        .iter()
        .find(|(number, _)| *number == magic)
        .map(|(_, name)| *name)
}

/// Linux, `magic.h` and the file systems' own headers.
const NETWORK: [(u32, &str); 9] = [
    (0x0000_6969, "NFS"),
    (0x0000_517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB2"),
    (0x0102_1997, "9P"),
    (0x00c3_6400, "Ceph"),
    (0x5346_414f, "AFS"),
    (0x0bd0_0bd0, "Lustre"),
    (0x7461_636f, "OCFS2"),
];
