//! `/userinfo` (OpenID Connect Core §5.3), by GET and POST, with the token in the header or in a form.

use doorward_identity::grants::{ResourceCall, ResourceRefused, UserinfoBody};
use doorward_oidc::access_token::{Scheme, challenge, presented};
use doorward_oidc::error::{ErrorCode, Fault};
use doorward_oidc::params::Params;
use doorward_oidc::token::ErrorAnswer;
use poem::http::{HeaderValue, StatusCode, header};
use poem::{Request, Response, handler};

use super::cors;
use super::form::{authorization, failed, is_form, json, proofs, put_nonce};
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
        Err(error) => refused(app, error.fault.into(), Scheme::Bearer),
    }
}

async fn answer(app: &App, request: &Request, form: Option<&Params>) -> Response {
    let query = request
        .uri()
        .query()
        .and_then(|query| Params::parse(query.as_bytes()).ok());
    let authorization = match authorization(request) {
        Ok(authorization) => authorization,
        Err(_) => return refused(app, Fault::TokenTwice.into(), Scheme::Bearer),
    };
    let presented = match presented(authorization, form, query.as_ref()) {
        Ok(presented) => presented,
        Err(fault) => return refused(app, fault.into(), Scheme::Bearer),
    };
    let proofs = proofs(request);
    let call = ResourceCall {
        token: presented,
        method: request.method().as_str(),
        proofs: &proofs,
    };
    let mut response = match app.identity().userinfo(&call).await {
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
        Ok(Err(refusal)) => refused(app, refusal, presented.scheme),
        Err(error) => failed(&error),
    };
    if !proofs.is_empty() {
        put_nonce(app, &mut response);
    }
    response
}

/// The challenge of RFC 6750 §3 and RFC 9449 §7.1: in the scheme that the token needs, in both where there is none. It
/// tells nothing that the script of any site might not know.
fn refused(app: &App, refusal: ResourceRefused, scheme: Scheme) -> Response {
    let fault = refusal.fault;
    let stronger = refusal.needs.map(|acr| (Some(acr), None));
    let about = format!("{}/.well-known/oauth-protected-resource", app.origin());
    // What is wrong with a proof is told at a resource as what is wrong with its token.
    let of_proof = [ErrorCode::InvalidDpopProof, ErrorCode::UseDpopNonce].contains(&fault.code());
    let status = if of_proof {
        StatusCode::UNAUTHORIZED
    } else {
        StatusCode::from_u16(fault.code().status()).unwrap_or(StatusCode::UNAUTHORIZED)
    };
    let mut response = if fault == Fault::TokenMissing {
        Response::builder()
            .status(status)
            .header(header::CACHE_CONTROL, "no-store")
            .finish()
    } else {
        json(status, ErrorAnswer::new(fault).body())
    };
    let schemes: &[Scheme] = match (fault, scheme) {
        (Fault::TokenMissing, _) => &[Scheme::Bearer, Scheme::Dpop],
        (Fault::TokenWrongScheme, Scheme::Bearer) | (_, Scheme::Dpop) => &[Scheme::Dpop],
        (_, Scheme::Bearer) => &[Scheme::Bearer],
    };
    for scheme in schemes {
        let challenge = challenge(fault, *scheme, stronger);
        let joint = if challenge.contains('=') { "," } else { "" };
        let challenge = format!("{challenge}{joint} resource_metadata=\"{about}\""); // RFC 9728 §5.1
        if let Ok(challenge) = HeaderValue::from_str(&challenge) {
            response.headers_mut().append(header::WWW_AUTHENTICATE, challenge);
        }
    }
    cors::for_anyone(response)
}
