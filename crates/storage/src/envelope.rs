//! What stands around every stored record: format version, kind, record version, expiry, and whose it is.
//!
//! ```text
//! 0        format version, 1
//! 1        kind
//! 2        version of the record
//! 3        1 when it expires, 0 when not
//! 4..12    the moment it expires, milliseconds since 1970, big-endian; 0 when it does not
//! 12..28   the first 16 bytes of SHA-256 over the record's key
//! 28..     the record, CBOR
//! ```
//! The reader states kind and key. A value that lies under a key that is not its own was moved there by
//! somebody: it is damage and an error, not an absence, since a mark that reads as absent lets a used thing be
//! used again. Sweepers read no further than the expiry.

use doorward_crypto::Timestamp;
use sha2::{Digest, Sha256};

use crate::error::StoreError;
use crate::key::Key;
use crate::record::{Kind, Record};

/// The newest envelope that this program knows.
pub(crate) const FORMAT: u8 = 1;

pub(crate) const HEADER: usize = 28;

/// The stored bytes of `record`.
///
/// # Errors
/// [`StoreError::Unwritable`] when its `Serialize` fails.
pub(crate) fn wrap<R: Record>(record: &R, key: &Key) -> Result<Vec<u8>, StoreError> {
    let expiry = record.expires_at();
    let mut out = Vec::with_capacity(256);
    out.extend_from_slice(&[FORMAT, R::KIND.tag(), R::VERSION, u8::from(expiry.is_some())]);
    out.extend_from_slice(&expiry.map_or(0, Timestamp::millis).to_be_bytes());
    out.extend_from_slice(&binding(key));
    ciborium::into_writer(record, &mut out).map_err(|error| StoreError::Unwritable {
        kind: R::KIND,
        why: error.to_string(),
    })?;
    Ok(out)
}

/// The record in `stored`, which lay under `key`; `None` when it has expired at `now`.
///
/// # Errors
/// [`StoreError::Newer`] and [`StoreError::Damaged`].
pub(crate) fn unwrap<R: Record>(stored: &[u8], key: &Key, now: Timestamp) -> Result<Option<R>, StoreError> {
    let header = Header::read(stored).map_err(|fault| fault.of(R::KIND))?;
    let damaged = |why: &str| StoreError::Damaged {
        kind: R::KIND,
        why: why.to_owned(),
    };
    if header.kind != R::KIND.tag() {
        return Err(damaged("it is of another kind"));
    }
    if header.binding != binding(key) {
        return Err(damaged("it belongs under another key"));
    }
    if header.version > R::VERSION {
        return Err(StoreError::Newer {
            kind: R::KIND,
            version: header.version,
        });
    }
    if header.expired(now) {
        return Ok(None);
    }
    let record = if header.version == R::VERSION {
        let mut rest = header.body;
        let record: R = ciborium::from_reader(&mut rest).map_err(|error| damaged(&error.to_string()))?;
        if !rest.is_empty() {
            return Err(damaged("bytes follow the record"));
        }
        record
    } else {
        R::older(header.version, header.body).ok_or_else(|| damaged("no such older version can be read"))?
    };
    if R::KIND.key(&record.id()) != *key {
        return Err(damaged("it names itself otherwise"));
    }
    Ok(Some(record))
}

/// What stands before the record.
pub(crate) struct Header<'a> {
    pub(crate) kind: u8,
    pub(crate) version: u8,
    pub(crate) expires_at: Option<Timestamp>,
    binding: [u8; 16],
    body: &'a [u8],
}

impl<'a> Header<'a> {
    /// Reads the header, strictly.
    pub(crate) fn read(stored: &'a [u8]) -> Result<Self, HeaderFault> {
        let (&[format, kind, version, expires, ref rest @ ..], body) = split(stored)?;
        if format > FORMAT {
            return Err(HeaderFault::Newer(format));
        }
        let ([a, b, c, d, e, f, g, h, binding @ ..], true) = (rest, format == FORMAT && version > 0) else {
            return Err(HeaderFault::Damaged);
        };
        let moment = u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
        let expires_at = match (expires, moment) {
            (0, 0) => None,
            (1, moment) => Some(Timestamp::from_millis(moment)),
            _ => return Err(HeaderFault::Damaged),
        };
        Ok(Self {
            kind,
            version,
            expires_at,
            binding: *binding,
            body,
        })
    }

    /// Whether the record's end has come.
    pub(crate) fn expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

fn split(stored: &[u8]) -> Result<(&[u8; HEADER], &[u8]), HeaderFault> {
    stored.split_first_chunk().ok_or(HeaderFault::Damaged)
}

/// Why a header is none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HeaderFault {
    Newer(u8),
    Damaged,
}

impl HeaderFault {
    fn of(self, kind: Kind) -> StoreError {
        match self {
            Self::Newer(version) => StoreError::Newer { kind, version },
            Self::Damaged => StoreError::Damaged {
                kind,
                why: "it has no envelope".to_owned(),
            },
        }
    }
}

fn binding(key: &Key) -> [u8; 16] {
    let hash: [u8; 32] = Sha256::digest(key.as_bytes()).into();
    let mut out = [0; 16];
    out.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    out
}
