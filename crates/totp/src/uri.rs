//! `otpauth` URIs (Key URI Format), both ways.
//!
//! `otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=ISSUER`, with `algorithm`, `digits`, `period` (totp) and `counter`
//! (hotp). What is made here names only what differs from the defaults, so that the QR code stays small.
//!
//! Reading is strict where two readers could understand two things: an issuer in the label that differs from the
//! parameter, a parameter that comes twice, one that does not belong to the type. Parameters that the format does
//! not know (`image`, `color`) are passed over. The trap: neither issuer nor account may contain a colon, even
//! encoded, since apps split the label after decoding it.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::code::Digits;
use crate::hotp::Hotp;
use crate::secret::{Secret, SecretError};
use crate::totp::{Period, Totp};

/// Bytes of the longest URI that is read. Whatever is made here is shorter.
const URI_BYTES_MAX: usize = 4096;
/// Bytes of the longest issuer or account: an e-mail address has 254 at most.
const NAME_BYTES_MAX: usize = 255;

/// What an `otpauth` URI says: whose key, and the key.
#[derive(Clone, Debug)]
pub struct OtpAuth {
    issuer: Option<String>,
    account: String,
    key: OtpKey,
}

/// The two types of keys.
#[derive(Clone, Debug)]
pub enum OtpKey {
    /// Codes that follow the time.
    Totp(Totp),
    /// Codes that follow a counter, and its next value.
    Hotp(Hotp, u64),
}

impl OtpAuth {
    /// For an authenticator app. `issuer` and `account` are shown to the person.
    ///
    /// # Errors
    /// [`UriError::Label`] when one of them is empty, longer than 255 bytes, begins or ends with a space, or has a
    /// colon or a control character.
    pub fn totp(issuer: Option<&str>, account: &str, totp: Totp) -> Result<Self, UriError> {
        Self::new(
            issuer.map(ToOwned::to_owned),
            account.to_owned(),
            OtpKey::Totp(totp),
        )
    }

    /// For an authenticator with a counter; `next` is its first value.
    ///
    /// # Errors
    /// As [`OtpAuth::totp`].
    pub fn hotp(issuer: Option<&str>, account: &str, hotp: Hotp, next: u64) -> Result<Self, UriError> {
        Self::new(
            issuer.map(ToOwned::to_owned),
            account.to_owned(),
            OtpKey::Hotp(hotp, next),
        )
    }

    fn new(issuer: Option<String>, account: String, key: OtpKey) -> Result<Self, UriError> {
        let names = issuer.iter().chain([&account]);
        if names.into_iter().all(|name| is_name(name)) {
            Ok(Self { issuer, account, key })
        } else {
            Err(UriError::Label)
        }
    }

    /// Reads a URI.
    ///
    /// # Errors
    /// [`UriError`]; see the module for what is refused.
    pub fn parse(uri: &str) -> Result<Self, UriError> {
        if uri.len() > URI_BYTES_MAX {
            return Err(UriError::TooLong);
        }
        if !uri.bytes().all(is_uri_character) {
            return Err(UriError::Character);
        }
        let rest = uri.strip_prefix("otpauth://").ok_or(UriError::Scheme)?;
        let (kind, rest) = rest.split_once('/').ok_or(UriError::Label)?;
        let (label, query) = rest.split_once('?').ok_or(UriError::Missing(Parameter::Secret))?;
        let mut parameters = Parameters::parse(query)?;
        let (prefix, account) = split_label(&decode(label)?)?;
        let issuer = same_issuer(prefix, parameters.take(Parameter::Issuer))?;
        let key = match kind {
            "totp" => OtpKey::Totp(parameters.totp()?),
            "hotp" => parameters.hotp().map(|(hotp, next)| OtpKey::Hotp(hotp, next))?,
            _ => return Err(UriError::Type),
        };
        parameters.finish()?;
        Self::new(issuer, account, key)
    }

