//! What stands before and after every handler: the row of the route, enforced.
//!
//! In this order: host, form of the body, its size and its time, browser and session, who may, where it comes
//! from; then the handler under a deadline; then headers, on errors and panics too. A handler sees nothing that its
//! row does not take.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use askama::Template as _;
use doorward_identity::ids::EventId;
use futures_util::FutureExt as _;
use poem::endpoint::BoxEndpoint;
use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, IntoResponse, Request, Response};

use super::answer::see_other;
use super::cookies::Name;
use super::errors::Problem;
use super::fields::Fields;
use super::headers::{self, Cache};
use super::routes::{self, Csrf, Row, Takes, Who};
use super::visit::{Asked, Raw, Visit};
use super::waiting::Then;
use super::{csrf, limits, words};
use crate::app::App;
use crate::pages::message::{Link, MessagePage};

/// A handler behind its row.
pub(super) struct Border {
    pub(super) app: App,
    pub(super) row: &'static Row,
    pub(super) inner: BoxEndpoint<'static, Response>,
}

impl Endpoint for Border {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let method = request.method().clone();
        let mut visit = None;
        let answered = match self.enter(&mut request, &mut visit).await {
            Ok(()) => {
                request.set_data(self.app.clone());
                self.handle(request).await
            }
            Err(problem) => Err(problem),
        };
        let mut response = match answered {
            Ok(response) => response,
            Err(problem) => {
                let shape = match self.row.takes {
                    Takes::Machine(_) => Shape::Protocol,
                    Takes::Json(_) => Shape::Json,
                    Takes::Nothing | Takes::Form(_) => Shape::Page,
                };
                refuse(
                    &self.app,
                    visit.as_deref(),
                    &method,
                    self.row.path,
                    &problem,
                    shape,
                )
            }
        };
        if let Some(visit) = visit {
            self.leave(&visit, &mut response);
        }
        headers::put(&mut response, self.app.is_https(), self.row.cache);
        Ok(response)
    }
}

impl Border {
    async fn enter(&self, request: &mut Request, found: &mut Option<Arc<Visit>>) -> Result<(), Problem> {
        if self.row.who == Who::Machine {
            self.take_body(request).await?;
            return Ok(());
        }
        let host = host_of(request);
        if host.as_deref() != Some(self.app.host()) {
            return Err(Problem::WrongHost(host.unwrap_or_default()));
        }
        let given = self.take_body(request).await?;
        let visit = Arc::new(Visit::begin(&self.app, request).await?);
        *found = Some(Arc::clone(&visit));
        let query = Fields::parse(request.uri().query().unwrap_or_default().as_bytes());
        request.set_data(Arc::clone(&visit));
        match query {
            Ok(query) => request.set_data(Asked(query)),
            // Applications' requests have rules of their own for what is wrong with a query.
            Err(_) if self.row.csrf == Csrf::Foreign => request.set_data(Asked::default()),
            Err(problem) => return Err(problem),
        }
        if self.row.who == Who::SignedIn && visit.person().is_none() {
            return Err(Problem::SignInFirst(request.uri().path().to_owned()));
        }
        match self.row.csrf {
            Csrf::Safe | Csrf::Foreign => Ok(()),
            Csrf::Token => {
                let ours = csrf::is_ours(request.headers(), self.app.origin());
                if ours && given.is_some_and(|token| visit.accepts(&token)) {
                    Ok(())
                } else {
                    Err(Problem::Forged)
                }
            }
        }
    }

    /// Reads the body as the row takes it, and gives the CSRF token that came with it.
    async fn take_body(&self, request: &mut Request) -> Result<Option<String>, Problem> {
        let limit = match self.row.takes {
            Takes::Nothing => return Ok(None),
            Takes::Form(limit) | Takes::Json(limit) | Takes::Machine(limit) => limit,
        };
        let headers = request.headers();
        if headers.contains_key(header::CONTENT_ENCODING) {
            return Err(Problem::MediaType); // nothing is decompressed: no bombs
        }
        let expected = match self.row.takes {
            Takes::Json(_) => "application/json",
            Takes::Form(_) | Takes::Machine(_) | Takes::Nothing => "application/x-www-form-urlencoded",
        };
        // Endpoints for machines answer a wrong type in the words of their own protocol.
        if !matches!(self.row.takes, Takes::Machine(_)) && !is_type(headers, expected) {
            return Err(Problem::MediaType);
        }
        if content_length(headers).is_some_and(|length| length > limit) {
            return Err(Problem::TooLarge);
        }
        let token = headers
            .get("x-csrf-token")
            .and_then(|token| token.to_str().ok())
            .map(str::to_owned);
        let reading = request.take_body().into_bytes_limit(limit);
        let bytes = match tokio::time::timeout(limits::BODY_DEADLINE, reading).await {
            Err(_) => return Err(Problem::TooSlow),
            Ok(Ok(bytes)) => bytes,
            Ok(Err(poem::error::ReadBodyError::PayloadTooLarge)) => return Err(Problem::TooLarge),
            Ok(Err(_)) => return Err(Problem::Malformed("the body did not arrive whole")),
        };
        request.set_data(Raw(Arc::from(bytes.as_ref())));
        if !matches!(self.row.takes, Takes::Form(_)) {
            return Ok(token);
        }
        match Fields::parse(&bytes) {
            Ok(fields) => {
                let token = fields.maybe("csrf")?.map(str::to_owned);
                request.set_data(fields);
                Ok(token)
            }
            Err(_) if self.row.csrf == Csrf::Foreign => {
                request.set_data(Fields::default());
                Ok(None)
            }
            Err(problem) => Err(problem),
        }
    }

