//! The rules, and the typed look at an item after it was checked.

use super::map::{Key, Map};
use super::pass::{Head, Length, Major, Pass};
use crate::limits::{CBOR_DEPTH, CBOR_DEPTH_ATTESTATION};

/// What a reader demands beyond well-formedness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    pub(super) depth: u8,
    pub(super) order: Order,
    pub(super) canonical: bool,
}

/// In which order the keys of a map must stand. Duplicates are refused in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By major type, then length, then bytes (CTAP 2.2 §8).
    Canonical,
    /// As they come: clients take attestation objects apart and write them again in an order of their own.
    Any,
}

impl Rules {
    /// The CTAP2 canonical form, four levels deep.
    pub const CTAP2: Self = Self {
        depth: CBOR_DEPTH,
        order: Order::Canonical,
        canonical: true,
    };

    /// The attestation object: as CTAP2, deeper (for compound), keys in any order.
    pub const ATTESTATION_OBJECT: Self = Self {
        depth: CBOR_DEPTH_ATTESTATION,
        order: Order::Any,
        canonical: true,
    };

    /// Any well-formed item of RFC 8949: tags, floats, indefinite lengths, long integers. For the RFC's own
    /// tables; nothing in a ceremony is read with it. Duplicate keys stay refused.
    pub const RFC8949: Self = Self {
        depth: 32,
        order: Order::Any,
        canonical: false,
    };

    /// The same rules with another order.
    #[must_use]
    pub const fn ordered(self, order: Order) -> Self {
        Self { order, ..self }
    }
}

/// Why bytes are not the CBOR that was asked for, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault} at byte {at}")]
pub struct CborError {
    /// What is wrong.
    pub fault: CborFault,
    /// The offset in the item that was read, in bytes.
    pub at: usize,
}

/// What can be wrong with CBOR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CborFault {
    /// The bytes end inside an item, or a declared length passes the end.
    #[error("the bytes end too early")]
    Truncated,
    /// Bytes follow the item.
    #[error("bytes follow the item")]
    Trailing,
    /// A reserved head, a lone break, or a simple value in the wrong form.
    #[error("not well-formed")]
    Malformed,
    /// A length or integer longer than it needs to be.
    #[error("a number is not in its shortest form")]
    NotShortest,
    /// A string, array or map without a declared length.
    #[error("indefinite length")]
    Indefinite,
    /// A tag.
    #[error("a tag")]
    Tag,
    /// A float, `undefined` or an unassigned simple value.
    #[error("a simple value that CTAP2 has no use for")]
    Simple,
    /// More levels than the rules allow.
    #[error("nested too deeply")]
    Depth,
    /// The same key twice.
    #[error("a map key stands twice")]
    Duplicate,
    /// A key before one that must precede it.
    #[error("map keys are out of order")]
    Unsorted,
    /// More entries than a map with unsorted keys may have.
    #[error("too many map entries")]
    Entries,
    /// A text string that is not UTF-8.
    #[error("a text string is not UTF-8")]
    Utf8,
    /// Another type than asked for.
    #[error("not of the expected type")]
    Type,
    /// A member that must be there is not.
    #[error("a member is missing")]
    Missing,
    /// A member that must not be there is.
    #[error("a member does not belong here")]
    Unexpected,
}

/// One checked item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    raw: &'a [u8],
    at: usize,
}

impl<'a> Item<'a> {
    /// Reads `bytes` as exactly one item.
    ///
    /// # Errors
    /// The first fault, with its offset; [`CborFault::Trailing`] when bytes follow.
    pub fn parse(bytes: &'a [u8], rules: Rules) -> Result<Self, CborError> {
        let (item, rest) = Self::prefix(bytes, rules)?;
        if rest.is_empty() {
            Ok(item)
        } else {
            Err(CborError {
                fault: CborFault::Trailing,
                at: item.raw.len(),
            })
        }
    }

    /// Reads one item from the front of `bytes` and returns what follows it.
    ///
    /// # Errors
    /// The first fault, with its offset.
    pub fn prefix(bytes: &'a [u8], rules: Rules) -> Result<(Self, &'a [u8]), CborError> {
        let mut pass = Pass {
            whole: bytes.len(),
            rest: bytes,
            rules,
        };
        pass.item(0).map_err(|fault| CborError { fault, at: pass.at() })?;
        let length = pass.at();
        let rest = pass.rest;
        let raw = bytes.get(..length).unwrap_or_default();
        Ok((Self { raw, at: 0 }, rest))
    }

