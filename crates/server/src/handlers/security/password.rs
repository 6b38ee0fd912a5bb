//! The password: set, change, remove.

use doorward_identity::factors::Change;
use doorward_identity::passwords::Password;
use poem::{Response, handler};

use super::{HERE, after, dialogs, propose, view};
use crate::app::App;
use crate::handlers::words;
use crate::http::Fields;
use crate::http::answer::page;
use crate::http::errors::Problem;
use crate::http::visit::{Person, Visit};

#[handler]
pub(crate) async fn set(
    app: &App,
    visit: &Visit,
    person: Person<'_>,
    fields: &Fields,
) -> Result<Response, Problem> {
    let password = Password::new(fields.text("password")?);
    match app
        .identity()
        .propose(&person, Change::SetPassword(password))
        .await
    {
        Ok(proposed) => after(app, visit, proposed, HERE),
        Err(error) => {
            let dialog = dialogs::password(&person, Some(words::change_error(error)?));
            page(&view::page(app, visit, &person, Some(dialog)).await?)
        }
    }
}

#[handler]
pub(crate) async fn remove(app: &App, visit: &Visit, person: Person<'_>) -> Result<Response, Problem> {
    propose(app, visit, &person, Change::RemovePassword, HERE).await
}
