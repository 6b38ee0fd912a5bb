//! Signing in with a passkey: by autofill, by the button, or after a name.

use doorward_identity::sign_in::passkey::For;
use doorward_webauthn::AuthenticationResponse;
use poem::{Response, handler};
use serde::Deserialize;

use super::{Attempt, layout};
use crate::app::App;
use crate::handlers::options::{Answered, begun};
use crate::handlers::{arrive, words};
use crate::http::answer::{Location, WithCookie as _, json, page};
use crate::http::errors::Problem;
use crate::http::visit::{Asked, Strict, Visit};
use crate::http::waiting::Then;
use crate::pages::sign_in::PasskeyPage;

#[handler]
pub(crate) fn show(app: &App, visit: &Visit, asked: &Asked) -> Result<Response, Problem> {
    let then = Then::parse(asked.text("then")?);
    page(&PasskeyPage {
        layout: layout(app, visit, then),
        name: Attempt::of(visit).name,
        offer_stay: app.offers_stay(),
    })
}

/// The fields of the form around the button.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Begin {
    /// There when a name was typed before.
    #[serde(default)]
    named: String,
    #[serde(default, rename = "stay")]
    _stay: String,
    #[serde(default, rename = "then")]
    _then: String,
}

#[handler]
pub(crate) async fn options(
    app: &App,
    visit: &Visit,
    Strict(begin): Strict<Begin>,
) -> Result<Response, Problem> {
    let attempt = if begin.named.is_empty() {
        Attempt::default()
    } else {
        Attempt::of(visit)
    };
    let half = attempt.half();
    let whom = match &half {
        Some(half) => For::SecondFactor(half),
        None if attempt.name.is_empty() => For::Anyone,
        None => For::Named(&attempt.name),
    };
    let (options, state) = app
        .identity()
        .begin_passkey(&visit.browser, whom)
        .await
        .map_err(|error| words::passkey_refused(app, error))?;
    begun(&options, &state)
}

#[handler]
pub(crate) async fn finish(
    app: &App,
    visit: &Visit,
    Strict(answered): Strict<Answered>,
) -> Result<Response, Problem> {
    let answer = AuthenticationResponse::from_json(answered.response())
        .map_err(|error| words::malformed_answer(&error))?;
    let stay = words::stay(app, &answered.stay);
    let new = app
        .identity()
        .sign_in_with_passkey(&visit.browser, &answered.sealed(), &answer, stay)
        .await
        .map_err(|error| words::passkey_refused(app, error))?;
    let location = Then::parse(&answered.then).location();
    Ok(json(&Location { location })?.cookies(arrive::cookies(app, visit, &new)))
}
