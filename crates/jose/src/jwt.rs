//! Claims and times of a JWT as values (RFC 7519). Which claims must be there, and what they must say, is for
//! whoever asked for the token to judge.

use core::time::Duration;

use doorward_crypto::{SigningKey, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::json::{self, JsonError, Object};
use crate::jws::{Protected, SignJwsError};

/// The claims of a token. A getter tells "absent" (`Ok(None)`) from "of the wrong type" (an error).
#[derive(Clone, Debug, PartialEq)]
pub struct Claims(Object);

/// The last second of the year 9999. Later dates are mistakes, of the unit most often.
const SECONDS_MAX: u64 = 253_402_300_799;

impl Claims {
    /// Reads claims.
    ///
    /// # Errors
    /// [`ClaimsError::Json`].
    pub fn parse(payload: &[u8]) -> Result<Self, ClaimsError> {
        Ok(Self(json::object(payload)?))
    }

    /// A string.
    ///
    /// # Errors
    /// [`ClaimsError::Type`] when it is something else.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, ClaimsError> {
        self.typed(name, Value::as_str)
    }

    /// A string that must be there.
    ///
    /// # Errors
    /// [`ClaimsError::Missing`], [`ClaimsError::Type`].
    pub fn required_text(&self, name: &'static str) -> Result<&str, ClaimsError> {
        self.text(name)?.ok_or(ClaimsError::Missing(name))
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// [`ClaimsError::Type`] when it is something else, the string `"true"` for instance.
    pub fn truth(&self, name: &'static str) -> Result<Option<bool>, ClaimsError> {
        self.typed(name, Value::as_bool)
    }

    /// A whole number that is not negative.
    ///
    /// # Errors
    /// [`ClaimsError::Type`] when it is something else.
    pub fn integer(&self, name: &'static str) -> Result<Option<u64>, ClaimsError> {
        self.typed(name, Value::as_u64)
    }

    /// An object.
    ///
    /// # Errors
    /// [`ClaimsError::Type`] when it is something else.
    pub fn object(&self, name: &'static str) -> Result<Option<&Object>, ClaimsError> {
        self.typed(name, Value::as_object)
    }

    /// One string or an array of strings, as `aud` is (RFC 7519 §4.1.3) and `amr` is not. Empty when absent.
    ///
    /// # Errors
    /// [`ClaimsError::Type`] when it is something else.
    pub fn texts(&self, name: &'static str) -> Result<Vec<&str>, ClaimsError> {
        match self.0.get(name) {
            None => Ok(Vec::new()),
            Some(Value::String(one)) => Ok(vec![one]),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().ok_or(ClaimsError::Type(name)))
                .collect(),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => {
                Err(ClaimsError::Type(name))
            }
        }
    }

    /// `aud`, empty when absent.
    ///
    /// # Errors
    /// [`ClaimsError::Type`].
    pub fn audience(&self) -> Result<Vec<&str>, ClaimsError> {
        self.texts("aud")
    }

    /// A `NumericDate` (RFC 7519 §2), fractions of a millisecond cut off.
    ///
    /// # Errors
    /// [`ClaimsError::Type`] when it is no number, negative, or past the year 9999.
    pub fn time(&self, name: &'static str) -> Result<Option<Timestamp>, ClaimsError> {
        self.typed(name, |value| {
            if let Some(seconds) = value.as_u64() {
                return (seconds <= SECONDS_MAX).then(|| Timestamp::from_seconds(seconds));
            }
            let seconds = value
                .as_f64()
                .filter(|seconds| (0.0..=253_402_300_799.0).contains(seconds))?;
            let span = Duration::try_from_secs_f64(seconds).ok()?;
            Some(Timestamp::from_seconds(0).plus(span))
        })
    }

    /// Any claim.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All claims.
    #[must_use]
    pub fn as_object(&self) -> &Object {
        &self.0
    }

    fn typed<'a, T>(
        &'a self,
        name: &'static str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, ClaimsError> {
        self.0
            .get(name)
            .map(|value| read(value).ok_or(ClaimsError::Type(name)))
            .transpose()
    }
}

