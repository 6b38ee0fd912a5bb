//! Base32 (RFC 4648 §6), strict: one text for each sequence of bytes, up to padding.
//!
//! Padding may be absent, as in `otpauth` URIs, or whole; half of it is an error. So are lower case, the digits
//! `0`, `1`, `8` and `9`, lengths that no encoder makes, and bits behind the last byte that are not zero. What
//! people type is made regular by [`crate::Secret::parse`] before it comes here.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Characters of a whole group, which stands for five bytes.
const GROUP: usize = 8;

/// The text of `bytes`, without padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> Zeroizing<String> {
    // Capacity first: a growing string would leave copies of a secret behind.
    let mut text = Zeroizing::new(String::with_capacity(
        bytes.len().div_ceil(5).saturating_mul(GROUP),
    ));
    let mut held = Bits::default();
    for byte in bytes {
        held.push(u32::from(*byte), 8);
        while let Some(value) = held.pop(5) {
            text.push(letter(value));
        }
    }
    if let Some(value) = held.pop_padded(5) {
        text.push(letter(value));
    }
    text
}

/// The text of `bytes`, padded with `=` to whole groups of eight characters.
#[must_use]
pub fn encode_padded(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = encode(bytes);
    while !text.len().is_multiple_of(GROUP) {
        text.push('=');
    }
    text
}

/// The bytes that `text` stands for.
///
/// # Errors
/// [`Base32Error`]: see the module for what is refused.
pub fn decode(text: &str) -> Result<Zeroizing<Vec<u8>>, Base32Error> {
    let letters = text.trim_end_matches('=');
    let rest = match letters.len() % GROUP {
        rest @ (0 | 2 | 4 | 5 | 7) => rest,
        _ => return Err(character_error(letters).unwrap_or(Base32Error::Length)),
    };
    let padding = text.len().saturating_sub(letters.len());
    if padding != 0 && (rest == 0 || padding.checked_add(rest) != Some(GROUP)) {
        return Err(Base32Error::Padding);
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(letters.len()));
    let mut held = Bits::default();
    for letter in letters.bytes() {
        held.push(value(letter).ok_or(Base32Error::Character)?, 5);
        if let Some(byte) = held.pop(8) {
            bytes.push(u8::try_from(byte).map_err(|_| Base32Error::Character)?);
        }
    }
    if held.is_zero() {
        Ok(bytes)
    } else {
        Err(Base32Error::TrailingBits)
    }
}

/// Why a text is not base32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base32Error {
    /// A character that is not in the alphabet.
    Character,
    /// A number of characters that no number of bytes gives.
    Length,
    /// Padding that does not fill exactly the last group.
    Padding,
    /// The bits behind the last byte are not zero, so another text stands for the same bytes.
    TrailingBits,
}

impl fmt::Display for Base32Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Character => "a character is not in the base32 alphabet",
            Self::Length => "no bytes give a base32 text of this length",
            Self::Padding => "the base32 padding does not fill the last group",
            Self::TrailingBits => "the base32 text has bits behind its last byte",
        })
    }
}

impl core::error::Error for Base32Error {}

fn character_error(letters: &str) -> Option<Base32Error> {
    letters
        .bytes()
        .any(|letter| value(letter).is_none())
        .then_some(Base32Error::Character)
}

fn letter(value: u32) -> char {
    // Five bits never miss the table.
    usize::try_from(value)
        .ok()
        .and_then(|index| ALPHABET.get(index))
        .map_or('=', |letter| char::from(*letter))
}

fn value(letter: u8) -> Option<u32> {
    match letter {
        b'A'..=b'Z' => Some(u32::from(letter.wrapping_sub(b'A'))),
        b'2'..=b'7' => Some(u32::from(letter.wrapping_sub(b'2').wrapping_add(26))),
        _ => None,
    }
}

/// Bits on their way from one width to another, first come first.
#[derive(Default)]
struct Bits {
    held: u32,
    count: u32,
}

impl Bits {
    fn push(&mut self, value: u32, width: u32) {
        self.held = (self.held << width) | value;
        self.count = self.count.saturating_add(width);
    }

    fn pop(&mut self, width: u32) -> Option<u32> {
        self.count = self.count.checked_sub(width)?;
        let value = self.held >> self.count;
        self.held &= !(u32::MAX << self.count);
        Some(value)
    }

    /// What is left, filled with zero bits, unless nothing is.
    fn pop_padded(&mut self, width: u32) -> Option<u32> {
        let missing = width.checked_sub(self.count).filter(|_| self.count != 0)?;
        self.push(0, missing);
        self.pop(width)
    }

    fn is_zero(&self) -> bool {
        self.held == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lengths_come_back() {
        let bytes: Vec<u8> = (0..=255)
            .map(|n: u8| n.wrapping_mul(167).wrapping_add(13))
            .collect();
        for length in 0..bytes.len() {
            let bytes = &bytes[..length];
            assert_eq!(
                decode(&encode(bytes)).map(|decoded| decoded.to_vec()),
                Ok(bytes.to_vec())
            );
            assert_eq!(
                decode(&encode_padded(bytes)).map(|decoded| decoded.to_vec()),
                Ok(bytes.to_vec())
            );
        }
    }

    #[test]
    fn a_refusal_says_why() {
        let refused = |text| decode(text).err();
        assert_eq!(refused("mzxw6ytb"), Some(Base32Error::Character));
        assert_eq!(refused("MZXW6YT8"), Some(Base32Error::Character));
        assert_eq!(refused("MZ XW6YTB"), Some(Base32Error::Character));
        assert_eq!(refused("MZXW6YTBM"), Some(Base32Error::Length));
        assert_eq!(refused("MZXW6==="), None);
        assert_eq!(refused("MZXW6=="), Some(Base32Error::Padding));
        assert_eq!(refused("MZXW6YTB========"), Some(Base32Error::Padding));
        assert_eq!(refused("========"), Some(Base32Error::Padding));
        assert_eq!(refused("MZXW6==A"), Some(Base32Error::Character));
        assert_eq!(refused("MZXW7==="), Some(Base32Error::TrailingBits));
    }
}
