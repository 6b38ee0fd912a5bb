//! The addresses of the sample application.

use std::sync::Arc;

use askama::Template;
use doorward_crypto::Random;
use poem::http::{StatusCode, header};
use poem::middleware::{AddData, CookieJarManager};
use poem::web::cookie::{Cookie, CookieJar, SameSite};
use poem::web::{Data, Query};
use poem::{Endpoint, EndpointExt, IntoResponse, Request, Response, Route, get, handler, post};

use super::Settings;
use super::browsers::{Browsers, Notice};
use super::pages::{Failed, Home, SignedIn, SignedOut};
use super::relying_party::{Callback, Fault, RelyingParty, fresh};

/// Ports do not keep cookies apart, so the name must differ from the provider's.
const COOKIE: &str = "sample-application";
const STYLE: &str = include_str!("demo.css");
const ICON: &str = include_str!("icon.svg");

struct Demo {
    party: RelyingParty,
    browsers: Browsers,
    random: Arc<dyn Random>,
    origin: String,
    policy: String,
}

pub(super) fn routes(settings: Settings, random: Arc<dyn Random>) -> Result<impl Endpoint, Fault> {
    let origin = settings.origin.origin().ascii_serialization();
    // Chromium follows `form-action` through redirects, and signing out ends at the provider.
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {}; frame-ancestors 'none'; base-uri 'none'",
        settings.issuer
    );
    let demo = Arc::new(Demo {
        party: RelyingParty::new(settings)?,
        browsers: Browsers::default(),
        random,
        origin,
        policy,
    });
    Ok(Route::new()
        .at("/", get(home))
        .at("/login", get(login))
        .at("/callback", get(callback))
        .at("/refresh", post(refresh))
        .at("/sign-out", post(sign_out))
        .at("/signed-out", get(signed_out))
        .at("/demo.css", get(style))
        .at("/icon.svg", get(icon))
        .with(CookieJarManager::new())
        .with(AddData::new(demo)))
}

#[handler]
fn home(Data(demo): Data<&Arc<Demo>>, jar: &CookieJar) -> Response {
    let seen = demo.browsers.look(cookie(jar).as_deref(), |browser| {
        (browser.visitor.clone(), browser.notice.take())
    });
    match seen {
        Some((Some(visitor), notice)) => demo.page(
            StatusCode::OK,
            &SignedIn::new(demo.party.issuer(), &visitor, notice),
        ),
        Some((None, _)) | None => demo.page(
            StatusCode::OK,
            &Home {
                issuer: demo.party.issuer(),
            },
        ),
    }
}

#[handler]
async fn login(Data(demo): Data<&Arc<Demo>>, jar: &CookieJar) -> Response {
    match demo.begin(jar).await {
        Ok(address) => see_other(&address),
        Err(fault) => demo.fault("The sign-in could not be started.", &fault),
    }
}

#[handler]
async fn callback(
    Data(demo): Data<&Arc<Demo>>,
    jar: &CookieJar,
    answer: poem::Result<Query<Callback>>,
) -> Response {
    let arrived = match answer {
        Ok(Query(answer)) => demo.arrive(jar, answer).await,
        Err(_) => Err(Fault::State),
    };
    match arrived {
        Ok(()) => see_other("/"),
        Err(fault @ Fault::Refused { .. }) => demo.fault("You were not signed in.", &fault),
        Err(fault) => demo.fault("The answer of the provider was not accepted.", &fault),
    }
}

#[handler]
async fn refresh(Data(demo): Data<&Arc<Demo>>, jar: &CookieJar, request: &Request) -> Response {
    if !demo.is_ours(request) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Some(cookie) = cookie(jar) else {
        return see_other("/");
    };
    let Some(Some(visitor)) = demo
        .browsers
        .look(Some(&cookie), |browser| browser.visitor.clone())
    else {
        return see_other("/");
    };
    match demo.party.refresh(visitor).await {
        Ok(visitor) => {
            demo.browsers.look(Some(&cookie), |browser| {
                browser.visitor = Some(visitor);
                browser.notice = Some(Notice::Refreshed);
            });
            see_other("/")
        }
        Err(fault) => demo.fault("The tokens could not be refreshed.", &fault),
    }
}