    /// The bytes of the item, exactly as they came.
    #[must_use]
    pub const fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// The item as an integer that fits 64 bits with sign.
    ///
    /// # Errors
    /// [`CborFault::Type`] for anything else: `true`, `"1"` and larger numbers included.
    pub fn integer(&self) -> Result<i64, CborError> {
        self.split()
            .and_then(|(head, _)| head.integer())
            .ok_or_else(|| self.wrong_type())
    }

    /// The item as a byte string.
    ///
    /// # Errors
    /// [`CborFault::Type`] for anything else.
    pub fn bytes(&self) -> Result<&'a [u8], CborError> {
        match self.split() {
            Some((
                Head {
                    major: Major::Bytes,
                    length: Length::Definite(_),
                    ..
                },
                body,
            )) => Ok(body),
            _ => Err(self.wrong_type()),
        }
    }

    /// The item as a text string.
    ///
    /// # Errors
    /// [`CborFault::Type`] for anything else.
    pub fn text(&self) -> Result<&'a str, CborError> {
        match self.split() {
            Some((
                Head {
                    major: Major::Text,
                    length: Length::Definite(_),
                    ..
                },
                body,
            )) => core::str::from_utf8(body).map_err(|_| self.wrong_type()),
            _ => Err(self.wrong_type()),
        }
    }

    /// The item as a truth value.
    ///
    /// # Errors
    /// [`CborFault::Type`] for anything else.
    pub fn boolean(&self) -> Result<bool, CborError> {
        match self.raw {
            [0xf4] => Ok(false),
            [0xf5] => Ok(true),
            _ => Err(self.wrong_type()),
        }
    }

    /// The item as an array.
    ///
    /// # Errors
    /// [`CborFault::Type`] for anything else.
    pub fn array(&self) -> Result<Array<'a>, CborError> {
        match self.split() {
            Some((
                Head {
                    major: Major::Array,
                    length: Length::Definite(count),
                    ..
                },
                body,
            )) => Ok(Array {
                left: count,
                rest: body,
                at: self.body_at(body),
            }),
            _ => Err(self.wrong_type()),
        }
    }

    /// The item as a map.
    ///
    /// # Errors
    /// [`CborFault::Type`] for anything else.
    pub fn map(&self) -> Result<Map<'a>, CborError> {
        match self.split() {
            Some((
                Head {
                    major: Major::Map,
                    length: Length::Definite(count),
                    ..
                },
                body,
            )) => Ok(Map::new(count, body, self.at, self.body_at(body))),
            _ => Err(self.wrong_type()),
        }
    }

    /// The error that says this item is of another type than asked for.
    #[must_use]
    pub const fn wrong_type(&self) -> CborError {
        CborError {
            fault: CborFault::Type,
            at: self.at,
        }
    }

    /// The error that says this item does not belong here.
    #[must_use]
    pub const fn unexpected(&self) -> CborError {
        CborError {
            fault: CborFault::Unexpected,
            at: self.at,
        }
    }

    pub(super) fn key(&self) -> Key<'a> {
        self.integer()
            .map(Key::Integer)
            .or_else(|_| self.text().map(Key::Text))
            .unwrap_or(Key::Other)
    }

    /// The next item of checked bytes that start at offset `at`.
    pub(super) fn next_checked(rest: &mut &'a [u8], at: &mut usize) -> Option<Self> {
        let whole = *rest;
        let mut pass = Pass {
            whole: whole.len(),
            rest: whole,
            rules: Rules {
                canonical: false,
                ..Rules::RFC8949
            },
        };
        pass.skip().ok()?;
        let raw = whole.get(..pass.at())?;
        let item = Self { raw, at: *at };
        *at = at.saturating_add(raw.len());
        *rest = pass.rest;
        Some(item)
    }

    fn split(&self) -> Option<(Head, &'a [u8])> {
        let mut pass = Pass {
            whole: self.raw.len(),
            rest: self.raw,
            rules: Rules::RFC8949,
        };
        let head = pass.head().ok()?;
        Some((head, pass.rest))
    }

    fn body_at(&self, body: &[u8]) -> usize {
        self.at.saturating_add(self.raw.len().saturating_sub(body.len()))
    }
}

/// The elements of a checked array, in order.
#[derive(Clone, Debug)]
pub struct Array<'a> {
    left: u64,
    rest: &'a [u8],
    at: usize,
}

impl Array<'_> {
    /// How many elements are still to come.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.left
    }

    /// Whether none is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.left == 0
    }
}

