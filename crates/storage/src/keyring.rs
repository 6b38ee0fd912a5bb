//! The root keys, in a file that lies outside the store: whoever has the store's bytes alone has no seeds.
//!
//! A line a key: its number and 64 hexadecimal digits. The highest number seals, all of them open. Lines that
//! begin with `#` are for people. The file is made with mode 0600 and refused when others may read it.

use core::fmt;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use doorward_crypto::{NoRandom, Random};
use zeroize::Zeroizing;

use crate::seal::{Purpose, expand};

const HEAD: &str = "# Doorward's sealing keys. What is sealed in the store cannot be read without this file.\n\
                    # Keep a copy of it apart from the backups of the store.\n";

/// A file of this size holds some 800 keys; more is no key file.
const FILE_BYTES: u64 = 64 * 1024;

/// Root keys by number, at least one.
#[derive(Clone)]
pub struct Keyring {
    newest: u32,
    keys: BTreeMap<u32, RootKey>,
}

impl Keyring {
    /// A ring with one fresh key.
    ///
    /// # Errors
    /// [`NoRandom`].
    pub fn generate(random: &dyn Random) -> Result<Self, NoRandom> {
        Ok(Self {
            newest: 1,
            keys: BTreeMap::from([(1, RootKey::generate(random)?)]),
        })
    }

    /// This ring and a fresh key, which seals from now on.
    ///
    /// # Errors
    /// [`NoRandom`].
    pub fn rotated(&self, random: &dyn Random) -> Result<Self, NoRandom> {
        let newest = self.newest.saturating_add(1);
        let mut keys = self.keys.clone();
        keys.insert(newest, RootKey::generate(random)?);
        Ok(Self { newest, keys })
    }

    /// Reads the key file.
    ///
    /// # Errors
    /// [`KeyFileError`]: missing, readable by others, or not of this form.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let mut file = File::open(path).map_err(|error| KeyFileError::io(path, error))?;
        let about = file.metadata().map_err(|error| KeyFileError::io(path, error))?;
        if about.permissions().mode() & 0o077 != 0 {
            return Err(KeyFileError::Exposed(path.to_owned()));
        }
        if about.len() > FILE_BYTES {
            return Err(KeyFileError::Malformed {
                path: path.to_owned(),
                line: 0,
            });
        }
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text)
            .map_err(|error| KeyFileError::io(path, error))?;
        Self::parse(&text).map_err(|line| KeyFileError::Malformed {
            path: path.to_owned(),
            line,
        })
    }

    /// Makes the key file with a fresh key, durably. Never over an existing one: that would make all that was
    /// sealed unreadable.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn create(path: &Path, random: &dyn Random) -> Result<Self, KeyFileError> {
        let ring = Self::generate(random)?;
        ring.write_new(path)
            .map_err(|error| KeyFileError::io(path, error))?;
        Ok(ring)
    }

    /// Adds a fresh key to the file: written aside, synced and renamed, so that at every moment the file holds
    /// the old ring or the new one.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn rotate(path: &Path, random: &dyn Random) -> Result<Self, KeyFileError> {
        let ring = Self::read(path)?.rotated(random)?;
        let aside = path.with_extension("new");
        let io = |error| KeyFileError::io(&aside, error);
        match std::fs::remove_file(&aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error)),
            Ok(()) | Err(_) => {}
        }
        ring.write_new(&aside).map_err(io)?;
        std::fs::rename(&aside, path)
            .and_then(|()| sync_folder_of(path))
            .map_err(io)?;
        Ok(ring)
    }

    /// What a store remembers of a key to tell a wrong key file before anything is opened with it. It gives
    /// nothing of the key away.
    #[must_use]
    pub fn check_values(&self) -> BTreeMap<u32, [u8; 32]> {
        let check = |root| *expand(root, b"check", Purpose::new("key check"));
        self.keys.iter().map(|(id, root)| (*id, check(root))).collect()
    }

    pub(crate) fn newest(&self) -> (u32, &RootKey) {
        match self.keys.get(&self.newest) {
            Some(key) => (self.newest, key),
            None => unreachable!("a ring holds its newest key"),
        }
    }

    pub(crate) fn get(&self, id: u32) -> Option<&RootKey> {
        self.keys.get(&id)
    }

    pub(crate) fn newest_first(&self) -> impl Iterator<Item = (u32, &RootKey)> {
        self.keys.iter().rev().map(|(id, key)| (*id, key))
    }

    /// The ring in `text`, or the number of the line that is wrong (0: there is no key).
    fn parse(text: &str) -> Result<Self, usize> {
        let mut keys = BTreeMap::new();
        for (at, line) in (1..).zip(text.lines()) {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            let (id, digits) = line.trim_end().split_once(' ').ok_or(at)?;
            let id: u32 = id.parse().map_err(|_| at)?;
            let key = RootKey::from_hex(digits).ok_or(at)?;
            if id == 0 || keys.insert(id, key).is_some() {
                return Err(at);
            }
        }
        let newest = keys.last_key_value().map(|(id, _)| *id).ok_or(0_usize)?;
        Ok(Self { newest, keys })
    }

    fn write_new(&self, path: &Path) -> io::Result<()> {
        let mut text = Zeroizing::new(String::from(HEAD));
        for (id, key) in &self.keys {
            text.push_str(&format!("{id} {}\n", key.to_hex().as_str()));
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        sync_folder_of(path)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} keys)", self.keys.len())
    }
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// 256 random bits that clear themselves.
#[derive(Clone)]
pub(crate) struct RootKey(Zeroizing<[u8; 32]>);

