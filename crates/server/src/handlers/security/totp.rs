//! The authenticator app: show the secret, check a code, and only a verified proof turns it on.

use doorward_identity::factors::Change;
use poem::{Response, handler};

use super::{HERE, after, propose, view};
use crate::app::App;
use crate::handlers::words;
use crate::http::Fields;
use crate::http::answer::{page, see_other};
use crate::http::errors::Problem;
use crate::http::visit::{Person, Visit};
use crate::pages::security::Dialog;

#[handler]
pub(crate) async fn begin(app: &App, person: Person<'_>) -> Result<Response, Problem> {
    app.identity()
        .begin_totp(&person)
        .await
        .map_err(words::change_refused)?;
    Ok(see_other("/settings/security?dialog=totp"))
}

#[handler]
pub(crate) async fn code(
    app: &App,
    visit: &Visit,
    person: Person<'_>,
    fields: &Fields,
) -> Result<Response, Problem> {
    match app.identity().check_totp(&person, fields.text("code")?).await {
        Ok(proposed) => after(app, visit, proposed, HERE),
        Err(error) => {
            let dialog = Dialog::TotpCode {
                error: Some(words::change_error(error)?),
            };
            page(&view::page(app, visit, &person, Some(dialog)).await?)
        }
    }
}

#[handler]
pub(crate) async fn cancel(app: &App, person: Person<'_>) -> Result<Response, Problem> {
    app.identity()
        .cancel_totp(&person)
        .await
        .map_err(words::change_refused)?;
    Ok(see_other(HERE))
}

#[handler]
pub(crate) async fn off(app: &App, visit: &Visit, person: Person<'_>) -> Result<Response, Problem> {
    propose(app, visit, &person, Change::DisableTotp, HERE).await
}
