//! The first factor of an account, by a one-time link: the instance's first person, and who was invited.
//!
//! Opening the link spends nothing; the commit that makes the factor does, together with the account, its names, its
//! session and the audit event. Of two racers one wins, the other reads that it is done.

use doorward_storage::{Purpose, Record as _, StoreError, Tx};
use doorward_webauthn::{Create, CreationOptions, Kept, RegistrationResponse, UserEntity, UserHandle};
use serde::{Deserialize, Serialize};

use super::names::{FieldErrors, NewPerson};
pub use super::setup_link::Setup;
use super::write::{ClaimError, blank_account};
use crate::Identity;
use crate::audit::{Origin, What};
use crate::browser::Browser;
use crate::error::Error;
use crate::factors::passkeys::{kept_record, suggested_name};
use crate::ids::{AccountId, Digest, EventId, PasskeyId, Salt, SessionId};
use crate::passwords::pool::PoolError;
use crate::passwords::{Password, PasswordRefused, Surroundings};
use crate::policy::Passwords;
use crate::records::account::{Account, Passkey, Role, StoredPassword};
use crate::records::handle::CredentialOwner;
use crate::records::link::Gives;
use crate::records::spent::{Spent, SpentKind};
use crate::sealed::Sealed;
use crate::sign_in::machine::{Event, Next, State};
use crate::sign_in::proof::Proved;
use crate::sign_in::{Entry, Method, NewSession, Stay, usage_of};
use crate::tokens::{SessionToken, SetupToken};

const SET_UP: Purpose = Purpose::new("set-up passkey");

/// An account got its first factor by a link. Only this file makes one.
#[derive(Debug)]
pub(crate) struct FirstFactorMade {
    account: AccountId,
    proved: Proved,
}

impl FirstFactorMade {
    pub(crate) const fn account(&self) -> AccountId {
        self.account
    }

    pub(crate) const fn proved(&self) -> Proved {
        self.proved
    }

    #[cfg(test)]
    pub(crate) const fn assumed(account: AccountId, proved: Proved) -> Self {
        Self { account, proved }
    }
}

/// The link did not open what was asked.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// It was used, or somebody else was first.
    #[error("the set-up is already done")]
    Done,
    /// It never was, or is over.
    #[error("the link is not known")]
    Unknown,
    /// A name is somebody else's.
    #[error(transparent)]
    Taken(FieldErrors),
    /// The password is not taken.
    #[error(transparent)]
    Password(#[from] PasswordRefused),
    /// The policy takes no password, or not alone.
    #[error("the policy asks for a passkey")]
    PasskeyNeeded,
    /// The page waited too long: begin again.
    #[error("the page waited too long")]
    Expired,
    /// The passkey was not verified. The log has the step under this event id.
    #[error("the passkey was not verified (event {0})")]
    NotAccepted(EventId),
    /// An account has this passkey already.
    #[error("an account has this passkey already")]
    AlreadyRegistered,
    /// Too much is going on: answer 503.
    #[error("too many passwords at once")]
    Busy,
    /// Something below failed.
    #[error(transparent)]
    Internal(Error),
}

impl From<StoreError> for SetupError {
    fn from(error: StoreError) -> Self {
        if error == StoreError::Exists(Spent::KIND) {
            Self::Expired
        } else if error == StoreError::Exists(CredentialOwner::KIND) {
            Self::AlreadyRegistered
        } else if error == StoreError::Contended {
            Self::Busy
        } else {
            Self::Internal(error.into())
        }
    }
}

impl From<Error> for SetupError {
    fn from(error: Error) -> Self {
        if let Error::Store(error) = error {
            error.into()
        } else {
            Self::Internal(error)
        }
    }
}

impl From<doorward_crypto::NoRandom> for SetupError {
    fn from(error: doorward_crypto::NoRandom) -> Self {
        Self::Internal(error.into())
    }
}

impl From<ClaimError> for SetupError {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::Taken(fields) => Self::Taken(fields),
            ClaimError::Store(error) => error.into(),
        }
    }
}

/// What the page keeps for us.
#[derive(Serialize, Deserialize)]
struct KeptSetup {
    link: Digest,
    person: NewPerson,
    user_handle: UserHandle,
    passkey_name: String,
    kept: Kept<Create>,
}

/// The first factor that a link is about to give.
#[derive(Clone)]
enum First {
    Passkey(Box<Passkey>, UserHandle, Spent),
    Password(StoredPassword),
}

