//! `/introspect` (RFC 7662). No script of another site reads it.

use poem::http::StatusCode;
use poem::{Request, Response, handler};

use super::form::{Posted, failed, json, refused};
use crate::app::App;
use crate::http::visit::Raw;

/// Whether a token counts, and what it says.
#[handler]
pub(crate) async fn submit(app: &App, request: &Request, raw: &Raw) -> Response {
    let posted = match Posted::read(request, raw) {
        Ok(posted) => posted,
        Err(refusal) => return *refusal,
    };
    match app.identity().introspect(&posted.call()).await {
        Ok(Ok(said)) => json(StatusCode::OK, serde_json::Value::Object(said).to_string()),
        Ok(Err(answer)) => refused(&answer),
        Err(error) => failed(&error),
    }
}
