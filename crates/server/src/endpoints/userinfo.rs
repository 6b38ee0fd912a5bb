//! `/userinfo` (OpenID Connect Core §5.3), by GET and POST, with the token in the header or in a form.

use doorward_identity::grants::UserinfoBody;
use doorward_oidc::access_token::{Scheme, challenge, presented};
use doorward_oidc::error::Fault;
use doorward_oidc::params::Params;
use doorward_oidc::token::ErrorAnswer;
use poem::http::{HeaderValue, StatusCode, header};
use poem::{Request, Response, handler};

use super::cors;
use super::form::{authorization, failed, is_form, json};
use crate::app::App;
use crate::http::visit::Raw;

/// With the token in the header.
#[handler]
pub(crate) async fn show(app: &App, request: &Request) -> Response {
    answer(app, request, None).await
}

/// With the token in the header or in a form (RFC 6750 §2.2).
#[handler]
pub(crate) async fn submit(app: &App, request: &Request, raw: &Raw) -> Response {
    if is_form(request).is_err() {
        return answer(app, request, None).await;
    }
    match Params::parse(&raw.0) {
        Ok(form) => answer(app, request, Some(&form)).await,
        Err(error) => refused(error.fault),
    }
}

async fn answer(app: &App, request: &Request, form: Option<&Params>) -> Response {
    let query = request
        .uri()
        .query()
        .and_then(|query| Params::parse(query.as_bytes()).ok());
    let authorization = match authorization(request) {
        Ok(authorization) => authorization,
        Err(_) => return refused(Fault::TokenTwice),
    };
    let presented = match presented(authorization, form, query.as_ref()) {
        Ok(presented) => presented,
        Err(fault) => return refused(fault),
    };
    match app.identity().userinfo(&presented).await {
        Ok(Ok(found)) => {
            let response = match found.body {
                UserinfoBody::Json(claims) => {
                    json(StatusCode::OK, serde_json::Value::Object(claims).to_string())
                }
                UserinfoBody::Jwt(text) => Response::builder()
                    .content_type("application/jwt")
                    .header(header::CACHE_CONTROL, "no-store")
                    .body(text),
            };
            let origin = cors::origin(request.headers()).filter(|origin| found.client.admits_origin(origin));
            cors::for_origin(response, origin)
        }
        Ok(Err(fault)) => refused(fault),
        Err(error) => failed(&error),
    }
}

/// The challenge of RFC 6750 §3. It tells nothing that the script of any site might not know.
fn refused(fault: Fault) -> Response {
    let status = StatusCode::from_u16(fault.code().status()).unwrap_or(StatusCode::UNAUTHORIZED);
    let mut response = if fault == Fault::TokenMissing {
        Response::builder()
            .status(status)
            .header(header::CACHE_CONTROL, "no-store")
            .finish()
    } else {
        json(status, ErrorAnswer::new(fault).body())
    };
    if let Ok(challenge) = HeaderValue::from_str(&challenge(fault, Scheme::Bearer, None)) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    cors::for_anyone(response)
}
