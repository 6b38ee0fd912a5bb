//! `Activity` and `Profile`.

use doorward_identity::accounts::{DisplayName, PersonalClaim, ProfileChange};
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
use crate::pages::account::{ActivityPage, EventRow, ProfileField, ProfilePage};

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
    page(&view(app, visit, &person, &Fields::default(), None)?)
}

#[handler]
pub(crate) async fn save_profile(
    app: &App,
    visit: &Visit,
    person: Person<'_>,
    fields: &Fields,
) -> Result<Response, Problem> {
    let mut change = ProfileChange::default();
    if let Some(typed) = fields.maybe("display_name")? {
        match DisplayName::parse(typed) {
            Ok(name) => change.display_name = Some(name),
            Err(error) => {
                let wrong = ("display_name", name_error("display name", error));
                return page(&view(app, visit, &person, fields, Some(&wrong))?);
            }
        }
    }
    // A field that did not come is left as it is: an older page does not take away what it does not know.
    for claim in PersonalClaim::ALL {
        if let Some(typed) = fields.maybe(claim.word())? {
            change.claims.push((*claim, typed.to_owned()));
        }
    }
    match app.identity().change_profile(&person, &change).await? {
        Ok(()) => noticed(visit, "/settings/profile", "Saved."),
        Err((claim, error)) => {
            let wrong = (claim.word(), format!("This {error}."));
            page(&view(app, visit, &person, fields, Some(&wrong))?)
        }
    }
}

/// Label, and what the browser may fill in by itself.
fn about(claim: PersonalClaim) -> (&'static str, &'static str) {
    match claim {
        PersonalClaim::GivenName => ("First name", "given-name"),
        PersonalClaim::MiddleName => ("Middle name", "additional-name"),
        PersonalClaim::FamilyName => ("Last name", "family-name"),
        PersonalClaim::Nickname => ("Nickname", "nickname"),
        PersonalClaim::Profile => ("Profile page", "off"),
        PersonalClaim::Picture => ("Picture (address)", "photo"),
        PersonalClaim::Website => ("Website", "url"),
        PersonalClaim::Gender => ("Gender", "sex"),
        PersonalClaim::Birthdate => ("Date of birth", "bday"),
        PersonalClaim::Zoneinfo => ("Time zone", "off"),
        PersonalClaim::Locale => ("Language", "language"),
        PersonalClaim::PhoneNumber => ("Telephone", "tel"),
        PersonalClaim::Formatted => ("Address as on an envelope", "off"),
        PersonalClaim::StreetAddress => ("Street", "street-address"),
        PersonalClaim::Locality => ("City", "address-level2"),
        PersonalClaim::Region => ("State or province", "address-level1"),
        PersonalClaim::PostalCode => ("Post code", "postal-code"),
        PersonalClaim::Country => ("Country", "country-name"),
    }
}

/// The page with what was typed, else with what the account says.
fn view(
    app: &App,
    visit: &Visit,
    person: &Person<'_>,
    typed: &Fields,
    wrong: Option<&(&'static str, String)>,
) -> Result<ProfilePage, Problem> {
    let layout = app.layout(Some(visit));
    let account = &person.account;
    let error_of = |name: &str| {
        let found = wrong.filter(|(field, _)| *field == name);
        found.map(|(_, error)| error.clone())
    };
    let mut claims = Vec::new();
    for claim in PersonalClaim::ALL {
        let (label, autocomplete) = about(*claim);
        let stored = account.personal.get(*claim).unwrap_or_default();
        claims.push(ProfileField {
            name: claim.word(),
            label,
            autocomplete,
            value: typed.maybe(claim.word())?.unwrap_or(stored).to_owned(),
            lines: matches!(claim, PersonalClaim::Formatted | PersonalClaim::StreetAddress),
            error: error_of(claim.word()),
        });
    }
    let name = account.display_name.to_string();
    Ok(ProfilePage {
        layout: if wrong.is_some() { layout.failing() } else { layout },
        user_name: account.user_name.to_string(),
        display_name: typed.maybe("display_name")?.map_or(name, str::to_owned),
        email: account
            .email
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        error: error_of("display_name"),
        claims,
    })
}

/// What happened, in plain words.
fn words(what: &What) -> String {
    match what {
        What::SetUp => "This instance was set up".into(),
        What::AccountCreated => "The account was made".into(),
        What::InvitationMade => "An invitation was made".into(),
        What::InvitationUsed => "The invitation was used".into(),
        What::ResetLinkMade => {
            "Your operator made a link by which what you sign in with can be replaced".into()
        }
        What::AccountReset => "What opens the account was replaced by the operator's link".into(),
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
        What::ProfileChanged => "The profile was changed".into(),
        What::PreferredChanged { to } => format!("The preferred method is now {}", noun(*to)),
        What::ConsentGiven { client, .. } => {
            format!("The application {client} was allowed to use your account")
        }
        What::ConsentDenied { client } => {
            format!("The application {client} was not allowed to use your account")
        }
        What::DeviceAllowed { client } => {
            format!("The application {client} on a device was allowed to use your account")
        }
        What::ConsentWithdrawn { client } => format!("The access of the application {client} was revoked"),
        // Of the instance and of applications: not on a person's list.
        What::ClientRegistered { .. }
        | What::InitialAccessMade { .. }
        | What::ClientChanged { .. }
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
