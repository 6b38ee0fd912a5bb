//! What a person reads on the authenticator and types: 6 to 8 digits, compared in constant time.

use alloc::format;
use alloc::string::String;
use core::fmt;

use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

/// How many digits a code has (RFC 4226 §5.3: at least 6, and possibly 7 or 8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Digits {
    /// Six, which every authenticator app knows.
    #[default]
    Six,
    /// Seven.
    Seven,
    /// Eight.
    Eight,
}

impl Digits {
    /// All of them, the usual one first.
    pub const ALL: [Self; 3] = [Self::Six, Self::Seven, Self::Eight];

    /// By their number, 6 to 8.
    #[must_use]
    pub fn from_count(count: usize) -> Option<Self> {
        Self::ALL.into_iter().find(|digits| digits.count() == count)
    }

    /// Their number, 6 to 8.
    #[must_use]
    pub const fn count(self) -> usize {
        match self {
            Self::Six => 6,
            Self::Seven => 7,
            Self::Eight => 8,
        }
    }

    /// The last digits of a number (RFC 4226 §5.3, step 3).
    const fn of(self, number: u32) -> u32 {
        match self {
            Self::Six => number % 1_000_000,
            Self::Seven => number % 10_000_000,
            Self::Eight => number % 100_000_000,
        }
    }
}

/// A code of 6 to 8 digits. `Debug` shows none of them; there is no `==`, only [`OtpCode::ct_eq`].
#[derive(Clone)]
pub struct OtpCode {
    number: Zeroizing<u32>,
    digits: Digits,
}

/// Characters that are looked at when a code is typed or pasted: eight digits and whatever spaces.
const TEXT_MAX: usize = 64;

impl OtpCode {
    /// A code as people type and paste it: digits, with spaces of any kind anywhere.
    ///
    /// # Errors
    /// [`CodeError::NotDigits`] for another character, [`CodeError::Length`] for fewer than 6 or more than 8.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        if text.len() > TEXT_MAX {
            return Err(CodeError::Length);
        }
        let (mut number, mut count) = (Zeroizing::new(0_u32), 0_usize);
        for typed in text.chars().filter(|c| !c.is_whitespace()) {
            let digit = typed.to_digit(10).ok_or(CodeError::NotDigits)?;
            *number = number
                .checked_mul(10)
                .and_then(|n| n.checked_add(digit))
                .ok_or(CodeError::Length)?;
            count = count.saturating_add(1);
        }
        Ok(Self {
            number,
            digits: Digits::from_count(count).ok_or(CodeError::Length)?,
        })
    }

    pub(crate) fn of(truncated: u32, digits: Digits) -> Self {
        Self {
            number: Zeroizing::new(digits.of(truncated)),
            digits,
        }
    }

    /// How many digits it has.
    #[must_use]
    pub const fn digits(&self) -> Digits {
        self.digits
    }

    /// The digits as text, leading zeros included.
    #[must_use]
    pub fn to_digits(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{:0width$}", *self.number, width = self.digits.count()))
    }
}

impl ConstantTimeEq for OtpCode {
    fn ct_eq(&self, other: &Self) -> Choice {
        let same_length = Choice::from(u8::from(self.digits == other.digits)); // no secret
        self.number.ct_eq(&other.number) & same_length
    }
}

impl fmt::Debug for OtpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OtpCode(…)")
    }
}

/// Why a text is not a code. What was typed is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeError {
    /// There is something else than digits and spaces.
    NotDigits,
    /// There are fewer than 6 or more than 8 digits.
    Length,
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotDigits => "a code has digits only",
            Self::Length => "a code has 6 to 8 digits",
        })
    }
}

impl core::error::Error for CodeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_do_not_count_and_zeros_do() {
        for text in ["012345", " 012 345 ", "0 1 2 3 4 5", "012\u{a0}345\n"] {
            assert_eq!(*OtpCode::parse(text).expect("six digits").to_digits(), "012345");
        }
        let (six, seven) = (OtpCode::parse("012345"), OtpCode::parse("0012345"));
        let (six, seven) = (six.expect("six digits"), seven.expect("seven digits"));
        assert!(!bool::from(six.ct_eq(&seven)));
        assert!(bool::from(six.ct_eq(&six.clone())));
    }

    #[test]
    fn other_characters_and_lengths_are_refused() {
        for text in [
            "12345a",
            "+12345",
            "-12345",
            "12345\u{661}",
            "123.456",
            "１２３４５６",
        ] {
            assert_eq!(OtpCode::parse(text).err(), Some(CodeError::NotDigits), "{text}");
        }
        for text in ["", "   ", "12345", "123456789", "99999999999999999999"] {
            assert_eq!(OtpCode::parse(text).err(), Some(CodeError::Length), "{text}");
        }
    }

    #[test]
    fn debug_shows_no_digit() {
        assert_eq!(format!("{:?}", OtpCode::parse("123456")), "Ok(OtpCode(…))");
    }
}
