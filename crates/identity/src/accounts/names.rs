//! What people are called: user name, display name, address. Shown as typed, compared as prepared.
//!
//! User names are compared by PRECIS `UsernameCaseMapped` (RFC 8265 §3.3): width and case do not part two names,
//! nor do composed and decomposed letters. Names that mix scripts in the way of look-alikes are refused (UTS #39,
//! "highly restrictive"). A user name contains no `@`: so none can look like somebody's address.

use core::fmt;

use precis_profiles::UsernameCaseMapped;
use precis_profiles::precis_core::profile::PrecisFastInvocation as _;
use serde::{Deserialize, Serialize};
use unicode_security::confusable_detection::skeleton;
use unicode_security::{RestrictionLevel, RestrictionLevelDetection as _};

use crate::limits;

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was typed.
    #[error("is missing")]
    Missing,
    /// More characters than fit.
    #[error("is too long")]
    TooLong,
    /// A character that such a name cannot have.
    #[error("contains a character that it cannot have")]
    Character,
    /// Scripts are mixed as look-alikes do.
    #[error("mixes scripts that look alike")]
    MixedScripts,
    /// Not of the form of an address.
    #[error("is not an e-mail address")]
    NotAnAddress,
    /// Whoever had it would be taken for this instance or its operator.
    #[error("is reserved")]
    Reserved,
    /// Somebody else has it, or one that looks the same.
    #[error("is taken")]
    Taken,
}

macro_rules! name {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// As typed.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), self.0)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                Self::parse(&text)
            }
        }
    };
}

name! {
    /// A user name: 1 to 64 characters.
    UserName
}
name! {
    /// A display name: 1 to 64 characters, any script, no controls.
    DisplayName
}
name! {
    /// An e-mail address: up to 254 bytes.
    Email
}

impl UserName {
    /// Takes what was typed, without the spaces around it.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn parse(typed: &str) -> Result<Self, NameError> {
        let typed = bounded(typed, limits::USER_NAME_CHARACTERS)?;
        let prepared = UsernameCaseMapped::enforce(typed).map_err(|_| NameError::Character)?;
        // In the prepared form, where the full-width sign is one too.
        if prepared.contains('@') {
            return Err(NameError::Character);
        }
        if prepared.detect_restriction_level() > RestrictionLevel::HighlyRestrictive {
            return Err(NameError::MixedScripts);
        }
        Ok(Self(typed.to_owned()))
    }

    /// What it looks like (UTS #39 §4, skeleton): two names with one look are taken for each other by people. It
    /// begins with a space, which no name does.
    #[must_use]
    pub fn look(&self) -> String {
        look(&self.normalized())
    }

    /// The form in which names are compared.
    #[must_use]
    pub fn normalized(&self) -> String {
        normalized_user_name(&self.0).unwrap_or_else(|| self.0.to_lowercase())
    }
}

impl DisplayName {
    /// Takes what was typed, without the spaces around it.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn parse(typed: &str) -> Result<Self, NameError> {
        let typed = bounded(typed, limits::DISPLAY_NAME_CHARACTERS)?;
        let reorders = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if typed.chars().any(|c| c.is_control() || reorders(c)) {
            return Err(NameError::Character);
        }
        Ok(Self(typed.to_owned()))
    }
}

impl Email {
    /// Takes what was typed, without the spaces around it. Only the form is looked at.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn parse(typed: &str) -> Result<Self, NameError> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(NameError::Missing);
        }
        if typed.len() > limits::EMAIL_BYTES {
            return Err(NameError::TooLong);
        }
        let (local, domain) = typed.rsplit_once('@').ok_or(NameError::NotAnAddress)?;
        let odd = |c: char| {
            c.is_control()
                || c.is_whitespace()
                || matches!(c, '"' | ',' | ';' | '<' | '>' | '(' | ')' | '\\' | '@')
        };
        let whole = !local.is_empty() && local.len() <= 64 && !local.contains(odd) && !domain.contains(odd);
        if !whole || ascii_domain(domain).is_none() {
            return Err(NameError::NotAnAddress);
        }
        Ok(Self(typed.to_owned()))
    }

    /// The form in which addresses are compared: lower case, composed, the domain in its ASCII form.
    #[must_use]
    pub fn normalized(&self) -> String {
        normalized_email(&self.0).unwrap_or_else(|| self.0.to_lowercase())
    }
}

