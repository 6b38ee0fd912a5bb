//! `My apps`, and the two addresses by which password managers find the Security page.

use doorward_identity::records::account::Role;
use poem::{Response, handler};

use super::security::signals;
use crate::app::App;
use crate::http::answer::{json, page, see_other};
use crate::http::errors::Problem;
use crate::http::visit::{Person, Visit};
use crate::pages::home::{Card, HomePage, Tile};
use crate::pages::message::Link;

/// So few recovery codes are worth a word.
const FEW_CODES: usize = 3;
/// Applications with a tile, at most.
const TILES: usize = 200;

#[handler]
pub(crate) async fn show(app: &App, visit: &Visit, person: Person<'_>) -> Result<Response, Problem> {
    let account = &person.account;
    let apps = app.identity().clients(None, TILES).await?;
    let is_owner = account.role == Role::Owner;
    let mut checklist = Vec::new();
    if is_owner {
        match account.passkeys.len() {
            0 => checklist.push(Link::new(
                "/settings/security?dialog=add-passkey",
                "Add a passkey",
            )),
            1 => checklist.push(Link::new(
                "/settings/security?dialog=add-passkey",
                "Add a second passkey",
            )),
            _ => {}
        }
        if account.recovery.is_none() && account.password.is_some() && app.takes_passwords() {
            checklist.push(Link::new("/settings/security#recovery", "Make recovery codes"));
        }
    }
    let mut cards = Vec::new();
    if !is_owner && account.passkeys.is_empty() {
        cards.push(Card {
            heading: "Sign in faster with a passkey".into(),
            text: "A passkey signs you in with your fingerprint, face or PIN, and nothing to type.".into(),
            path: "/settings/security?dialog=add-passkey".into(),
            action: "Add a passkey".into(),
        });
    }
    if app
        .identity()
        .recovery_codes_left(&person)
        .await?
        .is_some_and(|left| left < FEW_CODES)
    {
        cards.push(Card {
            heading: "Make new recovery codes".into(),
            text: "Few of your recovery codes are left.".into(),
            path: "/settings/security#recovery".into(),
            action: "Make new recovery codes".into(),
        });
    }
    page(&HomePage {
        layout: app.layout(Some(visit)),
        checklist,
        cards,
        apps: apps
            .records
            .iter()
            .filter_map(|registered| tile(&registered.client))
            .collect(),
        signals: Some(signals(account)),
        quiet_passkey: app.identity().may_make_passkey_quietly(&person),
    })
}

fn tile(client: &doorward_oidc::client::Client) -> Option<Tile> {
    let start = client.start_uri.as_ref()?;
    let host = url::Url::parse(start.as_str())
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    Some(Tile {
        path: start.as_str().to_owned(),
        name: client.name.clone(),
        host: host.unwrap_or_default(),
    })
}

#[handler]
pub(crate) fn change_password() -> Response {
    see_other("/settings/security#password")
}

#[handler]
pub(crate) fn passkey_endpoints(app: &App) -> Result<Response, Problem> {
    let security = format!("{}/settings/security", app.origin());
    json(&serde_json::json!({ "enroll": security, "manage": security }))
}