    async fn handle(&self, request: Request) -> Result<Response, Problem> {
        let work = AssertUnwindSafe(self.inner.call(request)).catch_unwind();
        match tokio::time::timeout(limits::REQUEST_DEADLINE, work).await {
            Ok(Ok(Ok(response))) => Ok(response),
            Ok(Ok(Err(error))) => match error.downcast::<Problem>() {
                Ok(problem) => Err(problem),
                Err(other)
                    if other.status() == StatusCode::BAD_REQUEST
                        || other.status() == StatusCode::NOT_FOUND =>
                {
                    tracing::debug!(error = %other, "an extractor refused");
                    Err(Problem::NotFound) // an id in the address that is none
                }
                Err(other) => Err(Problem::Internal(other.to_string().into())),
            },
            Ok(Err(_)) => Err(Problem::Internal("a handler panicked".into())),
            Err(_) => Err(Problem::Internal("a handler took too long".into())),
        }
    }

    fn leave(&self, visit: &Visit, response: &mut Response) {
        if let Some(cookie) = visit.fresh_cookie() {
            response.headers_mut().append(header::SET_COOKIE, cookie.clone());
        }
        // A notice is shown by the first page that comes.
        let is_page = response.status() == StatusCode::OK
            && response
                .content_type()
                .is_some_and(|kind| kind.starts_with("text/html"));
        if is_page && visit.carries(Name::Notice) {
            let cookie = self.app.cookies().clear(Name::Notice);
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}

/// The table of routes as one endpoint: what is in no row is not found.
pub(super) struct Outer {
    pub(super) app: App,
    pub(super) routes: poem::Route,
}

impl Endpoint for Outer {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        if !has_sane_headers(&request) {
            let problem = Problem::HeadersTooLarge;
            let mut response = refuse(&self.app, None, &method, "none", &problem, Shape::Page);
            // Without this a neighbour's cookies would lock the person out for as long as those live.
            response
                .headers_mut()
                .insert("clear-site-data", HeaderValue::from_static("\"cookies\""));
            headers::put(&mut response, self.app.is_https(), Cache::NoStore);
            return Ok(response);
        }
        let error = match self.routes.call(request).await {
            Ok(response) => return Ok(response.into_response()),
            Err(error) => error,
        };
        let problem = match error.status() {
            StatusCode::METHOD_NOT_ALLOWED => Problem::Method(routes::methods(&path)),
            _ => Problem::NotFound,
        };
        let mut response = refuse(&self.app, None, &method, "none", &problem, Shape::Page);
        headers::put(&mut response, self.app.is_https(), Cache::NoStore);
        Ok(response)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// For people.
    Page,
    /// For scripts of ours.
    Json,
    /// For programs of applications (RFC 6749 §5.2).
    Protocol,
}

/// The one place where a problem becomes an answer.
fn refuse(
    app: &App,
    visit: Option<&Visit>,
    method: &Method,
    route: &str,
    problem: &Problem,
    shape: Shape,
) -> Response {
    let event = note(app, method, route, problem);
    if let (Problem::SignInFirst(path), Shape::Page) = (problem, shape) {
        let then = if *method == Method::GET {
            Then::parse(path)
        } else {
            Then::Home
        };
        return see_other(format!("/sign-in{}", then.query()));
    }
    let mut response = match shape {
        Shape::Json => refuse_json(problem, event.as_deref()),
        Shape::Protocol => refuse_protocol(problem),
        Shape::Page => refuse_page(app, visit, problem, event),
    };
    response.set_status(problem.status());
    let headers = response.headers_mut();
    if let Problem::SlowDown(until) = problem {
        let seconds = until.since(app.now()).as_secs().saturating_add(1);
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Problem::Busy = problem {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("3"));
    }
    if let Problem::Method(allowed) = problem
        && let Ok(allowed) = HeaderValue::from_str(allowed)
    {
        headers.insert(header::ALLOW, allowed);
    }
    response
}

/// The log's line, and the id that joins it to what the person sees. The line names the route, never the address:
/// that may hold the token of a link.
fn note(app: &App, method: &Method, route: &str, problem: &Problem) -> Option<String> {
    if let Problem::Internal(error) = problem {
        let event = EventId::random(app.random())
            .map(|event| event.to_string())
            .unwrap_or_default();
        tracing::error!(%method, route, %event, error = %error, "a request failed");
        return Some(event);
    }
    if let Problem::Refused(refusal) = problem {
        return refusal.event.clone();
    }
    tracing::debug!(%method, route, %problem, "a request was refused");
    None
}

fn refuse_json(problem: &Problem, event: Option<&str>) -> Response {
    let (message, signal) = if let Problem::Refused(refusal) = problem {
        (refusal.message.as_str(), refusal.signal_unknown.as_deref())
    } else {
        (words::of(problem).1, None)
    };
    let mut error = serde_json::json!({ "code": problem.code(), "message": message });
    if let Some(object) = error.as_object_mut() {
        let optional = [("event", event), ("signal_unknown", signal)];
        object.extend(
            optional
                .into_iter()
                .filter_map(|(name, value)| Some((name.into(), value?.into()))),
        );
    }
    let body = serde_json::json!({ "error": error }).to_string();
    Response::builder().content_type("application/json").body(body)
}

fn refuse_protocol(problem: &Problem) -> Response {
    let code = if problem.status() == StatusCode::INTERNAL_SERVER_ERROR {
        "server_error"
    } else if problem.status() == StatusCode::SERVICE_UNAVAILABLE {
        "temporarily_unavailable"
    } else {
        "invalid_request"
    };
    let body = serde_json::json!({ "error": code, "error_description": words::of(problem).1 }).to_string();
    Response::builder().content_type("application/json").body(body)
}

fn refuse_page(app: &App, visit: Option<&Visit>, problem: &Problem, event: Option<String>) -> Response {
    let (heading, sentence) = words::of(problem);
    let mut paragraphs = vec![sentence.to_owned()];
    let mut actions = vec![Link::new("/", "Go to the start page")];
    if let Problem::WrongHost(used) = problem {
        paragraphs = words::wrong_host(app.origin(), used);
        actions = vec![Link::new(app.origin(), format!("Go to {}", app.origin()))];
    }
    if let Problem::Refused(refusal) = problem {
        paragraphs = vec![refusal.message.clone()];
    }
    let page = MessagePage {
        layout: app.layout(visit).failing(),
        heading: heading.to_owned(),
        paragraphs,
        actions,
        event,
    };
    match page.render() {
        Ok(html) => Response::builder()
            .content_type("text/html; charset=utf-8")
            .body(html),
        Err(error) => {
            tracing::error!(%error, "the page of an error could not be made");
            Response::builder()
                .content_type("text/plain; charset=utf-8")
                .body(sentence)
        }
    }
}

/// Whether headers and address stay within their bounds. `Cookie` is judged with all headers together.
fn has_sane_headers(request: &Request) -> bool {
    let headers = request.headers();
    let all: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    let each = |(name, value): (&header::HeaderName, &HeaderValue)| {
        *name == header::COOKIE || value.len() <= limits::HEADER
    };
    let address = request
        .uri()
        .path_and_query()
        .map_or(0, |address| address.as_str().len());
    headers.len() <= limits::HEADER_COUNT
        && all <= limits::HEADERS
        && headers.iter().all(each)
        && address <= limits::HEADER
}

/// The host that the browser asked for, as it wrote it.
fn host_of(request: &Request) -> Option<String> {
    if let Some(authority) = request.uri().authority() {
        return Some(authority.as_str().to_ascii_lowercase());
    }
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok().map(str::to_ascii_lowercase),
        _ => None,
    }
}

fn is_type(headers: &HeaderMap, expected: &str) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(kind), None) = (types.next(), types.next()) else {
        return false;
    };
    let Ok(kind) = kind.to_str() else { return false };
    let (essence, parameters) = kind.split_once(';').unwrap_or((kind, ""));
    let parameters = parameters.trim().to_ascii_lowercase();
    essence.trim().eq_ignore_ascii_case(expected)
        && matches!(parameters.as_str(), "" | "charset=utf-8" | "charset=\"utf-8\"")
}

fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_type_is_exact_but_for_utf_8() {
        let is = |kind: &'static str| {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(kind))]);
            is_type(&headers, "application/json")
        };
        assert!(is("application/json") && is("Application/JSON; charset=UTF-8"));
        for wrong in [
            "text/plain",
            "application/jsonx",
            "application/json; charset=latin1",
            "application/json, text/plain",
            "",
        ] {
            assert!(!is(wrong), "{wrong}");
        }
    }
}
