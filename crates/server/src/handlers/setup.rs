//! First run, invitations and the operator's reset links: names, then a passkey or a password. The link is spent by
//! the form, never by looking.

use doorward_identity::accounts::names::NameError;
use doorward_identity::accounts::setup::{Setup, SetupError};
use doorward_identity::accounts::{FieldErrors, NewPerson};
use doorward_identity::passwords::Password;
use doorward_identity::sign_in::{NewSession, Stay};
use doorward_identity::tokens::SetupToken;
use doorward_webauthn::RegistrationResponse;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Request, Response, handler};
use serde::Deserialize;

use super::options::{Answered, begun};
use super::{arrive, words};
use crate::app::App;
use crate::http::Fields;
use crate::http::answer::{Location, WithCookie as _, json, page, page_with, see_other};
use crate::http::errors::{Problem, Refusal};
use crate::http::visit::{Strict, Visit};
use crate::pages::message::{Link, MessagePage};
use crate::pages::setup::{FieldError, SetupPage};

#[handler]
pub(crate) async fn show(
    app: &App,
    visit: &Visit,
    request: &Request,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let path = request.uri().path();
    let opened = match state(app, path, &token).await? {
        Setup::Done => return over(app, visit, SetupError::Done),
        Setup::Unknown => return over(app, visit, SetupError::Unknown),
        opened @ (Setup::Open | Setup::Invited(_) | Setup::Reset(_)) => opened,
    };
    let typed = Typed {
        display_name: known(&opened)
            .map(|person| person.display_name.to_string())
            .unwrap_or_default(),
        ..Typed::default()
    };
    page(&form(app, visit, path, &opened, typed, false, Vec::new()))
}

#[handler]
pub(crate) async fn submit(
    app: &App,
    visit: &Visit,
    request: &Request,
    Path(token): Path<String>,
    fields: &Fields,
) -> Result<Response, Problem> {
    let path = request.uri().path();
    let typed = Typed {
        user_name: fields.text("user_name")?.to_owned(),
        display_name: fields.text("display_name")?.to_owned(),
        email: fields.text("email")?.to_owned(),
    };
    let opened = match state(app, path, &token).await? {
        Setup::Done => return over(app, visit, SetupError::Done),
        Setup::Unknown => return over(app, visit, SetupError::Unknown),
        opened @ (Setup::Open | Setup::Invited(_) | Setup::Reset(_)) => opened,
    };
    let form = |typed, with_password, errors| form(app, visit, path, &opened, typed, with_password, errors);
    // The two ways are buttons of one form; changing between them keeps what was typed.
    match fields.text("way")? {
        "passkey" => return page(&form(typed, false, Vec::new())),
        "password" => {}
        _ => return page(&form(typed, true, Vec::new())),
    }
    let person = match typed.parse() {
        Ok(person) => person,
        Err(errors) => return page(&form(typed, true, told(&errors))),
    };
    let token = SetupToken::parse(&token).map_err(|_| Problem::NotFound)?;
    let password = Password::new(fields.text("password")?);
    let made = app
        .identity()
        .setup_with_password(&token, &person, &password, &visit.browser, Stay::No)
        .await;
    match made {
        Ok(new) => Ok(see_other("/").cookies(arrive::cookies(app, visit, &new))),
        Err(SetupError::Taken(errors)) => page(&form(typed, true, told(&errors))),
        Err(SetupError::Password(refused)) => {
            let error = FieldError {
                field: "password",
                message: words::password(&refused),
            };
            page(&form(typed, true, vec![error]))
        }
        Err(error) => over(app, visit, error),
    }
}

#[handler]
pub(crate) async fn passkey_options(
    app: &App,
    visit: &Visit,
    request: &Request,
    Path(token): Path<String>,
    Strict(typed): Strict<Typed>,
) -> Result<Response, Problem> {
    let person = typed
        .parse()
        .map_err(|errors| refused(app, SetupError::Taken(errors)))?;
    let begin = app
        .identity()
        .begin_setup_passkey(
            &open(app, request.uri().path(), &token).await?,
            &person,
            &visit.browser,
        )
        .await;
    let (options, state) = begin.map_err(|error| refused(app, error))?;
    begun(&options, &state)
}

#[handler]
pub(crate) async fn passkey(
    app: &App,
    visit: &Visit,
    request: &Request,
    Path(token): Path<String>,
    Strict(answered): Strict<Answered>,
) -> Result<Response, Problem> {
    let answer = RegistrationResponse::from_json(answered.response())
        .map_err(|error| words::malformed_answer(&error))?;
    let new: NewSession = app
        .identity()
        .finish_setup_passkey(
            &open(app, request.uri().path(), &token).await?,
            &answered.sealed(),
            &answer,
            &visit.browser,
            Stay::No,
        )
        .await
        .map_err(|error| refused(app, error))?;
    let location = "/".to_owned();
    Ok(json(&Location { location })?.cookies(arrive::cookies(app, visit, &new)))
}

/// What was typed. A failed form comes back with it.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Typed {
    user_name: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    email: String,
}

impl Typed {
    fn parse(&self) -> Result<NewPerson, FieldErrors> {
        NewPerson::parse(&self.user_name, &self.display_name, &self.email)
    }
}

/// What the link opens at this address: each kind of link opens at its own alone.
async fn state(app: &App, path: &str, token: &str) -> Result<Setup, Problem> {
    let Ok(token) = SetupToken::parse(token) else {
        return Ok(Setup::Unknown);
    };
    let state = app.identity().setup_state(&token).await?;
    let own = match state {
        Setup::Open => path.starts_with("/setup/"),
        Setup::Invited(_) => path.starts_with("/invite/"),
        Setup::Reset(_) => path.starts_with("/recover/"),
        Setup::Done | Setup::Unknown => true,
    };
    Ok(if own { state } else { Setup::Unknown })
}

