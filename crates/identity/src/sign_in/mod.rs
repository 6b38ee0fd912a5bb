//! Signing in: `machine` decides, an adapter a proof checks it, [`Authenticated`] is what a session takes.
//!
//! Before a first proof is right nothing is stored: challenges travel sealed in the page. Each way in counts its
//! tries before it looks at the secret, and consumes what it used in the commit that makes the session.

pub(crate) mod addresses;
pub(crate) mod failed_marks;
pub(crate) mod imaginary;
pub(crate) mod known_device;
pub(crate) mod machine;
#[cfg(test)]
mod model;
pub mod passkey;
pub mod password;
pub mod proof;
pub mod recovery_code;
mod second_factor;
pub mod totp;

use doorward_crypto::{NoRandom, Timestamp};
use doorward_storage::{Record as _, StoreError, Tx};
use doorward_webauthn::CredentialId;
use serde::{Deserialize, Serialize};

use crate::Identity;
use crate::accounts::AccountView;
use crate::accounts::names;
use crate::audit::{Origin, What};
use crate::browser::Browser;
use crate::error::Error;
use crate::ids::{AccountId, EventId};
use crate::policy::Passwords;
use crate::records::account::Account;
use crate::records::ceremony::HalfSignIn;
use crate::records::guesses::Shut;
use crate::records::handle::Handle;
use crate::records::session::Session;
use crate::records::spent::Spent;
use crate::records::usage::Usage;
use crate::tokens::{HalfToken, SessionToken};

pub use machine::Authenticated;
use machine::{Half, NotNow, State};
pub use passkey::For;
pub use proof::{Proof, Proved};

/// A way of proving who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A passkey.
    Passkey,
    /// The password.
    Password,
    /// A code of the authenticator app, after the password.
    Totp,
    /// A recovery code, after the password.
    RecoveryCode,
}

impl Method {
    /// Its word in logs and addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::Password => "password",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
        }
    }
}

/// `Stay signed in on this device`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stay {
    /// Until the browser was unused for a while.
    #[default]
    No,
    /// For weeks.
    Yes,
}

/// What is asked first after a name was typed. It tells nothing about whether the name exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// [`Method::Passkey`] or [`Method::Password`].
    pub method: Method,
}

/// What follows a right password.
#[derive(Debug)]
pub enum AfterPassword {
    /// The account has no second factor, and the policy allows that.
    SignedIn(Box<NewSession>),
    /// A second factor is asked.
    SecondFactor {
        /// The handle of this half sign-in: for a cookie of the same browser.
        half: HalfToken,
        /// What can be proved, the best first.
        methods: Vec<Method>,
    },
}

/// Somebody signed in.
#[derive(Debug)]
pub struct NewSession {
    /// For the session's cookie.
    pub token: SessionToken,
    /// The session.
    pub session: Session,
    /// Whose it is.
    pub account: AccountView,
    /// When the session ends at the latest: the cookie's end where the person stays signed in.
    pub ends_at: Timestamp,
    /// For the known-device cookie of this browser: its password tries are counted apart from strangers'.
    pub known_device: String,
    /// The way in that completed it.
    pub used: Method,
    /// How many recovery codes are left, when one was used.
    pub recovery_codes_left: Option<usize>,
}

/// A sign-in went no further. What strangers may learn is the variant; nothing more is in it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SignInError {
    /// Name and password do not match; also for names that nobody has.
    #[error("the user name and the password do not match")]
    Wrong,
    /// The code is not right.
    #[error("the code is not right")]
    CodeWrong,
    /// The code was right and is used.
    #[error("the code was already used")]
    CodeUsed,
    /// Too many tries: the next one counts from this moment on.
    #[error("too many tries")]
    SlowDown {
        /// From when on.
        until: Timestamp,
    },
    /// Too many tries, and waiting does not help: the owner must come in another way first.
    #[error("too many tries; another way in opens this one again")]
    Stopped,
    /// Too much is going on: answer 503, and try again.
    #[error("too many sign-ins at once")]
    Busy,
    /// The page, the challenge or the half sign-in is over or was used, or is another browser's.
    #[error("the page waited too long")]
    Expired,
    /// The passkey was not verified. The log has the step under this event id.
    #[error("the passkey was not verified (event {0})")]
    NotAccepted(EventId),
    /// No account has this passkey (any more), and no name was typed before: the browser may be told so.
    #[error("no account has this passkey")]
    UnknownPasskey {
        /// Its id, to be signalled.
        credential_id: CredentialId,
    },
    /// All was proved, and the operator has turned the account off.
    #[error("the account is turned off")]
    Disabled,
    /// All was proved that the account has, and the operator's policy asks for a second factor.
    #[error("a second factor is needed, and the account has none")]
    SecondFactorNotSet,
    /// Something below failed.
    #[error(transparent)]
    Internal(Error),
}

impl From<Shut> for SignInError {
    fn from(shut: Shut) -> Self {
        match shut {
            Shut::Until(until) => Self::SlowDown { until },
            Shut::Stopped => Self::Stopped,
        }
    }
}

impl From<StoreError> for SignInError {
    fn from(error: StoreError) -> Self {
        if error == StoreError::Exists(Spent::KIND) {
            // Of two racers with one challenge, the other's mark was there first.
            Self::Expired
        } else if error == StoreError::Contended {
            Self::Busy
        } else {
            Self::Internal(error.into())
        }
    }
}

