//! The dialogs over the Security page, each a state of the page: `?dialog=…`.

use base64::Engine as _;
use doorward_identity::SignedIn;
use doorward_identity::ids::PasskeyId;

use super::{qr, view};
use crate::app::App;
use crate::handlers::words;
use crate::http::errors::Problem;
use crate::http::visit::{Asked, Visit};
use crate::pages::Moment;
use crate::pages::security::Dialog;

/// The dialog that the address asks for; none when that makes no sense now.
pub(super) async fn asked(
    app: &App,
    visit: &Visit,
    person: &SignedIn,
    asked: &Asked,
) -> Result<Option<Dialog>, Problem> {
    Ok(match asked.text("dialog")? {
        "add-passkey" => Some(Dialog::AddPasskey {
            name: visit.device.to_owned(),
            error: None,
        }),
        "rename-passkey" => rename(person, asked.id("id")?, None),
        "remove-passkey" => remove(app, visit, person, asked.id("id")?).await?,
        "totp" => totp(app, person).await?,
        "totp-code" => app
            .identity()
            .pending_totp(person)
            .await
            .map_err(words::change_refused)?
            .map(|_| Dialog::TotpCode { error: None }),
        "password" if app.takes_passwords() => Some(password(person, None)),
        "offer-codes" if person.account.recovery.is_none() && person.account.password.is_some() => {
            Some(Dialog::OfferCodes)
        }
        _ => None,
    })
}

pub(super) fn rename(person: &SignedIn, id: PasskeyId, error: Option<String>) -> Option<Dialog> {
    let name = person.account.passkey(id)?.name.clone();
    Some(Dialog::RenamePasskey {
        id: id.to_string(),
        name,
        error,
    })
}

pub(super) fn password(person: &SignedIn, error: Option<String>) -> Dialog {
    Dialog::Password {
        has: person.account.password.is_some(),
        shortest: view::shortest_password(&person.account),
        error,
    }
}

async fn remove(
    app: &App,
    visit: &Visit,
    person: &SignedIn,
    id: PasskeyId,
) -> Result<Option<Dialog>, Problem> {
    let account = &person.account;
    let passkeys = app.identity().passkeys_of(person).await?;
    let Some(passkey) = passkeys.iter().find(|passkey| passkey.id == id) else {
        return Ok(None);
    };
    let is_last = passkeys.len() == 1;
    if is_last && account.password.is_none() {
        return Ok(Some(Dialog::CannotRemove {
            name: passkey.name.clone(),
        }));
    }
    let mut says = vec![match passkey.last_used_at {
        Some(at) => format!("It was last used {}.", Moment::relative(at, visit.now).text),
        None => "It was never used.".to_owned(),
    }];
    if passkey.synced {
        says.push("Your devices may go on showing it until they hear from us.".to_owned());
    }
    if is_last {
        let second = if account.totp.is_some() {
            " and your authenticator app"
        } else {
            ""
        };
        says.push(format!(
            "It is your last passkey. You will sign in with your password{second}."
        ));
    }
    Ok(Some(Dialog::RemovePasskey {
        id: id.to_string(),
        name: passkey.name.clone(),
        says,
    }))
}

async fn totp(app: &App, person: &SignedIn) -> Result<Option<Dialog>, Problem> {
    let Some(pending) = app
        .identity()
        .pending_totp(person)
        .await
        .map_err(words::change_refused)?
    else {
        return Ok(None);
    };
    Ok(Some(Dialog::TotpQr {
        image: qr::image(&pending.uri)?,
        uri: pending.uri.to_string(),
        groups: pending.groups.split(' ').map(str::to_owned).collect(),
        secret: pending.groups.replace(' ', ""),
        account: pending.account,
        issuer: pending.issuer,
    }))
}

/// The codes, this once.
pub(super) fn codes(
    app: &App,
    visit: &Visit,
    person: &SignedIn,
    codes: Vec<String>,
) -> Result<Dialog, Problem> {
    let date = Moment::dated(visit.now).text;
    let user_name = person.account.user_name.to_string();
    let head = format!("{}\n{}\n{user_name}\n{date}\n\n", app.instance(), app.origin());
    let file = head + &codes.join("\n") + "\n";
    let plain: String = app
        .instance()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .collect();
    Ok(Dialog::RecoveryCodes {
        codes,
        download: format!(
            "data:text/plain;base64,{}",
            base64::engine::general_purpose::STANDARD.encode(file)
        ),
        file: format!("{plain}-recovery-codes.txt"),
        address: app.origin().to_owned(),
        user_name,
        date,
    })
}
