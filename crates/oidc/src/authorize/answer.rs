//! The authorization answer: a redirect or a form to be posted (RFC 6749 §4.1.2, Form Post Response Mode §2).
//!
//! Every answer, an error too, says who sends it (`iss`, RFC 9207 §2).

use core::fmt;

use url::form_urlencoded;

use super::refusal::Target;
use super::response_mode::ResponseMode;
use crate::error::Fault;
use crate::issuer::Issuer;

/// What the browser must be made to do. `Debug` shows no parameter: a code may be among them.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// Go to this address (303, also after a POST: RFC 9700 §4.12).
    Redirect(String),
    /// Post these fields to this address, by a page with a button that needs no script.
    FormPost {
        /// The redirect URI.
        action: String,
        /// Names and values, to be escaped where they are written.
        fields: Vec<(&'static str, String)>,
    },
}

impl Answer {
    pub(super) fn code(target: &Target, code: &str, issuer: &Issuer) -> Self {
        Self::with(target, vec![("code", code.to_owned())], issuer)
    }

    pub(super) fn error(target: &Target, fault: Fault, issuer: &Issuer) -> Self {
        let code = fault.code().as_str().to_owned();
        let fields = vec![
            ("error", code),
            ("error_description", fault.description().to_owned()),
        ];
        Self::with(target, fields, issuer)
    }

    fn with(target: &Target, mut fields: Vec<(&'static str, String)>, issuer: &Issuer) -> Self {
        fields.extend(target.state().map(|state| ("state", state.to_owned())));
        fields.push(("iss", issuer.as_str().to_owned()));
        match target.response_mode() {
            ResponseMode::Query => Self::Redirect(with_query(target.redirect_uri(), &fields)),
            ResponseMode::FormPost => Self::FormPost {
                action: target.redirect_uri().to_owned(),
                fields,
            },
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redirect(to) => write!(f, "Redirect({}?…)", to.split('?').next().unwrap_or_default()),
            Self::FormPost { action, .. } => write!(f, "FormPost({action}, …)"),
        }
    }
}

/// Appends parameters to a URI without fragment; a query that it has stays as it is (RFC 6749 §3.1.2).
pub(crate) fn with_query(uri: &str, fields: &[(&'static str, String)]) -> String {
    let joint = match uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, query)) if query.ends_with('&') => "",
        Some(_) => "&",
    };
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    format!("{uri}{joint}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_query_kept() {
        let fields = [("code", "a b".to_owned()), ("state", "&=".to_owned())];
        for (uri, there) in [
            ("https://a.example", "https://a.example?code=a+b&state=%26%3D"),
            ("https://a.example/?", "https://a.example/?code=a+b&state=%26%3D"),
            (
                "https://a.example/?x=%41&y",
                "https://a.example/?x=%41&y&code=a+b&state=%26%3D",
            ),
            ("app.immich:///cb", "app.immich:///cb?code=a+b&state=%26%3D"),
        ] {
            assert_eq!(with_query(uri, &fields), there);
        }
    }
}
