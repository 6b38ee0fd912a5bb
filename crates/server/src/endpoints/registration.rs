//! `/register` and `/register/{client}` (RFC 7591, RFC 7592): JSON in, JSON out, never a page.

use std::net::IpAddr;

use doorward_identity::clients::{Description, NotRegistered};
use doorward_identity::{Error, grants::GrantsError};
use doorward_oidc::client::metadata::{ClientError, Rule};
use poem::http::{HeaderValue, StatusCode, header};
use poem::web::Path;
use poem::{Request, Response, handler};
use serde_json::{Value, json};

use super::cors;
use super::form;
use crate::app::App;
use crate::http::address;
use crate::http::visit::Raw;

/// An application registers itself.
#[handler]
pub(crate) async fn create(app: &App, request: &Request, raw: &Raw) -> Response {
    if !is_json(request) {
        return cors::for_anyone(refused(NotRegistered::Metadata(ClientError {
            member: "body",
            rule: Rule::Value,
        })));
    }
    let peer = request
        .remote_addr()
        .as_socket_addr()
        .map(std::net::SocketAddr::ip);
    let from = address::of(peer, request.headers(), app.trusted_proxies()).map(neighbourhood);
    let told = app
        .identity()
        .register_itself(&raw.0, token(request), from.as_deref())
        .await;
    cors::for_anyone(written(told, StatusCode::CREATED))
}

/// It looks at what is registered.
#[handler]
pub(crate) async fn show(app: &App, request: &Request, Path(id): Path<String>) -> Response {
    let told = app.identity().look_at_registration(&id, token(request)).await;
    written(told, StatusCode::OK)
}

/// It registers something else.
#[handler]
pub(crate) async fn replace(app: &App, request: &Request, Path(id): Path<String>, raw: &Raw) -> Response {
    let told = app
        .identity()
        .update_registration(&id, token(request), &raw.0)
        .await;
    written(told, StatusCode::OK)
}

/// It goes.
#[handler]
pub(crate) async fn remove(app: &App, request: &Request, Path(id): Path<String>) -> Response {
    match app.identity().remove_registration(&id, token(request)).await {
        Ok(Ok(())) => Response::builder()
            .status(StatusCode::NO_CONTENT)
            .header(header::CACHE_CONTROL, "no-store")
            .finish(),
        Ok(Err(why)) => refused(why),
        Err(error) => form::failed(&GrantsError::from(error)),
    }
}

fn written(told: Result<Result<Description, NotRegistered>, Error>, status: StatusCode) -> Response {
    match told {
        Ok(Ok(Description(members))) => form::json(status, Value::Object(members).to_string()),
        Ok(Err(why)) => refused(why),
        Err(error) => form::failed(&GrantsError::from(error)),
    }
}

/// What is wrong, in the words of RFC 7591 §3.2.2 and RFC 6750 §3.
fn refused(why: NotRegistered) -> Response {
    let (status, code, words) = match why {
        NotRegistered::Closed => (
            StatusCode::NOT_FOUND,
            "access_denied",
            "applications do not register themselves here".to_owned(),
        ),
        NotRegistered::Unauthorized => (
            StatusCode::UNAUTHORIZED,
            "invalid_token",
            "the token is missing or not good for this".to_owned(),
        ),
        NotRegistered::TooMany => (
            StatusCode::TOO_MANY_REQUESTS,
            "temporarily_unavailable",
            "too many applications have registered themselves".to_owned(),
        ),
        NotRegistered::Metadata(error) => (StatusCode::BAD_REQUEST, error.code().as_str(), error.to_string()),
    };
    let body = json!({ "error": code, "error_description": words }).to_string();
    let mut response = form::json(status, body);
    match why {
        NotRegistered::Unauthorized => {
            let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        NotRegistered::TooMany => {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("3600"));
        }
        NotRegistered::Closed | NotRegistered::Metadata(_) => {}
    }
    response
}

/// Whoever has an IPv6 address has 2⁶⁴ of them: these count as one.
fn neighbourhood(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("{:x}", u128::from(v6) >> 64),
    }
}

/// The bearer token of the header. What is no single token is no right one either.
fn token(request: &Request) -> Option<&str> {
    let header = form::authorization(request).ok()??;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn is_json(request: &Request) -> bool {
    let kind = request.header(header::CONTENT_TYPE).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}
