//! The Security page from what the account holds.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_identity::SignedIn;
use doorward_identity::factors::PasskeyView;
use doorward_identity::limits::{PASSWORD_ALONE_CHARACTERS_MIN, PASSWORD_WITH_SECOND_CHARACTERS_MIN};
use doorward_identity::records::account::Account;
use doorward_identity::sign_in::Method;

use super::providers;
use crate::app::App;
use crate::http::errors::Problem;
use crate::http::visit::Visit;
use crate::pages::Moment;
use crate::pages::security::{
    Banner, Dialog, PasskeyCard, PasswordSection, Preferred, Section, SecurityPage, Signals, TotpSection,
};

/// A passkey that was not used for so long may be of a device that is gone.
const IDLE: Duration = Duration::from_secs(182 * 24 * 60 * 60);
/// A passkey that is so young takes the focus on the page that follows.
const NEW: Duration = Duration::from_secs(10);

pub(super) async fn page(
    app: &App,
    visit: &Visit,
    person: &SignedIn,
    dialog: Option<Dialog>,
) -> Result<SecurityPage, Problem> {
    let account = &person.account;
    let takes_passwords = app.takes_passwords();
    let passkeys = app.identity().passkeys_of(person).await?;
    let codes_left = app.identity().recovery_codes_left(person).await?;
    Ok(SecurityPage {
        layout: app.layout(Some(visit)),
        user_name: account.user_name.to_string(),
        banner: banner(account, takes_passwords),
        passkeys: passkeys.into_iter().map(|passkey| card(passkey, visit)).collect(),
        totp: TotpSection {
            since: account.totp.as_ref().map(|totp| Moment::dated(totp.since)),
            needs_password: account.password.is_none(),
            off: !takes_passwords,
        },
        preferred: preferred(account).filter(|_| takes_passwords),
        recovery: if takes_passwords {
            recovery(account, codes_left.unwrap_or(0))
        } else {
            nothing_to_stand_in_for()
        },
        password: password(account, takes_passwords),
        dialog,
        signals: signals(account),
    })
}

/// What password managers are told: which passkeys stand, and under which names.
pub(crate) fn signals(account: &Account) -> Signals {
    let ids: Vec<String> = account
        .passkeys
        .iter()
        .map(|passkey| passkey.credential.id.to_string())
        .collect();
    Signals {
        user: URL_SAFE_NO_PAD.encode(account.user_handle.as_bytes()),
        credentials: serde_json::json!(ids).to_string(),
        name: account.user_name.to_string(),
        display_name: account.display_name.to_string(),
    }
}

fn banner(account: &Account, takes_passwords: bool) -> Banner {
    let has_password = account.password.is_some();
    if !takes_passwords && !account.passkeys.is_empty() {
        return Banner {
            on: true,
            state: "Passkey",
            advice: if account.passkeys.len() > 1 {
                "A passkey is both factors at once, and you have another one should one be lost."
            } else {
                "A passkey is both factors at once. A second one would be the way back in when this one is lost."
            },
        };
    }
    let (state, advice) = match (account.passkeys.is_empty(), account.totp.is_some()) {
        (true, false) => (
            "Not set up",
            "Add a passkey: it signs you in by itself and cannot be given away to a false site.",
        ),
        (false, false) => (
            "Passkey",
            if has_password {
                "An authenticator app would be the way back in when no passkey is at hand."
            } else {
                "A password and an authenticator app would be the way back in when no passkey is at hand."
            },
        ),
        (true, true) => (
            "TOTP",
            "A passkey would sign you in with nothing to type, and cannot be given away to a false site.",
        ),
        (false, true) => (
            "Passkey and TOTP",
            if has_password {
                "Both are on."
            } else {
                "Both are on. The app signs you in together with a password, which you have not set."
            },
        ),
    };
    Banner {
        on: state != "Not set up",
        state,
        advice,
    }
}

fn card(passkey: PasskeyView, visit: &Visit) -> PasskeyCard {
    let quiet_since = passkey.last_used_at.unwrap_or(passkey.registered_at);
    PasskeyCard {
        id: passkey.id.to_string(),
        name: passkey.name,
        provider: providers::name(&passkey.aaguid).to_owned(),
        registered: Moment::dated(passkey.registered_at),
        last_used: passkey.last_used_at.map(|at| Moment::relative(at, visit.now)),
        kept: if passkey.synced {
            "Synced"
        } else {
            "This device only"
        },
        primary: passkey.primary,
        idle: visit.now.since(quiet_since) > IDLE,
        is_new: visit.notice.is_some() && visit.now.since(passkey.registered_at) < NEW,
    }
}

fn preferred(account: &Account) -> Option<Preferred> {
    // Without a password the app is never asked, and so there is nothing to prefer.
    if account.passkeys.is_empty() || account.totp.is_none() || account.password.is_none() {
        return None;
    }
    let passkey = account.preferred != Some(Method::Totp);
    let says = if passkey {
        "After your name you are asked for your passkey. The other way is one click away."
    } else {
        "After your name you are asked for your password and a code of your authenticator app. The passkey is one click away."
    };
    Some(Preferred {
        passkey,
        says: says.to_owned(),
    })
}

/// Recovery codes where no password is taken.
fn nothing_to_stand_in_for() -> Section {
    Section {
        says: "A recovery code stands in for a second factor after a password. People sign in here with passkeys only: \
               add a second one."
            .to_owned(),
        action: None,
        wants_password: false,
    }
}

fn recovery(account: &Account, left: usize) -> Section {
    match &account.recovery {
        _ if account.password.is_none() => Section {
            says: "A recovery code stands in for your second factor after a password. You have no password."
                .to_owned(),
            action: None,
            wants_password: true,
        },
        None => Section {
            says: "Recovery codes stand in for your authenticator app when that is lost. You have none."
                .to_owned(),
            action: Some("Make recovery codes"),
            wants_password: false,
        },
        Some(codes) => Section {
            says: format!(
                "{left} of {} codes are left, made on {}.",
                codes.digests.len(),
                Moment::dated(codes.made_at).text
            ),
            action: Some("Make new recovery codes"),
            wants_password: false,
        },
    }
}

fn password(account: &Account, takes_passwords: bool) -> PasswordSection {
    let has = account.password.is_some();
    PasswordSection {
        says: match (has, account.passkeys.is_empty()) {
            _ if !takes_passwords && has => "Your account has a password, which opens nothing here.",
            _ if !takes_passwords => "People sign in here with passkeys only.",
            (true, false) => "Your account has a password beside its passkeys.",
            (true, true) => "Your account has a password.",
            (false, _) => "Your account has no password: you sign in with a passkey.",
        },
        action: takes_passwords.then_some(if has { "Change password" } else { "Set a password" }),
        removable: has && !account.passkeys.is_empty(),
    }
}

/// The fewest characters that a new password of this account must have.
pub(super) fn shortest_password(account: &Account) -> usize {
    if account.totp.is_some() || !account.passkeys.is_empty() {
        PASSWORD_WITH_SECOND_CHARACTERS_MIN
    } else {
        PASSWORD_ALONE_CHARACTERS_MIN
    }
}
