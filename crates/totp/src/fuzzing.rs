//! What the fuzz targets check, kept here so that their seeds replay in ordinary tests. Not part of the API.
//!
//! Each function takes what a stranger sends and returns whether it was let in; it fails when something that
//! was let in does not have the property that the rest of the crate relies on.

use alloc::string::String;

use subtle::ConstantTimeEq;

use crate::base32;
use crate::code::OtpCode;
use crate::secret::Secret;
use crate::uri::{OtpAuth, OtpKey};

/// A URI that was read is written and read again as the same key of the same account.
#[must_use]
pub fn uri(text: &str) -> bool {
    let Ok(first) = OtpAuth::parse(text) else {
        return false;
    };
    let written = first.to_uri();
    let second = OtpAuth::parse(&written).ok();
    assert!(second.is_some(), "what is written is read");
    let Some(second) = second else { return true };
    assert_eq!(
        (second.issuer(), second.account()),
        (first.issuer(), first.account())
    );
    assert_eq!(*second.to_uri(), *written, "there is one way to write it");
    let same = match (first.key(), second.key()) {
        (OtpKey::Totp(one), OtpKey::Totp(two)) => {
            let moment = 1_700_000_000;
            one.step_at(moment) == two.step_at(moment)
                && same_code(&one.code_at(moment), &two.code_at(moment))
        }
        (OtpKey::Hotp(one, next), OtpKey::Hotp(two, same)) => {
            next == same && same_code(&one.code(*next), &two.code(*next))
        }
        (OtpKey::Totp(_), OtpKey::Hotp(..)) | (OtpKey::Hotp(..), OtpKey::Totp(_)) => false,
    };
    assert!(same, "the key gives the same codes");
    true
}

/// A text that was decoded is the one text of its bytes, padded or not; and what may be a secret is typed and
/// read again as the same.
#[must_use]
pub fn base32(text: &str) -> bool {
    let encoded = base32::encode(text.as_bytes());
    let back = base32::decode(&encoded).ok();
    assert!(
        back.is_some_and(|bytes| *bytes == text.as_bytes()),
        "any bytes come back"
    );
    if let Ok(secret) = Secret::parse(text) {
        let typed = Secret::parse(&secret.to_groups()).ok();
        assert!(
            typed.is_some_and(|typed| typed.as_bytes() == secret.as_bytes()),
            "a secret is typed from its groups"
        );
    }
    let Ok(bytes) = base32::decode(text) else {
        return false;
    };
    assert!(
        *base32::encode(&bytes) == text || *base32::encode_padded(&bytes) == text,
        "one text for each sequence of bytes"
    );
    true
}

/// A code that was read has the digits that were typed, and no others.
#[must_use]
pub fn code(text: &str) -> bool {
    let Ok(code) = OtpCode::parse(text) else {
        return false;
    };
    let digits = code.to_digits();
    let typed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    assert_eq!(*digits, typed, "spaces do not count and all else does");
    assert_eq!(digits.len(), code.digits().count());
    assert!(
        OtpCode::parse(&digits).is_ok_and(|again| same_code(&again, &code)),
        "its digits are the code"
    );
    true
}

fn same_code(one: &OtpCode, two: &OtpCode) -> bool {
    one.ct_eq(two).into()
}