impl Identity {
    /// Options for the first passkey, and what the page keeps until the answer. Writes nothing.
    ///
    /// # Errors
    /// [`SetupError::Done`], [`SetupError::Unknown`], [`SetupError::Taken`] when a name is somebody else's.
    pub async fn begin_setup_passkey(
        &self,
        token: &SetupToken,
        person: &NewPerson,
        browser: &Browser,
    ) -> Result<(CreationOptions, Sealed), SetupError> {
        let now = self.now();
        let found = self.openable(token, person).await?;
        let person = &found
            .as_ref()
            .map_or_else(|| person.clone(), |linked| linked.person(person));
        let user_handle = match found {
            Some(linked) => linked.account.user_handle,
            None => UserHandle::generate(self.random().as_ref())?,
        };
        let user = UserEntity {
            handle: user_handle.clone(),
            name: person.user_name.to_string(),
            display_name: person.display_name.to_string(),
        };
        let (options, kept) = self
            .relying_party()
            .register(&user)
            .require_user_verification()
            .begin(self.random().as_ref(), now)
            .map_err(|error| Error::Internal("passkey options", error.to_string()))?;
        let kept = KeptSetup {
            link: token.digest(),
            person: person.clone(),
            user_handle,
            passkey_name: suggested_name(browser),
            kept,
        };
        let until = now.plus(self.limits().challenge);
        Ok((
            options,
            self.seal(SET_UP, browser.digest().as_bytes(), until, kept)?,
        ))
    }

    /// Checks the new passkey; makes the account, or completes it, and signs in. Spends the link.
    ///
    /// # Errors
    /// [`SetupError`].
    pub async fn finish_setup_passkey(
        &self,
        token: &SetupToken,
        sealed: &Sealed,
        answer: &RegistrationResponse,
        browser: &Browser,
        stay: Stay,
    ) -> Result<NewSession, SetupError> {
        let now = self.now();
        let kept: KeptSetup = self
            .unseal(SET_UP, browser.digest().as_bytes(), sealed)
            .map_err(|_| SetupError::Expired)?;
        if kept.link != token.digest() {
            return Err(SetupError::Expired);
        }
        let mark = Spent {
            what: SpentKind::Challenge,
            digest: Digest::from_bytes(kept.kept.id()),
            ends_at: kept.kept.expires_at(),
        };
        let registration = match kept.kept.finish(answer, self.relying_party(), now) {
            Ok(registration) => registration,
            Err(refusal) => {
                self.spend_failed(mark).await;
                let event = self.event_id()?;
                tracing::info!(%event, %refusal, "a passkey was refused at set-up");
                return Err(SetupError::NotAccepted(event));
            }
        };
        let passkey = Passkey {
            id: PasskeyId::random(self.random().as_ref())?,
            name: kept.passkey_name,
            credential: kept_record(registration.record),
            registered_at: now,
            trusted_from: None,
        };
        let first = First::Passkey(Box::new(passkey), kept.user_handle, mark);
        self.finish_setup(token, &kept.person, first, browser, stay).await
    }

    /// Makes the account with a password, or completes it, and signs in. Spends the link.
    ///
    /// # Errors
    /// [`SetupError`].
    pub async fn setup_with_password(
        &self,
        token: &SetupToken,
        person: &NewPerson,
        password: &Password,
        browser: &Browser,
        stay: Stay,
    ) -> Result<NewSession, SetupError> {
        if self.policy().passwords != Passwords::Allowed {
            return Err(SetupError::PasskeyNeeded);
        }
        let found = self.openable(token, person).await?;
        let person = &found
            .as_ref()
            .map_or_else(|| person.clone(), |linked| linked.person(person));
        password.check_new(Surroundings {
            with_second_factor: false,
            names: &self.names_around(person),
        })?;
        let prepared = password.prepared().ok_or(PasswordRefused::NotText)?;
        let salt = Salt::from_bytes(self.fresh()?);
        let hash = self
            .passwords()
            .make(prepared, self.policy().password_cost, salt)
            .await;
        let hash = hash.map_err(|error| match error {
            PoolError::Busy => SetupError::Busy,
            PoolError::NotHashed(_) => SetupError::Internal(Error::Damaged("password cost")),
        })?;
        let first = First::Password(StoredPassword {
            hash,
            set_at: self.now(),
            short: false,
        });
        self.finish_setup(token, person, first, browser, stay).await
    }