impl RootKey {
    fn generate(random: &dyn Random) -> Result<Self, NoRandom> {
        let mut key = Zeroizing::new([0; 32]);
        random.fill(&mut *key)?;
        Ok(Self(key))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &*self.0
    }

    fn from_hex(digits: &str) -> Option<Self> {
        if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let mut key = Zeroizing::new([0; 32]);
        for (byte, pair) in key.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(key))
    }

    fn to_hex(&self) -> Zeroizing<String> {
        let mut out = Zeroizing::new(String::with_capacity(64));
        for byte in self.0.iter() {
            for half in [byte >> 4, byte & 15] {
                out.extend(char::from_digit(u32::from(half), 16));
            }
        }
        out
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootKey(***)")
    }
}

/// Why there is no keyring.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// There is no such file.
    #[error("there is no key file at {0}")]
    Missing(PathBuf),
    /// Its permissions let others in.
    #[error("the key file {0} can be read by others; give it mode 0600")]
    Exposed(PathBuf),
    /// It is not a key file.
    #[error("the key file {path} is not well formed (line {line})")]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// From 1; 0 when the whole is meant.
        line: usize,
    },
    /// The system failed.
    #[error("the key file {path}: {error}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// In the system's words.
        error: io::Error,
    },
    /// No randomness for a fresh key.
    #[error(transparent)]
    Random(#[from] NoRandom),
}

impl KeyFileError {
    fn io(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        if error.kind() == io::ErrorKind::NotFound {
            Self::Missing(path)
        } else {
            Self::Io { path, error }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    /// Bytes that count up: tests can tell them apart, and nobody would take them for random.
    #[derive(Debug, Default)]
    pub(crate) struct Repeating(AtomicU8);

    impl Random for Repeating {
        fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom> {
            out.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
            Ok(())
        }
    }

    #[test]
    fn the_file_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("seal.key");
        let made = Keyring::create(&path, &Repeating::default()).expect("made");
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(
            Keyring::read(&path).expect("read").check_values(),
            made.check_values()
        );
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).expect("chmod");
        assert!(matches!(Keyring::read(&path), Err(KeyFileError::Exposed(_))));
    }

    #[test]
    fn an_existing_file_is_never_replaced_by_a_first_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("seal.key");
        let first = Keyring::create(&path, &Repeating::default()).expect("made");
        assert!(Keyring::create(&path, &Repeating(AtomicU8::new(9))).is_err());
        assert_eq!(
            Keyring::read(&path).expect("read").check_values(),
            first.check_values()
        );
    }

    #[test]
    fn rotation_keeps_the_old_keys() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("seal.key");
        let old = Keyring::create(&path, &Repeating::default())
            .expect("made")
            .check_values();
        let new = Keyring::rotate(&path, &Repeating(AtomicU8::new(9)))
            .expect("rotated")
            .check_values();
        assert_eq!((old.len(), new.len()), (1, 2));
        assert_eq!(old.get(&1), new.get(&1));
        assert_eq!(Keyring::read(&path).expect("read").check_values(), new);
    }

    #[test]
    fn malformed_lines_are_named() {
        let key = "0".repeat(64);
        for (text, line) in [
            (String::new(), 0),
            (format!("1 {key}\n2 {key}0\n"), 2),
            (format!("0 {key}\n"), 1),
            (format!("# a\n1 {key}\n1 {key}\n"), 3),
            (format!("1  {key}\n"), 1),
            (format!("+{key}\n"), 1),
        ] {
            assert_eq!(Keyring::parse(&text).err(), Some(line), "{text}");
        }
    }
}
