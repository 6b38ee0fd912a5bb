//! `Verification Required`: the proof that a proposed change waits for.

use doorward_identity::SignedIn;
use doorward_identity::factors::{FactorError, Proposed, Way};
use doorward_identity::ids::ChangeId;
use doorward_identity::passwords::Password;
use doorward_webauthn::AuthenticationResponse;
use poem::http::StatusCode;
use poem::{Response, handler};
use serde::Deserialize;

use super::options::{Answered, begun};
use super::{security, words};
use crate::app::App;
use crate::http::Fields;
use crate::http::answer::{Location, WithCookie as _, json, page, page_troubled, see_other};
use crate::http::errors::Problem;
use crate::http::visit::{Asked, Person, Strict, Visit};
use crate::pages::sign_in::Trouble;
use crate::pages::verify::{Ask, VerifyPage};

const BACK: &str = "/settings/security";

#[handler]
pub(crate) async fn show(
    app: &App,
    visit: &Visit,
    person: Person<'_>,
    asked: &Asked,
) -> Result<Response, Problem> {
    let change = asked.id("change")?;
    let other = asked.text("way")? == "other";
    match view(app, visit, &person, change, other, None).await? {
        Some(view) => page(&view),
        None => Ok(see_other(BACK)),
    }
}

/// Which change is to be proved.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    change: String,
}

#[handler]
pub(crate) async fn options(
    app: &App,
    person: Person<'_>,
    Strict(which): Strict<Which>,
) -> Result<Response, Problem> {
    let begin = app.identity().begin_verify(&person, parse(&which.change)?).await;
    let (options, state) = begin.map_err(words::change_refused)?;
    begun(&options, &state)
}

#[handler]
pub(crate) async fn passkey(
    app: &App,
    visit: &Visit,
    person: Person<'_>,
    Strict(answered): Strict<Answered>,
) -> Result<Response, Problem> {
    let change = parse(&answered.change)?;
    let answer = AuthenticationResponse::from_json(answered.response())
        .map_err(|error| words::malformed_answer(&error))?;
    let verify = app
        .identity()
        .verify_with_passkey(&person, change, &answered.sealed(), &answer)
        .await;
    match verify.map_err(words::change_refused)? {
        Proposed::Applied(applied) => {
            let notice = security::notice_cookie(visit, &applied)?;
            let answer = json(&Location {
                location: security::leads_to(visit, &applied, BACK),
            })?
            .cookie(notice);
            Ok(answer.cookies(security::cookies(app, visit, &applied)?))
        }
        Proposed::Verify(next) => json(&Location {
            location: address(next),
        }),
    }
}

#[handler]
pub(crate) async fn submit(
    app: &App,
    visit: &Visit,
    person: Person<'_>,
    fields: &Fields,
) -> Result<Response, Problem> {
    let change: ChangeId = fields.id("change")?;
    let password = Password::new(fields.text("password")?);
    let code = fields.maybe("code")?;
    let (status, trouble) = match app
        .identity()
        .verify_with_password(&person, change, &password, code)
        .await
    {
        Ok(proposed) => return security::after(app, visit, proposed, BACK),
        Err(FactorError::SlowDown { until }) => words::slow_down(until, visit),
        Err(FactorError::Expired) => return Ok(see_other(BACK)),
        Err(error) => (
            StatusCode::OK,
            Trouble {
                words: words::change_error(error)?,
                until: None,
            },
        ),
    };
    match view(app, visit, &person, change, true, Some(trouble.clone())).await? {
        Some(view) => page_troubled(status, &trouble, &view),
        None => Ok(see_other(BACK)),
    }
}

#[handler]
pub(crate) async fn cancel(app: &App, person: Person<'_>, fields: &Fields) -> Result<Response, Problem> {
    match app.identity().cancel(&person, fields.id("change")?).await {
        Ok(_) | Err(FactorError::Expired) => Ok(see_other(BACK)),
        Err(error) => Err(words::change_refused(error)),
    }
}

async fn view(
    app: &App,
    visit: &Visit,
    person: &SignedIn,
    change: ChangeId,
    other: bool,
    trouble: Option<Trouble>,
) -> Result<Option<VerifyPage>, Problem> {
    let found = app
        .identity()
        .proposal(person, change)
        .await
        .map_err(words::change_refused)?;
    let Some(proposal) = found else { return Ok(None) };
    let is_passkey = |way: &Way| matches!(way, Way::Passkey | Way::NewPasskey);
    let has_passkey = proposal.ways.iter().any(is_passkey);
    let by_hand = proposal.ways.iter().find(|way| !is_passkey(way));
    let ask_passkey = has_passkey && !(other && by_hand.is_some());
    let asked = if ask_passkey { None } else { by_hand };
    let frame = app.layout(Some(visit));
    Ok(Some(VerifyPage {
        layout: if trouble.is_some() { frame.failing() } else { frame },
        change: change.to_string(),
        purpose: words::purpose(&proposal.action),
        ask: Ask {
            passkey: ask_passkey,
            other: by_hand.is_some(),
            password: asked.is_some(),
            code: matches!(asked, Some(Way::PasswordAndCode)),
            has_passkey,
        },
        device: proposal
            .primary
            .filter(|_| proposal.ways.first() == Some(&Way::Passkey)),
        user_name: person.account.user_name.to_string(),
        trouble,
        orphan: proposal.orphan.map(|orphan| orphan.to_string()),
    }))
}

fn parse(change: &str) -> Result<ChangeId, Problem> {
    change.parse().map_err(|_| Problem::Expired)
}

fn address(change: ChangeId) -> String {
    format!("/verify?change={change}")
}
