//! One strict pass over an item.
//!
//! It allocates nothing, whatever lengths the bytes declare, and goes no deeper than the rules say.

use core::cmp::Ordering;

use super::map::compare_keys;
use super::reader::{CborFault, Item, Order, Rules};
use crate::limits::CBOR_UNSORTED_MAX;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Major {
    Unsigned,
    Negative,
    Bytes,
    Text,
    Array,
    Map,
    Tag,
    Simple,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    Definite(u64),
    Indefinite,
}

#[derive(Clone, Copy)]
pub(super) struct Head {
    pub(super) major: Major,
    info: u8,
    pub(super) length: Length,
}

impl Head {
    pub(super) fn integer(self) -> Option<i64> {
        let Length::Definite(value) = self.length else {
            return None;
        };
        let value = i64::try_from(value).ok()?;
        match self.major {
            Major::Unsigned => Some(value),
            Major::Negative => (-1_i64).checked_sub(value),
            Major::Bytes | Major::Text | Major::Array | Major::Map | Major::Tag | Major::Simple => None,
        }
    }
}

pub(super) struct Pass<'a> {
    pub(super) whole: usize,
    pub(super) rest: &'a [u8],
    pub(super) rules: Rules,
}

impl<'a> Pass<'a> {
    pub(super) fn at(&self) -> usize {
        self.whole.saturating_sub(self.rest.len())
    }

