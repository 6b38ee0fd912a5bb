//! What is demanded of a new password: length, and that it is not one that everybody tries first.
//!
//! No rules about classes of characters, no expiry, any character (SP 800-63B §3.1.1.2). Characters are counted
//! after preparation, as code points.

use super::{Password, common};
use crate::limits;

/// What surrounds a password: words that a stranger would try first, and whether it stands alone.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The account has a second factor, so that eight characters suffice.
    pub with_second_factor: bool,
    /// The person's own names and the instance's.
    pub names: &'a [&'a str],
}

/// Why a new password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefused {
    /// Fewer characters than this.
    #[error("a password has at least {0} characters")]
    TooShort(usize),
    /// More than 256 characters or 1024 bytes.
    #[error("a password has at most 256 characters")]
    TooLong,
    /// Contains what a password cannot contain (control characters, unassigned code points).
    #[error("the password contains a character that cannot be used")]
    NotText,
    /// On the list of common passwords, or one character or a short pattern again and again.
    #[error("this password is among the first that are tried")]
    Common,
    /// One of the person's own names, or the instance's.
    #[error("the password is one of the account's names")]
    OwnName,
}

impl Password {
    /// Checks a new password.
    ///
    /// # Errors
    /// [`PasswordRefused`], the reason to be shown.
    pub fn check_new(&self, around: Surroundings<'_>) -> Result<(), PasswordRefused> {
        if self.0.len() > limits::PASSWORD_BYTES_MAX {
            return Err(PasswordRefused::TooLong);
        }
        let least = if around.with_second_factor {
            limits::PASSWORD_WITH_SECOND_CHARACTERS_MIN
        } else {
            limits::PASSWORD_ALONE_CHARACTERS_MIN
        };
        if self.0.is_empty() {
            return Err(PasswordRefused::TooShort(least));
        }
        let text = self.prepared_text().ok_or(PasswordRefused::NotText)?;
        let characters = text.chars().count();
        if characters < least {
            return Err(PasswordRefused::TooShort(least));
        }
        if characters > limits::PASSWORD_CHARACTERS_MAX {
            return Err(PasswordRefused::TooLong);
        }
        let folded = text.to_lowercase();
        if is_own_name(&folded, around.names) {
            return Err(PasswordRefused::OwnName);
        }
        if common::is_common(&folded) {
            return Err(PasswordRefused::Common);
        }
        Ok(())
    }
}

/// A name alone, said again and again, or with digits around it.
fn is_own_name(folded: &str, names: &[&str]) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
    let core = letters(folded);
    names
        .iter()
        .map(|name| letters(&name.to_lowercase()))
        .filter(|name| name.len() >= 3)
        .any(|name| !core.is_empty() && core.replace(&name, "").is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALONE: Surroundings<'_> = Surroundings {
        with_second_factor: false,
        names: &["ana", "Ana Horvat", "example"],
    };
    const SECOND: Surroundings<'_> = Surroundings {
        with_second_factor: true,
        names: &["ana"],
    };

    fn check(typed: &str, around: Surroundings<'_>) -> Result<(), PasswordRefused> {
        Password::new(typed).check_new(around)
    }

    #[test]
    fn password_length_single_factor() {
        assert_eq!(check("14 characters!", ALONE), Err(PasswordRefused::TooShort(15)));
        assert_eq!(check("15 characters!!", ALONE), Ok(()));
        assert_eq!(check("7 chars", SECOND), Err(PasswordRefused::TooShort(8)));
        assert_eq!(check("8 chars!", SECOND), Ok(()));
        let long: String = "never repeating "
            .chars()
            .cycle()
            .zip(0..256)
            .map(|(c, _)| c)
            .collect();
        assert_ne!(check(&long, ALONE), Err(PasswordRefused::TooLong));
        assert_eq!(check(&format!("{long}x"), ALONE), Err(PasswordRefused::TooLong));
        assert_eq!(check("", ALONE), Err(PasswordRefused::TooShort(15)));
    }

    #[test]
    fn characters_are_counted_after_normalisation() {
        // Eight times e with a combining acute: 16 code points as typed, 8 as prepared.
        assert_eq!(
            check(&"e\u{301}".repeat(8), ALONE),
            Err(PasswordRefused::TooShort(15))
        );
    }

    #[test]
    fn password_blocklist() {
        assert_eq!(check("password123", SECOND), Err(PasswordRefused::Common));
        assert_eq!(check("PassWord123", SECOND), Err(PasswordRefused::Common));
        assert_eq!(check("aaaaaaaaaaaaaaaaaaaa", ALONE), Err(PasswordRefused::Common));
        assert_eq!(check("abcabcabcabcabcabc", ALONE), Err(PasswordRefused::Common));
        assert_eq!(check("anaanaana", SECOND), Err(PasswordRefused::OwnName));
        assert_eq!(check("ana1987ana!", SECOND), Err(PasswordRefused::OwnName));
        assert_eq!(check("AnaHorvat-19870201", ALONE), Err(PasswordRefused::OwnName));
    }

    #[test]
    fn password_no_truncation() {
        let seventy_two = "a long one, said once "
            .repeat(4)
            .chars()
            .take(72)
            .collect::<String>();
        let prepared = |typed: String| Password::new(typed).prepared().expect("text");
        assert_ne!(
            *prepared(format!("{seventy_two}b")),
            *prepared(format!("{seventy_two}c"))
        );
        assert_ne!(
            *prepared("Case counts here".to_owned()),
            *prepared("case counts here".to_owned())
        );
        assert!(
            Password::new("nul\0inside").prepared().is_none(),
            "RFC 8265: controls are refused, not cut at"
        );
        assert!(Password::new("x".repeat(1025)).prepared().is_none());
    }
}