    /// The URI. It holds the secret: show it once, to its owner, and keep it nowhere.
    #[must_use]
    pub fn to_uri(&self) -> Zeroizing<String> {
        // Capacity first: a growing string would leave copies of the secret behind.
        let mut uri = Zeroizing::new(String::with_capacity(URI_BYTES_MAX));
        uri.push_str(match self.key {
            OtpKey::Totp(_) => "otpauth://totp/",
            OtpKey::Hotp(..) => "otpauth://hotp/",
        });
        if let Some(issuer) = &self.issuer {
            encode(issuer, &mut uri);
            uri.push(':');
        }
        encode(&self.account, &mut uri);
        uri.push_str("?secret=");
        uri.push_str(&self.secret().to_base32());
        if let Some(issuer) = &self.issuer {
            uri.push_str("&issuer=");
            encode(issuer, &mut uri);
        }
        let (algorithm, digits) = match &self.key {
            OtpKey::Totp(totp) => (totp.algorithm(), totp.digits()),
            OtpKey::Hotp(hotp, _) => (hotp.algorithm(), hotp.digits()),
        };
        if algorithm != Algorithm::default() {
            uri.push_str(&format!("&algorithm={algorithm}"));
        }
        if digits != Digits::default() {
            uri.push_str(&format!("&digits={}", digits.count()));
        }
        match &self.key {
            OtpKey::Totp(totp) if totp.period() == Period::default() => {}
            OtpKey::Totp(totp) => uri.push_str(&format!("&period={}", totp.period().seconds())),
            OtpKey::Hotp(_, next) => uri.push_str(&format!("&counter={next}")),
        }
        uri
    }

    /// Who gave out the key.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// The account that it is for.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &OtpKey {
        &self.key
    }

    /// The key, taken out.
    #[must_use]
    pub fn into_key(self) -> OtpKey {
        self.key
    }

    /// The secret of the key.
    #[must_use]
    pub const fn secret(&self) -> &Secret {
        match &self.key {
            OtpKey::Totp(totp) => totp.secret(),
            OtpKey::Hotp(hotp, _) => hotp.secret(),
        }
    }
}

/// The parameters that the format knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// The key in base32; required.
    Secret,
    /// Who gave it out.
    Issuer,
    /// `SHA1` (default), `SHA256` or `SHA512`.
    Algorithm,
    /// `6` (default), `7` or `8`.
    Digits,
    /// Seconds, not zero; `30` by default; totp alone.
    Period,
    /// The next value of the counter; required for hotp, and for it alone.
    Counter,
}

const NAMES: [(Parameter, &str); 6] = [
    (Parameter::Secret, "secret"),
    (Parameter::Issuer, "issuer"),
    (Parameter::Algorithm, "algorithm"),
    (Parameter::Digits, "digits"),
    (Parameter::Period, "period"),
    (Parameter::Counter, "counter"),
];

impl Parameter {
    /// Its name in the URI.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why something is not an `otpauth` URI, or not one of a key that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UriError {
    /// It has more than 4096 bytes.
    TooLong,
    /// A character that must not stand in a URI as it is, or a fragment.
    Character,
    /// The scheme is not `otpauth`.
    Scheme,
    /// The type is neither `totp` nor `hotp`.
    Type,
    /// A `%` without two hexadecimal digits, or bytes that are not UTF-8.
    Percent,
    /// The label has no account, or a colon too many, or names that nobody could tell apart by eye.
    Label,
    /// The issuer in the label is not the one in the parameter.
    IssuerDiffers,
    /// The parameter comes twice.
    Twice(Parameter),
    /// The parameter is required.
    Missing(Parameter),
    /// The parameter has a value that it cannot have.
    Value(Parameter),
    /// The parameter does not belong to this type.
    Unfit(Parameter),
    /// The secret is none.
    Secret(SecretError),
}

