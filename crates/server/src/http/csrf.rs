//! Forgery across sites: one design for every request of a browser that changes something.
//!
//! Two things must be right. *Where it comes from*: `Sec-Fetch-Site` is `same-origin`; where that header is missing,
//! `Origin` is ours (`null` is not); where both are missing the token alone decides. *A token*, in the field `csrf` of
//! a form or the header `x-csrf-token` of a script: a keyed hash of the session's cookie, or of the browser's cookie
//! while nobody is signed in, so that it is worth nothing to another session, before sign-in or after sign-out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::{Sha256, hash};
use doorward_storage::{Purpose, Sealer};
use poem::http::{HeaderMap, header};

const PURPOSE: Purpose = Purpose::new("csrf token");

/// The token for the holder of these cookies.
pub(crate) fn token(sealer: &Sealer, browser: &str, session: Option<&str>) -> String {
    make(&*sealer.derive(PURPOSE), browser, session)
}

/// Whether `given` is the token for the holder of these cookies, under any key of the ring.
pub(crate) fn matches(sealer: &Sealer, browser: &str, session: Option<&str>, given: &str) -> bool {
    let keys = sealer.derive_all(PURPOSE);
    keys.iter()
        .any(|key| hash::equal(make(&**key, browser, session).as_bytes(), given.as_bytes()))
}

fn make(key: &[u8], browser: &str, session: Option<&str>) -> String {
    let (kind, holder) = match session {
        Some(session) => ("session", session),
        None => ("browser", browser),
    };
    URL_SAFE_NO_PAD.encode(Sha256::hmac(key, &[kind.as_bytes(), b"\0", holder.as_bytes()]))
}

/// Whether the headers say, or at least do not deny, that the request comes from a page of ours.
pub(crate) fn is_ours(headers: &HeaderMap, origin: &str) -> bool {
    let one = |name: &str| {
        let mut all = headers.get_all(name).iter();
        match (all.next(), all.next()) {
            (None, _) => None,
            (Some(value), None) => Some(value.to_str().unwrap_or("")),
            (Some(_), Some(_)) => Some(""),
        }
    };
    match (one("sec-fetch-site"), one(header::ORIGIN.as_str())) {
        (Some(site), _) => site == "same-origin",
        (None, Some(came_from)) => came_from == origin,
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(headers: &[(&'static str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a header"));
        }
        is_ours(&map, "https://id.example.org")
    }

    #[test]
    fn only_our_own_pages_may_change_something() {
        for right in [
            &[("sec-fetch-site", "same-origin")][..],
            &[("sec-fetch-site", "same-origin"), ("origin", "null")], // our forms under no-referrer send this
            &[("origin", "https://id.example.org")],
            &[],
        ] {
            assert!(ours(right), "{right:?}");
        }
        for wrong in [
            &[("sec-fetch-site", "same-site")][..],
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://id.example.org"),
            ],
            &[("sec-fetch-site", "none")],
            &[("origin", "null")],
            &[("origin", "https://id.example.org.evil")],
            &[
                ("sec-fetch-site", "same-origin"),
                ("sec-fetch-site", "cross-site"),
            ],
        ] {
            assert!(!ours(wrong), "{wrong:?}");
        }
    }
}
