//! How a person is named to a client (OpenID Connect Core §8): by one name, or by another one in each sector.
//!
//! The name is opaque and never changes: no e-mail address, no user name.

use doorward_crypto::Sha256;
use doorward_jose::base64url;

use crate::client::metadata::{Client, SubjectType};
use crate::client::redirect_uri::RedirectUri;

/// The subject of an account for a client.
///
/// `account` is the account's public name, opaque, ASCII and at most 255 bytes; `salt` is secret, the same for
/// ever, and serves nothing else: with another salt every pairwise client loses all its people.
#[must_use]
pub fn subject(client: &Client, account: &str, salt: &[u8; 32]) -> String {
    match &client.subject_type {
        SubjectType::Public => account.to_owned(),
        SubjectType::Pairwise { sector } => {
            let length = u64::try_from(sector.len()).unwrap_or(u64::MAX).to_be_bytes();
            let parts: [&[u8]; 3] = [&length, sector.as_bytes(), account.as_bytes()];
            base64url::encode(&Sha256::hmac(salt, &parts))
        }
    }
}

/// The sector of a client without a sector identifier: the one host of its redirect URIs (Core §8.1). `None`
/// when there are several, or none.
#[must_use]
pub fn single_sector(redirect_uris: &[RedirectUri]) -> Option<String> {
    let host = |uri: &RedirectUri| {
        let parsed = url::Url::parse(uri.as_str()).ok()?;
        uri.host().and_then(|_| parsed.host_str().map(str::to_owned))
    };
    let first = host(redirect_uris.first()?)?;
    redirect_uris
        .iter()
        .all(|uri| host(uri).as_ref() == Some(&first))
        .then_some(first)
}

/// Whether a sector identifier document lists every redirect URI (Registration §5). `document` is the body that
/// was fetched; it is a JSON array of strings.
#[must_use]
pub fn sector_lists_all(document: &[u8], redirect_uris: &[RedirectUri]) -> bool {
    let listed: Vec<String> = serde_json::from_slice(document).unwrap_or_default();
    redirect_uris
        .iter()
        .all(|uri| listed.iter().any(|own| own == uri.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::metadata::{AuthMethod, ClientId};

    fn client(sector: Option<&str>) -> Client {
        let id = ClientId::parse("a").unwrap();
        let mut client = Client::new(id, "A", AuthMethod::None, vec![]);
        if let Some(sector) = sector {
            client.subject_type = SubjectType::Pairwise {
                sector: sector.to_owned(),
            };
        }
        client
    }

    #[test]
    fn sub_stable_and_pairwise() {
        let salt = [1; 32];
        assert_eq!(subject(&client(None), "p1", &salt), "p1");
        let one = subject(&client(Some("a.example")), "p1", &salt);
        assert_eq!(one, subject(&client(Some("a.example")), "p1", &salt));
        assert_ne!(one, subject(&client(Some("b.example")), "p1", &salt));
        assert_ne!(one, subject(&client(Some("a.example")), "p2", &salt));
        assert_ne!(
            one,
            subject(&client(Some("a.examplep")), "1", &salt),
            "the border is part of the hash"
        );
        assert_eq!(one.len(), 43);
    }

    #[test]
    fn a_sector_is_one_host() {
        let uris = |list: &[&str]| {
            list.iter()
                .map(|uri| RedirectUri::register(uri).unwrap())
                .collect::<Vec<_>>()
        };
        let one = uris(&["https://a.example/x", "https://a.example:8443/y"]);
        assert_eq!(single_sector(&one).as_deref(), Some("a.example"));
        let two = uris(&["https://a.example/x", "https://b.example/x"]);
        assert_eq!(single_sector(&two), None);
        assert!(sector_lists_all(
            br#"["https://a.example/x","https://b.example/x"]"#,
            &two
        ));
        assert!(!sector_lists_all(br#"["https://a.example/x"]"#, &two));
        assert!(!sector_lists_all(b"{}", &two));
    }
}