    fn take(&mut self, count: u64) -> Result<&'a [u8], CborFault> {
        let count = usize::try_from(count).map_err(|_| CborFault::Truncated)?;
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(CborFault::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn number(&mut self, width: u64) -> Result<u64, CborFault> {
        Ok(self
            .take(width)?
            .iter()
            .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte)))
    }

    pub(super) fn head(&mut self) -> Result<Head, CborFault> {
        let initial = *self.take(1)?.first().ok_or(CborFault::Truncated)?;
        let major = match initial >> 5 {
            0 => Major::Unsigned,
            1 => Major::Negative,
            2 => Major::Bytes,
            3 => Major::Text,
            4 => Major::Array,
            5 => Major::Map,
            6 => Major::Tag,
            _ => Major::Simple,
        };
        let info = initial & 0x1f;
        let (value, shortest) = match info {
            0..=23 => (u64::from(info), 0),
            24 => (self.number(1)?, 24),
            25 => (self.number(2)?, 0x100),
            26 => (self.number(4)?, 0x1_0000),
            27 => (self.number(8)?, 0x1_0000_0000),
            31 => return self.indefinite(major),
            _ => return Err(CborFault::Malformed),
        };
        if self.rules.canonical && major != Major::Simple && value < shortest {
            return Err(CborFault::NotShortest);
        }
        Ok(Head {
            major,
            info,
            length: Length::Definite(value),
        })
    }

    fn indefinite(&self, major: Major) -> Result<Head, CborFault> {
        match major {
            Major::Bytes | Major::Text | Major::Array | Major::Map if self.rules.canonical => {
                Err(CborFault::Indefinite)
            }
            Major::Bytes | Major::Text | Major::Array | Major::Map => Ok(Head {
                major,
                info: 31,
                length: Length::Indefinite,
            }),
            Major::Unsigned | Major::Negative | Major::Tag | Major::Simple => Err(CborFault::Malformed),
        }
    }

    /// One item, with everything that the rules ask.
    pub(super) fn item(&mut self, level: u8) -> Result<(), CborFault> {
        let head = self.head()?;
        match (head.major, head.length) {
            (Major::Unsigned | Major::Negative, _) => Ok(()),
            (Major::Bytes, Length::Definite(count)) => self.take(count).map(drop),
            (Major::Text, Length::Definite(count)) => {
                let body = self.take(count)?;
                core::str::from_utf8(body).map(drop).map_err(|_| CborFault::Utf8)
            }
            (Major::Bytes | Major::Text, Length::Indefinite) => self.chunks(head.major),
            (Major::Array, length) => {
                let level = self.deeper(level)?;
                self.each(length, |pass| pass.item(level))
            }
            (Major::Map, length) => {
                let level = self.deeper(level)?;
                self.entries(length, level)
            }
            (Major::Tag, _) if self.rules.canonical => Err(CborFault::Tag),
            (Major::Tag, _) => {
                let level = self.deeper(level)?;
                self.item(level)
            }
            (Major::Simple, length) => self.simple(head.info, length),
        }
    }

    fn deeper(&self, level: u8) -> Result<u8, CborFault> {
        if level >= self.rules.depth {
            return Err(CborFault::Depth);
        }
        Ok(level.saturating_add(1))
    }

    fn each(
        &mut self,
        length: Length,
        mut read: impl FnMut(&mut Self) -> Result<(), CborFault>,
    ) -> Result<(), CborFault> {
        match length {
            Length::Definite(count) => {
                for _ in 0..count {
                    read(self)?; // a huge count ends at the first missing byte
                }
                Ok(())
            }
            Length::Indefinite => {
                while !self.at_break()? {
                    read(self)?;
                }
                Ok(())
            }
        }
    }

    fn at_break(&mut self) -> Result<bool, CborFault> {
        match self.rest.split_first() {
            Some((0xff, rest)) => {
                self.rest = rest;
                Ok(true)
            }
            Some(_) => Ok(false),
            None => Err(CborFault::Truncated),
        }
    }

    fn chunks(&mut self, major: Major) -> Result<(), CborFault> {
        while !self.at_break()? {
            let head = self.head()?;
            let Length::Definite(count) = head.length else {
                return Err(CborFault::Malformed);
            };
            if head.major != major {
                return Err(CborFault::Malformed);
            }
            let body = self.take(count)?;
            if major == Major::Text && core::str::from_utf8(body).is_err() {
                return Err(CborFault::Utf8);
            }
        }
        Ok(())
    }

    fn entries(&mut self, length: Length, level: u8) -> Result<(), CborFault> {
        let first = self.rest;
        let mut previous: Option<&'a [u8]> = None;
        let mut seen = 0_u64;
        self.each(length, |pass| {
            let start = pass.rest;
            pass.item(level)?;
            let key = start
                .get(..start.len().saturating_sub(pass.rest.len()))
                .unwrap_or_default();
            match pass.rules.order {
                Order::Canonical => match previous.map(|previous| compare_keys(previous, key)) {
                    None | Some(Ordering::Less) => {}
                    Some(Ordering::Equal) => return Err(CborFault::Duplicate),
                    Some(Ordering::Greater) => return Err(CborFault::Unsorted),
                },
                Order::Any => {
                    if seen >= CBOR_UNSORTED_MAX {
                        return Err(CborFault::Entries);
                    }
                    if earlier_keys(first, seen).any(|earlier| earlier == key) {
                        return Err(CborFault::Duplicate);
                    }
                }
            }
            previous = Some(key);
            seen = seen.saturating_add(1);
            pass.item(level)
        })
    }

    fn simple(&mut self, info: u8, length: Length) -> Result<(), CborFault> {
        match (info, length) {
            (20..=22, _) => Ok(()),
            (24, Length::Definite(value)) if value < 32 => Err(CborFault::Malformed),
            (28..=31, _) => Err(CborFault::Malformed),
            _ if self.rules.canonical => Err(CborFault::Simple),
            _ => Ok(()),
        }
    }

    /// One item of bytes that were checked before.
    pub(super) fn skip(&mut self) -> Result<(), CborFault> {
        let mut open = 1_u64;
        while let Some(left) = open.checked_sub(1) {
            open = left;
            let head = self.head()?;
            let Length::Definite(value) = head.length else {
                return Err(CborFault::Indefinite);
            };
            match head.major {
                Major::Unsigned | Major::Negative | Major::Simple => {}
                Major::Bytes | Major::Text => drop(self.take(value)?),
                Major::Array => open = open.checked_add(value).ok_or(CborFault::Truncated)?,
                Major::Map => {
                    let members = value.checked_mul(2).ok_or(CborFault::Truncated)?;
                    open = open.checked_add(members).ok_or(CborFault::Truncated)?;
                }
                Major::Tag => open = open.checked_add(1).ok_or(CborFault::Truncated)?,
            }
        }
        Ok(())
    }
}

/// The raw keys of the first `count` entries of a map whose body starts at `body`; all of them are checked.
fn earlier_keys(body: &[u8], count: u64) -> impl Iterator<Item = &[u8]> {
    let (mut rest, mut at) = (body, 0);
    (0..count).map_while(move |_| {
        let key = Item::next_checked(&mut rest, &mut at)?;
        Item::next_checked(&mut rest, &mut at)?;
        Some(key.raw())
    })
}
