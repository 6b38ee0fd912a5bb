//! How the answer travels (OAuth 2.0 Multiple Response Type Encoding Practices §2.1, Form Post Response Mode).

use crate::acr::{Unknown, words};
use crate::error::Fault;
use crate::params::Params;

words! {
    /// How an authorization answer reaches the client.
    ResponseMode {
        Query = ("query", "In the query of the redirect URI."),
        FormPost = ("form_post", "In a form that the browser posts to it."),
    }
}

/// `query` unless the request names another mode that is offered.
pub(super) fn check(params: &Params) -> Result<ResponseMode, Fault> {
    match params.get("response_mode") {
        None => Ok(ResponseMode::Query),
        Some(word) => word.parse().map_err(|Unknown| Fault::ResponseModeUnsupported),
    }
}
