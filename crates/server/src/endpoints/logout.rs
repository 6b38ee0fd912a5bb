//! `/end-session` (RP-Initiated Logout 1.0): an application sends the browser here to sign out.

use doorward_identity::Sealed;
use doorward_identity::grants::{Left, Logout, NotSent};
use doorward_oidc::error::Fault;
use doorward_oidc::params::Params;
use poem::http::StatusCode;
use poem::{Request, Response, handler};

use super::form;
use crate::app::App;
use crate::http::Fields;
use crate::http::answer::{WithCookie as _, in_frames, leave, page, page_with, see_other};
use crate::http::cookies::Name;
use crate::http::errors::Problem;
use crate::http::visit::{Raw, Visit};
use crate::pages::consent::SignOutPage;
use crate::pages::message::{Link, MessagePage};

const SIGNED_OUT: &str = "/signed-out";

/// A request that comes by a link.
#[handler]
pub(crate) async fn show(app: &App, visit: &Visit, request: &Request) -> Result<Response, Problem> {
    let params = match Params::parse(request.uri().query().unwrap_or_default().as_bytes()) {
        Ok(params) => params,
        Err(error) => return refuse(app, Some(visit), &app.identity().log_out_refused(error.fault)?),
    };
    match app.identity().log_out(&params, visit.person()).await? {
        Logout::Done(left) => {
            let onward = left.onward.as_deref().unwrap_or(SIGNED_OUT);
            let response = if left.frames.is_empty() {
                see_other(onward)
            } else {
                in_frames(app, &left.frames, onward)?
            };
            Ok(response.cookies(Name::OF_A_SESSION.map(|name| app.cookies().clear(name))))
        }
        Logout::Ask { request, client } => {
            let layout = app.layout(Some(visit));
            page(&SignOutPage {
                layout,
                client,
                request: request.as_str().to_owned(),
            })
        }
        Logout::Page(refused) => refuse(app, Some(visit), &refused),
    }
}

/// A request that comes by a form of another site; see [`super::authorize::submit`].
#[handler]
pub(crate) async fn submit(app: &App, request: &Request, raw: &Raw) -> Result<Response, Problem> {
    match form::with_query(request, raw)? {
        Ok(params) => Ok(see_other(format!("/end-session?{}", params.to_form()))),
        Err(error) => refuse(app, None, &app.identity().log_out_refused(error.fault)?),
    }
}

/// What the person said.
#[handler]
pub(crate) async fn confirm(app: &App, visit: &Visit, fields: &Fields) -> Result<Response, Problem> {
    if fields.text("decision")? != "sign-out" {
        return Ok(see_other("/"));
    }
    let request = Sealed::from_text(fields.text("request")?);
    let Some(left) = app.identity().confirm_log_out(&request, visit.person()).await? else {
        return Err(Problem::Expired);
    };
    let response = match left {
        Left { onward, frames, .. } if !frames.is_empty() => {
            in_frames(app, &frames, onward.as_deref().unwrap_or(SIGNED_OUT))?
        }
        Left {
            onward: Some(address),
            client,
            ..
        } => leave(app, client.as_deref().unwrap_or("the application"), &address)?,
        Left { onward: None, .. } => see_other(SIGNED_OUT),
    };
    Ok(response.cookies(Name::OF_A_SESSION.map(|name| app.cookies().clear(name))))
}

fn refuse(app: &App, visit: Option<&Visit>, refused: &NotSent) -> Result<Response, Problem> {
    let sentence = if refused.fault == Fault::LogoutRedirectUriNotRegistered {
        "The application asked to send you to an address that is not its own. You are still signed in here."
    } else {
        "The application's request can't be trusted. You are still signed in here."
    };
    let view = MessagePage {
        layout: app.layout(visit).failing(),
        heading: "You were not signed out".to_owned(),
        paragraphs: vec![sentence.to_owned()],
        actions: vec![Link::new("/", "Go to the start page")],
        event: Some(refused.event.to_string()),
    };
    page_with(StatusCode::BAD_REQUEST, &view)
}