impl fmt::Display for UriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => f.write_str("the URI is longer than 4096 bytes"),
            Self::Character => f.write_str("a character must not stand in a URI"),
            Self::Scheme => f.write_str("the scheme is not otpauth"),
            Self::Type => f.write_str("the type is neither totp nor hotp"),
            Self::Percent => f.write_str("a percent encoding is malformed"),
            Self::Label => f.write_str("the label is not an account with or without an issuer"),
            Self::IssuerDiffers => f.write_str("the label and the parameter name different issuers"),
            Self::Twice(parameter) => write!(f, "{parameter} comes twice"),
            Self::Missing(parameter) => write!(f, "{parameter} is missing"),
            Self::Value(parameter) => write!(f, "{parameter} cannot have this value"),
            Self::Unfit(parameter) => write!(f, "{parameter} does not belong to this type"),
            Self::Secret(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for UriError {}

/// The values that came, decoded, each taken once.
struct Parameters(Vec<(Parameter, Zeroizing<String>)>);

impl Parameters {
    fn parse(query: &str) -> Result<Self, UriError> {
        let mut found: Vec<(Parameter, Zeroizing<String>)> = Vec::with_capacity(NAMES.len());
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decode(value)?;
            let Some((parameter, _)) = NAMES.iter().find(|row| row.1 == name) else {
                continue;
            };
            if found.iter().any(|(earlier, _)| earlier == parameter) {
                return Err(UriError::Twice(*parameter));
            }
            found.push((*parameter, value));
        }
        Ok(Self(found))
    }

    fn take(&mut self, parameter: Parameter) -> Option<Zeroizing<String>> {
        let at = self.0.iter().position(|(name, _)| *name == parameter)?;
        Some(self.0.swap_remove(at).1)
    }

    /// The value as `read` understands it, when it came.
    fn value<T>(
        &mut self,
        parameter: Parameter,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, UriError> {
        let Some(value) = self.take(parameter) else {
            return Ok(None);
        };
        read(&value).map(Some).ok_or(UriError::Value(parameter))
    }

    fn hotp_key(&mut self) -> Result<Hotp, UriError> {
        let text = self
            .take(Parameter::Secret)
            .ok_or(UriError::Missing(Parameter::Secret))?;
        let secret = Secret::parse(&text).map_err(UriError::Secret)?;
        let algorithm = self.value(Parameter::Algorithm, Algorithm::from_name)?;
        let digits = self.value(Parameter::Digits, |text| {
            decimal(text).and_then(|count| Digits::from_count(usize::try_from(count).ok()?))
        })?;
        Ok(Hotp::new(secret)
            .with_algorithm(algorithm.unwrap_or_default())
            .with_digits(digits.unwrap_or_default()))
    }

    fn totp(&mut self) -> Result<Totp, UriError> {
        let hotp = self.hotp_key()?;
        let period = self.value(Parameter::Period, |text| {
            decimal(text).and_then(|seconds| Period::from_seconds(u32::try_from(seconds).ok()?))
        })?;
        Ok(Totp::of(hotp, period.unwrap_or_default()))
    }

    fn hotp(&mut self) -> Result<(Hotp, u64), UriError> {
        let hotp = self.hotp_key()?;
        let next = self.value(Parameter::Counter, decimal)?;
        Ok((hotp, next.ok_or(UriError::Missing(Parameter::Counter))?))
    }

    fn finish(self) -> Result<(), UriError> {
        self.0
            .first()
            .map_or(Ok(()), |(parameter, _)| Err(UriError::Unfit(*parameter)))
    }
}

/// Digits alone, no sign, no leading zero.
fn decimal(text: &str) -> Option<u64> {
    let is_regular =
        text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if is_regular { text.parse().ok() } else { None }
}

/// `[issuer ":" *space] account`.
fn split_label(label: &str) -> Result<(Option<String>, String), UriError> {
    match label.split_once(':') {
        None => Ok((None, label.to_owned())),
        Some(("", _)) => Err(UriError::Label),
        Some((issuer, account)) => Ok((
            Some(issuer.to_owned()),
            account.trim_start_matches(' ').to_owned(),
        )),
    }
}

fn same_issuer(
    prefix: Option<String>,
    parameter: Option<Zeroizing<String>>,
) -> Result<Option<String>, UriError> {
    match (prefix, parameter) {
        (Some(prefix), Some(parameter)) if prefix != *parameter => Err(UriError::IssuerDiffers),
        (Some(prefix), _) => Ok(Some(prefix)),
        (None, Some(parameter)) => Ok(Some((*parameter).clone())),
        (None, None) => Ok(None),
    }
}

fn is_name(name: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&name.len())
        && name.trim() == name
        && !name.chars().any(|c| c == ':' || c.is_control())
}