    /// The one commit of a set-up.
    async fn finish_setup(
        &self,
        token: &SetupToken,
        person: &NewPerson,
        first: First,
        browser: &Browser,
        stay: Stay,
    ) -> Result<NewSession, SetupError> {
        let random = self.random().as_ref();
        let fresh = blank_account(person, Role::Owner, random, self.now())?;
        let session = SessionToken::random(SessionId::random(random)?, random)?;
        let (fresh, session, first) = (&fresh, &session, &first);
        self.store()
            .transact(self.now(), |tx| async move {
                let found = self.account_of_link(&tx, token).await?;
                let gives = found.as_ref().map(|linked| linked.gives);
                let before = found.as_ref().map(|linked| person_of(&linked.account));
                let person = &found
                    .as_ref()
                    .map_or_else(|| person.clone(), |linked| linked.person(person));
                let mut account = found.map_or_else(|| fresh.clone(), |linked| linked.account);
                self.claim_handles(&tx, account.id, before.as_ref(), person)
                    .await?;
                account.user_name = person.user_name.clone();
                account.display_name = person.display_name.clone();
                account.email.clone_from(&person.email);
                account.updated_at = tx.now();
                let mut usage = usage_of(&tx, account.id).await?;
                if gives == Some(Gives::NewFactors) {
                    self.let_go_of_factors(&tx, &mut account, &mut usage).await?;
                }
                let factors = account.factors(&usage);
                let (proved, method) = match first {
                    First::Passkey(..) => (Proved::PasskeyMade, Method::Passkey),
                    First::Password(_) => (Proved::PasswordMade, Method::Password),
                };
                let event = Event::FirstFactorMade(FirstFactorMade {
                    account: account.id,
                    proved,
                });
                let authenticated = match State::Nobody.step(event, &factors, self.policy(), tx.now()) {
                    Ok(Next::Authenticated(authenticated)) => authenticated,
                    Ok(Next::SecondFactor(..)) => return Err(SetupError::Done),
                    Err(refusal) => {
                        tracing::info!(%refusal, "a first factor was refused");
                        return Err(SetupError::PasskeyNeeded);
                    }
                };
                self.give_first(&tx, &mut account, first).await?;
                account.raise_generation();
                let origin = Origin::of(browser).within(session.id());
                self.spend_link(&tx, token, gives.is_some()).await?;
                let what = match gives {
                    None => What::SetUp,
                    Some(Gives::FirstFactor) => What::InvitationUsed,
                    Some(Gives::NewFactors) => What::AccountReset,
                };
                self.record(&tx, Some(account.id), &origin, what).await?;
                let entry = Entry {
                    authenticated,
                    browser,
                    stay,
                    method,
                    token: session,
                };
                let entered = self.enter(&tx, &account, &mut usage, entry).await?;
                // Read before it is written: a fresh account must not be there yet.
                tx.read::<Account>(&account.id).await?;
                tx.write(account)?;
                tx.write(usage)?;
                Ok(entered)
            })
            .await
    }

    async fn give_first(&self, tx: &Tx, account: &mut Account, first: &First) -> Result<(), SetupError> {
        match first {
            First::Passkey(passkey, user_handle, mark) => {
                tx.insert(mark.clone()).await?;
                let credential = CredentialOwner::key(passkey.credential.id.as_bytes());
                tx.insert(CredentialOwner {
                    credential,
                    account: account.id,
                })
                .await?;
                account.user_handle = user_handle.clone();
                account.primary = Some(passkey.id);
                account.passkeys.push((**passkey).clone());
            }
            First::Password(password) => account.password = Some(password.clone()),
        }
        Ok(())
    }

    /// Words that a password must not be.
    pub(crate) fn names_around<'a>(&'a self, person: &'a NewPerson) -> Vec<&'a str> {
        let host = self.relying_party().id().as_str();
        let email = person.email.as_ref().map(super::Email::as_str).into_iter();
        let parts = email.flat_map(|email| email.split('@'));
        [
            person.user_name.as_str(),
            person.display_name.as_str(),
            self.instance_name(),
            host,
        ]
        .into_iter()
        .chain(parts)
        .collect()
    }
}

/// The names of an account.
pub(crate) fn person_of(account: &Account) -> NewPerson {
    NewPerson {
        user_name: account.user_name.clone(),
        display_name: account.display_name.clone(),
        email: account.email.clone(),
    }
}
