//! `/revoke` (RFC 7009): 200 and nothing, also for what is unknown.

use poem::http::{StatusCode, header};
use poem::{Request, Response, handler};

use super::form::{Posted, failed, refused};
use crate::app::App;
use crate::http::visit::Raw;

/// A client gives a token back.
#[handler]
pub(crate) async fn submit(app: &App, request: &Request, raw: &Raw) -> Response {
    let posted = match Posted::read(request, raw) {
        Ok(posted) => posted,
        Err(refusal) => return *refusal,
    };
    let response = match app.identity().revoke(&posted.call()).await {
        Ok(Ok(())) => Response::builder()
            .status(StatusCode::OK)
            .header(header::CACHE_CONTROL, "no-store")
            .finish(),
        Ok(Err(answer)) => refused(&answer),
        Err(error) => failed(&error),
    };
    posted.answer(app, response).await
}
