//! The headers that every answer has, whatever made it.

use poem::Response;
use poem::http::{HeaderName, HeaderValue, header};

/// How long and by whom an answer may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cache {
    /// By nobody: pages of people, answers with secrets, errors.
    NoStore,
    /// By everybody for ever: the address carries the content's hash.
    Immutable,
}

impl Cache {
    const fn value(self) -> &'static str {
        match self {
            Self::NoStore => "no-store",
            Self::Immutable => "public, max-age=31536000, immutable",
        }
    }
}

/// Where forms of the page may go. An answer carries it as extension; without it forms stay here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forms {
    /// Here and nowhere else.
    Ours,
    /// Anywhere: the one page that posts an answer to an application (`form_post`) and holds nothing else.
    Anywhere,
}

/// What the page may load in frames. An answer carries it as extension; without it there are none.
#[derive(Clone, Debug)]
pub(crate) struct Framed(pub(crate) Vec<String>);

impl Framed {
    /// As sources of a policy: an address without what a policy cannot hold or would not compare (CSP 3 §6.7.2.8).
    fn sources(&self) -> Vec<String> {
        let source = |address: &String| {
            let url = url::Url::parse(address).ok()?;
            let path = url.path();
            let plain = !path.contains([';', ',']);
            let origin = url.origin().ascii_serialization();
            Some(if plain { format!("{origin}{path}") } else { origin })
        };
        self.0.iter().filter_map(source).collect()
    }
}

/// Puts the fixed headers on an answer. `Cache-Control` stays where the handler has set one.
pub(crate) fn put(response: &mut Response, https: bool, cache: Cache) {
    let forms = response
        .extensions()
        .get::<Forms>()
        .copied()
        .unwrap_or(Forms::Ours);
    let frames = response.extensions().get::<Framed>().map(Framed::sources);
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let policy = match forms {
        Forms::Ours => POLICY,
        Forms::Anywhere => POLICY_FORMS_ANYWHERE,
    };
    let framed = frames
        .map(|sources| format!("{policy}; frame-src {}", sources.join(" ")))
        .and_then(|policy| HeaderValue::from_str(&policy).ok());
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        framed.unwrap_or(HeaderValue::from_static(policy)),
    );
    if https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000"),
        );
    }
    let cache = if is_error { Cache::NoStore } else { cache };
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static(cache.value()));
}

const FIXED: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"), // for what is older than frame-ancestors
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), \
         geolocation=(), payment=(), usb=(), display-capture=()",
    ),
];

/// Chromium and WebKit follow `form-action` along redirects. Pages that end at an application therefore answer a
/// form with a page of their own that goes on (`answer::leave`), and this stays at `'self'`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

const POLICY_FORMS_ANYWHERE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    base-uri 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

#[cfg(test)]
mod tests {
    use poem::http::StatusCode;

    use super::*;

    #[test]
    fn an_error_is_never_kept() {
        let mut response = Response::builder().status(StatusCode::NOT_FOUND).finish();
        put(&mut response, true, Cache::Immutable);
        assert_eq!(response.header("cache-control"), Some("no-store"));
        assert!(response.header("strict-transport-security").is_some());
    }

    #[test]
    fn frames_are_those_of_the_page_and_no_others() {
        let framed = Framed(vec![
            "https://a.example:8443/out?iss=x&sid=y".to_owned(),
            "https://b.example/odd;path?sid=y".to_owned(),
        ]);
        let mut response = Response::builder().extension(framed).finish();
        put(&mut response, true, Cache::NoStore);
        let policy = response.header("content-security-policy").expect("a policy");
        assert!(
            policy.ends_with("; frame-src https://a.example:8443/out https://b.example"),
            "{policy}"
        );
        let mut response = Response::builder().finish();
        put(&mut response, true, Cache::NoStore);
        let policy = response.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("frame-src"));
    }

    #[test]
    fn only_the_form_post_page_may_send_forms_elsewhere() {
        let mut response = Response::builder().finish();
        put(&mut response, false, Cache::NoStore);
        assert!(
            response
                .header("content-security-policy")
                .is_some_and(|csp| csp.contains("form-action 'self';"))
        );
        let mut response = Response::builder().extension(Forms::Anywhere).finish();
        put(&mut response, false, Cache::NoStore);
        assert!(
            response
                .header("content-security-policy")
                .is_some_and(|csp| !csp.contains("form-action"))
        );
    }
}
