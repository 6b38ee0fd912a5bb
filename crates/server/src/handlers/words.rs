//! What people read when a proof is not accepted (the words are part of what this product promises), and the
//! status that says the same to programs.

use doorward_crypto::Timestamp;
use doorward_identity::Error;
use doorward_identity::factors::{Action, FactorError, Notice};
use doorward_identity::passwords::PasswordRefused;
use doorward_identity::sign_in::{Method, SignInError, Stay};
use doorward_webauthn::Refused;
use poem::http::StatusCode;

use crate::app::App;
use crate::http::errors::{Problem, Refusal};
use crate::http::visit::Visit;
use crate::pages::moment::Until;
use crate::pages::sign_in::Trouble;

pub(super) const WRONG_PASSWORD: &str = "That user name and password don't match.";
pub(super) const WRONG_CODE: &str =
    "That code didn't work. Codes change every 30 seconds; check that your phone's clock is right.";
pub(super) const USED_CODE: &str = "That code was already used. Wait for the next one.";
pub(super) const SLOW_DOWN: &str = "Too many tries.";
/// At the hard stop of a door; the same for names that nobody has.
pub(super) const STOPPED: &str = "Too many wrong tries in a row: waiting doesn't help here. Use a passkey, a recovery code, or a browser in which you signed in before.";
pub(super) const BUSY: &str =
    "Too many people are signing in with a password just now. Try again in a few seconds.";
pub(super) const STALE: &str = "This page waited too long.";
pub(super) const NOT_VERIFIED: &str = "We couldn't verify that passkey.";
pub(super) const UNKNOWN_PASSKEY: &str = "That passkey no longer works here.";

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::internal(error)
    }
}

/// `Stay signed in on this device`, where that is offered.
pub(super) fn stay(app: &App, field: &str) -> Stay {
    if app.offers_stay() && !field.is_empty() {
        Stay::Yes
    } else {
        Stay::No
    }
}

/// An answer of a browser that is not of the form that browsers send.
pub(super) fn malformed_answer(refused: &Refused) -> Problem {
    tracing::info!(error = %refused, "an authenticator's answer could not be read");
    Problem::from(Refusal::new("not_accepted", NOT_VERIFIED))
}

/// For the form pages: the words by the field and the status of the answer. A form that comes back to be filled in
/// again is an ordinary page; what must wait says so to programs too.
pub(super) fn sign_in_trouble(
    app: &App,
    visit: &Visit,
    error: SignInError,
) -> Result<(StatusCode, Trouble), Problem> {
    let plain = |status, words: &str| {
        Ok((
            status,
            Trouble {
                words: words.to_owned(),
                until: None,
            },
        ))
    };
    match error {
        SignInError::Wrong => plain(StatusCode::OK, WRONG_PASSWORD),
        SignInError::CodeWrong => plain(StatusCode::OK, WRONG_CODE),
        SignInError::CodeUsed => plain(StatusCode::OK, USED_CODE),
        SignInError::SlowDown { until } => Ok(slow_down(until, visit)),
        SignInError::Stopped => plain(StatusCode::TOO_MANY_REQUESTS, &stopped(app)),
        SignInError::Busy => plain(StatusCode::SERVICE_UNAVAILABLE, BUSY),
        SignInError::Expired => plain(StatusCode::GONE, STALE),
        SignInError::Disabled => plain(StatusCode::FORBIDDEN, &disabled(app)),
        SignInError::SecondFactorNotSet => plain(StatusCode::FORBIDDEN, &no_second_factor(app)),
        SignInError::NotAccepted(event) => {
            Err(Refusal::new("not_accepted", NOT_VERIFIED).event(&event).into())
        }
        SignInError::UnknownPasskey { .. } => Err(Refusal::new("unknown_passkey", UNKNOWN_PASSKEY).into()),
        SignInError::Internal(error) => Err(error.into()),
    }
}

/// The same for a script.
pub(super) fn passkey_refused(app: &App, error: SignInError) -> Problem {
    let refusal = match error {
        SignInError::NotAccepted(event) => Refusal::new("not_accepted", NOT_VERIFIED).event(&event),
        SignInError::UnknownPasskey { credential_id } => {
            Refusal::new("unknown_passkey", UNKNOWN_PASSKEY).unknown(credential_id.to_string())
        }
        SignInError::Expired => Refusal::new("stale", STALE),
        SignInError::Disabled => Refusal::new("disabled", disabled(app)),
        SignInError::SecondFactorNotSet => Refusal::new("second_factor", no_second_factor(app)),
        SignInError::Wrong | SignInError::CodeWrong | SignInError::CodeUsed => {
            Refusal::new("not_accepted", NOT_VERIFIED)
        }
        SignInError::SlowDown { until } => return Problem::SlowDown(until),
        SignInError::Stopped => Refusal::new("stopped", stopped(app)),
        SignInError::Busy => return Problem::Busy,
        SignInError::Internal(error) => return error.into(),
    };
    refusal.into()
}

/// Why a new password is not taken.
pub(super) fn password(refused: &PasswordRefused) -> String {
    match refused {
        PasswordRefused::TooShort(least) => format!("A password needs at least {least} characters."),
        PasswordRefused::TooLong => "A password can have at most 256 characters.".to_owned(),
        PasswordRefused::NotText => "That password has a character that can't be used.".to_owned(),
        PasswordRefused::Common => {
            "That password is among the first that are tried. Choose another one.".to_owned()
        }
        PasswordRefused::OwnName => {
            "That password is one of your names, or this site's. Choose another one.".to_owned()
        }
    }
}