/// RFC 3986 §2: what may stand in a URI, less `#`, since this one has no fragment.
fn is_uri_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=%".contains(&byte)
}

/// Percent decoding (RFC 3986 §2.1). A plus is a plus.
fn decode(text: &str) -> Result<Zeroizing<String>, UriError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            hexadecimal(rest.next(), rest.next())?
        } else {
            byte
        });
    }
    let decoded = core::str::from_utf8(&bytes).map_err(|_| UriError::Percent)?;
    Ok(Zeroizing::new(decoded.to_owned()))
}

fn hexadecimal(high: Option<u8>, low: Option<u8>) -> Result<u8, UriError> {
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
    let (Some(high), Some(low)) = (digit(high), digit(low)) else {
        return Err(UriError::Percent);
    };
    u8::try_from((high << 4) | low).map_err(|_| UriError::Percent)
}

/// Percent encoding of all but the unreserved characters (RFC 3986 §2.3) and `@`, which a path and a query may
/// hold and which people recognise.
fn encode(text: &str, uri: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(uri: &str) -> Option<UriError> {
        OtpAuth::parse(uri).err()
    }

    #[test]
    fn a_parameter_comes_once_and_belongs_to_its_type() {
        let twice = "otpauth://totp/x?secret=MZXW6YTB&secret=MZXW6YTB";
        assert_eq!(refused(twice), Some(UriError::Twice(Parameter::Secret)));
        let counter = "otpauth://totp/x?secret=MZXW6YTB&counter=1";
        assert_eq!(refused(counter), Some(UriError::Unfit(Parameter::Counter)));
        let period = "otpauth://hotp/x?secret=MZXW6YTB&counter=1&period=30";
        assert_eq!(refused(period), Some(UriError::Unfit(Parameter::Period)));
        assert_eq!(
            refused("otpauth://totp/x?secret=MZXW6YTB&image=https%3A%2F%2Fexample.org"),
            None
        );
    }

    #[test]
    fn numbers_have_one_spelling() {
        for digits in ["", "06", "+6", "6.0", "5", "9", "0x6", "99999999999999999999"] {
            let uri = format!("otpauth://totp/x?secret=MZXW6YTB&digits={digits}");
            assert_eq!(
                refused(&uri),
                Some(UriError::Value(Parameter::Digits)),
                "{digits}"
            );
        }
        let counter = "otpauth://hotp/x?secret=MZXW6YTB&counter=0";
        assert_eq!(refused(counter), None);
        assert_eq!(
            refused(&format!("{counter}0")),
            Some(UriError::Value(Parameter::Counter))
        );
    }

    #[test]
    fn a_label_is_an_account_with_at_most_one_colon_before_it() {
        for label in [
            "",
            ":x",
            "a:",
            "a:b:c",
            "a%3Ab%3Ac",
            "%20x",
            "a:x%20",
            "x%00",
            "a:%20",
            "a%20:x",
        ] {
            assert_eq!(
                refused(&format!("otpauth://totp/{label}?secret=MZXW6YTB")),
                Some(UriError::Label),
                "{label}"
            );
        }
        assert_eq!(
            refused("otpauth://totp/x?secret=MZXW6YTB&issuer="),
            Some(UriError::Label)
        );
        assert_eq!(
            refused("otpauth://totp/x?secret=MZXW6YTB&issuer=a%3Ab"),
            Some(UriError::Label)
        );
    }

    #[test]
    fn percent_encoding_is_whole_and_utf8() {
        for label in ["%", "%4", "%zz", "%ff", "%+4"] {
            let uri = format!("otpauth://totp/{label}?secret=MZXW6YTB");
            assert_eq!(refused(&uri), Some(UriError::Percent), "{label}");
        }
        for uri in [
            "otpauth://totp/a b?secret=MZXW6YTB",
            "otpauth://totp/ü?secret=MZXW6YTB",
            "otpauth://totp/x?secret=MZXW6YTB#",
        ] {
            assert_eq!(refused(uri), Some(UriError::Character), "{uri}");
        }
    }
}
