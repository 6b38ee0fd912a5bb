//! Origins: which pages may run a ceremony. They are compared byte for byte with what the browser writes; what
//! is configured must already be in that one form.

use core::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// An origin in the form that browsers write: `https://host`, `https://host:port`, or
/// `android:apk-key-hash:…` of a native application.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

impl Origin {
    /// Reads an origin.
    ///
    /// # Errors
    /// [`OriginError`] for anything that a browser would write otherwise: a path, a trailing slash, a user, an
    /// upper-case or Unicode host, a default port; and for `http` on other hosts than `localhost`.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        if let Some(hash) = text.strip_prefix(ANDROID) {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            return if !hash.is_empty() && hash.bytes().all(plain) {
                Ok(Self(text.to_owned()))
            } else {
                Err(OriginError::Form)
            };
        }
        let url = Url::parse(text).map_err(|_| OriginError::Form)?;
        if url.origin().ascii_serialization() != text {
            return Err(OriginError::Form);
        }
        let Some(Host::Domain(host)) = url.host() else {
            return Err(OriginError::Address);
        };
        match url.scheme() {
            _ if host.ends_with('.') => Err(OriginError::Form),
            "https" => Ok(Self(text.to_owned())),
            "http" if is_local(host) => Ok(Self(text.to_owned())),
            _ => Err(OriginError::Insecure),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether pages of this origin may use the RP ID by themselves: its host is the RP ID or below it. Native
    /// applications are bound to the RP ID by other means (Digital Asset Links).
    pub(crate) fn is_within(&self, rp_id: &str) -> bool {
        if self.0.starts_with(ANDROID) {
            return true;
        }
        Url::parse(&self.0).is_ok_and(|url| {
            url.host_str().is_some_and(|host| {
                host.strip_suffix(rp_id)
                    .is_some_and(|above| above.is_empty() || above.ends_with('.'))
            })
        })
    }
}

const ANDROID: &str = "android:apk-key-hash:";

fn is_local(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost")
}

/// Why text is not an origin to configure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Not in the form that browsers write.
    #[error("not an origin as browsers write it (scheme, host, perhaps a port; nothing else)")]
    Form,
    /// An address in place of a name.
    #[error("the host is an address")]
    Address,
    /// Neither https nor localhost.
    #[error("the scheme is not https, and the host is not localhost")]
    Insecure,
}

impl TryFrom<String> for Origin {
    type Error = OriginError;

    fn try_from(text: String) -> Result<Self, OriginError> {
        Self::parse(&text)
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_a_browser_writes() {
        for good in [
            "https://example.org",
            "https://example.org:8443",
            "http://localhost:8080",
            "http://app.localhost",
            "https://xn--bcher-kva.example",
            "android:apk-key-hash:gx7sq_pxhxhrIQdLyfG0pxKwiJ7hOk2DJQ4xvKd438Q",
        ] {
            assert!(Origin::parse(good).is_ok(), "{good}");
        }
        for wrong in [
            "https://example.org/",
            "https://example.org:443",
            "https://EXAMPLE.org",
            "https://user@example.org",
            "https://example.org.",
            "https://bücher.example",
            "https://example.org?x",
            "http://example.org",
            "https://127.0.0.1",
            "https://[::1]",
            "ftp://example.org",
            "example.org",
            "null",
            "android:apk-key-hash:",
            "android:apk-key-hash:a b",
            "",
        ] {
            assert!(Origin::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_longer_name_is_not_a_name_below() {
        let within = |origin: &str| Origin::parse(origin).expect("an origin").is_within("example.org");
        assert!(within("https://example.org") && within("https://login.example.org:8443"));
        assert!(!within("https://evil-example.org") && !within("https://example.org.evil.example"));
    }
}
