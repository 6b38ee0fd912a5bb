//! The forms that an answer can have: a page, another address, JSON, or a page that leaves for an application.

use askama::Template;
use doorward_identity::grants::Frame;
use doorward_identity::ids::AccountId;
use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use serde::Serialize;

use super::cookies::Name;
use super::errors::Problem;
use super::headers::Framed;
use super::visit::Visit;
use super::{limits, sealed};
use crate::app::App;
use crate::pages::sign_in::Trouble;

/// A page.
pub(crate) fn page(view: &impl Template) -> Result<Response, Problem> {
    page_with(StatusCode::OK, view)
}

/// A page with another status than 200.
pub(crate) fn page_with(status: StatusCode, view: &impl Template) -> Result<Response, Problem> {
    let html = view.render().map_err(Problem::internal)?;
    Ok(Response::builder()
        .status(status)
        .content_type("text/html; charset=utf-8")
        .body(html))
}

/// A page after a try that failed; when the next one counts only later, programs are told so too.
pub(crate) fn page_troubled(
    status: StatusCode,
    trouble: &Trouble,
    view: &impl Template,
) -> Result<Response, Problem> {
    let mut response = page_with(status, view)?;
    if let Some(until) = &trouble.until {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(until.seconds));
    } else if status == StatusCode::SERVICE_UNAVAILABLE {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("3"));
    }
    Ok(response)
}

/// Another address, by GET whatever came before.
pub(crate) fn see_other(location: impl AsRef<str>) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    match HeaderValue::from_str(location.as_ref()) {
        Ok(location) => {
            response.headers_mut().insert(header::LOCATION, location);
            response
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// JSON for a script of ours.
pub(crate) fn json(value: &impl Serialize) -> Result<Response, Problem> {
    let text = serde_json::to_string(value).map_err(Problem::internal)?;
    Ok(Response::builder().content_type("application/json").body(text))
}

/// The answer of a scripted ceremony that leads somewhere.
#[derive(Debug, Serialize)]
pub(crate) struct Location {
    /// Where the script goes.
    pub(crate) location: String,
}

/// Cookies on an answer.
pub(crate) trait WithCookie: Sized {
    /// With this `Set-Cookie`.
    fn cookie(self, cookie: HeaderValue) -> Self;

    /// With this one, if there is one.
    fn cookies(self, cookies: impl IntoIterator<Item = HeaderValue>) -> Self {
        cookies.into_iter().fold(self, Self::cookie)
    }
}

impl WithCookie for Response {
    fn cookie(mut self, cookie: HeaderValue) -> Self {
        self.headers_mut().append(header::SET_COOKIE, cookie);
        self
    }
}

/// Another address whose page says what was just done.
pub(crate) fn noticed(visit: &Visit, location: impl AsRef<str>, notice: &str) -> Result<Response, Problem> {
    let cookie = visit.seal_own(Name::Notice, sealed::NOTICE, notice, limits::NOTICE)?;
    Ok(see_other(location).cookie(cookie))
}

/// The same for an account that has only now signed in.
pub(crate) fn noticed_by(
    visit: &Visit,
    account: AccountId,
    location: impl AsRef<str>,
    notice: &str,
) -> Result<Response, Problem> {
    let cookie = visit.seal_for(account, Name::Notice, sealed::NOTICE, notice, limits::NOTICE)?;
    Ok(see_other(location).cookie(cookie))
}

/// A page that tells applications in frames of a sign-out, and then goes on (Front-Channel Logout 1.0 §2).
#[derive(Debug, Template)]
#[template(path = "frames.html")]
struct Frames<'a> {
    instance: &'a str,
    frames: &'a [Frame],
    onward: &'a str,
    assets: &'static crate::assets::Assets,
}

/// See [`Frames`]. Its policy allows these frames and no others.
pub(crate) fn in_frames(app: &App, frames: &[Frame], onward: &str) -> Result<Response, Problem> {
    let mut response = page(&Frames {
        instance: app.instance(),
        frames,
        onward,
        assets: &crate::assets::ASSETS,
    })?;
    let allowed = frames.iter().map(|frame| frame.address.clone()).collect();
    response.extensions_mut().insert(Framed(allowed));
    Ok(response)
}

/// A page that leaves at once for an application's address, with a link for whoever stays.
///
/// A redirect would do for a request that began with a link. What began with a form would be stopped on its way:
/// Chromium and WebKit hold `form-action` against every hop, the application's own ones included.
#[derive(Debug, Template)]
#[template(path = "leave.html")]
struct Leave<'a> {
    instance: &'a str,
    name: &'a str,
    address: &'a str,
    assets: &'static crate::assets::Assets,
}

/// See [`Leave`]. `name` is the application's.
pub(crate) fn leave(app: &App, name: &str, address: &str) -> Result<Response, Problem> {
    page(&Leave {
        instance: app.instance(),
        name,
        address,
        assets: &crate::assets::ASSETS,
    })
}