/// The names that the account has already.
const fn known(opened: &Setup) -> Option<&NewPerson> {
    match opened {
        Setup::Invited(person) | Setup::Reset(person) => Some(person),
        Setup::Open | Setup::Done | Setup::Unknown => None,
    }
}

/// The token, unless it opens nothing at this address.
async fn open(app: &App, path: &str, token: &str) -> Result<SetupToken, Problem> {
    match state(app, path, token).await? {
        Setup::Unknown => Err(refused(app, SetupError::Unknown)),
        Setup::Open | Setup::Invited(_) | Setup::Reset(_) | Setup::Done => {
            SetupToken::parse(token).map_err(|_| Problem::NotFound)
        }
    }
}

fn form(
    app: &App,
    visit: &Visit,
    action: &str,
    opened: &Setup,
    typed: Typed,
    with_password: bool,
    errors: Vec<FieldError>,
) -> SetupPage {
    // What the account is called already stays as it is.
    let known = known(opened);
    let kept_email = known.and_then(|person| person.email.as_ref());
    let user_name = known.map(|person| person.user_name.to_string());
    let layout = app.layout(Some(visit));
    let (heading, introduction) = match opened {
        Setup::Invited(_) => (
            format!("You're invited to {}", app.instance()),
            "Choose what others see of you and how you sign in.",
        ),
        Setup::Reset(_) => (
            "Set up your sign-in again".to_owned(),
            "Choose how you sign in from now on. What you used before stops working, and you are signed out everywhere.",
        ),
        Setup::Open | Setup::Done | Setup::Unknown => (
            format!("Welcome to {}", app.instance()),
            "You are the first one here: this makes your account, and you run this instance.",
        ),
    };
    SetupPage {
        layout: if errors.is_empty() {
            layout
        } else {
            layout.failing()
        },
        heading,
        introduction: introduction.to_owned(),
        names: !matches!(opened, Setup::Reset(_)),
        action: action.to_owned(),
        keeps_name: known.is_some(),
        keeps_email: kept_email.is_some(),
        user_name: user_name.unwrap_or(typed.user_name),
        display_name: typed.display_name,
        email: kept_email.map_or(typed.email, ToString::to_string),
        passwords: app.password_can_be_first(),
        with_password: with_password && app.password_can_be_first(),
        errors,
    }
}

/// The link opens nothing, or did not go through.
fn over(app: &App, visit: &Visit, error: SetupError) -> Result<Response, Problem> {
    let (status, heading, sentence) = if matches!(error, SetupError::Done) {
        let sentence = "This link was used. Sign in with what was set up then.".to_owned();
        (StatusCode::GONE, "Setup is already done", sentence)
    } else if matches!(error, SetupError::Unknown) {
        let sentence = format!(
            "It is not complete, or its time is over. Ask {} for another one.",
            app.contact()
        );
        (StatusCode::NOT_FOUND, "This link doesn't work", sentence)
    } else {
        return Err(refused(app, error));
    };
    let view = MessagePage {
        layout: app.layout(Some(visit)).failing(),
        heading: heading.to_owned(),
        paragraphs: vec![sentence],
        actions: vec![Link::new("/sign-in", "Sign in")],
        event: None,
    };
    page_with(status, &view)
}

/// The same for a script.
fn refused(app: &App, error: SetupError) -> Problem {
    let refusal = match error {
        SetupError::Done => Refusal::new("done", "Setup is already done."),
        SetupError::Unknown => Refusal::new(
            "unknown_link",
            format!(
                "This link doesn't work any more. Ask {} for another one.",
                app.contact()
            ),
        ),
        SetupError::Taken(errors) => {
            let all: Vec<String> = told(&errors).into_iter().map(|error| error.message).collect();
            Refusal::new("field", all.join(" "))
        }
        SetupError::Password(refused) => Refusal::new("field", words::password(&refused)),
        SetupError::PasskeyNeeded => Refusal::new("passkey_needed", "A passkey is needed here."),
        SetupError::Expired => Refusal::new("stale", words::STALE),
        SetupError::NotAccepted(event) => Refusal::new("not_accepted", words::NOT_VERIFIED).event(&event),
        SetupError::AlreadyRegistered => {
            Refusal::new("already_registered", "An account here has this passkey already.")
        }
        SetupError::Busy => return Problem::Busy,
        SetupError::Internal(error) => return error.into(),
    };
    refusal.into()
}

/// Sentences by the fields.
pub(super) fn told(errors: &FieldErrors) -> Vec<FieldError> {
    [
        ("user_name", "user name", errors.user_name),
        ("display_name", "display name", errors.display_name),
        ("email", "e-mail address", errors.email),
    ]
    .into_iter()
    .filter_map(|(field, noun, error)| {
        Some(FieldError {
            field,
            message: name_error(noun, error?),
        })
    })
    .collect()
}

pub(super) fn name_error(noun: &str, error: NameError) -> String {
    match error {
        NameError::Missing => format!("Enter a {noun}."),
        NameError::TooLong => format!("That {noun} is too long."),
        NameError::Character => format!("That {noun} has a character that can't be used."),
        NameError::MixedScripts => format!("That {noun} mixes alphabets that look alike."),
        NameError::NotAnAddress => "That is not an e-mail address.".to_owned(),
        NameError::Reserved => format!("That {noun} is reserved."),
        NameError::Taken => format!("That {noun} is taken."),
    }
}