/// What a person typed where a user name or an address is asked: the form in which it is looked up. `None`: no name
/// and no address can have this form.
pub(crate) fn normalized(typed: &str) -> Option<String> {
    let typed = typed.trim();
    if typed.len() > limits::EMAIL_BYTES.max(4 * limits::USER_NAME_CHARACTERS) {
        return None;
    }
    if typed.contains('@') {
        normalized_email(typed)
    } else {
        normalized_user_name(typed)
    }
}

fn look(name: &str) -> String {
    let skeleton: String = skeleton(name).collect();
    format!(" {}", skeleton.to_lowercase())
}

fn normalized_user_name(typed: &str) -> Option<String> {
    UsernameCaseMapped::enforce(typed)
        .ok()
        .map(std::borrow::Cow::into_owned)
}

fn normalized_email(typed: &str) -> Option<String> {
    let (local, domain) = typed.rsplit_once('@')?;
    // The local part is compared like a user name where it can be; else by lower case alone.
    let local = normalized_user_name(local).unwrap_or_else(|| local.to_lowercase());
    Some(format!("{local}@{}", ascii_domain(domain)?))
}

fn ascii_domain(domain: &str) -> Option<String> {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    match url::Host::parse(domain).ok()? {
        url::Host::Domain(host) => Some(host),
        url::Host::Ipv4(_) | url::Host::Ipv6(_) => None,
    }
}

fn bounded(typed: &str, characters: usize) -> Result<&str, NameError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(NameError::Missing);
    }
    if typed.chars().count() > characters {
        Err(NameError::TooLong)
    } else {
        Ok(typed)
    }
}

/// Who wants an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewPerson {
    /// What they sign in as.
    pub user_name: UserName,
    /// What they are called.
    pub display_name: DisplayName,
    /// Where they can be reached.
    pub email: Option<Email>,
}

/// What is wrong with a form, field by field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("a name cannot be used")]
pub struct FieldErrors {
    /// With the user name.
    pub user_name: Option<NameError>,
    /// With the display name.
    pub display_name: Option<NameError>,
    /// With the address.
    pub email: Option<NameError>,
}

