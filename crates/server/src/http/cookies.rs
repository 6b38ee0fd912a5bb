//! Cookies: one table of names, one way to write them, strict reading.
//!
//! Under https every name has the prefix `__Host-`, which no sibling domain and no plain HTTP can set. Under
//! `http://localhost` there is neither prefix nor `Secure`, since not every browser keeps those there. A name
//! that comes twice in one request was tossed in by somebody: then neither is ours.

use std::time::Duration;

use poem::http::{HeaderMap, HeaderValue, header};

/// Every cookie that is ever set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// The handle of a session.
    Session,
    /// The random name of the browser.
    Browser,
    /// What lets a browser that signed in before keep guessing when strangers have used up the tries.
    Device,
    /// Whether this browser last used a passkey. No account data.
    Hint,
    /// The sign-in that is under way, sealed.
    Attempt,
    /// What was just done, sealed.
    Notice,
    /// Recovery codes on their way to the one page that shows them, sealed.
    Codes,
    /// An application's request that waits for a sign-in, sealed; the number is its place.
    Request(usize),
}

const PREFIX: &str = "__Host-";

impl Name {
    /// Those that go when a session ends: they belong to who was signed in.
    pub(crate) const OF_A_SESSION: [Self; 4] = [Self::Session, Self::Codes, Self::Notice, Self::Attempt];

    /// The name without a prefix.
    fn plain(self) -> String {
        match self {
            Self::Session => "doorward-session".into(),
            Self::Browser => "doorward-browser".into(),
            Self::Device => "doorward-device".into(),
            Self::Hint => "doorward-hint".into(),
            Self::Attempt => "doorward-attempt".into(),
            Self::Notice => "doorward-notice".into(),
            Self::Codes => "doorward-codes".into(),
            Self::Request(place) => format!("doorward-request-{place}"),
        }
    }
}

/// How cookies are named and written at this instance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cookies {
    secure: bool,
}

impl Cookies {
    pub(crate) const fn new(https: bool) -> Self {
        Self { secure: https }
    }

    fn name(self, name: Name) -> String {
        if self.secure {
            format!("{PREFIX}{}", name.plain())
        } else {
            name.plain()
        }
    }

    /// The value of a cookie: `None` when it is absent, or there twice.
    pub(crate) fn read(self, headers: &HeaderMap, name: Name) -> Option<String> {
        let wanted = self.name(name);
        let mut found = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim_matches([' ', '\t']).split_once('='))
            .filter(|(name, _)| *name == wanted)
            .map(|(_, value)| value);
        let value = found.next()?;
        (found.next().is_none() && is_plain(value)).then(|| value.to_owned())
    }

    /// The header that sets a cookie; without `lasts` it ends with the browser's session.
    pub(crate) fn set(self, name: Name, value: &str, lasts: Option<Duration>) -> HeaderValue {
        let mut line = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax", self.name(name));
        if self.secure {
            line.push_str("; Secure");
        }
        if let Some(lasts) = lasts {
            line.push_str(&format!("; Max-Age={}", lasts.as_secs()));
        }
        // Values are base64url and our own words; should one ever not be, no cookie is better than a broken header.
        HeaderValue::from_str(&line).unwrap_or_else(|_| HeaderValue::from_static("doorward-none=; Max-Age=0"))
    }

    /// The header that takes a cookie away.
    pub(crate) fn clear(self, name: Name) -> HeaderValue {
        self.set(name, "", Some(Duration::ZERO))
    }
}

/// What our values consist of: base64url, dots and tildes. Quotes, blanks and percent signs are not ours.
fn is_plain(value: &str) -> bool {
    !value.is_empty()
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(https: bool, lines: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, line.parse().expect("a header"));
        }
        Cookies::new(https).read(&headers, Name::Session)
    }

    #[test]
    fn a_name_that_comes_twice_is_nobodys() {
        assert_eq!(
            read(true, &["a=b; __Host-doorward-session=one"]).as_deref(),
            Some("one")
        );
        assert_eq!(
            read(
                true,
                &["__Host-doorward-session=one; __Host-doorward-session=two"]
            ),
            None
        );
        assert_eq!(
            read(
                true,
                &["__Host-doorward-session=one", "__Host-doorward-session=one"]
            ),
            None
        );
    }

    #[test]
    fn names_and_values_are_exact() {
        for wrong in [
            "doorward-session=one",
            "__host-doorward-session=one",
            "\u{2000}__Host-doorward-session=one",
            "__Host-doorward-session=\"one\"",
            "__Host-doorward-session=",
            "__Host-doorward-session",
            "%5f%5fHost-doorward-session=one",
            "__Host-doorward-session =one",
        ] {
            assert_eq!(read(true, &[wrong]), None, "{wrong}");
        }
        assert_eq!(
            read(false, &["$Version=1; doorward-session=one"]).as_deref(),
            Some("one")
        );
    }

    #[test]
    fn https_has_the_prefix_and_secure() {
        let set = |https| {
            Cookies::new(https)
                .set(Name::Session, "v", None)
                .to_str()
                .expect("ascii")
                .to_owned()
        };
        assert_eq!(
            set(true),
            "__Host-doorward-session=v; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(set(false), "doorward-session=v; Path=/; HttpOnly; SameSite=Lax");
    }
}
