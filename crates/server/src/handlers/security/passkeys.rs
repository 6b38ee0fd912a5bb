//! Passkeys: register, rename, make primary, remove.

use doorward_identity::factors::{Change, Proposed};
use doorward_identity::ids::PasskeyId;
use doorward_webauthn::RegistrationResponse;
use poem::web::Path;
use poem::{Response, handler};
use serde::{Deserialize, Serialize};

use super::{HERE, dialogs, propose, providers, view};
use crate::app::App;
use crate::handlers::options::{Answered, begun};
use crate::handlers::words;
use crate::http::Fields;
use crate::http::answer::{Location, WithCookie as _, json, noticed, page};
use crate::http::cookies::Name;
use crate::http::errors::Problem;
use crate::http::visit::{Person, Strict, Visit};

/// Options for a passkey that the browser may make in the background.
#[handler]
pub(crate) fn quiet_options(
    app: &App,
    person: Person<'_>,
    Strict(_): Strict<Empty>,
) -> Result<Response, Problem> {
    let begin = app.identity().begin_quiet_passkey(&person);
    let (asked, state) = begin.map_err(words::change_refused)?;
    begun(&asked, &state)
}

/// It was made: where the person looks at it and where it is removed.
#[handler]
pub(crate) async fn quiet(
    app: &App,
    person: Person<'_>,
    Strict(answered): Strict<Answered>,
) -> Result<Response, Problem> {
    let answer = RegistrationResponse::from_json(answered.response())
        .map_err(|error| words::malformed_answer(&error))?;
    let named = |aaguid: &_| providers::known(aaguid).unwrap_or("Passkey").to_owned();
    let made = app
        .identity()
        .finish_quiet_passkey(&person, &answered.sealed(), &answer, named)
        .await
        .map_err(words::change_refused)?;
    let known = Some(app.identity().limits().known_device);
    let answer = json(&Made {
        review: HERE,
        remove: format!("{HERE}?dialog=remove-passkey&id={}", made.passkey.id),
    })?;
    Ok(answer.cookie(app.cookies().set(Name::Device, &made.known_device, known)))
}

/// No fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Empty {}

/// A passkey that was made quietly.
#[derive(Serialize)]
struct Made {
    review: &'static str,
    remove: String,
}

/// The field of the dialog.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Named {
    name: String,
}

#[handler]
pub(crate) async fn options(
    app: &App,
    person: Person<'_>,
    Strict(named): Strict<Named>,
) -> Result<Response, Problem> {
    let begin = app.identity().begin_add_passkey(&person, &named.name).await;
    let (options, state) = begin.map_err(words::change_refused)?;
    begun(&options, &state)
}

#[handler]
pub(crate) async fn register(
    app: &App,
    person: Person<'_>,
    Strict(answered): Strict<Answered>,
) -> Result<Response, Problem> {
    let answer = RegistrationResponse::from_json(answered.response())
        .map_err(|error| words::malformed_answer(&error))?;
    let finish = app
        .identity()
        .finish_add_passkey(&person, &answered.sealed(), &answer)
        .await;
    let location = match finish.map_err(words::change_refused)? {
        Proposed::Verify(change) => format!("/verify?change={change}"),
        Proposed::Applied(_) => HERE.to_owned(),
    };
    json(&Location { location })
}

#[handler]
pub(crate) async fn rename(
    app: &App,
    visit: &Visit,
    person: Person<'_>,
    Path(id): Path<PasskeyId>,
    fields: &Fields,
) -> Result<Response, Problem> {
    match app
        .identity()
        .rename_passkey(&person, id, fields.text("name")?)
        .await
    {
        Ok(notice) => noticed(visit, HERE, &words::notice(&notice)),
        Err(error) => {
            let words = words::change_error(error)?;
            let dialog = dialogs::rename(&person, id, Some(words)).ok_or(Problem::NotFound)?;
            page(&view::page(app, visit, &person, Some(dialog)).await?)
        }
    }
}

#[handler]
pub(crate) async fn remove(
    app: &App,
    visit: &Visit,
    person: Person<'_>,
    Path(id): Path<PasskeyId>,
) -> Result<Response, Problem> {
    propose(app, visit, &person, Change::RemovePasskey(id), HERE).await
}

#[handler]
pub(crate) async fn primary(
    app: &App,
    visit: &Visit,
    person: Person<'_>,
    Path(id): Path<PasskeyId>,
) -> Result<Response, Problem> {
    propose(app, visit, &person, Change::MakePrimary(id), HERE).await
}
