//! Maps of checked CBOR: each key once, looked up by integer or text.

use super::reader::{CborError, CborFault, Item};
use core::cmp::Ordering;

/// A checked map.
#[derive(Clone, Copy, Debug)]
pub struct Map<'a> {
    count: u64,
    body: &'a [u8],
    at: usize,
    body_at: usize,
}

/// A key as this crate uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// COSE and CTAP labels.
    Integer(i64),
    /// Attestation objects, statements and extensions.
    Text(&'a str),
    /// Anything else that CBOR allows.
    Other,
}

impl<'a> Map<'a> {
    pub(super) const fn new(count: u64, body: &'a [u8], at: usize, body_at: usize) -> Self {
        Self {
            count,
            body,
            at,
            body_at,
        }
    }

    /// How many entries the map has.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.count
    }

    /// Whether the map has no entry.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The entries in the order of the bytes.
    pub fn entries(&self) -> impl Iterator<Item = (Key<'a>, Item<'a>)> + use<'a> {
        let (mut rest, mut at) = (self.body, self.body_at);
        (0..self.count).map_while(move |_| {
            let key = Item::next_checked(&mut rest, &mut at)?;
            Some((key.key(), Item::next_checked(&mut rest, &mut at)?))
        })
    }

    /// The value at `key`, if there is one.
    #[must_use]
    pub fn find(&self, key: Key<'_>) -> Option<Item<'a>> {
        self.entries()
            .find(|(candidate, _)| *candidate == key)
            .map(|(_, value)| value)
    }

    /// The value at the text `key`.
    ///
    /// # Errors
    /// [`CborFault::Missing`] when there is none.
    pub fn text_key(&self, key: &str) -> Result<Item<'a>, CborError> {
        self.find(Key::Text(key)).ok_or_else(|| self.missing())
    }

    /// The value at the integer `key`.
    ///
    /// # Errors
    /// [`CborFault::Missing`] when there is none.
    pub fn integer_key(&self, key: i64) -> Result<Item<'a>, CborError> {
        self.find(Key::Integer(key)).ok_or_else(|| self.missing())
    }

    /// Demands that every key is one of `known`.
    ///
    /// # Errors
    /// [`CborFault::Unexpected`] at the first value whose key is not.
    pub fn only(&self, known: &[Key<'_>]) -> Result<(), CborError> {
        match self.entries().find(|(key, _)| !known.contains(key)) {
            Some((_, value)) => Err(value.unexpected()),
            None => Ok(()),
        }
    }

    const fn missing(&self) -> CborError {
        CborError {
            fault: CborFault::Missing,
            at: self.at,
        }
    }
}

/// CTAP2's order of encoded keys: lower major type, then the shorter, then by bytes.
///
/// For keys in shortest form, comparing the encodings by length and then bytewise does both of the last.
pub(super) fn compare_keys(left: &[u8], right: &[u8]) -> Ordering {
    let major = |key: &[u8]| key.first().map(|initial| initial >> 5);
    major(left)
        .cmp(&major(right))
        .then(left.len().cmp(&right.len()))
        .then_with(|| left.cmp(right))
}

#[cfg(test)]
mod tests {
    use super::super::Rules;
    use super::*;

    #[test]
    fn members_are_found_by_key_and_type() {
        let bytes = [0xa3, 0x01, 0x02, 0x20, 0x41, 0x07, 0x61, 0x61, 0xf5];
        let map = Item::parse(&bytes, Rules::CTAP2)
            .and_then(|item| item.map())
            .expect("a map");
        assert_eq!(map.integer_key(1).and_then(|value| value.integer()), Ok(2));
        assert_eq!(map.integer_key(-1).and_then(|value| value.bytes()), Ok(&[7][..]));
        assert_eq!(map.text_key("a").and_then(|value| value.boolean()), Ok(true));
        assert_eq!(
            map.integer_key(9).map_err(|error| error.fault).err(),
            Some(CborFault::Missing)
        );
        assert!(
            map.only(&[Key::Integer(1), Key::Integer(-1), Key::Text("a")])
                .is_ok()
        );
        assert_eq!(
            map.only(&[Key::Integer(1), Key::Text("a")])
                .map_err(|error| error.at),
            Err(4)
        );
    }
}
