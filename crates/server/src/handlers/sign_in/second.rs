//! The second factor after a password: a code of the authenticator app, or a recovery code.

use doorward_identity::sign_in::{NewSession, SignInError};
use doorward_identity::tokens::HalfToken;
use poem::{Response, handler};

use super::{Attempt, layout};
use crate::app::App;
use crate::handlers::{arrive, words};
use crate::http::Fields;
use crate::http::answer::{WithCookie as _, noticed_by, page, page_troubled, see_other};
use crate::http::cookies::Name;
use crate::http::errors::Problem;
use crate::http::visit::{Asked, Visit};
use crate::http::waiting::Then;
use crate::pages::Layout;
use crate::pages::sign_in::{CodePage, RecoveryPage, Trouble};

#[handler]
pub(crate) fn show_code(app: &App, visit: &Visit, asked: &Asked) -> Result<Response, Problem> {
    show(app, visit, asked, code_page)
}

#[handler]
pub(crate) async fn submit_code(app: &App, visit: &Visit, fields: &Fields) -> Result<Response, Problem> {
    let Some(half) = half(visit) else {
        return Ok(start_again(fields));
    };
    let tried = app
        .identity()
        .sign_in_with_totp(&visit.browser, &half, fields.text("code")?)
        .await;
    finish(app, visit, fields, tried, code_page)
}

#[handler]
pub(crate) fn show_recovery(app: &App, visit: &Visit, asked: &Asked) -> Result<Response, Problem> {
    show(app, visit, asked, recovery_page)
}

#[handler]
pub(crate) async fn submit_recovery(app: &App, visit: &Visit, fields: &Fields) -> Result<Response, Problem> {
    let Some(half) = half(visit) else {
        return Ok(start_again(fields));
    };
    let tried = app
        .identity()
        .sign_in_with_recovery_code(&visit.browser, &half, fields.text("code")?)
        .await;
    finish(app, visit, fields, tried, recovery_page)
}

/// Makes the page; with what went wrong, where something did.
type View = fn(Layout, Option<Trouble>) -> AnyPage;

/// One of the two pages.
enum AnyPage {
    Code(CodePage),
    Recovery(RecoveryPage),
}

fn code_page(layout: Layout, trouble: Option<Trouble>) -> AnyPage {
    AnyPage::Code(CodePage { layout, trouble })
}

fn recovery_page(layout: Layout, trouble: Option<Trouble>) -> AnyPage {
    AnyPage::Recovery(RecoveryPage { layout, trouble })
}

fn show(app: &App, visit: &Visit, asked: &Asked, view: View) -> Result<Response, Problem> {
    let then = Then::parse(asked.text("then")?);
    if half(visit).is_none() {
        return Ok(see_other(format!("/sign-in{}", then.query())));
    }
    match view(layout(app, visit, then), None) {
        AnyPage::Code(view) => page(&view),
        AnyPage::Recovery(view) => page(&view),
    }
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
        Ok(new) => {
            let answer = match new.recovery_codes_left {
                Some(left) => noticed_by(visit, new.account.id, then.location(), &words::codes_left(left))?,
                None => see_other(then.location()),
            };
            Ok(answer.cookies(arrive::cookies(app, visit, &new)))
        }
        Err(SignInError::Expired) => Ok(start_again(fields).cookie(app.cookies().clear(Name::Attempt))),
        Err(error) => {
            let (status, trouble) = words::sign_in_trouble(app, visit, error)?;
            match view(layout(app, visit, then).failing(), Some(trouble.clone())) {
                AnyPage::Code(view) => page_troubled(status, &trouble, &view),
                AnyPage::Recovery(view) => page_troubled(status, &trouble, &view),
            }
        }
    }
}

/// The half sign-in of this browser.
fn half(visit: &Visit) -> Option<HalfToken> {
    Attempt::of(visit).half()
}

fn start_again(fields: &Fields) -> Response {
    let then = fields.text("then").map(Then::parse).unwrap_or_default();
    see_other(format!("/sign-in{}", then.query()))
}