impl From<Error> for SignInError {
    fn from(error: Error) -> Self {
        if let Error::Store(error) = error {
            error.into()
        } else {
            Self::Internal(error)
        }
    }
}

impl From<NoRandom> for SignInError {
    fn from(error: NoRandom) -> Self {
        Self::Internal(error.into())
    }
}

impl Identity {
    /// What to ask first from who typed this name. Reads, writes nothing, and says nothing about whether the name
    /// exists: for one that does not, the answer is as steady as a real one.
    ///
    /// # Errors
    /// [`Error`] when it cannot be told.
    pub async fn identify(&self, name: &str) -> Result<Prompt, Error> {
        let method = if self.policy().passwords == Passwords::Off {
            Method::Passkey
        } else {
            match self.account_named(name).await? {
                Some(account) => account.prompted_first(),
                None => self.imaginary_method(name),
            }
        };
        Ok(Prompt { method })
    }

    /// The account that a typed name or address leads to.
    pub(crate) async fn account_named(&self, name: &str) -> Result<Option<Account>, Error> {
        let now = self.now();
        let Some(text) = names::normalized(name) else {
            return Ok(None);
        };
        let Some(handle) = self.store().read::<Handle>(&text, now).await? else {
            return Ok(None);
        };
        Ok(self.store().read::<Account>(&handle.account, now).await?)
    }

    /// The half sign-in that this browser holds the handle of, with its account as it is now.
    pub(crate) async fn half_sign_in(
        &self,
        tx: &Tx,
        browser: &Browser,
        half: &HalfToken,
    ) -> Result<(HalfSignIn, Account), SignInError> {
        let half = tx
            .read::<HalfSignIn>(&half.digest())
            .await?
            .ok_or(SignInError::Expired)?;
        if half.browser != *browser.digest() {
            return Err(SignInError::Expired);
        }
        let account = tx
            .read::<Account>(&half.account)
            .await?
            .ok_or(SignInError::Expired)?;
        if account.generation != half.generation {
            return Err(SignInError::Expired);
        }
        Ok((half, account))
    }

    /// The ways in which a half sign-in of this browser can go on, the best first, and the name that it is for.
    ///
    /// # Errors
    /// [`SignInError::Expired`], or [`SignInError::Internal`].
    pub async fn second_factors(
        &self,
        browser: &Browser,
        half: &HalfToken,
    ) -> Result<(AccountView, Vec<Method>), SignInError> {
        self.store()
            .transact(self.now(), |tx| async move {
                let (_, account) = self.half_sign_in(&tx, browser, half).await?;
                let usage = usage_of(&tx, account.id).await?;
                Ok((
                    AccountView::of(&account),
                    account.factors(&usage).second_factors(),
                ))
            })
            .await
    }

    /// The session that `authenticated` opens, with the audit event, in the transaction that consumes its proofs.
    pub(crate) async fn enter(
        &self,
        tx: &Tx,
        account: &Account,
        usage: &mut Usage,
        entry: Entry<'_>,
    ) -> Result<NewSession, Error> {
        let Entry {
            authenticated,
            browser,
            stay,
            method,
            token,
        } = entry;
        let passkey = authenticated
            .proofs()
            .iter()
            .rev()
            .find_map(|proof| match proof.what {
                Proved::Passkey { passkey, .. } => {
                    account.passkey(passkey).map(|passkey| passkey.name.clone())
                }
                Proved::Password
                | Proved::Totp
                | Proved::RecoveryCode
                | Proved::PasskeyMade
                | Proved::PasswordMade => None,
            });
        if method == Method::RecoveryCode || self.knows(browser, account) {
            usage.opened_at = Some(tx.now());
        }
        let session = self
            .open_session(tx, account, usage, authenticated, browser, stay, token)
            .await?;
        let origin = Origin::of(browser).within(session.id);
        self.record(tx, Some(account.id), &origin, What::SignedIn { method, passkey })
            .await?;
        Ok(NewSession {
            token: token.clone(),
            account: AccountView::of(account),
            ends_at: session.ends_at,
            known_device: self.known_device(account, browser.digest())?,
            session,
            used: method,
            recovery_codes_left: None,
        })
    }
}

/// Who comes in, and how.
pub(crate) struct Entry<'a> {
    pub(crate) authenticated: Authenticated,
    pub(crate) browser: &'a Browser,
    pub(crate) stay: Stay,
    pub(crate) method: Method,
    pub(crate) token: &'a SessionToken,
}

/// The usage record of an account, empty when nothing was used yet.
pub(crate) async fn usage_of(tx: &Tx, account: AccountId) -> Result<Usage, StoreError> {
    Ok(tx
        .read::<Usage>(&account)
        .await?
        .unwrap_or_else(|| Usage::none(account)))
}

impl HalfSignIn {
    /// The machine's state of it.
    fn state(&self) -> State {
        State::PasswordProved(Half {
            account: self.account,
            proofs: self.proofs.clone(),
        })
    }
}

/// What a refusal of the machine is to the person. Where `Wrong` would be said of a second factor, it is `code`.
fn refused(refusal: NotNow, code: SignInError) -> SignInError {
    match refusal {
        NotNow::Disabled => SignInError::Disabled,
        NotNow::SecondFactorNotSet => SignInError::SecondFactorNotSet,
        NotNow::FirstFactorMissing
        | NotNow::AlreadyProved
        | NotNow::OtherAccount
        | NotNow::FactorGone
        | NotNow::Policy => code,
    }
}
