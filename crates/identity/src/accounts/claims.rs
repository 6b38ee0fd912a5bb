//! What an account says about its person beside names and address: the claims of OpenID Connect Core §5.1.
//!
//! All of it is optional, kept as text and judged by its form when it is written; nothing of it opens anything. One
//! table has every claim with its rule, so that the page, the command line and the tokens speak of the same ones.

use serde::{Deserialize, Serialize};
use url::Url;

/// Characters of one line.
const LINE: usize = 128;
/// Characters of an address as it stands on an envelope.
const LINES: usize = 512;
/// Bytes of an address of a page.
const URL: usize = 1024;

/// A value is not of the form of its claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ClaimError(&'static str);

macro_rules! claims {
    ($($(#[doc = $doc:literal])+ $Variant:ident $field:ident = ($word:literal, $rule:expr);)+) => {
        /// A claim that a person may fill in.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum PersonalClaim {
            $($(#[doc = $doc])+ $Variant,)+
        }

        impl PersonalClaim {
            /// Every one, in the order of the page.
            pub const ALL: &[Self] = &[$(Self::$Variant,)+];

            /// Its name; the members of `address` are named behind a dot.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$Variant => $word,)+ }
            }

            fn rule(self) -> Rule {
                match self { $(Self::$Variant => $rule,)+ }
            }
        }

        /// What an account says about its person.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct PersonalData {
            $($(#[doc = $doc])+ #[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<String>,)+
            /// The telephone number was proved.
            #[serde(skip_serializing_if = "core::ops::Not::not")]
            pub phone_number_verified: bool,
        }

        impl PersonalData {
            /// What a claim says.
            #[must_use]
            pub fn get(&self, claim: PersonalClaim) -> Option<&str> {
                match claim { $(PersonalClaim::$Variant => self.$field.as_deref(),)+ }
            }

            fn put(&mut self, claim: PersonalClaim, value: Option<String>) {
                match claim { $(PersonalClaim::$Variant => self.$field = value,)+ }
            }
        }
    };
}

claims! {
    /// First name.
    GivenName given_name = ("given_name", Rule::Line);
    /// Middle name.
    MiddleName middle_name = ("middle_name", Rule::Line);
    /// Surname.
    FamilyName family_name = ("family_name", Rule::Line);
    /// Casual name.
    Nickname nickname = ("nickname", Rule::Line);
    /// Address of a profile page.
    Profile profile = ("profile", Rule::Url);
    /// Address of a picture.
    Picture picture = ("picture", Rule::Url);
    /// Address of a web page.
    Website website = ("website", Rule::Url);
    /// Gender, in the person's own word.
    Gender gender = ("gender", Rule::Line);
    /// Date of birth.
    Birthdate birthdate = ("birthdate", Rule::Date);
    /// Time zone.
    Zoneinfo zoneinfo = ("zoneinfo", Rule::Zone);
    /// Language.
    Locale locale = ("locale", Rule::Language);
    /// Telephone number.
    PhoneNumber phone_number = ("phone_number", Rule::Phone);
    /// The postal address as it stands on an envelope.
    Formatted address_formatted = ("address.formatted", Rule::Lines);
    /// Street and number.
    StreetAddress street_address = ("address.street_address", Rule::Lines);
    /// City.
    Locality locality = ("address.locality", Rule::Line);
    /// State or province.
    Region region = ("address.region", Rule::Line);
    /// Post code.
    PostalCode postal_code = ("address.postal_code", Rule::Line);
    /// Country.
    Country country = ("address.country", Rule::Line);
}

impl PersonalClaim {
    /// The claim of this name.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|claim| claim.word() == word)
    }

    /// Judges a value; nothing but spaces is none.
    ///
    /// # Errors
    /// [`ClaimError`] says what form it must have.
    pub fn parse(self, typed: &str) -> Result<Option<String>, ClaimError> {
        let text = typed.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let lines = text.replace("\r\n", "\n");
        let text = if self.rule() == Rule::Lines {
            lines.as_str()
        } else {
            text
        };
        self.rule().check(text)?;
        Ok(Some(text.to_owned()))
    }
}

impl PersonalData {
    /// Writes one claim. Another telephone number is one that nobody has proved.
    ///
    /// # Errors
    /// [`ClaimError`] says what form the value must have.
    pub fn set(&mut self, claim: PersonalClaim, typed: &str) -> Result<(), ClaimError> {
        let value = claim.parse(typed)?;
        if claim == PersonalClaim::PhoneNumber && self.phone_number != value {
            self.phone_number_verified = false;
        }
        self.put(claim, value);
        Ok(())
    }
}

/// The form of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    Line,
    Lines,
    Url,
    Date,
    Zone,
    Language,
    Phone,
}

impl Rule {
    fn check(self, text: &str) -> Result<(), ClaimError> {
        let (fits, told) = match self {
            Self::Line => (
                text.chars().count() <= LINE && !text.chars().any(hidden),
                "must be one line of at most 128 characters",
            ),
            Self::Lines => (
                text.chars().count() <= LINES && !text.chars().any(|c| c != '\n' && hidden(c)),
                "must have at most 512 characters",
            ),
            Self::Url => (
                is_page(text),
                "must be an address that begins with https:// or http://",
            ),
            Self::Date => (
                is_date(text),
                "must be a date such as 1999-12-31, 0000-12-31 without the year, or a year",
            ),
            Self::Zone => (
                is_zone(text),
                "must be the name of a time zone, such as Europe/Lisbon",
            ),
            Self::Language => (
                is_language(text),
                "must be the tag of a language, such as en or pt-BR",
            ),
            Self::Phone => (
                is_phone(text),
                "must be a telephone number with + and the country, such as +351 210 000 000",
            ),
        };
        if fits { Ok(()) } else { Err(ClaimError(told)) }
    }
}

/// Controls, and marks that change the direction of what follows.
fn hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_page(text: &str) -> bool {
    let parsed = Url::parse(text);
    text.len() <= URL && parsed.is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
}

/// `YYYY-MM-DD`, `0000-MM-DD`, `YYYY` (Core §5.1).
fn is_date(text: &str) -> bool {
    let number = |part: &str, length: usize| {
        (part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())
            .flatten()
    };
    let mut parts = text.split('-');
    let (year, month, day, more) = (parts.next(), parts.next(), parts.next(), parts.next());
    let Some(year) = year.and_then(|year| number(year, 4)) else {
        return false;
    };
    let (Some(month), Some(day), None) = (month, day, more) else {
        return month.is_none() && year > 0;
    };
    let leap = year == 0 || (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    let last = match number(month, 2) {
        Some(1 | 3 | 5 | 7 | 8 | 10 | 12) => 31,
        Some(4 | 6 | 9 | 11) => 30,
        Some(2) if leap => 29,
        Some(2) => 28,
        Some(_) | None => return false,
    };
    number(day, 2).is_some_and(|day| (1..=last).contains(&day))
}

/// The form of a name of the time zone database; whether there is such a zone changes with each of its editions.
fn is_zone(text: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-' | b'/');
    text.len() <= 64
        && text.bytes().all(fine)
        && text.split('/').all(|part| !part.is_empty())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// The form of a language tag (RFC 5646 §2.1).
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let primary = parts
        .next()
        .is_some_and(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic()));
    primary
        && text.len() <= 35
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// E.164, with spaces as people write it, and an extension of RFC 3966.
fn is_phone(text: &str) -> bool {
    let (number, extension) = text.split_once(";ext=").unwrap_or((text, "0"));
    let digits = number.strip_prefix('+').filter(|rest| {
        rest.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b' ' || byte == b'-')
    });
    let count = digits.map_or(0, |rest| rest.bytes().filter(u8::is_ascii_digit).count());
    (7..=15).contains(&count)
        && text.len() <= 40
        && !extension.is_empty()
        && extension.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_claim_has_the_form_that_the_specification_gives_it() {
        let table: &[(PersonalClaim, &[&str], &[&str])] = &[
            (
                PersonalClaim::GivenName,
                &["Ana", "安娜"],
                &["a\tb", "a\u{202e}b"],
            ),
            (
                PersonalClaim::Website,
                &["https://a.example/x"],
                &["javascript:alert(1)", "a.example", "data:,x"],
            ),
            (
                PersonalClaim::Birthdate,
                &["1999-12-31", "0000-02-29", "2000-02-29", "1999"],
                &[
                    "1999-02-29",
                    "1999-13-01",
                    "1999-1-1",
                    "99",
                    "0000",
                    "1999-12",
                    "1999-12-31-1",
                    "1999-12-32",
                ],
            ),
            (
                PersonalClaim::Zoneinfo,
                &["Europe/Lisbon", "Etc/GMT+1"],
                &["Europe/", "../etc", "a b"],
            ),
            (
                PersonalClaim::Locale,
                &["en", "pt-BR", "zh-Hant-TW"],
                &["e", "en_US", "-"],
            ),
            (
                PersonalClaim::PhoneNumber,
                &["+351 210 000 000", "+1 (555)", "+15551234567;ext=5678"][..1],
                &[
                    "210000000",
                    "+1",
                    "+1 (555) 1234567",
                    "+15551234567;ext=",
                    "+1234567890123456",
                ],
            ),
            (PersonalClaim::Formatted, &["1 Main St\nTown"], &["a\u{7}"]),
        ];
        for (claim, right, wrong) in table {
            for text in *right {
                assert_eq!(
                    claim.parse(text),
                    Ok(Some((*text).to_owned())),
                    "{claim:?} {text}"
                );
            }
            for text in *wrong {
                assert!(claim.parse(text).is_err(), "{claim:?} {text}");
            }
            assert_eq!(claim.parse("  "), Ok(None));
        }
    }

    #[test]
    fn another_telephone_number_is_not_verified() {
        let mut data = PersonalData {
            phone_number: Some("+15551234567".to_owned()),
            phone_number_verified: true,
            ..PersonalData::default()
        };
        data.set(PersonalClaim::PhoneNumber, "+15551234567").unwrap();
        assert!(data.phone_number_verified);
        data.set(PersonalClaim::PhoneNumber, "+15551234568").unwrap();
        assert!(!data.phone_number_verified);
    }

    #[test]
    fn what_is_not_said_is_not_stored() {
        assert_eq!(serde_json::to_string(&PersonalData::default()).unwrap(), "{}");
        assert_eq!(
            serde_json::from_str::<PersonalData>("{}").unwrap(),
            PersonalData::default()
        );
    }
}