#[handler]
async fn sign_out(Data(demo): Data<&Arc<Demo>>, jar: &CookieJar, request: &Request) -> Response {
    if !demo.is_ours(request) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Some(cookie) = cookie(jar) else {
        return see_other("/");
    };
    let Some(visitor) = demo.browsers.forget(&cookie).and_then(|browser| browser.visitor) else {
        return see_other("/");
    };
    match demo.party.leave(&visitor, demo.random.as_ref()).await {
        Ok((address, state)) => {
            demo.browsers
                .with(&cookie, |browser| browser.leaving = Some(state));
            see_other(address.as_str())
        }
        Err(fault) => demo.fault("You are signed out here, but not at the provider.", &fault),
    }
}

#[derive(serde::Deserialize)]
struct Left {
    state: Option<String>,
}

#[handler]
fn signed_out(Data(demo): Data<&Arc<Demo>>, jar: &CookieJar, Query(left): Query<Left>) -> Response {
    let expected = demo
        .browsers
        .look(cookie(jar).as_deref(), |browser| browser.leaving.take())
        .flatten();
    match (expected, left.state) {
        (Some(sent), Some(came)) if *sent.secret() == came => demo.page(
            StatusCode::OK,
            &SignedOut {
                issuer: demo.party.issuer(),
            },
        ),
        _ => see_other("/"),
    }
}

#[handler]
fn icon() -> Response {
    Response::builder()
        .content_type("image/svg+xml")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(ICON)
}

#[handler]
fn style() -> Response {
    Response::builder()
        .content_type("text/css; charset=utf-8")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(STYLE)
}

impl Demo {
    async fn begin(&self, jar: &CookieJar) -> Result<String, Fault> {
        let (address, pending) = self.party.begin(self.random.as_ref()).await?;
        let cookie = match cookie(jar) {
            Some(cookie) => cookie,
            None => self.name(jar)?,
        };
        self.browsers.with(&cookie, |browser| browser.begin(pending));
        Ok(address.into())
    }

    async fn arrive(&self, jar: &CookieJar, answer: Callback) -> Result<(), Fault> {
        let cookie = cookie(jar).ok_or(Fault::State)?;
        let state = answer.state.as_deref().ok_or(Fault::State)?;
        let pending = self
            .browsers
            .look(Some(&cookie), |browser| browser.take(state))
            .flatten()
            .ok_or(Fault::State)?;
        let visitor = self.party.finish(pending, answer).await?;
        self.browsers.forget(&cookie);
        let cookie = self.name(jar)?; // a new name with every sign-in: a planted cookie gains nothing
        self.browsers
            .with(&cookie, |browser| browser.visitor = Some(visitor));
        Ok(())
    }

    /// Gives the browser a new random name.
    fn name(&self, jar: &CookieJar) -> Result<String, Fault> {
        let name = fresh(self.random.as_ref())?;
        let mut cookie = Cookie::new_with_str(COOKIE, name.clone());
        cookie.set_http_only(true);
        cookie.set_same_site(SameSite::Lax);
        cookie.set_path("/");
        jar.add(cookie);
        Ok(name)
    }

    /// Whether a form came from a page of ours (Fetch Metadata, or the Origin header of older browsers).
    fn is_ours(&self, request: &Request) -> bool {
        match request.header("sec-fetch-site") {
            Some(site) => site == "same-origin",
            None => request.header("origin") == Some(&self.origin),
        }
    }

    fn page(&self, status: StatusCode, page: &impl Template) -> Response {
        let Ok(html) = page.render() else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        Response::builder()
            .status(status)
            .content_type("text/html; charset=utf-8")
            .header(header::CONTENT_SECURITY_POLICY, &self.policy)
            .header(header::CACHE_CONTROL, "no-store")
            .header(header::REFERRER_POLICY, "no-referrer")
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
            .body(html)
    }

    fn fault(&self, sentence: &str, fault: &Fault) -> Response {
        tracing::warn!(%fault, "the sample application could not go on");
        let page = Failed {
            issuer: self.party.issuer(),
            sentence,
            detail: fault.to_string(),
        };
        self.page(StatusCode::BAD_REQUEST, &page)
    }
}

fn cookie(jar: &CookieJar) -> Option<String> {
    jar.get(COOKIE).map(|cookie| cookie.value_str().to_owned())
}

fn see_other(address: &str) -> Response {
    Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header(header::LOCATION, address)
        .header(header::CACHE_CONTROL, "no-store")
        .finish()
}