/// When a token counts. Begins strict: `exp` must be there, the clocks agree to the millisecond.
#[derive(Clone, Copy, Debug)]
pub struct Validity {
    now: Timestamp,
    skew: Duration,
    expiry_required: bool,
    issued_within: Option<Duration>,
}

impl Validity {
    /// Judges at this moment.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self {
            now,
            skew: Duration::ZERO,
            expiry_required: true,
            issued_within: None,
        }
    }

    /// Lets the clocks differ by this much, in the token's favour at every border.
    #[must_use]
    pub const fn skew(self, skew: Duration) -> Self {
        Self { skew, ..self }
    }

    /// Takes a token without `exp`. For tokens whose age is bounded otherwise.
    #[must_use]
    pub const fn expiry_optional(self) -> Self {
        Self {
            expiry_required: false,
            ..self
        }
    }

    /// Takes only a token that says it was issued at most this long ago.
    #[must_use]
    pub const fn issued_within(self, span: Duration) -> Self {
        Self {
            issued_within: Some(span),
            ..self
        }
    }

    /// Judges `exp`, `nbf` and `iat` (RFC 7519 §4.1.4 to §4.1.6).
    ///
    /// # Errors
    /// [`TimeError`].
    pub fn check(&self, claims: &Claims) -> Result<(), TimeError> {
        match claims.time("exp")? {
            None if self.expiry_required => return Err(TimeError::Claims(ClaimsError::Missing("exp"))),
            // The token ends *at* exp: that moment is already too late.
            Some(exp) if self.now >= exp.plus(self.skew) => return Err(TimeError::Expired),
            None | Some(_) => {}
        }
        if claims
            .time("nbf")?
            .is_some_and(|nbf| self.now.plus(self.skew) < nbf)
        {
            return Err(TimeError::NotYet);
        }
        let iat = claims.time("iat")?;
        if iat.is_some_and(|iat| self.now.plus(self.skew) < iat) {
            return Err(TimeError::IssuedLater);
        }
        if let Some(span) = self.issued_within {
            let iat = iat.ok_or(TimeError::Claims(ClaimsError::Missing("iat")))?;
            if self.now > iat.plus(span).plus(self.skew) {
                return Err(TimeError::TooOld);
            }
        }
        Ok(())
    }
}

/// Signs claims.
///
/// # Errors
/// [`SignJwsError::Claims`] when they do not become a JSON object, and as [`Protected::sign`].
pub fn sign_jwt(
    typ: Option<&str>,
    claims: &impl Serialize,
    key: &dyn SigningKey,
    kid: Option<&str>,
) -> Result<String, SignJwsError> {
    let claims = serde_json::to_value(claims).map_err(|_| SignJwsError::Claims)?;
    if !claims.is_object() {
        return Err(SignJwsError::Claims);
    }
    let mut header = Protected::new();
    if let Some(typ) = typ {
        header = header.typ(typ);
    }
    if let Some(kid) = kid {
        header = header.kid(kid);
    }
    header.sign(claims.to_string().as_bytes(), key)
}

