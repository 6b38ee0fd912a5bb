//! `/.well-known/webfinger` (RFC 7033, OpenID Connect Discovery §2): which provider people of a domain sign in at.
//!
//! The answer is the same for every name of a domain: it does not tell whether there is such an account.

use poem::http::{StatusCode, header};
use poem::{Request, Response, handler};
use serde_json::json;
use url::Url;

use super::cors;
use super::form;
use crate::app::App;

/// The relation of a provider.
const ISSUER: &str = "http://openid.net/specs/connect/1.0/issuer";

#[handler]
pub(crate) fn show(app: &App, request: &Request) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let mut resources = pairs
        .iter()
        .filter(|(name, _)| name == "resource")
        .map(|(_, value)| value);
    let (Some(resource), None) = (resources.next(), resources.next()) else {
        return cors::for_anyone(refused(StatusCode::BAD_REQUEST, "resource must be given once"));
    };
    let is_ours = domain(resource).is_some_and(|domain| app.answers_for(&domain));
    if !is_ours {
        return cors::for_anyone(refused(
            StatusCode::NOT_FOUND,
            "nobody of that domain signs in here",
        ));
    }
    let mut relations = pairs
        .iter()
        .filter(|(name, _)| name == "rel")
        .map(|(_, value)| value)
        .peekable();
    let wanted = relations.peek().is_none() || relations.any(|rel| rel == ISSUER);
    let links = if wanted {
        json!([{ "rel": ISSUER, "href": app.origin() }])
    } else {
        json!([])
    };
    let body = json!({ "subject": resource, "links": links }).to_string();
    cors::for_anyone(
        Response::builder()
            .content_type("application/jrd+json")
            .header(header::CACHE_CONTROL, "public, max-age=300")
            .body(body),
    )
}

/// The host that a resource belongs to: of `acct:` the part behind the last `@`, of an address its host.
fn domain(resource: &str) -> Option<String> {
    let host = match resource.strip_prefix("acct:") {
        Some(account) => account
            .rsplit_once('@')
            .filter(|(name, _)| !name.is_empty())?
            .1
            .to_owned(),
        None => Url::parse(resource).ok()?.host_str()?.to_owned(),
    };
    Some(host.to_ascii_lowercase())
}

fn refused(status: StatusCode, words: &str) -> Response {
    form::json(
        status,
        json!({ "error": "invalid_request", "error_description": words }).to_string(),
    )
}
