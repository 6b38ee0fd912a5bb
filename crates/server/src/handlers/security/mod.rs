//! `User Settings`: how the person signs in. Every change is proposed; what `identity` answers is either that it is
//! done, or the proof that is still missing.

mod dialogs;
pub(crate) mod passkeys;
pub(crate) mod password;
mod providers;
mod qr;
pub(crate) mod totp;
mod view;

use doorward_identity::SignedIn;
use doorward_identity::factors::{Applied, Change, Notice, Proposed};
use doorward_identity::sign_in::Method;
use poem::http::HeaderValue;
use poem::{Response, handler};

use super::words;
use crate::app::App;
use crate::http::Fields;
use crate::http::answer::{WithCookie as _, page, see_other};
use crate::http::cookies::Name;
use crate::http::errors::Problem;
use crate::http::visit::{Asked, Person, Visit};
use crate::http::{CODES, NOTICE, sealed};

pub(crate) use self::view::signals;

/// The page's address.
const HERE: &str = "/settings/security";

#[handler]
pub(crate) async fn show(
    app: &App,
    visit: &Visit,
    person: Person<'_>,
    asked: &Asked,
) -> Result<Response, Problem> {
    let codes: Option<Vec<String>> = visit.sealed_own(Name::Codes, sealed::CODES);
    let shows_codes = codes.is_some();
    let dialog = match codes {
        // They are shown once, by whatever page of Security comes first.
        Some(codes) => Some(dialogs::codes(app, visit, &person, codes)?),
        None => dialogs::asked(app, visit, &person, asked).await?,
    };
    let answer = page(&view::page(app, visit, &person, dialog).await?)?;
    Ok(answer.cookies(shows_codes.then(|| app.cookies().clear(Name::Codes))))
}

#[handler]
pub(crate) async fn preferred(
    app: &App,
    visit: &Visit,
    person: Person<'_>,
    fields: &Fields,
) -> Result<Response, Problem> {
    let method = match fields.text("method")? {
        "passkey" => Method::Passkey,
        "totp" => Method::Totp,
        _ => return Err(Problem::Malformed("no such method")),
    };
    propose(app, visit, &person, Change::SetPreferred(method), HERE).await
}

#[handler]
pub(crate) async fn recovery_codes(
    app: &App,
    visit: &Visit,
    person: Person<'_>,
) -> Result<Response, Problem> {
    propose(app, visit, &person, Change::NewRecoveryCodes, HERE).await
}

/// Proposes a change: it is done, or the person is asked to prove who they are.
pub(super) async fn propose(
    app: &App,
    visit: &Visit,
    person: &SignedIn,
    change: Change,
    here: &str,
) -> Result<Response, Problem> {
    let proposed = app
        .identity()
        .propose(person, change)
        .await
        .map_err(words::change_refused)?;
    after(app, visit, proposed, here)
}

/// Where a proposal leads.
pub(super) fn after(app: &App, visit: &Visit, proposed: Proposed, here: &str) -> Result<Response, Problem> {
    match proposed {
        Proposed::Applied(applied) => done(app, visit, &applied, here),
        Proposed::Verify(change) => Ok(see_other(format!("/verify?change={change}"))),
    }
}

/// A change is done: the notice, the session's new cookie, and codes that are shown once.
pub(super) fn done(app: &App, visit: &Visit, applied: &Applied, here: &str) -> Result<Response, Problem> {
    let notice = notice_cookie(visit, applied)?;
    Ok(see_other(leads_to(visit, applied, here))
        .cookie(notice)
        .cookies(cookies(app, visit, applied)?))
}

/// The page after a change: who has just set up an authenticator app is offered recovery codes next, where there are
/// none. They stand in for a second factor after a password, so nobody without one is asked.
pub(super) fn leads_to(visit: &Visit, applied: &Applied, here: &str) -> String {
    let account = visit.person().map(|person| &person.account);
    let lacks_codes = account.is_some_and(|account| account.password.is_some() && account.recovery.is_none());
    if applied.notice == Notice::TotpEnabled && lacks_codes {
        format!("{HERE}?dialog=offer-codes")
    } else {
        here.to_owned()
    }
}

/// The notice of a change that is done, for the next page.
pub(super) fn notice_cookie(visit: &Visit, applied: &Applied) -> Result<HeaderValue, Problem> {
    visit.seal_own(
        Name::Notice,
        sealed::NOTICE,
        words::notice(&applied.notice),
        NOTICE,
    )
}

/// The cookies of a change that is done.
pub(super) fn cookies(app: &App, visit: &Visit, applied: &Applied) -> Result<Vec<HeaderValue>, Problem> {
    let known = Some(app.identity().limits().known_device);
    let mut set = vec![
        app.cookies()
            .set(Name::Session, &applied.token.encode(), lasts(app, visit)),
        app.cookies().set(Name::Device, &applied.known_device, known),
    ];
    if let Some(codes) = &applied.recovery_codes {
        let codes: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
        set.push(visit.seal_own(Name::Codes, sealed::CODES, codes, CODES)?);
    }
    Ok(set)
}

/// How long the session's cookie stays: as it was.
fn lasts(app: &App, visit: &Visit) -> Option<std::time::Duration> {
    let session = &visit.person()?.session;
    let stays = u128::from(session.idle_millis) >= app.identity().limits().session_stay.as_millis();
    stays.then(|| session.ends_at.since(visit.now))
}
