//! Redirect URIs: strict when registered, compared byte for byte afterwards (RFC 9700 §2.1, RFC 8252 §7).
//!
//! A URI is parsed once, when it is registered, and only such forms are let in which every parser reads alike.
//! What a request brings is never parsed to decide: it equals a registered string, or, for native clients on
//! the loopback interface, it differs in the digits of the port and in nothing else.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::limits;

/// Schemes that run code, read files or carry data.
const DANGEROUS: [&str; 12] = [
    "javascript",
    "data",
    "file",
    "blob",
    "vbscript",
    "about",
    "view-source",
    "filesystem",
    "ws",
    "wss",
    "ftp",
    "mailto",
];

/// Query parameters that our own answer sets: a registered one would stand beside it (RFC 6749 §4.1.2, RFC 9207).
const RESERVED: [&str; 14] = [
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
    "response",
    "id_token",
    "access_token",
    "token_type",
    "expires_in",
    "scope",
    "session_state",
    "logout_token",
];

/// Hosts of the loopback interface as they stand in a URI.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

/// What a redirect URI leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// An `https` address.
    Https,
    /// An `http` address on the loopback interface.
    Loopback,
    /// A private-use scheme of an installed application, with a period (RFC 8252 §7.1).
    PrivateScheme,
    /// A private-use scheme without a period: the operator must have listed it for the client.
    BareScheme,
}

/// Why a URI cannot be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UriError {
    /// Empty, or longer than [`limits::REDIRECT_URI_MAX`].
    #[error("is empty or longer than 2048 bytes")]
    Length,
    /// A character that parsers read differently, or that no URI may hold.
    #[error("holds a character that may not stand in a URI (international names go in their A-label form)")]
    Character,
    /// `*`: no pattern is ever matched.
    #[error("holds a wildcard")]
    Wildcard,
    /// A fragment (RFC 6749 §3.1.2).
    #[error("holds a fragment")]
    Fragment,
    /// No scheme, or one that is not lower case.
    #[error("has no lower-case scheme")]
    Scheme,
    /// A scheme that runs code, reads files or carries data.
    #[error("has a scheme that is never allowed")]
    DangerousScheme,
    /// `http` to something else than the loopback interface.
    #[error("uses http for a host that is not the loopback interface")]
    PlainHttp,
    /// A user name or password before the host.
    #[error("holds user information before the host")]
    UserInformation,
    /// A host or port that two parsers could read differently.
    #[error("has a host or port that is not in its plain form")]
    Host,
    /// A path with `.` or `..` segments, or encoded dots or slashes.
    #[error("holds dot segments or encoded dots, slashes or backslashes")]
    DotSegments,
    /// A percent sign without two hexadecimal digits.
    #[error("holds a broken percent-encoding")]
    Percent,
    /// A query parameter that the answer itself sets.
    #[error("holds a query parameter that the answer itself sets")]
    ReservedParameter,
}

/// A URI to which an answer may be sent, exactly as it was registered.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RedirectUri(Box<str>);

impl RedirectUri {
    /// Admits a URI to registration.
    ///
    /// # Errors
    /// [`UriError`] names the first rule that it breaks.
    pub fn register(uri: &str) -> Result<Self, UriError> {
        check(uri)?;
        Ok(Self(uri.into()))
    }

    /// The registered bytes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it leads to.
    #[must_use]
    pub fn destination(&self) -> Destination {
        match self.0.split_once(':') {
            Some(("https", _)) => Destination::Https,
            Some(("http", _)) => Destination::Loopback,
            Some((scheme, _)) if scheme.contains('.') => Destination::PrivateScheme,
            Some(_) | None => Destination::BareScheme,
        }
    }

    /// The scheme.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }

    /// Host with port, for people to read; nothing for private schemes.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match self.destination() {
            Destination::Https | Destination::Loopback => Some(authority(&self.0)),
            Destination::PrivateScheme | Destination::BareScheme => None,
        }
    }

    /// Scheme, host and port as a browser writes them in `Origin`, for `http` and `https`.
    #[must_use]
    pub fn origin(&self) -> Option<String> {
        self.host()?;
        let parsed = url::Url::parse(&self.0).ok()?;
        Some(parsed.origin().ascii_serialization())
    }

    /// Whether a requested URI is this one, byte for byte.
    #[must_use]
    pub fn is(&self, requested: &str) -> bool {
        &*self.0 == requested
    }

    /// Whether a requested URI is this one but for the port, both on the loopback interface (RFC 8252 §7.3).
    #[must_use]
    pub fn is_but_for_port(&self, requested: &str) -> bool {
        let Some(own) = Loopback::split(&self.0) else {
            return false;
        };
        let Some(other) = Loopback::split(requested) else {
            return false;
        };
        own.host == other.host && own.rest == other.rest
    }
}