/// What is wrong with the claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsError {
    /// Not an object whose members each occur once.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A claim that must be there is not.
    #[error("the claim {0} is missing")]
    Missing(&'static str),
    /// A claim of another type, or out of range.
    #[error("the claim {0} is not of its type")]
    Type(&'static str),
}

/// Why a token does not count now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// A time is missing or malformed.
    #[error(transparent)]
    Claims(#[from] ClaimsError),
    /// At or past `exp`.
    #[error("the token has expired")]
    Expired,
    /// Before `nbf`.
    #[error("the token does not count yet")]
    NotYet,
    /// `iat` lies in the future.
    #[error("the token says that it was issued later than now")]
    IssuedLater,
    /// `iat` lies too far back.
    #[error("the token was issued too long ago")]
    TooOld,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(text: &str) -> Claims {
        Claims::parse(text.as_bytes()).expect("the test writes an object")
    }

    fn judge(validity: Validity, text: &str) -> Result<(), TimeError> {
        validity.check(&claims(text))
    }

    #[test]
    fn a_token_ends_at_exp_and_skew_moves_the_border() {
        let now = Validity::at(Timestamp::from_seconds(100));
        assert_eq!(judge(now, r#"{"exp":101}"#), Ok(()));
        assert_eq!(judge(now, r#"{"exp":100}"#), Err(TimeError::Expired));
        assert_eq!(judge(now.skew(Duration::from_secs(1)), r#"{"exp":100}"#), Ok(()));
        assert_eq!(
            judge(now.skew(Duration::from_secs(1)), r#"{"exp":99}"#),
            Err(TimeError::Expired)
        );
        assert_eq!(
            judge(now, "{}"),
            Err(TimeError::Claims(ClaimsError::Missing("exp")))
        );
        assert_eq!(judge(now.expiry_optional(), "{}"), Ok(()));
        assert_eq!(
            judge(now.expiry_optional(), r#"{"exp":99}"#),
            Err(TimeError::Expired)
        );
    }

    #[test]
    fn a_token_does_not_count_before_nbf_nor_before_it_was_issued() {
        let now = Validity::at(Timestamp::from_seconds(100));
        assert_eq!(judge(now, r#"{"exp":999,"nbf":100,"iat":100}"#), Ok(()));
        assert_eq!(judge(now, r#"{"exp":999,"nbf":101}"#), Err(TimeError::NotYet));
        assert_eq!(
            judge(now, r#"{"exp":999,"iat":101}"#),
            Err(TimeError::IssuedLater)
        );
        assert_eq!(
            judge(
                now.skew(Duration::from_secs(1)),
                r#"{"exp":999,"nbf":101,"iat":101}"#
            ),
            Ok(())
        );
    }

    #[test]
    fn age_is_bounded_where_it_is_asked_for() {
        let now = Validity::at(Timestamp::from_seconds(100)).issued_within(Duration::from_secs(60));
        assert_eq!(judge(now, r#"{"exp":999,"iat":40}"#), Ok(()));
        assert_eq!(judge(now, r#"{"exp":999,"iat":39}"#), Err(TimeError::TooOld));
        assert_eq!(
            judge(now, r#"{"exp":999}"#),
            Err(TimeError::Claims(ClaimsError::Missing("iat")))
        );
    }

    #[test]
    fn a_time_is_a_number_of_seconds_in_range() {
        assert_eq!(
            claims(r#"{"exp":1.5}"#).time("exp"),
            Ok(Some(Timestamp::from_millis(1500)))
        );
        assert_eq!(
            claims(r#"{"exp":1e3}"#).time("exp"),
            Ok(Some(Timestamp::from_seconds(1000)))
        );
        for wrong in [
            "\"100\"",
            "-1",
            "-0.5",
            "null",
            "[1]",
            "1e300",
            "253402300800",
            "18446744073709551615",
        ] {
            let text = format!("{{\"exp\":{wrong}}}");
            assert_eq!(
                claims(&text).time("exp"),
                Err(ClaimsError::Type("exp")),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_getter_tells_absent_from_wrong() {
        let some = claims(r#"{"sub":"a","email_verified":"true","aud":["a","b"],"azp":7,"one":"x"}"#);
        assert_eq!(some.text("sub"), Ok(Some("a")));
        assert_eq!(some.text("iss"), Ok(None));
        assert_eq!(some.required_text("iss"), Err(ClaimsError::Missing("iss")));
        assert_eq!(some.text("azp"), Err(ClaimsError::Type("azp")));
        assert_eq!(
            some.truth("email_verified"),
            Err(ClaimsError::Type("email_verified"))
        );
        assert_eq!(some.audience(), Ok(vec!["a", "b"]));
        assert_eq!(some.texts("one"), Ok(vec!["x"]));
        assert_eq!(some.texts("azp"), Err(ClaimsError::Type("azp")));
    }
}
