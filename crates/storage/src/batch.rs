//! What a commit carries: a stamp, expectations, and new values. All of it happens or nothing.
//!
//! Expectations hold also for keys that are only read, absence included. A batch of expectations alone is
//! legal: it asks that what was seen is still so, and is answered when all that it saw is durable.

use core::fmt;
use std::collections::BTreeMap;

use crate::{key::Key, limits};

/// The stamp of the batch that wrote a value: 128 random bits, compared for equality only.
///
/// A key deleted and made again never looks unchanged, and after a lost answer one written key tells whether
/// the batch landed. Whoever makes revisions from a source that repeats breaks both.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Revision([u8; 16]);

impl Revision {
    /// The stamp with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Revision({:032x})", u128::from_be_bytes(self.0))
    }
}

/// What a key must be when the batch is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The key holds no value.
    Absent,
    /// The key holds the value with this stamp.
    At(Revision),
}

/// What becomes of a key: `Some` is the new value, `None` removes it (also when it is not there).
pub type Change = Option<Vec<u8>>;

/// Expectations and changes under one stamp, within the bounds of the seam.
#[derive(Clone, Debug)]
pub struct Batch {
    revision: Revision,
    expectations: BTreeMap<Key, Expected>,
    changes: BTreeMap<Key, Change>,
    bytes: usize,
}

impl Batch {
    /// An empty batch with a stamp that no other batch has or will have.
    #[must_use]
    pub const fn new(revision: Revision) -> Self {
        Self {
            revision,
            expectations: BTreeMap::new(),
            changes: BTreeMap::new(),
            bytes: 0,
        }
    }

    /// Asks that `key` is as `expected` when the batch is applied. The last word on a key counts.
    ///
    /// # Errors
    /// [`TooLarge`] past a bound; the batch is then as it was.
    pub fn expect(&mut self, key: Key, expected: Expected) -> Result<(), TooLarge> {
        let bytes = self.grown_by(key.as_bytes().len())?;
        if self.expectations.len() >= limits::BATCH_OPERATIONS && !self.expectations.contains_key(&key) {
            return Err(TooLarge::Expectations);
        }
        self.bytes = bytes;
        self.expectations.insert(key, expected);
        Ok(())
    }

    /// Gives `key` a new value.
    ///
    /// # Errors
    /// [`TooLarge`] past a bound; the batch is then as it was.
    pub fn put(&mut self, key: Key, value: Vec<u8>) -> Result<(), TooLarge> {
        if value.len() > limits::VALUE_BYTES {
            return Err(TooLarge::Value(value.len()));
        }
        self.change(key, Some(value))
    }

    /// Removes `key`.
    ///
    /// # Errors
    /// [`TooLarge`] past a bound; the batch is then as it was.
    pub fn remove(&mut self, key: Key) -> Result<(), TooLarge> {
        self.change(key, None)
    }

    fn change(&mut self, key: Key, change: Change) -> Result<(), TooLarge> {
        let value = change.as_ref().map_or(0, Vec::len);
        let bytes = self.grown_by(key.as_bytes().len().saturating_add(value))?;
        if self.changes.len() >= limits::BATCH_OPERATIONS && !self.changes.contains_key(&key) {
            return Err(TooLarge::Operations);
        }
        self.bytes = bytes;
        self.changes.insert(key, change);
        Ok(())
    }

    fn grown_by(&self, bytes: usize) -> Result<usize, TooLarge> {
        let sum = self.bytes.saturating_add(bytes);
        if sum > limits::BATCH_BYTES {
            Err(TooLarge::Batch(sum))
        } else {
            Ok(sum)
        }
    }

    /// The stamp of every value that this batch writes.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.revision
    }

    /// What is expected, in key order.
    pub fn expectations(&self) -> impl ExactSizeIterator<Item = (&Key, Expected)> {
        self.expectations.iter().map(|(key, expected)| (key, *expected))
    }

    /// What changes, in key order.
    pub fn changes(&self) -> impl ExactSizeIterator<Item = (&Key, &Change)> {
        self.changes.iter()
    }

    /// Whether the batch expects and does nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.expectations.is_empty() && self.changes.is_empty()
    }

    /// The first key that is not as expected, told the stamp that each key has now.
    ///
    /// # Errors
    /// What `current` says when it cannot tell.
    pub fn broken_by<E>(
        &self,
        mut current: impl FnMut(&Key) -> Result<Option<Revision>, E>,
    ) -> Result<Option<&Key>, E> {
        for (key, expected) in &self.expectations {
            let holds = match (expected, current(key)?) {
                (Expected::Absent, None) => true,
                (Expected::At(wanted), Some(found)) => *wanted == found,
                (Expected::Absent, Some(_)) | (Expected::At(_), None) => false,
            };
            if !holds {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }
}

/// The bound that a batch would have passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooLarge {
    /// A value of so many bytes.
    #[error("a value has at most 65,536 bytes, not {0}")]
    Value(usize),
    /// More than 100 changes.
    #[error("a batch has at most 100 operations")]
    Operations,
    /// More than 100 expectations.
    #[error("a batch has at most 100 expectations")]
    Expectations,
    /// So many bytes of keys and values.
    #[error("a batch has at most 524,288 bytes, not {0}")]
    Batch(usize),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u8) -> Key {
        Key::new(&[n]).expect("one byte is a key")
    }

    #[test]
    fn bounds_refuse_and_leave_the_batch_as_it_was() {
        let mut batch = Batch::new(Revision::from_bytes([0; 16]));
        assert_eq!(batch.put(key(0), vec![0; 65_537]), Err(TooLarge::Value(65_537)));
        for n in 0..100 {
            batch.put(key(n), Vec::new()).expect("100 operations fit");
            batch
                .expect(key(n), Expected::Absent)
                .expect("100 expectations fit");
        }
        assert_eq!(batch.remove(key(100)), Err(TooLarge::Operations));
        assert_eq!(
            batch.expect(key(100), Expected::Absent),
            Err(TooLarge::Expectations)
        );
        assert_eq!((batch.changes().len(), batch.expectations().len()), (100, 100));

        let mut batch = Batch::new(Revision::from_bytes([0; 16]));
        for n in 0..7 {
            batch
                .put(key(n), vec![0; 65_536])
                .expect("seven large values fit");
        }
        assert!(matches!(
            batch.put(key(7), vec![0; 65_536]),
            Err(TooLarge::Batch(_))
        ));
    }

    #[test]
    fn an_expectation_breaks_on_absence_presence_and_another_stamp() {
        let (old, new) = (Revision::from_bytes([1; 16]), Revision::from_bytes([2; 16]));
        let broken = |batch: &Batch, now: Option<Revision>| {
            batch
                .broken_by(|_| Ok::<_, core::convert::Infallible>(now))
                .map(|key| key.cloned())
        };
        let mut batch = Batch::new(new);
        batch.expect(key(1), Expected::Absent).expect("fits");
        assert_eq!(broken(&batch, None), Ok(None));
        assert_eq!(broken(&batch, Some(old)), Ok(Some(key(1))));
        batch.expect(key(1), Expected::At(old)).expect("fits");
        assert_eq!(broken(&batch, Some(old)), Ok(None));
        assert_eq!(broken(&batch, None), Ok(Some(key(1))));
        assert_eq!(broken(&batch, Some(new)), Ok(Some(key(1))));
    }
}
