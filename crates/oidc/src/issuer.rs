//! The issuer, fixed by configuration and never taken from a request, and the addresses of its endpoints.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The issuer identifier: byte for byte what discovery, tokens and answers say (OpenID Connect Discovery §4.3).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Issuer(Box<str>);

/// Why a text cannot be an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// Not a URL, or not in the form in which a URL parser writes it.
    #[error("the issuer is not a URL in its plain form")]
    Form,
    /// Neither `https` nor `http` on the loopback interface.
    #[error("the issuer must be https (http only on localhost, for trying out)")]
    Scheme,
    /// A query, a fragment, user information or a slash at the end.
    #[error("the issuer may have no query, fragment, user information or final slash")]
    Extra,
}

impl Issuer {
    /// Reads an issuer: scheme, host, perhaps port and path; nothing behind them, no final slash.
    ///
    /// # Errors
    /// [`IssuerError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, IssuerError> {
        let url = url::Url::parse(text).map_err(|_| IssuerError::Form)?;
        let host = url.host_str().ok_or(IssuerError::Form)?;
        match url.scheme() {
            "https" => {}
            "http" if matches!(host, "localhost" | "127.0.0.1" | "[::1]") => {}
            _ => return Err(IssuerError::Scheme),
        }
        if text.contains(['?', '#', '@']) || text.ends_with('/') {
            return Err(IssuerError::Extra);
        }
        let plain = url.as_str() == text || url.as_str().strip_suffix('/') == Some(text);
        if plain {
            Ok(Self(text.into()))
        } else {
            Err(IssuerError::Form)
        }
    }

    /// The identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of an endpoint.
    #[must_use]
    pub fn endpoint(&self, endpoint: Endpoint) -> String {
        format!("{}{}", self.0, endpoint.path())
    }

    /// The host, without port.
    #[must_use]
    pub fn host(&self) -> String {
        let url = url::Url::parse(&self.0).ok();
        url.as_ref()
            .and_then(url::Url::host_str)
            .unwrap_or_default()
            .to_owned()
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issuer({})", self.0)
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Issuer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Issuer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// Makes the table of endpoints: variant, path below the issuer, its name in metadata.
macro_rules! endpoints {
    ($($variant:ident = ($path:literal, $member:literal),)+) => {
        /// An endpoint of the provider.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Endpoint { $(#[doc = concat!("`", $path, "`, in metadata `", $member, "`.")] $variant,)+ }

        impl Endpoint {
            /// Every endpoint.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The path below the issuer.
            #[must_use]
            pub const fn path(self) -> &'static str {
                match self { $(Self::$variant => $path,)+ }
            }

            /// The member of the metadata that holds the address.
            #[must_use]
            pub const fn member(self) -> &'static str {
                match self { $(Self::$variant => $member,)+ }
            }
        }
    };
}

endpoints! {
    Authorization = ("/authorize", "authorization_endpoint"),
    Token = ("/token", "token_endpoint"),
    Userinfo = ("/userinfo", "userinfo_endpoint"),
    Jwks = ("/jwks", "jwks_uri"),
    EndSession = ("/end-session", "end_session_endpoint"),
    Introspection = ("/introspect", "introspection_endpoint"),
    Revocation = ("/revoke", "revocation_endpoint"),
    PushedRequest = ("/par", "pushed_authorization_request_endpoint"),
    DeviceAuthorization = ("/device_authorization", "device_authorization_endpoint"),
    Registration = ("/register", "registration_endpoint"),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuer_is_plain_url() {
        for good in [
            "https://id.example",
            "https://id.example:8443/a/b",
            "http://localhost:8080",
        ] {
            assert_eq!(Issuer::parse(good).unwrap().as_str(), good);
        }
        for (bad, why) in [
            ("https://id.example/", IssuerError::Extra),
            ("https://id.example?x", IssuerError::Extra),
            ("https://id.example#x", IssuerError::Extra),
            ("https://a@id.example", IssuerError::Extra),
            ("http://id.example", IssuerError::Scheme),
            ("https://ID.example", IssuerError::Form),
            ("https://id.example:443", IssuerError::Form),
            ("id.example", IssuerError::Form),
        ] {
            assert_eq!(Issuer::parse(bad).unwrap_err(), why, "{bad}");
        }
        let issuer = Issuer::parse("https://id.example/a").unwrap();
        assert_eq!(issuer.endpoint(Endpoint::Token), "https://id.example/a/token");
    }
}
