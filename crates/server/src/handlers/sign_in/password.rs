//! The password page.

use doorward_identity::passwords::Password;
use doorward_identity::sign_in::{AfterPassword, Method};
use poem::{Response, handler};

use super::{Attempt, layout};
use crate::app::App;
use crate::handlers::{arrive, words};
use crate::http::Fields;
use crate::http::answer::{WithCookie as _, page, page_troubled, see_other};
use crate::http::errors::Problem;
use crate::http::visit::{Asked, Visit};
use crate::http::waiting::Then;
use crate::pages::sign_in::{PasswordPage, Trouble};

#[handler]
pub(crate) fn show(app: &App, visit: &Visit, asked: &Asked) -> Result<Response, Problem> {
    let then = Then::parse(asked.text("then")?);
    let name = Attempt::of(visit).name;
    if !app.takes_passwords() {
        return Ok(see_other(format!("/sign-in/passkey{}", then.query())));
    }
    if name.is_empty() {
        return Ok(see_other(format!("/sign-in{}", then.query())));
    }
    page(&view(app, visit, then, name, None))
}

#[handler]
pub(crate) async fn submit(app: &App, visit: &Visit, fields: &Fields) -> Result<Response, Problem> {
    let then = Then::parse(fields.text("then")?);
    let name = fields.text("name")?.to_owned();
    let stay = words::stay(app, fields.text("stay")?);
    let password = Password::new(fields.text("password")?);
    let tried = app
        .identity()
        .sign_in_with_password(&visit.browser, &name, &password, stay)
        .await;
    match tried {
        Ok(AfterPassword::SignedIn(new)) => {
            Ok(see_other(then.location()).cookies(arrive::cookies(app, visit, &new)))
        }
        Ok(AfterPassword::SecondFactor { half, methods }) => {
            let attempt = Attempt {
                name,
                half: Some(half.encode()),
            };
            let path = match methods.first() {
                Some(Method::Passkey) => "/sign-in/passkey",
                Some(Method::RecoveryCode) => "/sign-in/recovery",
                Some(Method::Totp | Method::Password) | None => "/sign-in/code",
            };
            Ok(see_other(format!("{path}{}", then.query())).cookie(attempt.cookie(visit)?))
        }
        Err(error) => {
            let (status, trouble) = words::sign_in_trouble(app, visit, error)?;
            page_troubled(
                status,
                &trouble,
                &view(app, visit, then, name, Some(trouble.clone())),
            )
        }
    }
}

fn view(app: &App, visit: &Visit, then: Then, name: String, trouble: Option<Trouble>) -> PasswordPage {
    let frame = layout(app, visit, then);
    PasswordPage {
        layout: if trouble.is_some() { frame.failing() } else { frame },
        name,
        offer_stay: app.offers_stay(),
        trouble,
        forgotten: format!("Ask {} for a reset link.", app.contact()),
    }
}
