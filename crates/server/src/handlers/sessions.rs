//! `Sessions`: where the person is signed in, and ending that.

use doorward_identity::factors::Change;
use doorward_identity::ids::SessionId;
use doorward_identity::sessions::SessionView;
use doorward_identity::sign_in::Proved;
use poem::{Response, handler};

use super::{arrive, security};
use crate::app::App;
use crate::http::Fields;
use crate::http::answer::{WithCookie as _, in_frames, page, see_other};
use crate::http::errors::Problem;
use crate::http::visit::{Person, Visit};
use crate::pages::Moment;
use crate::pages::account::{SessionCard, SessionsPage};

const HERE: &str = "/settings/sessions";

#[handler]
pub(crate) async fn show(app: &App, visit: &Visit, person: Person<'_>) -> Result<Response, Problem> {
    let sessions = app.identity().sessions_of(&person).await?;
    page(&SessionsPage {
        layout: app.layout(Some(visit)),
        others: sessions.len() > 1,
        sessions: sessions.into_iter().map(|session| card(session, visit)).collect(),
    })
}

#[handler]
pub(crate) async fn end(
    app: &App,
    visit: &Visit,
    person: Person<'_>,
    fields: &Fields,
) -> Result<Response, Problem> {
    let id: SessionId = fields.id("id")?;
    if id == person.session.id {
        let frames = app.identity().sign_out_here(&person).await?;
        let response = if frames.is_empty() {
            see_other("/signed-out")
        } else {
            in_frames(app, &frames, "/signed-out")?
        };
        return Ok(response.cookies(arrive::gone(app)));
    }
    // Whoever sits at an open session must not be able to push its owner out of the others.
    security::propose(app, visit, &person, Change::EndSession(id), HERE).await
}

#[handler]
pub(crate) async fn end_others(app: &App, visit: &Visit, person: Person<'_>) -> Result<Response, Problem> {
    security::propose(app, visit, &person, Change::EndOtherSessions, HERE).await
}

fn card(view: SessionView, visit: &Visit) -> SessionCard {
    let session = view.session;
    SessionCard {
        id: session.id.to_string(),
        device: session
            .browser_words
            .unwrap_or_else(|| "An unknown browser".to_owned()),
        how: how(session.proofs.iter().map(|proof| proof.what)),
        began: Moment::relative(session.began_at, visit.now),
        active: Moment::relative(session.last_used_at, visit.now),
        address: session.address.unwrap_or_default(),
        this: view.current,
    }
}

/// `with a passkey`, `with password and authenticator app`.
fn how(proofs: impl Iterator<Item = Proved>) -> String {
    let mut ways: Vec<&str> = Vec::new();
    for proof in proofs {
        let way = match proof {
            Proved::Passkey { .. } => "a passkey",
            Proved::Password => "password",
            Proved::Totp => "authenticator app",
            Proved::RecoveryCode => "a recovery code",
            Proved::PasskeyMade | Proved::PasswordMade => "the first link",
        };
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    match ways.split_last() {
        None => String::new(),
        Some((last, [])) => format!("with {last}"),
        Some((last, before)) => format!("with {} and {last}", before.join(", ")),
    }
}