impl NewPerson {
    /// Takes a form. An empty address is none; an empty display name is the user name.
    ///
    /// # Errors
    /// [`FieldErrors`], each field that is wrong.
    pub fn parse(user_name: &str, display_name: &str, email: &str) -> Result<Self, FieldErrors> {
        let name = UserName::parse(user_name).and_then(|name| {
            let is_reserved = limits::RESERVED_NAMES
                .iter()
                .any(|reserved| look(reserved) == name.look());
            if is_reserved {
                Err(NameError::Reserved)
            } else {
                Ok(name)
            }
        });
        let shown = if display_name.trim().is_empty() {
            user_name
        } else {
            display_name
        };
        let display = DisplayName::parse(shown);
        let address = if email.trim().is_empty() {
            Ok(None)
        } else {
            Email::parse(email).map(Some)
        };
        let errors = FieldErrors {
            user_name: name.as_ref().err().copied(),
            display_name: display
                .as_ref()
                .err()
                .copied()
                .filter(|_| !display_name.trim().is_empty()),
            email: address.as_ref().err().copied(),
        };
        match (name, display, address) {
            (Ok(user_name), Ok(display_name), Ok(email)) => Ok(Self {
                user_name,
                display_name,
                email,
            }),
            _ => Err(errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_width_and_composition_do_not_part_two_names() {
        let normal = |typed: &str| UserName::parse(typed).expect("a name").normalized();
        assert_eq!(normal("Ana"), normal("ana"));
        assert_eq!(normal("ａｎａ"), normal("ana"), "full width");
        assert_eq!(normal("Zoe\u{308}"), normal("zoë"));
        assert_ne!(normal("ana"), normal("anna"));
        assert_eq!(UserName::parse(" Ana ").expect("spaces around").as_str(), "Ana");
    }

    #[test]
    fn mixed_script_look_alikes_are_refused() {
        assert_eq!(
            UserName::parse("аdmin"),
            Err(NameError::MixedScripts),
            "a Cyrillic first letter"
        );
        assert!(UserName::parse("админ").is_ok(), "one script is fine");
        assert!(UserName::parse("さくらyama").is_ok(), "Japanese mixes with Latin");
    }

    #[test]
    fn username_confusable() {
        let look = |typed: &str| UserName::parse(typed).expect("a name").look();
        assert_eq!(look("сосо"), look("coco"), "all Cyrillic");
        assert_eq!(look("userl"), look("user1"));
        assert_ne!(look("ana"), look("anna"));
        for reserved in [
            "admin",
            "Admin",
            "root",
            "ｒｏｏｔ",
            "supp0rt",
            "SUPPORT",
            "doorward",
        ] {
            let refused = NewPerson::parse(reserved, "", "").expect_err("reserved");
            assert_eq!(refused.user_name, Some(NameError::Reserved), "{reserved}");
        }
        assert!(NewPerson::parse("administrata", "", "").is_ok());
        assert!(UserName::parse("admin").is_ok(), "who had it before keeps it");
    }

    #[test]
    fn a_user_name_has_no_at_no_space_and_64_characters() {
        assert_eq!(UserName::parse("ana@example.org"), Err(NameError::Character));
        assert_eq!(
            UserName::parse("ana\u{ff20}example.org"),
            Err(NameError::Character),
            "full width"
        );
        assert_eq!(UserName::parse("a b"), Err(NameError::Character));
        assert_eq!(UserName::parse("a\u{202e}b"), Err(NameError::Character));
        assert_eq!(UserName::parse(""), Err(NameError::Missing));
        assert!(UserName::parse(&"a".repeat(64)).is_ok());
        assert_eq!(UserName::parse(&"a".repeat(65)), Err(NameError::TooLong));
    }

    #[test]
    fn email_unique_after_normalise() {
        let normal = |typed: &str| Email::parse(typed).expect("an address").normalized();
        assert_eq!(normal("Ana@Example.ORG"), normal("ana@example.org"));
        assert_eq!(normal("ana@bücher.example"), normal("ana@xn--bcher-kva.example"));
        assert_eq!(
            normal("ana@example.org."),
            normal("ana@example.org"),
            "trailing dot"
        );
        for wrong in [
            "ana",
            "@example.org",
            "ana@",
            "a b@example.org",
            "a@b@c.org",
            "ana@127.0.0.1",
            "a,b@c.org",
        ] {
            assert!(Email::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_typed_to_sign_in_finds_the_same_name() {
        assert_eq!(normalized(" ANA "), Some("ana".to_owned()));
        assert_eq!(normalized("Ana@EXAMPLE.org"), Some("ana@example.org".to_owned()));
        assert_eq!(normalized(&"a".repeat(10_000)), None);
    }

    #[test]
    fn a_form_tells_each_wrong_field() {
        let errors = NewPerson::parse("a b", "\u{7}", "nowhere").expect_err("all three are wrong");
        assert_eq!(errors.user_name, Some(NameError::Character));
        assert_eq!(errors.display_name, Some(NameError::Character));
        assert_eq!(errors.email, Some(NameError::NotAnAddress));
        let plain = NewPerson::parse("ana", "", "").expect("the least");
        assert_eq!((plain.display_name.as_str(), plain.email), ("ana", None));
    }
}
