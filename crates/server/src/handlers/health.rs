//! For whoever watches: the process answers; the store commits.

use doorward_storage::Health;
use poem::http::StatusCode;
use poem::{Response, handler};

use crate::app::App;

#[handler]
pub(crate) fn live() -> Response {
    said(StatusCode::OK, "live\n")
}

#[handler]
pub(crate) fn ready(app: &App) -> Response {
    match app.identity().store().health() {
        Health::Good => said(StatusCode::OK, "ready\n"),
        Health::ReadOnly(_) | Health::Stopped => {
            said(StatusCode::SERVICE_UNAVAILABLE, "the store does not commit\n")
        }
    }
}

fn said(status: StatusCode, words: &'static str) -> Response {
    Response::builder()
        .status(status)
        .content_type("text/plain; charset=utf-8")
        .body(words)
}
