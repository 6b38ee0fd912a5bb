//! What is stored: a record has a kind, a version, an identifier and perhaps an end.

use core::fmt;

use doorward_crypto::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::key::{Key, Prefix};
use crate::limits;

/// A value that the store keeps under its kind and identifier.
///
/// Fields may be added with `#[serde(default)]` under the same version. A change that serde cannot bridge gets
/// a new `VERSION` and a branch in [`older`](Record::older): old values are read for ever and rewritten when
/// they change. Do not store what was not checked, and store secrets sealed or hashed: whoever reads the disk
/// reads the record.
pub trait Record: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// What it is. Two record types of one kind read each other's values as damage.
    const KIND: Kind;

    /// The newest shape that this program writes, from 1.
    const VERSION: u8;

    /// What names one of them.
    type Id: RecordId;

    /// The name of this one. It must not change while the record lives.
    fn id(&self) -> Self::Id;

    /// From this moment on the record reads as absent; `None`: it has no end.
    fn expires_at(&self) -> Option<Timestamp> {
        None
    }

    /// Reads the CBOR of a value of an older version; `None` when there never was such a version or it is not
    /// well formed.
    #[must_use]
    fn older(version: u8, cbor: &[u8]) -> Option<Self> {
        let _ = (version, cbor);
        None
    }
}

/// What names a record among those of its kind.
///
/// The bytes are the order of lists, and what a list is asked `under` is a prefix of them: put the owner
/// first. Parts of changing length must not run into each other (two names with the same bytes are the same
/// record): give all but the last a fixed length.
pub trait RecordId: Send + Sync {
    /// Appends the bytes of the name. Names of 1,023 bytes and more are kept by hash behind their beginning.
    fn encode(&self, out: &mut Vec<u8>);
}

impl<const N: usize> RecordId for [u8; N] {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
}

impl RecordId for Vec<u8> {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
}

impl RecordId for String {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }
}

/// The only one of its kind.
impl RecordId for () {
    fn encode(&self, _out: &mut Vec<u8>) {}
}

/// What a record is: a byte, which begins its key and stands in its envelope, and a word for people.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    tag: u8,
    name: &'static str,
}

impl Kind {
    /// The kind with this byte, which no other kind of the program has, and this word.
    ///
    /// # Panics
    /// When the byte is 0, which is the store's own. As a constant this does not compile.
    #[must_use]
    pub const fn new(tag: u8, name: &'static str) -> Self {
        assert!(tag != 0, "kind 0 is the store's own");
        Self { tag, name }
    }

    /// What the store writes about itself.
    pub(crate) const STORE: Self = Self {
        tag: 0,
        name: "store",
    };

    /// A kind that this program has no word for.
    pub(crate) const fn unknown(tag: u8) -> Self {
        Self {
            tag,
            name: "unknown kind of record",
        }
    }

    /// The byte.
    #[must_use]
    pub const fn tag(self) -> u8 {
        self.tag
    }

    /// The word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Where the record with this name lies.
    ///
    /// A key shorter than 1024 bytes ends in the name itself, one of exactly 1024 in a hash of it: so no name
    /// can be made that lies where another's hash does.
    pub(crate) fn key(self, id: &impl RecordId) -> Key {
        let mut bytes = vec![self.tag];
        id.encode(&mut bytes);
        if bytes.len() >= limits::KEY_BYTES {
            let hash = Sha256::digest(&bytes);
            bytes.truncate(limits::KEY_BYTES.saturating_sub(hash.len()));
            bytes.extend_from_slice(&hash);
        }
        // One byte at least, 1024 at most: the two lines above.
        Key::new(&bytes).unwrap_or_else(|_| unreachable!("the key was cut to its bound"))
    }

    /// All records of this kind whose names begin with `under`; `None` when `under` is longer than a key.
    pub(crate) fn prefix(self, under: &[u8]) -> Option<Prefix> {
        let mut bytes = Vec::with_capacity(under.len().saturating_add(1));
        bytes.push(self.tag);
        bytes.extend_from_slice(under);
        Prefix::new(&bytes).ok()
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Kind = Kind::new(b'k', "kept");

    #[test]
    fn a_long_name_is_kept_by_hash_and_no_short_one_lies_there() {
        let longest = KIND.key(&vec![7; 1022]);
        assert_eq!(longest.as_bytes().len(), 1023);
        let (one, two) = (KIND.key(&vec![7; 1023]), KIND.key(&vec![7; 1024]));
        assert_eq!((one.as_bytes().len(), two.as_bytes().len()), (1024, 1024));
        assert_ne!(one, two);
        assert!(KIND.prefix(&[7; 900]).expect("short").covers(&one));
    }

    #[test]
    fn kinds_part_equal_names() {
        assert_ne!(KIND.key(&[1]), Kind::new(b'l', "lent").key(&[1]));
    }
}
