//! Which scripts of other sites may read an answer (Fetch Standard, CORS protocol). Never with cookies.
//!
//! Documents are for everybody. Answers to a client are for the origins of its redirect URIs and those that it
//! listed; `null` is nobody's origin. A preflight says the same to all, so that it tells nothing about who is
//! registered.

use poem::http::{HeaderMap, HeaderValue, StatusCode, header};
use poem::{Response, handler};

const ANYONE: HeaderValue = HeaderValue::from_static("*");
const EXPOSED: HeaderValue = HeaderValue::from_static("www-authenticate, dpop-nonce");

/// What a browser asks before it lets a script send something.
#[handler]
pub(crate) fn preflight() -> Response {
    Response::builder()
        .status(StatusCode::NO_CONTENT)
        .header(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANYONE)
        .header(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST")
        .header(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, dpop",
        )
        .header(header::ACCESS_CONTROL_MAX_AGE, "3600")
        .finish()
}

/// The origin of the script that asks, if one does.
pub(super) fn origin(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::ORIGIN)
        .and_then(|origin| origin.to_str().ok())
        .filter(|origin| *origin != "null")
}

/// For scripts of every site.
pub(super) fn for_anyone(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANYONE);
    response
        .headers_mut()
        .insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    response
}

/// For scripts of this origin alone, where there is one.
pub(super) fn for_origin(mut response: Response, admitted: Option<&str>) -> Response {
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = admitted.and_then(|origin| HeaderValue::from_str(origin).ok()) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    response
}