/// After a recovery code was used.
pub(super) fn codes_left(left: usize) -> String {
    match left {
        0 => "That was your last recovery code. Make new ones.".to_owned(),
        1 => "1 recovery code left. Make new ones.".to_owned(),
        2 => "2 recovery codes left. Make new ones.".to_owned(),
        left => format!("{left} recovery codes left"),
    }
}

/// Why a change was not made, for the field or the page that asked for it.
pub(super) fn change_error(error: FactorError) -> Result<String, Problem> {
    Ok(match error {
        FactorError::NotThere => return Err(Problem::NotFound),
        FactorError::LastWayIn => "Add another way to sign in first.".to_owned(),
        FactorError::LongerPasswordFirst => {
            "Set a longer password first: this one is too short to stand alone.".to_owned()
        }
        FactorError::TooMany => "An account can have at most 20 passkeys. Remove one first.".to_owned(),
        FactorError::Name(error) => super::setup::name_error("name", error),
        FactorError::Password(refused) => password(&refused),
        FactorError::AlreadyRegistered => "An account here has this passkey already.".to_owned(),
        FactorError::StrongerProofNeeded => "This needs your passkey.".to_owned(),
        FactorError::PasswordWrong => "That password is not right.".to_owned(),
        FactorError::CodeWrong => WRONG_CODE.to_owned(),
        FactorError::CodeUsed => USED_CODE.to_owned(),
        FactorError::SlowDown { until } => return Err(Problem::SlowDown(until)),
        FactorError::Stopped => STOPPED.to_owned(),
        FactorError::NotAccepted(event) => {
            return Err(Refusal::new("not_accepted", NOT_VERIFIED).event(&event).into());
        }
        FactorError::Expired => return Err(Problem::Expired),
        FactorError::Busy => return Err(Problem::Busy),
        FactorError::Internal(error) => return Err(error.into()),
    })
}

/// The same where no field is by.
pub(super) fn change_refused(error: FactorError) -> Problem {
    let code = if matches!(error, FactorError::AlreadyRegistered) {
        "already_registered"
    } else {
        "refused"
    };
    match change_error(error) {
        Ok(words) => Refusal::new(code, words).into(),
        Err(problem) => problem,
    }
}

/// What was just done.
pub(super) fn notice(notice: &Notice) -> String {
    match notice {
        Notice::PasskeyAdded { name } => format!("Passkey “{name}” was added."),
        Notice::PasskeyRemoved { name } => format!("Passkey “{name}” was removed."),
        Notice::PasskeyRenamed { name } => format!("The passkey is now called “{name}”."),
        Notice::PrimaryChanged { name } => format!("Passkey “{name}” is now primary."),
        Notice::TotpEnabled => "TOTP authentication is now active.".to_owned(),
        Notice::TotpReplaced => {
            "The new authenticator app is now active; the old one no longer works.".to_owned()
        }
        Notice::TotpDisabled => "TOTP authentication is now off.".to_owned(),
        Notice::RecoveryCodesMade => "New recovery codes were made. The old ones no longer work.".to_owned(),
        Notice::PasswordSet => "The new password is set.".to_owned(),
        Notice::PasswordRemoved => "The password was removed. You sign in with a passkey now.".to_owned(),
        Notice::PreferredChanged { to: Method::Passkey } => {
            "You are asked for your passkey first.".to_owned()
        }
        Notice::PreferredChanged { .. } => {
            "You are asked for your password and authenticator app first.".to_owned()
        }
        Notice::SessionEnded => "That device is signed out.".to_owned(),
        Notice::OtherSessionsEnded => "You are signed out everywhere else.".to_owned(),
    }
}

/// The sentence of the dialog: "Confirm that it's you {purpose}."
pub(super) fn purpose(action: &Action) -> String {
    match action {
        Action::AddPasskey { name } => format!("to add the passkey “{name}”"),
        Action::RemovePasskey { name } => format!("to remove the passkey “{name}”"),
        Action::MakePrimary { name } => format!("to make the passkey “{name}” primary"),
        Action::EnableTotp => "to turn on 2-step verification".to_owned(),
        Action::ReplaceTotp => "to replace your authenticator app".to_owned(),
        Action::DisableTotp => "to turn off 2-step verification".to_owned(),
        Action::NewRecoveryCodes => "to make recovery codes".to_owned(),
        Action::SetPassword => "to set a new password".to_owned(),
        Action::RemovePassword => "to remove your password".to_owned(),
        Action::SetPreferred => "to change what is asked first".to_owned(),
        Action::EndSession => "to sign that device out".to_owned(),
        Action::EndOtherSessions => "to sign out everywhere else".to_owned(),
    }
}

pub(super) fn slow_down(until: Timestamp, visit: &Visit) -> (StatusCode, Trouble) {
    let trouble = Trouble {
        words: SLOW_DOWN.to_owned(),
        until: Some(Until::new(until, visit.now)),
    };
    (StatusCode::TOO_MANY_REQUESTS, trouble)
}

fn stopped(app: &App) -> String {
    format!("{STOPPED} Or ask {}.", app.contact())
}

fn disabled(app: &App) -> String {
    format!("This account is turned off. Ask {}.", app.contact())
}

fn no_second_factor(app: &App) -> String {
    format!(
        "A second factor is needed here, and your account has none. Ask {} for a link by which you set one up.",
        app.contact()
    )
}
