//! The consent page, and what was pressed on it.

use std::str::FromStr as _;

use doorward_identity::grants::{ConsentView, Pressed, RequestId};
use doorward_identity::ids::AccountId;
use poem::{Response, handler};

use super::authorize::{Coming, answer};
use super::words;
use crate::app::App;
use crate::http::Fields;
use crate::http::answer::see_other;
use crate::http::errors::Problem;
use crate::http::visit::Visit;
use crate::http::waiting::{self, Then};
use crate::pages::consent::ConsentPage;
use crate::pages::sign_in::ClientView;

/// `Allow`, `Don't allow`, another account; `Cancel` on the pages of the sign-in comes here too.
#[handler]
pub(crate) async fn submit(app: &App, visit: &Visit, fields: &Fields) -> Result<Response, Problem> {
    // The name of the request, and behind a dot the account that the page was shown to.
    let (name, account) = match fields.text("request")?.split_once('.') {
        Some((name, account)) => (name, AccountId::from_str(account).ok()),
        None => (fields.text("request")?, None),
    };
    let name: RequestId = name.parse().map_err(|_| Problem::NotFound)?;
    let (sealed, place) = waiting::find(visit, name).ok_or(Problem::Expired)?;
    let pressed = match (fields.text("decision")?, account) {
        ("allow", Some(account)) => Pressed::Allow(account),
        ("deny", _) => Pressed::Deny,
        ("switch", _) => return Ok(see_other(format!("/sign-in{}", Then::Request(name).query()))),
        _ => return Err(Problem::Malformed("no such decision")),
    };
    let outcome = app
        .identity()
        .consent(&sealed, pressed, visit.person(), &visit.browser)
        .await?;
    answer(app, visit, outcome, &Coming::Back { place }).await
}

/// The page.
pub(super) fn view(app: &App, visit: &Visit, asked: &ConsentView) -> ConsentPage {
    let person = visit
        .person()
        .map(|person| person.account.display_name.to_string());
    ConsentPage {
        layout: app.layout(Some(visit)),
        client: client_view(&asked.client),
        request: format!("{}.{}", asked.request.id(), asked.account),
        claims: words::claims(&asked.disclosures),
        optional: Vec::new(),
        offline: asked.offline,
        development: asked.client.development,
        display_name: person.unwrap_or_default(),
    }
}

/// An application as its users see it.
pub(crate) fn client_view(client: &doorward_identity::grants::ClientView) -> ClientView {
    ClientView {
        name: client.name.clone(),
        host: client.host.clone(),
        policy: client.policy_uri.clone(),
        terms: client.tos_uri.clone(),
    }
}
