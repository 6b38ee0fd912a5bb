//! `Connected applications`: what a person let in, and how they take it back.

use doorward_oidc::client::ClientId;
use poem::{Response, handler};

use super::words;
use crate::app::App;
use crate::http::Fields;
use crate::http::answer::{noticed, page};
use crate::http::errors::Problem;
use crate::http::visit::{Person, Visit};
use crate::pages::Moment;
use crate::pages::account::{AppCard, AppsPage};

const HERE: &str = "/settings/apps";

/// The list.
#[handler]
pub(crate) async fn show(app: &App, visit: &Visit, person: Person<'_>) -> Result<Response, Problem> {
    let found = app.identity().connected_applications(&person).await?;
    let apps = found
        .into_iter()
        .map(|one| AppCard {
            id: one.client_id.to_string(),
            name: one.client.name,
            host: one.client.host,
            since: Moment::relative(one.since, visit.now),
            sees: words::phrase(&one.permissions),
        })
        .collect();
    page(&AppsPage {
        layout: app.layout(Some(visit)),
        apps,
    })
}

/// `Revoke access`.
#[handler]
pub(crate) async fn revoke(
    app: &App,
    visit: &Visit,
    person: Person<'_>,
    fields: &Fields,
) -> Result<Response, Problem> {
    let id = ClientId::parse(fields.text("client")?).map_err(|_| Problem::NotFound)?;
    let name = app.identity().client(&id).await?.map(|client| client.name);
    app.identity()
        .revoke_application(&person, &id, &visit.browser)
        .await?;
    let name = name.unwrap_or_else(|| "The application".to_owned());
    noticed(visit, HERE, &format!("{name} has no access any more."))
}
