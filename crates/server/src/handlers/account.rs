//! `Activity` and `Profile`.

use doorward_identity::accounts::DisplayName;
use doorward_identity::audit::What;
use doorward_identity::sign_in::Method;
use poem::{Response, handler};

use super::setup::name_error;
use crate::app::App;
use crate::http::Fields;
use crate::http::answer::{noticed, page};
use crate::http::errors::Problem;
use crate::http::visit::{Asked, Person, Visit};
use crate::pages::Moment;
use crate::pages::account::{ActivityPage, EventRow, ProfilePage};

#[handler]
pub(crate) async fn activity(
    app: &App,
    visit: &Visit,
    person: Person<'_>,
    asked: &Asked,
) -> Result<Response, Problem> {
    let after = asked
        .maybe("after")?
        .map(|text| visit.at_place("activity", text))
        .transpose()?;
    let found = app.identity().activity_of(&person, after.as_ref()).await?;
    let next = found
        .next
        .as_ref()
        .map(|next| visit.place("activity", next))
        .transpose()?;
    let events = found.records.into_iter().map(|event| EventRow {
        words: words(&event.what),
        at: Moment::relative(event.at, visit.now),
        address: event.address.unwrap_or_default(),
    });
    page(&ActivityPage {
        layout: app.layout(Some(visit)),
        events: events.collect(),
        next,
    })
}

#[handler]
pub(crate) fn profile(app: &App, visit: &Visit, person: Person<'_>) -> Result<Response, Problem> {
    let name = person.account.display_name.to_string();
    page(&view(app, visit, &person, name, None))
}

#[handler]
pub(crate) async fn save_profile(
    app: &App,
    visit: &Visit,
    person: Person<'_>,
    fields: &Fields,
) -> Result<Response, Problem> {
    let typed = fields.text("display_name")?;
    match DisplayName::parse(typed) {
        Ok(name) => {
            app.identity().set_display_name(&person, name).await?;
            noticed(visit, "/settings/profile", "Saved.")
        }
        Err(error) => {
            let error = Some(name_error("display name", error));
            page(&view(app, visit, &person, typed.to_owned(), error))
        }
    }
}

fn view(
    app: &App,
    visit: &Visit,
    person: &Person<'_>,
    display_name: String,
    error: Option<String>,
) -> ProfilePage {
    let layout = app.layout(Some(visit));
    ProfilePage {
        layout: if error.is_some() { layout.failing() } else { layout },
        user_name: person.account.user_name.to_string(),
        display_name,
        email: person
            .account
            .email
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        error,
    }
}

/// What happened, in plain words.
fn words(what: &What) -> String {
    match what {
        What::SetUp => "This instance was set up".into(),
        What::AccountCreated => "The account was made".into(),
        What::InvitationMade => "An invitation was made".into(),
        What::InvitationUsed => "The invitation was used".into(),
        What::SignedIn { method, passkey } => match passkey {
            Some(name) => format!("Signed in with passkey “{name}”"),
            None => format!("Signed in with {}", noun(*method)),
        },
        What::PasswordProved => "The password was entered; the second factor was asked".into(),
        What::RecoveryCodeUsed { left } => format!("A recovery code was used; {left} are left"),
        What::SignedOut => "Signed out".into(),
        What::SessionEnded => "Another device was signed out".into(),
        What::OtherSessionsEnded => "All other devices were signed out".into(),
        What::PasskeyAdded { name } => format!("Passkey “{name}” was added"),
        What::PasskeyRemoved { name } => format!("Passkey “{name}” was removed"),
        What::PasskeyRenamed { from, to } => format!("Passkey “{from}” is now called “{to}”"),
        What::PrimaryChanged { name } => format!("Passkey “{name}” is now primary"),
        What::TotpEnabled => "TOTP authentication was turned on".into(),
        What::TotpReplaced => "The authenticator app was replaced".into(),
        What::TotpDisabled => "TOTP authentication was turned off".into(),
        What::RecoveryCodesMade => "New recovery codes were made".into(),
        What::PasswordSet => "A password was set".into(),
        What::PasswordChanged => "The password was changed".into(),
        What::PasswordRemoved => "The password was removed".into(),
        What::DisplayNameChanged => "The display name was changed".into(),
        What::PreferredChanged { to } => format!("The preferred method is now {}", noun(*to)),
        What::ConsentGiven { client, .. } => {
            format!("The application {client} was allowed to use your account")
        }
        What::ConsentDenied { client } => {
            format!("The application {client} was not allowed to use your account")
        }
        What::ConsentWithdrawn { client } => format!("The access of the application {client} was revoked"),
        // Of the instance and of applications: not on a person's list.
        What::ClientRegistered { .. }
        | What::ClientRemoved { .. }
        | What::ClientSecretRenewed { .. }
        | What::KeysRotated => what.word().to_owned(),
        What::CodeIssued { client } => format!("The application {client} was told who you are"),
        What::CodeRedeemed { client } => format!("The application {client} got access"),
        What::CodeReplayed { client } | What::RefreshReplayed { client } => {
            format!("Something of the application {client} was used twice; its access was ended")
        }
        What::TokenRevoked { client } => format!("The application {client} gave its access back"),
        _ => what.word().to_owned(),
    }
}

pub(super) fn noun(method: Method) -> &'static str {
    match method {
        Method::Passkey => "a passkey",
        Method::Password => "the password",
        Method::Totp => "the authenticator app",
        Method::RecoveryCode => "a recovery code",
    }
}
