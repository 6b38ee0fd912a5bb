//! What the fuzz targets check, kept here so that their seeds replay in ordinary tests. Not part of the API.
//!
//! Each function takes what a stranger sends and returns whether it was let in; it fails when something that
//! was let in does not have the property that the rest of the crate relies on.

use crate::authorize::ClaimsRequest;
use crate::client::metadata::{ClientId, GrantType, PkceRequirement};
use crate::client::redirect_uri::{Destination, RedirectUri};
use crate::client::registration::{Metadata, Policy};
use crate::params::Params;
use crate::scope::Scope;

/// Parameters that were read are written and read again as the same.
#[must_use]
pub fn params(bytes: &[u8]) -> bool {
    let Ok(params) = Params::parse(bytes) else {
        return false;
    };
    let form = params.to_form();
    // Encoding may make a form longer than one that is let in; then there is nothing to compare.
    if let Ok(again) = Params::parse(form.as_bytes()) {
        assert_eq!(again, params, "a form reads back as it was");
    }
    true
}

/// A redirect URI that was registered means to the `url` crate the host that its text shows, and no path that is
/// another one.
#[must_use]
pub fn redirect_uri(text: &str) -> bool {
    let Ok(uri) = RedirectUri::register(text) else {
        return false;
    };
    assert!(uri.is(text), "it is kept byte for byte");
    if matches!(uri.destination(), Destination::Https | Destination::Loopback) {
        let parsed = url::Url::parse(text).ok();
        let host = parsed.as_ref().and_then(url::Url::host_str).unwrap_or_default();
        assert!(
            uri.host().is_some_and(|own| own.starts_with(host)) && !host.is_empty(),
            "one host for all readers"
        );
        assert!(
            parsed.is_some_and(|parsed| parsed.username().is_empty()),
            "nobody stands before the host"
        );
    }
    assert_eq!(
        uri.is_but_for_port(text),
        uri.destination() == Destination::Loopback
    );
    true
}

/// A claims request that was read is written and read again as the same.
#[must_use]
pub fn claims(text: &str) -> bool {
    let Ok(request) = ClaimsRequest::parse(text) else {
        return false;
    };
    let stored = serde_json::to_string(&request).unwrap_or_default();
    assert_eq!(
        serde_json::from_str(&stored).ok(),
        Some(request),
        "what is sealed reads back"
    );
    true
}

/// A client that registered itself passes the check that every client passes, and reads back from the store.
#[must_use]
pub fn client_metadata(body: &[u8]) -> bool {
    let policy = Policy {
        pkce: PkceRequirement::Required,
        scope: Scope::known(),
        grant_types: GrantType::ALL.to_vec(),
        signing_algorithms: crate::client::metadata::SIGNING_ALGORITHMS.to_vec(),
    };
    let Ok(id) = ClientId::parse("c") else {
        return false;
    };
    let client = Metadata::parse(body).and_then(|metadata| metadata.to_client(id, Vec::new(), None, &policy));
    let Ok(client) = client else { return false };
    assert_eq!(client.check(), Ok(()));
    let stored = serde_json::to_string(&client).unwrap_or_default();
    assert_eq!(
        serde_json::from_str(&stored).ok(),
        Some(client),
        "what is stored reads back"
    );
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_judged() {
        assert!(params(b"a=b&c=%20&d") && !params(b"a=%"));
        assert!(redirect_uri("https://app.example:1/cb?x=1") && redirect_uri("http://[::1]:1/cb"));
        assert!(redirect_uri("com.example.app:/cb") && !redirect_uri("https://a@b.example/"));
        assert!(claims(r#"{"userinfo":{"name":{"essential":true,"values":[1,null]}}}"#) && !claims("null"));
        let body = br#"{"redirect_uris":["https://a.example/"],"token_endpoint_auth_method":"none"}"#;
        assert!(client_metadata(body) && !client_metadata(b"{}"));
    }

    /// Every short mutation of good input keeps the properties: a fuzzer's first minute, repeatable.
    #[test]
    fn mutations_of_good_input_keep_the_properties() {
        let seeds = [
            "https://app.example:8443/call/back?a=1",
            "http://127.0.0.1:80/cb",
            "com.example.app:///cb",
            r#"{"id_token":{"acr":{"essential":true,"values":["phr"]}}}"#,
            r#"{"redirect_uris":["https://a.example/"],"token_endpoint_auth_method":"none","scope":"openid"}"#,
            "client_id=a&scope=openid+email&state=%C3%A9",
        ];
        for seed in seeds {
            for at in 0..=seed.len() {
                for byte in 0..=255_u8 {
                    let mut bytes = seed.as_bytes().to_vec();
                    if at < bytes.len() && byte % 2 == 0 {
                        bytes[at] = byte
                    } else {
                        bytes.insert(at, byte)
                    }
                    let _ = params(&bytes) | client_metadata(&bytes);
                    if let Ok(text) = core::str::from_utf8(&bytes) {
                        let _ = redirect_uri(text) | claims(text);
                    }
                }
            }
        }
    }
}
