//! The second factor after a password: a code of the authenticator app, or a recovery code.

use doorward_identity::sign_in::{NewSession, SignInError};
use doorward_identity::tokens::HalfToken;
use poem::{Response, handler};

use super::{Attempt, layout};
use crate::app::App;
use crate::handlers::{arrive, words};
use crate::http::Fields;
use crate::http::answer::{WithCookie as _, page, page_with, see_other};
use crate::http::errors::Problem;
use crate::http::visit::{Asked, Visit};
use crate::http::waiting::Then;
use crate::pages::sign_in::{CodePage, RecoveryPage, Trouble};

#[handler]
pub(crate) fn show_code(app: &App, visit: &Visit, asked: &Asked) -> Result<Response, Problem> {
    show(app, visit, asked, code_page)
}

#[handler]
pub(crate) async fn submit_code(app: &App, visit: &Visit, fields: &Fields) -> Result<Response, Problem> {
    let Some(half) = half(visit) else { return Ok(start_again(fields)) };
    let tried = app.identity().sign_in_with_totp(&visit.browser, &half, fields.text("code")?).await;
    finish(app, visit, fields, tried, code_page)
}

#[handler]
pub(crate) fn show_recovery(app: &App, visit: &Visit, asked: &Asked) -> Result<Response, Problem> {
    show(app, visit, asked, recovery_page)
}

#[handler]
pub(crate) async fn submit_recovery(app: &App, visit: &Visit, fields: &Fields) -> Result<Response, Problem> {
    let Some(half) = half(visit) else { return Ok(start_again(fields)) };
    let tried = app.identity().sign_in_with_recovery_code(&visit.browser, &half, fields.text("code")?).await;
    finish(app, visit, fields, tried, recovery_page)
}

type View = fn(&App, &Visit, Then, poem::http::StatusCode, Option<Trouble>) -> Result<Response, Problem>;

fn show(app: &App, visit: &Visit, asked: &Asked, view: View) -> Result<Response, Problem> {
    let then = Then::parse(asked.text("then")?);
    if half(visit).is_none() {
        return Ok(see_other(format!("/sign-in{}", then.query())));
    }
    view(app, visit, then, poem::http::StatusCode::OK, None)
}

fn finish(
    app: &App,
    visit: &Visit,
    fields: &Fields,
    tried: Result<NewSession, SignInError>,
    view: View,
) -> Result<Response, Problem> {
    let then = Then::parse(fields.text("then")?);
    match tried {
        Ok(new) => Ok(see_other(then.location()).cookies(arrive::cookies(app, visit, &new))),
        Err(SignInError::Expired) => {
            let over = app.cookies().clear(crate::http::cookies::Name::Attempt);
            Ok(start_again(fields).cookie(over))
        }
        Err(error) => {
            let (status, trouble) = words::sign_in_trouble(app, visit, error)?;
            view(app, visit, then, status, Some(trouble))
        }
    }
}

fn code_page(app: &App, visit: &Visit, then: Then, status: poem::http::StatusCode, trouble: Option<Trouble>) -> Result<Response, Problem> {
    let frame = layout(app, visit, then);
    page_of(status, trouble.is_some(), frame, |layout| CodePage { layout, trouble })
}

fn recovery_page(app: &App, visit: &Visit, then: Then, status: poem::http::StatusCode, trouble: Option<Trouble>) -> Result<Response, Problem> {
    let frame = layout(app, visit, then);
    page_of(status, trouble.is_some(), frame, |layout| RecoveryPage { layout, trouble })
}

fn page_of<T: askama::Template>(
    status: poem::http::StatusCode,
    failed: bool,
    frame: crate::pages::Layout,
    view: impl FnOnce(crate::pages::Layout) -> T,
) -> Result<Response, Problem> {
    let view = view(if failed { frame.failing() } else { frame });
    if status.is_success() { page(&view) } else { page_with(status, &view) }
}

/// The half sign-in of this browser.
fn half(visit: &Visit) -> Option<HalfToken> {
    Attempt::of(visit).half()
}

fn start_again(fields: &Fields) -> Response {
    let then = fields.text("then").map(Then::parse).unwrap_or_default();
    see_other(format!("/sign-in{}", then.query()))
}
