//! `/token` (RFC 6749 §3.2).

use poem::http::StatusCode;
use poem::{Request, Response, handler};

use super::form::{Posted, failed, json, refused};
use crate::app::App;
use crate::http::visit::Raw;

/// Tokens for a code, a refresh token, or whatever else the client may bring.
#[handler]
pub(crate) async fn submit(app: &App, request: &Request, raw: &Raw) -> Response {
    let posted = match Posted::read(request, raw) {
        Ok(posted) => posted,
        Err(refusal) => return *refusal,
    };
    let response = match app.identity().token(&posted.call()).await {
        Ok(Ok(answer)) => json(StatusCode::OK, answer.body()),
        Ok(Err(answer)) => refused(&answer),
        Err(error) => failed(&error),
    };
    posted.answer(app, response).await
}
