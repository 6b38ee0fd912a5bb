//! What programs post, and how they are answered.

use std::net::IpAddr;

use doorward_identity::grants::{Call, GrantsError};
use doorward_oidc::error::Fault;
use doorward_oidc::params::{Params, ParamsError};
use doorward_oidc::token::ErrorAnswer;
use poem::http::{HeaderValue, StatusCode, header};
use poem::{Request, Response};

use super::cors;
use crate::app::App;
use crate::http::address;
use crate::http::errors::Problem;
use crate::http::visit::Raw;

/// A form of a client, and the header by which the client proves itself. The query is not looked at: what stands in
/// an address is no secret.
pub(super) struct Posted<'a> {
    pub(super) params: Params,
    authorization: Option<&'a str>,
    proofs: Vec<&'a str>,
    origin: Option<&'a str>,
}

impl<'a> Posted<'a> {
    /// # Errors
    /// The answer to what cannot be read. It names no client, so that scripts of every site may read it.
    pub(super) fn read(request: &'a Request, raw: &Raw) -> Result<Self, Box<Response>> {
        Self::taken_apart(request, raw)
            .map_err(|fault| Box::new(cors::for_anyone(refused(&ErrorAnswer::new(fault)))))
    }

    fn taken_apart(request: &'a Request, raw: &Raw) -> Result<Self, Fault> {
        if is_form(request).is_err() {
            return Err(Fault::ParameterMalformed);
        }
        let params = Params::parse(&raw.0)?;
        Ok(Self {
            params,
            authorization: authorization(request)?,
            proofs: proofs(request),
            origin: cors::origin(request.headers()),
        })
    }

    /// What the rules are asked with.
    pub(super) fn call(&self) -> Call<'_> {
        Call::new(&self.params, self.authorization).with_proofs(&self.proofs)
    }

    /// The answer, readable for scripts of the client's own sites, with a nonce for whoever sends proofs.
    pub(super) async fn answer(&self, app: &App, mut response: Response) -> Response {
        if !self.proofs.is_empty() {
            put_nonce(app, &mut response);
        }
        let admitted = match self.origin {
            Some(origin) => app
                .identity()
                .admits_origin(&self.call(), origin)
                .await
                .unwrap_or(false),
            None => false,
        };
        cors::for_origin(response, self.origin.filter(|_| admitted))
    }
}

/// Whether the body is a form.
pub(super) fn is_form(request: &Request) -> Result<(), Problem> {
    let mut types = request.headers().get_all(header::CONTENT_TYPE).iter();
    let (Some(kind), None) = (types.next(), types.next()) else {
        return Err(Problem::MediaType);
    };
    let essence = kind
        .to_str()
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    let form = essence
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded");
    if form { Ok(()) } else { Err(Problem::MediaType) }
}

/// A form of another site with what its address had in the query: what stands in both is there twice.
///
/// # Errors
/// Outside when the body is no form; inside what cannot be read.
pub(super) fn with_query(request: &Request, raw: &Raw) -> Result<Result<Params, ParamsError>, Problem> {
    is_form(request)?;
    let query = request.uri().query().unwrap_or_default();
    Ok(Params::parse_both(query.as_bytes(), &raw.0))
}

/// The Authorization header, if there is exactly one that is text.
pub(super) fn authorization(request: &Request) -> Result<Option<&str>, Fault> {
    let mut all = request.headers().get_all(header::AUTHORIZATION).iter();
    match (all.next(), all.next()) {
        (None, _) => Ok(None),
        (Some(one), None) => one
            .to_str()
            .map(Some)
            .map_err(|_| Fault::ClientAuthenticationMalformed),
        (Some(_), Some(_)) => Err(Fault::ClientAuthenticationTwice),
    }
}

/// Where a program's request comes from.
pub(super) fn address(app: &App, request: &Request) -> Option<IpAddr> {
    let peer = request
        .remote_addr()
        .as_socket_addr()
        .map(std::net::SocketAddr::ip);
    address::of(peer, request.headers(), app.trusted_proxies())
}

/// The `DPoP` headers. One that is no text is no proof, and is found to be none.
pub(super) fn proofs(request: &Request) -> Vec<&str> {
    let all = request.headers().get_all("dpop").iter();
    all.map(|one| one.to_str().unwrap_or_default()).collect()
}

/// A fresh nonce for the next proof (RFC 9449 §8, §9).
pub(super) fn put_nonce(app: &App, response: &mut Response) {
    let nonce = app.identity().dpop_nonce();
    if let Some(nonce) = nonce.and_then(|nonce| HeaderValue::try_from(nonce).ok()) {
        response.headers_mut().insert("dpop-nonce", nonce);
    }
}

/// JSON that nobody keeps.
pub(super) fn json(status: StatusCode, body: String) -> Response {
    Response::builder()
        .status(status)
        .content_type("application/json")
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::PRAGMA, "no-cache")
        .body(body)
}

/// What a client is told that is refused.
pub(super) fn refused(answer: &ErrorAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let headers = answer.headers();
    let builder = headers
        .into_iter()
        .fold(Response::builder(), |builder, (name, value)| {
            builder.header(name, value)
        });
    builder
        .status(status)
        .content_type("application/json")
        .body(answer.body())
}

/// What a client is told when something below failed: whether to try again, and nothing else.
pub(super) fn failed(error: &GrantsError) -> Response {
    tracing::error!(%error, "an endpoint failed");
    refused(&ErrorAnswer::new(if error.is_passing() {
        Fault::Busy
    } else {
        Fault::Failed
    }))
}
