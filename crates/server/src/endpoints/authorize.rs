//! `/authorize`, and `/continue`, where the browser comes back to after a sign-in.

use doorward_identity::grants::{Authorize, NotSent};
use doorward_oidc::authorize::Answer;
use doorward_oidc::error::Fault;
use doorward_oidc::params::Params;
use poem::http::StatusCode;
use poem::{Request, Response, handler};

use super::{consent, form};
use crate::app::App;
use crate::assets::ASSETS;
use crate::http::answer::{WithCookie as _, leave, page, page_with, see_other};
use crate::http::cookies::Name;
use crate::http::errors::Problem;
use crate::http::headers::Forms;
use crate::http::visit::{Asked, Raw, Visit};
use crate::http::waiting::{self, Then};
use crate::pages::consent::FormPostPage;
use crate::pages::message::{Link, MessagePage};

/// A request that comes by a link.
#[handler]
pub(crate) async fn show(app: &App, visit: &Visit, request: &Request) -> Result<Response, Problem> {
    let query = request.uri().query().unwrap_or_default();
    let params = match Params::parse(query.as_bytes()) {
        Ok(params) => params,
        Err(error) => return unreadable(app, Some(visit), error.fault),
    };
    let outcome = app
        .identity()
        .authorize(&params, visit.person(), &visit.browser)
        .await?;
    answer(app, visit, outcome, &Coming::Directly).await
}

/// A request that comes by a form of another site. Cookies that are `Lax` do not come with it, so it is turned
/// into a link first (OpenID Connect Core §3.1.2.1); no cookie is read or set here.
#[handler]
pub(crate) async fn submit(app: &App, request: &Request, raw: &Raw) -> Result<Response, Problem> {
    match form::with_query(request, raw)? {
        Ok(params) => Ok(see_other(format!("/authorize?{}", params.to_form()))),
        Err(error) => unreadable(app, None, error.fault),
    }
}

/// The browser comes back with a request that waited.
#[handler]
pub(crate) async fn resume(app: &App, visit: &Visit, asked: &Asked) -> Result<Response, Problem> {
    let (sealed, place) = waiting::find(visit, asked.id("request")?).ok_or(Problem::Expired)?;
    let outcome = app
        .identity()
        .resume_request(&sealed, visit.person(), &visit.browser)
        .await?;
    answer(app, visit, outcome, &Coming::Back { place }).await
}

/// How the browser got here: that decides how it may be sent on to an application, and which cookie is done with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Coming {
    /// From the application, by its link.
    Directly,
    /// Through a page of ours; the request waited at this place.
    Back {
        /// Where.
        place: Name,
    },
}

/// Writes down what the rules said. A request that must wait and that no cookie holds is refused: the application is
/// told.
pub(super) async fn answer(
    app: &App,
    visit: &Visit,
    outcome: Authorize,
    coming: &Coming,
) -> Result<Response, Problem> {
    let request = match &outcome {
        Authorize::SignIn(first) => Some(&first.request),
        Authorize::Consent(view) => Some(&view.request), // so that the page can be reloaded
        Authorize::Answer { .. } | Authorize::Page(_) => None,
    };
    let kept = request
        .map(|request| waiting::keep(app, visit, request))
        .transpose();
    match (kept, request) {
        (Ok(cookie), _) => Ok(written(app, visit, outcome, coming)?.cookies(cookie)),
        (Err(Problem::TooLarge), Some(request)) => {
            let refused = app.identity().too_long_to_wait(request, &visit.browser).await?;
            written(app, visit, refused, coming)
        }
        (Err(problem), _) => Err(problem),
    }
}

fn written(app: &App, visit: &Visit, outcome: Authorize, coming: &Coming) -> Result<Response, Problem> {
    let done = match coming {
        Coming::Directly => None,
        Coming::Back { place } => Some(app.cookies().clear(*place)),
    };
    match outcome {
        Authorize::SignIn(first) => {
            let then = Then::Request(first.request.id());
            Ok(see_other(format!("/sign-in{}", then.query())))
        }
        Authorize::Consent(view) => page(&consent::view(app, visit, &view)),
        Authorize::Answer { answer, client } => {
            let response = match (answer, coming) {
                (Answer::Redirect(address), Coming::Directly) => see_other(address),
                (Answer::Redirect(address), Coming::Back { .. }) => leave(app, &client, &address)?,
                (Answer::FormPost { action, fields }, _) => post(client, action, fields)?,
            };
            Ok(response.cookies(done))
        }
        Authorize::Page(not_sent) => Ok(refused(app, Some(visit), &not_sent)?.cookies(done)),
    }
}

/// A page that posts the answer to the application (OAuth 2.0 Form Post Response Mode §2).
fn post(name: String, action: String, fields: Vec<(&'static str, String)>) -> Result<Response, Problem> {
    let fields = fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let mut response = page(&FormPostPage {
        lang: "en",
        assets: &ASSETS,
        name,
        action,
        fields,
    })?;
    response.extensions_mut().insert(Forms::Anywhere);
    Ok(response)
}

/// The page of a request whose parameters cannot be read.
fn unreadable(app: &App, visit: Option<&Visit>, fault: Fault) -> Result<Response, Problem> {
    match app.identity().not_sent(fault)? {
        Authorize::Page(not_sent) => refused(app, visit, &not_sent),
        Authorize::SignIn(_) | Authorize::Consent(_) | Authorize::Answer { .. } => {
            Err(Problem::Malformed("the request cannot be read"))
        }
    }
}

/// The page of a request that nobody may be told about. It names neither the application nor the rule: whoever
/// looks at it may not be whom the application belongs to. The log has both, under the event.
fn refused(app: &App, visit: Option<&Visit>, not_sent: &NotSent) -> Result<Response, Problem> {
    let (heading, sentence) = if not_sent.fault == Fault::RequestUriUnknown {
        (
            "This sign-in is over",
            "It was finished already, or it waited too long. Go back to the application and sign in again.",
        )
    } else {
        (
            "This application's request can't be answered",
            "Go back to the application and try again. If it happens again, tell whoever runs it the event below.",
        )
    };
    let view = MessagePage {
        layout: app.layout(visit).failing(),
        heading: heading.to_owned(),
        paragraphs: vec![sentence.to_owned()],
        actions: vec![Link::new("/", "Go to the start page")],
        event: Some(not_sent.event.to_string()),
    };
    page_with(StatusCode::BAD_REQUEST, &view)
}
