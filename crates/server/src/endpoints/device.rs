//! `/device_authorization`, where a device asks, and `/device`, where a person answers (RFC 8628).
//!
//! The code in the address is no secret of the person's: it names what is asked, and an answer takes a session, a fresh
//! proof and a button.

use doorward_identity::grants::{DeviceAnswered, DeviceSeen};
use doorward_oidc::device::UserCode;
use doorward_oidc::error::Fault;
use poem::http::StatusCode;
use poem::{Request, Response, handler};

use super::consent::client_view;
use super::form::{Posted, address, failed, json, refused};
use super::words;
use crate::app::App;
use crate::http::Fields;
use crate::http::answer::{page, page_with, see_other};
use crate::http::errors::Problem;
use crate::http::visit::{Asked, Person, Raw, Visit};
use crate::http::waiting::{Then, Typed};
use crate::pages::Moment;
use crate::pages::device::{DeviceAskPage, DevicePage};
use crate::pages::message::{Link, MessagePage};

/// A device asks.
#[handler]
pub(crate) async fn authorize(app: &App, request: &Request, raw: &Raw) -> Response {
    let posted = match Posted::read(request, raw) {
        Ok(posted) => posted,
        Err(refusal) => return *refusal,
    };
    let response = match app
        .identity()
        .authorize_device(&posted.call(), address(app, request))
        .await
    {
        Ok(Ok(body)) => json(StatusCode::OK, body),
        Ok(Err(answer)) if answer.fault() == Fault::ClientTooFast => {
            let mut response = refused(&answer);
            response.set_status(StatusCode::TOO_MANY_REQUESTS);
            response
        }
        Ok(Err(answer)) => refused(&answer),
        Err(error) => failed(&error),
    };
    posted.answer(app, response).await
}

/// The code is typed, or came with the address.
#[handler]
pub(crate) async fn show(app: &App, visit: &Visit, asked: &Asked) -> Result<Response, Problem> {
    match asked.text("done")? {
        "allowed" => {
            return done(
                app,
                visit,
                "You can go back to your device.",
                "It will go on in a moment.",
            );
        }
        "denied" => {
            return done(
                app,
                visit,
                "The device was not let in",
                "You can close this page.",
            );
        }
        _ => {}
    }
    let typed = asked.text("user_code")?;
    if typed.is_empty() {
        return page(&form(app, visit, typed, None));
    }
    let Some(code) = UserCode::parse(typed) else {
        let trouble = "That is no code of a device: it has eight letters.";
        return page_with(StatusCode::BAD_REQUEST, &form(app, visit, typed, Some(trouble)));
    };
    let first = || see_other(format!("/sign-in{}", Then::Device(Typed::of(&code)).query()));
    let Some(person) = visit.person() else {
        return Ok(first());
    };
    let seen = app.identity().device_asked(&code, person, &visit.browser).await?;
    let asked = match seen {
        DeviceSeen::Ask(asked) => asked,
        DeviceSeen::SignInFirst => return Ok(first()),
        DeviceSeen::TooOften => {
            let trouble = "Too many codes were tried. Wait ten minutes, then try again.";
            return page_with(
                StatusCode::TOO_MANY_REQUESTS,
                &form(app, visit, typed, Some(trouble)),
            );
        }
        DeviceSeen::Unknown => {
            let trouble =
                "That code isn't waiting for anybody. It may have expired: look at your device again.";
            return page_with(StatusCode::BAD_REQUEST, &form(app, visit, typed, Some(trouble)));
        }
    };
    page(&DeviceAskPage {
        layout: app.layout(Some(visit)),
        client: client_view(&asked.client),
        code: code.to_string(),
        address: asked.address,
        asked_at: Moment::relative(asked.asked_at, visit.now),
        claims: words::claims(&asked.disclosures),
        offline: asked.offline,
        display_name: person.account.display_name.to_string(),
    })
}

/// `Allow`, `Don't allow`.
#[handler]
pub(crate) async fn submit(
    app: &App,
    visit: &Visit,
    person: Person<'_>,
    fields: &Fields,
) -> Result<Response, Problem> {
    let code = UserCode::parse(fields.text("user_code")?).ok_or(Problem::Malformed("no device code"))?;
    let allowed = match fields.text("decision")? {
        "allow" => true,
        "deny" => false,
        _ => return Err(Problem::Malformed("no such decision")),
    };
    let answered = app
        .identity()
        .answer_device(&code, allowed, &person, &visit.browser)
        .await?;
    Ok(match answered {
        DeviceAnswered::Done if allowed => see_other("/device?done=allowed"),
        DeviceAnswered::Done => see_other("/device?done=denied"),
        DeviceAnswered::SignInFirst => {
            see_other(format!("/sign-in{}", Then::Device(Typed::of(&code)).query()))
        }
        DeviceAnswered::Gone => {
            let trouble =
                "That code isn't waiting for anybody. It may have expired: look at your device again.";
            page_with(StatusCode::BAD_REQUEST, &form(app, visit, "", Some(trouble)))?
        }
    })
}

fn form(app: &App, visit: &Visit, typed: &str, trouble: Option<&'static str>) -> DevicePage {
    let layout = app.layout(Some(visit));
    DevicePage {
        layout: if trouble.is_some() {
            layout.failing()
        } else {
            layout
        },
        typed: typed.chars().take(20).collect(),
        trouble,
    }
}

fn done(app: &App, visit: &Visit, heading: &str, sentence: &str) -> Result<Response, Problem> {
    page(&MessagePage {
        layout: app.layout(Some(visit)),
        heading: heading.to_owned(),
        paragraphs: vec![sentence.to_owned()],
        actions: vec![Link::new("/", "Go to the start page")],
        event: None,
    })
}
