//! Signing out here. Applications that want to hear of it are told; no passkey is removed.

use poem::{Response, handler};

use super::arrive;
use crate::app::App;
use crate::http::answer::{WithCookie as _, in_frames, page, see_other};
use crate::http::errors::Problem;
use crate::http::visit::Visit;
use crate::pages::message::{Link, MessagePage};

#[handler]
pub(crate) async fn submit(app: &App, visit: &Visit) -> Result<Response, Problem> {
    // The browser forgets the session even when the store cannot: nobody who sits down here next is signed in.
    let mut frames = Vec::new();
    if let Some(person) = visit.person() {
        match app.identity().sign_out_here(person).await {
            Ok(told) => frames = told,
            Err(error) => tracing::error!(%error, "a session was not ended; its browser has forgotten it"),
        }
    }
    let response = if frames.is_empty() {
        see_other("/signed-out")
    } else {
        in_frames(app, &frames, "/signed-out")?
    };
    Ok(response.cookies(arrive::gone(app)))
}

#[handler]
pub(crate) fn show(app: &App, visit: &Visit) -> Result<Response, Problem> {
    if visit.person().is_some() {
        return Ok(see_other("/"));
    }
    page(&MessagePage {
        layout: app.layout(Some(visit)),
        heading: "Signed out".to_owned(),
        paragraphs: vec![format!(
            "You are signed out of {}. Your passkeys are still on your devices.",
            app.instance()
        )],
        actions: vec![Link::new("/sign-in", "Sign in again")],
        event: None,
    })
}
