//! Scopes: the table of those with a meaning here, and sets of them (RFC 6749 §3.3, OpenID Connect Core §5.4).

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::Fault;
use crate::limits;

/// Makes the table of scopes that this provider knows: constant, word, the claims it opens, what it is.
macro_rules! scopes {
    ($($name:ident = ($word:literal, [$($claim:literal),*], $doc:literal);)+) => {
        $(#[doc = $doc] pub const $name: &str = $word;)+

        /// Every scope that the provider itself gives a meaning, in the order in which metadata lists them.
        pub const KNOWN: &[&str] = &[$($word,)+];

        /// The claims that a scope opens at userinfo (OpenID Connect Core §5.4).
        #[must_use]
        pub fn claims_of(scope: &str) -> &'static [&'static str] {
            match scope { $($word => &[$($claim),*],)+ _ => &[] }
        }
    };
}

scopes! {
    OPENID = ("openid", ["sub"], "The request is one of OpenID Connect.");
    PROFILE = ("profile", [
        "name", "family_name", "given_name", "middle_name", "nickname", "preferred_username", "profile",
        "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at"
    ], "The fourteen claims of a profile.");
    EMAIL = ("email", ["email", "email_verified"], "The e-mail address.");
    ADDRESS = ("address", ["address"], "The postal address.");
    PHONE = ("phone", ["phone_number", "phone_number_verified"], "The telephone number.");
    GROUPS = ("groups", ["groups"], "The groups of the person, always a list.");
    OFFLINE_ACCESS = ("offline_access", [], "Refresh tokens that outlive the session (Core §11).");
}

/// The scope that opens a claim, if one of the known ones does.
#[must_use]
pub fn scope_of_claim(claim: &str) -> Option<&'static str> {
    KNOWN
        .iter()
        .copied()
        .find(|scope| claims_of(scope).contains(&claim))
}

/// A set of scope values, in the order in which they were first named. On the wire: words with spaces.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Scope(Vec<String>);

impl Scope {
    /// No scope at all.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// Reads scope values divided by single or several spaces; a value that comes twice counts once.
    ///
    /// # Errors
    /// [`Fault::ScopeMalformed`] for a character outside RFC 6749's grammar, more than
    /// [`limits::SCOPE_MAX`] bytes or more than [`limits::SCOPE_ITEMS_MAX`] values.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let fine = |byte: u8| matches!(byte, b' '..=b'!' | b'#'..=b'[' | b']'..=b'~');
        if text.len() > limits::SCOPE_MAX || !text.bytes().all(fine) {
            return Err(Fault::ScopeMalformed);
        }
        let scope: Self = text.split(' ').filter(|word| !word.is_empty()).collect();
        if scope.0.len() > limits::SCOPE_ITEMS_MAX {
            Err(Fault::ScopeMalformed)
        } else {
            Ok(scope)
        }
    }

    /// Every scope of the provider's table: what a client may ask for unless its record says less.
    #[must_use]
    pub fn known() -> Self {
        KNOWN.iter().copied().collect()
    }

    /// Whether the value is in the set.
    #[must_use]
    pub fn contains(&self, word: &str) -> bool {
        self.0.iter().any(|own| own == word)
    }

    /// Whether every value is in `other` too.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.iter().all(|word| other.contains(word))
    }

    /// The values that `other` has too.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.iter().filter(|word| other.contains(word)).collect()
    }

    /// The values that `other` lacks.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.iter().filter(|word| !other.contains(word)).collect()
    }

    /// The values of both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).collect()
    }

    /// The set without one value.
    #[must_use]
    pub fn without(&self, word: &str) -> Self {
        self.iter().filter(|own| *own != word).collect()
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl<'a> FromIterator<&'a str> for Scope {
    fn from_iter<I: IntoIterator<Item = &'a str>>(words: I) -> Self {
        let mut scope = Self::empty();
        for word in words {
            if !scope.contains(word) {
                scope.0.push(word.to_owned());
            }
        }
        scope
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scope({self})")
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(text.split(' ').filter(|word| !word.is_empty()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_and_doubles_count_once() {
        let scope = Scope::parse("email openid  email").unwrap();
        assert_eq!(scope.to_string(), "email openid");
        assert!(scope.is_subset(&Scope::known()));
        assert_eq!(Scope::known().difference(&scope).iter().next(), Some("profile"));
        assert_eq!(scope_of_claim("zoneinfo"), Some(PROFILE));
    }

    #[test]
    fn unknown_characters_refused() {
        for bad in ["a\"b", "a\\b", "a\tb", "a\nb", "\u{e9}", &"x".repeat(1025)] {
            assert_eq!(Scope::parse(bad), Err(Fault::ScopeMalformed), "{bad:?}");
        }
        let many: String = (0..51).map(|n| format!("s{n} ")).collect();
        assert_eq!(Scope::parse(&many), Err(Fault::ScopeMalformed));
    }
}
