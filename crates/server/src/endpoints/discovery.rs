//! The documents that relying parties read first: metadata and keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::Sha256;
use doorward_identity::grants::GrantsError;
use poem::http::{StatusCode, header};
use poem::{Request, Response, handler};

use super::cors;
use crate::app::App;
use crate::http::errors::Problem;

/// Both well-known addresses (OpenID Connect Discovery §4, RFC 8414 §3).
#[handler]
pub(crate) async fn metadata(app: &App, request: &Request) -> Result<Response, Problem> {
    let document = app.identity().discovery().await.map_err(GrantsError::from)?;
    Ok(answer(
        request,
        serde_json::Value::Object(document).to_string(),
        "public, max-age=300",
    ))
}

/// Userinfo as a protected resource (RFC 9728 §3).
#[handler]
pub(crate) async fn protected_resource(app: &App, request: &Request) -> Response {
    let document = app.identity().protected_resource();
    let text = serde_json::Value::Object(document).to_string();
    answer(request, text, "public, max-age=300")
}

/// The public keys (RFC 7517 §5).
#[handler]
pub(crate) async fn jwks(app: &App, request: &Request) -> Result<Response, Problem> {
    let keys = app.identity().jwks().await.map_err(GrantsError::from)?;
    let text = serde_json::to_string(&keys).map_err(Problem::internal)?;
    Ok(answer(request, text, "public, max-age=3600"))
}

fn answer(request: &Request, text: String, cache: &'static str) -> Response {
    let hash = Sha256::of(text.as_bytes());
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or(&hash)));
    let known = request.header(header::IF_NONE_MATCH);
    let unchanged = known.is_some_and(|known| {
        known
            .split(',')
            .any(|one| one.trim().trim_start_matches("W/") == tag)
    });
    let builder = Response::builder()
        .header(header::ETAG, tag)
        .header(header::CACHE_CONTROL, cache);
    cors::for_anyone(if unchanged {
        builder.status(StatusCode::NOT_MODIFIED).finish()
    } else {
        builder.content_type("application/json").body(text)
    })
}
