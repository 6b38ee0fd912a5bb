//! `/introspect` (RFC 7662). No script of another site reads it.

use doorward_identity::grants::{Introspected, IntrospectionForm};
use poem::http::{StatusCode, header};
use poem::{Request, Response, handler};

use super::form::{Posted, failed, json, refused};
use crate::app::App;
use crate::http::visit::Raw;

/// The form of a signed answer (RFC 9701 §4).
const JWT: &str = "application/token-introspection+jwt";

/// Whether a token counts, and what it says.
#[handler]
pub(crate) async fn submit(app: &App, request: &Request, raw: &Raw) -> Response {
    let posted = match Posted::read(request, raw) {
        Ok(posted) => posted,
        Err(refusal) => return *refusal,
    };
    let form = if accepts(request, JWT) {
        IntrospectionForm::Jwt
    } else {
        IntrospectionForm::Json
    };
    match app.identity().introspect(&posted.call(), form).await {
        Ok(Ok(Introspected::Json(said))) => json(StatusCode::OK, serde_json::Value::Object(said).to_string()),
        Ok(Ok(Introspected::Jwt(text))) => Response::builder()
            .content_type(JWT)
            .header(header::CACHE_CONTROL, "no-store")
            .body(text),
        Ok(Err(answer)) => refused(&answer),
        Err(error) => failed(&error),
    }
}

/// Whether a request names this type among those that it accepts.
fn accepts(request: &Request, wanted: &str) -> bool {
    let lines = request.headers().get_all(header::ACCEPT).iter();
    let mut types = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    types.any(|one| {
        one.split(';')
            .next()
            .is_some_and(|one| one.trim().eq_ignore_ascii_case(wanted))
    })
}