impl<'a> Iterator for Array<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        self.left = self.left.checked_sub(1)?;
        Item::next_checked(&mut self.rest, &mut self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(bytes: &[u8]) -> Option<CborFault> {
        Item::parse(bytes, Rules::CTAP2).err().map(|error| error.fault)
    }

    #[test]
    fn what_ctap2_forbids_is_refused() {
        assert_eq!(fault(&[0x18, 0x17]), Some(CborFault::NotShortest));
        assert_eq!(fault(&[0x58, 0x01, 0xaa]), Some(CborFault::NotShortest));
        assert_eq!(fault(&[0x5f, 0x41, 0xaa, 0xff]), Some(CborFault::Indefinite));
        assert_eq!(fault(&[0xbf, 0x00, 0x00, 0xff]), Some(CborFault::Indefinite));
        assert_eq!(fault(&[0xa2, 0x02, 0x00, 0x01, 0x00]), Some(CborFault::Unsorted));
        assert_eq!(fault(&[0xa2, 0x01, 0x00, 0x01, 0x00]), Some(CborFault::Duplicate));
        assert_eq!(
            fault(&[0xa2, 0x61, 0x62, 0x00, 0x61, 0x61, 0x00]),
            Some(CborFault::Unsorted)
        );
        assert_eq!(fault(&[0xc0, 0x00]), Some(CborFault::Tag));
        assert_eq!(
            fault(&[0x81, 0x81, 0x81, 0x81, 0x81, 0x00]),
            Some(CborFault::Depth)
        );
        assert_eq!(fault(&[0x81, 0x81, 0x81, 0x81, 0x00]), None);
        assert_eq!(fault(&[0x00, 0x00]), Some(CborFault::Trailing));
        assert_eq!(fault(&[0xf9, 0x00, 0x00]), Some(CborFault::Simple));
        assert_eq!(fault(&[0x61, 0xff]), Some(CborFault::Utf8));
        assert_eq!(fault(&[]), Some(CborFault::Truncated));
    }

    #[test]
    fn a_huge_declared_length_costs_nothing() {
        assert_eq!(
            fault(&[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            Some(CborFault::Truncated)
        );
        assert_eq!(
            fault(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            Some(CborFault::Truncated)
        );
        assert_eq!(
            fault(&[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            Some(CborFault::Truncated)
        );
    }

    #[test]
    fn an_unsorted_map_still_has_each_key_once() {
        let rules = Rules::ATTESTATION_OBJECT;
        assert!(Item::parse(&[0xa2, 0x02, 0x00, 0x01, 0x00], rules).is_ok());
        let twice = Item::parse(&[0xa3, 0x02, 0x00, 0x01, 0x00, 0x02, 0x00], rules);
        assert_eq!(twice.err().map(|error| error.fault), Some(CborFault::Duplicate));
    }

    #[test]
    fn an_integer_is_neither_true_nor_text() {
        for bytes in [
            &[0xf5][..],
            &[0x61, 0x31],
            &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        ] {
            let item = Item::parse(bytes, Rules::CTAP2).expect("well-formed");
            assert_eq!(item.integer().map_err(|error| error.fault), Err(CborFault::Type));
        }
        assert_eq!(
            Item::parse(&[0x38, 0xff], Rules::CTAP2).and_then(|item| item.integer()),
            Ok(-256)
        );
    }

    #[test]
    fn a_prefix_says_where_it_ended() {
        let (item, rest) = Item::prefix(&[0xa1, 0x01, 0x02, 0x99, 0x98], Rules::CTAP2).expect("a map");
        assert_eq!((item.raw(), rest), (&[0xa1, 0x01, 0x02][..], &[0x99, 0x98][..]));
    }

    #[test]
    fn a_number_is_in_its_shortest_form_at_each_width() {
        for (long, short) in [
            (&[0x18, 0x17][..], &[0x18, 0x18][..]),
            (&[0x19, 0x00, 0xff], &[0x19, 0x01, 0x00]),
            (&[0x1a, 0x00, 0x00, 0xff, 0xff], &[0x1a, 0x00, 0x01, 0x00, 0x00]),
            (
                &[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
                &[0x1b, 0, 0, 0, 1, 0, 0, 0, 0],
            ),
        ] {
            assert_eq!(fault(long), Some(CborFault::NotShortest), "{long:?}");
            assert_eq!(fault(short), None, "{short:?}");
        }
        assert_eq!(fault(&[0x1c]), Some(CborFault::Malformed));
        assert_eq!(fault(&[0x1f]), Some(CborFault::Malformed));
    }

    #[test]
    fn the_simple_values_are_false_true_and_null() {
        for good in [0xf4, 0xf5, 0xf6] {
            assert_eq!(fault(&[good]), None);
        }
        for other in [0xf3, 0xf7, 0xe0] {
            assert_eq!(fault(&[other]), Some(CborFault::Simple), "{other:x}");
        }
        assert_eq!(fault(&[0xf8, 0x1f]), Some(CborFault::Malformed));
        assert_eq!(fault(&[0xf8, 0x20]), Some(CborFault::Simple));
        assert_eq!(fault(&[0xfc]), Some(CborFault::Malformed));
        assert_eq!(fault(&[0xff]), Some(CborFault::Malformed));
        assert_eq!(
            Item::parse(&[0xf4], Rules::CTAP2).and_then(|item| item.boolean()),
            Ok(false)
        );
        assert!(
            Item::parse(&[0xf6], Rules::CTAP2)
                .and_then(|item| item.boolean())
                .is_err()
        );
    }

    #[test]
    fn keys_are_ordered_by_major_type_then_length_then_bytes() {
        let map = |keys: &[&[u8]]| {
            let mut bytes = vec![0xa0 | u8::try_from(keys.len()).expect("few")];
            for key in keys {
                bytes.extend_from_slice(key);
                bytes.push(0);
            }
            fault(&bytes)
        };
        assert_eq!(
            map(&[
                &[0x01],
                &[0x18, 0x20],
                &[0x20],
                &[0x61, b'b'],
                &[0x62, b'a', b'a']
            ]),
            None
        );
        for wrong in [
            [&[0x20][..], &[0x18, 0x20]],
            [&[0x61, b'a'], &[0x20]],
            [&[0x62, b'a', b'a'], &[0x61, b'b']],
            [&[0x61, b'b'], &[0x61, b'a']],
        ] {
            assert_eq!(map(&wrong), Some(CborFault::Unsorted), "{wrong:?}");
        }
    }

    #[test]
    fn an_unsorted_map_has_at_most_64_entries() {
        let map = |count: u8| {
            let mut bytes = vec![0xb8, count];
            for key in (0..count).rev() {
                bytes.extend(if key < 24 { vec![key] } else { vec![0x18, key] });
                bytes.push(0);
            }
            Item::parse(&bytes, Rules::ATTESTATION_OBJECT)
                .map(drop)
                .map_err(|error| error.fault)
        };
        assert_eq!(map(64), Ok(()));
        assert_eq!(map(65), Err(CborFault::Entries));
        let bytes = [0xa2, 0x02, 0x00, 0x01, 0x00];
        assert!(Item::parse(&bytes, Rules::CTAP2.ordered(Order::Any)).is_ok());
    }

    #[test]
    fn an_attestation_object_is_six_levels_deep() {
        let deep = |levels: usize| {
            let mut bytes = vec![0x81; levels];
            bytes.push(0);
            Item::parse(&bytes, Rules::ATTESTATION_OBJECT)
                .map(drop)
                .map_err(|error| error.fault)
        };
        assert_eq!(deep(6), Ok(()));
        assert_eq!(deep(7), Err(CborFault::Depth));
    }

    #[test]
    fn an_integer_fits_64_bits_with_sign() {
        let integer = |bytes: &[u8]| {
            Item::parse(bytes, Rules::CTAP2)
                .and_then(|item| item.integer())
                .ok()
        };
        assert_eq!(
            integer(&[0x1b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            Some(i64::MAX)
        );
        assert_eq!(integer(&[0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!(
            integer(&[0x3b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            Some(i64::MIN)
        );
        assert_eq!(integer(&[0x20]), Some(-1));
    }

    #[test]
    fn an_item_is_of_its_own_type_alone() {
        let samples: [&[u8]; 6] = [
            &[0x01],
            &[0x41, 7],
            &[0x61, b'a'],
            &[0x81, 0],
            &[0xa1, 0, 0],
            &[0xf5],
        ];
        for (at, bytes) in samples.iter().enumerate() {
            let item = Item::parse(bytes, Rules::CTAP2).expect("well-formed");
            let is = [
                item.integer().is_ok(),
                item.bytes().is_ok(),
                item.text().is_ok(),
                item.array().is_ok(),
                item.map().is_ok(),
                item.boolean().is_ok(),
            ];
            let own: Vec<bool> = (0..6).map(|place| place == at).collect();
            assert_eq!(is.to_vec(), own, "{bytes:?}");
        }
        let array = Item::parse(&[0x83, 0x01, 0x41, 7, 0x81, 0], Rules::CTAP2).and_then(|item| item.array());
        let mut array = array.expect("an array");
        assert_eq!((array.len(), array.is_empty()), (3, false));
        let offsets: Vec<usize> = array.by_ref().map(|item| item.wrong_type().at).collect();
        assert_eq!(offsets, [1, 2, 4]);
        assert!(array.is_empty());
    }
}
