//! `/par` (RFC 9126): an authorization request comes from the client itself, and a reference to it goes through the
//! browser.

use doorward_oidc::error::Fault;
use poem::http::StatusCode;
use poem::{Request, Response, handler};

use super::form::{Posted, failed, json, refused};
use crate::app::App;
use crate::http::visit::Raw;

/// A request is pushed.
#[handler]
pub(crate) async fn submit(app: &App, request: &Request, raw: &Raw) -> Response {
    let posted = match Posted::read(request, raw) {
        Ok(posted) => posted,
        Err(refusal) => return *refusal,
    };
    let response = match app.identity().push(&posted.call()).await {
        Ok(Ok(reference)) => json(StatusCode::CREATED, reference.answer()),
        Ok(Err(answer)) if answer.fault() == Fault::ClientTooFast => {
            let mut response = refused(&answer);
            response.set_status(StatusCode::TOO_MANY_REQUESTS); // RFC 9126 §2.3
            response
        }
        Ok(Err(answer)) => refused(&answer),
        Err(error) => failed(&error),
    };
    posted.answer(app, response).await
}