impl fmt::Debug for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Serialize for RedirectUri {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RedirectUri {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::register(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// An `https` address of a client's page, picture or endpoint; `http` on the loopback interface is told apart.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct WebUri(Box<str>);

impl WebUri {
    /// Admits an address.
    ///
    /// # Errors
    /// [`UriError`] for what is neither `https` nor `http` on the loopback interface, and as for
    /// [`RedirectUri::register`], save that a fragment and any query parameter may stand here.
    pub fn parse(uri: &str) -> Result<Self, UriError> {
        let bare = uri.split('#').next().unwrap_or_default();
        match check(bare) {
            Ok(()) | Err(UriError::ReservedParameter) => {}
            Err(error) => return Err(error),
        }
        if !uri.bytes().all(plain) {
            return Err(UriError::Character);
        }
        if bare.starts_with("https://") || bare.starts_with("http://") {
            Ok(Self(uri.into()))
        } else {
            Err(UriError::Scheme)
        }
    }

    /// The address as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address without its fragment, which is never sent.
    #[must_use]
    pub fn without_fragment(&self) -> &str {
        self.0.split('#').next().unwrap_or_default()
    }

    /// Host with port.
    #[must_use]
    pub fn host(&self) -> &str {
        authority(&self.0)
    }

    /// Whether it is `https`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
}

impl fmt::Debug for WebUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Serialize for WebUri {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for WebUri {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// The parts of `http://127.0.0.1:1234/path?query` that count when the port does not.
struct Loopback<'a> {
    host: &'static str,
    rest: &'a str,
}

impl<'a> Loopback<'a> {
    fn split(uri: &'a str) -> Option<Self> {
        let after = uri.strip_prefix("http://")?;
        LOOPBACK.iter().find_map(|host| {
            let mut rest = after.strip_prefix(host)?;
            if let Some(ported) = rest.strip_prefix(':') {
                rest = ported.trim_start_matches(|c: char| c.is_ascii_digit());
                let digits = ported.strip_suffix(rest)?;
                if !is_port(digits) {
                    return None;
                }
            }
            matches!(rest.bytes().next(), None | Some(b'/' | b'?')).then_some(Self { host, rest })
        })
    }
}

/// 1 to 65535 in its shortest form.
fn is_port(digits: &str) -> bool {
    !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && digits.parse::<u16>().is_ok()
}

/// What stands between `//` and the path, the query or the end.
fn authority(uri: &str) -> &str {
    let after = uri.split_once("//").map_or("", |(_, after)| after);
    after.split(['/', '?', '#']).next().unwrap_or_default()
}

/// A byte that may stand in a URI and means the same to every parser.
fn plain(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~')
        && !matches!(
            byte,
            b'\\' | b'"' | b'<' | b'>' | b'^' | b'`' | b'{' | b'|' | b'}'
        )
}

fn check(uri: &str) -> Result<(), UriError> {
    if uri.is_empty() || uri.len() > limits::REDIRECT_URI_MAX {
        return Err(UriError::Length);
    }
    if uri.contains('#') {
        return Err(UriError::Fragment);
    }
    if uri.contains('*') {
        return Err(UriError::Wildcard);
    }
    if !uri.bytes().all(plain) {
        return Err(UriError::Character);
    }
    let (scheme, rest) = uri.split_once(':').ok_or(UriError::Scheme)?;
    let scheme_byte = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.');
    if !scheme.starts_with(|c: char| c.is_ascii_lowercase()) || !scheme.bytes().all(scheme_byte) {
        return Err(UriError::Scheme);
    }
    if DANGEROUS.contains(&scheme) {
        return Err(UriError::DangerousScheme);
    }
    percent(rest)?;
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    path(before)?;
    if scheme == "https" || scheme == "http" {
        host(uri, scheme)?;
    }
    reserved(query)
}

/// Two hexadecimal digits after each `%`.
fn percent(text: &str) -> Result<(), UriError> {
    let complete = |piece: &str| piece.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    if text.split('%').skip(1).all(complete) {
        Ok(())
    } else {
        Err(UriError::Percent)
    }
}

/// No `.` and `..`, not with a parameter behind a semicolon either, and nothing that decodes to them.
fn path(before_query: &str) -> Result<(), UriError> {
    let lower = before_query.to_ascii_lowercase();
    let encoded = ["%2e", "%2f", "%5c", "%25", "%00"]
        .iter()
        .any(|code| lower.contains(code));
    let dotted = |segment: &str| matches!(segment.split(';').next(), Some("." | ".."));
    if encoded || before_query.split('/').any(dotted) {
        Err(UriError::DotSegments)
    } else {
        Ok(())
    }
}

/// The authority is a plain host with an optional port, and the `url` crate sees the very same.
fn host(uri: &str, scheme: &str) -> Result<(), UriError> {
    if !uri
        .get(scheme.len()..)
        .is_some_and(|rest| rest.starts_with("://"))
    {
        return Err(UriError::Host);
    }
    let authority = authority(uri);
    if authority.contains('@') {
        return Err(UriError::UserInformation);
    }
    let parsed = url::Url::parse(uri).map_err(|_| UriError::Host)?;
    let name = parsed.host_str().ok_or(UriError::Host)?;
    let port = authority.strip_prefix(name).ok_or(UriError::Host)?;
    if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
        return Err(UriError::Host);
    }
    if scheme == "http" && !LOOPBACK.contains(&name) {
        return Err(UriError::PlainHttp);
    }
    Ok(())
}

fn reserved(query: &str) -> Result<(), UriError> {
    let names = url::form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name.to_ascii_lowercase());
    for name in names {
        if RESERVED.contains(&name.as_str()) {
            return Err(UriError::ReservedParameter);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_register_is_let_in_and_kept() {
        for uri in [
            "https://app.example/callback",
            "https://host:8006",
            "https://app.example/callback?tenant=1&x=%20",
            "https://app.example/@me/callback",
            "https://xn--bcher-kva.example/cb",
            "http://127.0.0.1/cb",
            "http://[::1]:3000/cb",
            "http://localhost:8250/oidc/callback",
            "app.immich:///oauth-callback",
            "com.example.app:/cb",
            "obsidian://cb",
        ] {
            assert_eq!(RedirectUri::register(uri).unwrap().as_str(), uri);
        }
        assert_eq!(
            RedirectUri::register("obsidian://cb").unwrap().destination(),
            Destination::BareScheme
        );
        assert_eq!(
            RedirectUri::register("https://a.example:8443/")
                .unwrap()
                .origin()
                .unwrap(),
            "https://a.example:8443"
        );
    }

    #[test]
    fn redirect_reject_at_registration() {
        for (uri, why) in [
            ("", UriError::Length),
            ("https://a.example/cb#x", UriError::Fragment),
            ("https://a.example/*", UriError::Wildcard),
            ("https://*.a.example/", UriError::Wildcard),
            ("https://good.example@evil.example/", UriError::UserInformation),
            ("https://a@b@evil.example/", UriError::UserInformation),
            ("https://a.example\\@evil.example/", UriError::Character),
            ("https://a.example/\tcb", UriError::Character),
            ("https://a.example/\ncb", UriError::Character),
            ("https://b\u{fc}cher.example/", UriError::Character),
            ("https://a.example/../cb", UriError::DotSegments),
            ("https://a.example/..;/cb", UriError::DotSegments),
            ("https://a.example/%2e%2e/cb", UriError::DotSegments),
            ("https://a.example/a%2Fb", UriError::DotSegments),
            ("https://a.example/a%252Fb", UriError::DotSegments),
            ("https://a.example/%4", UriError::Percent),
            ("javascript:alert(1)", UriError::DangerousScheme),
            ("data:text/html,x", UriError::DangerousScheme),
            ("file:///etc/passwd", UriError::DangerousScheme),
            ("HTTPS://a.example/", UriError::Scheme),
            ("//a.example/", UriError::Scheme),
            ("https:/a.example/", UriError::Host),
            ("https://A.example/", UriError::Host),
            ("http://127.1/", UriError::Host),
            ("http://0x7f.0.0.1/", UriError::Host),
            ("http://localhost.evil.example/", UriError::PlainHttp),
            ("http://a.example/", UriError::PlainHttp),
            ("https://a.example:0443/", UriError::Host),
            ("https://a.example:/", UriError::Host),
            ("https://a.example/?code=x", UriError::ReservedParameter),
            ("https://a.example/?a=1&I%73s=x", UriError::ReservedParameter),
        ] {
            assert_eq!(RedirectUri::register(uri).unwrap_err(), why, "{uri}");
        }
    }

    #[test]
    fn redirect_loopback_any_port() {
        let uri = RedirectUri::register("http://127.0.0.1:1234/cb?x=1").unwrap();
        for good in [
            "http://127.0.0.1:1/cb?x=1",
            "http://127.0.0.1:65535/cb?x=1",
            "http://127.0.0.1/cb?x=1",
        ] {
            assert!(uri.is_but_for_port(good), "{good}");
        }
        for bad in [
            "http://127.0.0.1:1/cb",
            "http://127.0.0.1:1/cb?x=2",
            "http://[::1]:1/cb?x=1",
            "http://localhost:1/cb?x=1",
            "https://127.0.0.1:1/cb?x=1",
            "http://127.0.0.1:0/cb?x=1",
            "http://127.0.0.1:65536/cb?x=1",
            "http://127.0.0.1:080/cb?x=1",
            "http://127.0.0.1:/cb?x=1",
            "http://127.0.0.1:1@evil.example/cb?x=1",
            "http://127.0.0.1.evil.example/cb?x=1",
            "http://127.0.0.1:1\\/cb?x=1",
        ] {
            assert!(!uri.is_but_for_port(bad), "{bad}");
        }
        let https = RedirectUri::register("https://a.example:1/cb").unwrap();
        assert!(!https.is_but_for_port("https://a.example:2/cb"));
    }
}
