//! What can be proposed, and what follows.

use doorward_crypto::{NoRandom, Timestamp};
use doorward_storage::{Record as _, StoreError, Tx};
use doorward_webauthn::CredentialId;
use zeroize::Zeroizing;

use super::step_up::StepUp;
use crate::Identity;
use crate::accounts::names::NameError;
use crate::accounts::setup::person_of;
use crate::error::Error;
use crate::ids::{ChangeId, EventId, PasskeyId, Salt, SessionId};
use crate::limits;
use crate::passwords::pool::PoolError;
use crate::passwords::{Password, PasswordRefused, Surroundings};
use crate::records::account::Account;
use crate::records::handle::CredentialOwner;
use crate::records::pending::{PendingChange, Prepared};
use crate::records::session::Session;
use crate::records::spent::Spent;
use crate::sessions::SignedIn;
use crate::sign_in::{Method, SignInError, usage_of};
use crate::tokens::SessionToken;

/// A change that a person asks for. A new passkey and an authenticator app have calls of their own, since they begin
/// with something that is shown.
#[derive(Clone, Debug)]
pub enum Change {
    /// A passkey goes.
    RemovePasskey(PasskeyId),
    /// This passkey is asked first.
    MakePrimary(PasskeyId),
    /// No authenticator app any more.
    DisableTotp,
    /// A new set of recovery codes; the old ones end.
    NewRecoveryCodes,
    /// The password becomes this one.
    SetPassword(Password),
    /// No password any more.
    RemovePassword,
    /// This is asked first: [`Method::Passkey`] or [`Method::Totp`].
    SetPreferred(Method),
    /// This session of the person's ends, which is not the one that asks.
    EndSession(SessionId),
    /// All sessions but this one end.
    EndOtherSessions,
}

/// What became of a proposed change.
#[derive(Debug)]
pub enum Proposed {
    /// It is done.
    Applied(Box<Applied>),
    /// It waits for a proof.
    Verify(ChangeId),
}

/// A change that is done.
#[derive(Debug)]
pub struct Applied {
    /// What to say.
    pub notice: Notice,
    /// The new recovery codes, to be shown this once.
    pub recovery_codes: Option<Vec<Zeroizing<String>>>,
    /// The other sessions have ended.
    pub signed_out_elsewhere: bool,
    /// The session's new secret: the cookie must be set anew, the old one opens nothing any more.
    pub token: SessionToken,
    /// The end of the session, for that cookie.
    pub ends_at: Timestamp,
    /// The known-device cookie's new value.
    pub known_device: String,
}

/// What to say about a change that is done.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the variants are the changes, `name` is the passkey's"
)]
pub enum Notice {
    PasskeyAdded { name: String },
    PasskeyRemoved { name: String },
    PasskeyRenamed { name: String },
    PrimaryChanged { name: String },
    TotpEnabled,
    TotpReplaced,
    TotpDisabled,
    RecoveryCodesMade,
    PasswordSet,
    PasswordRemoved,
    PreferredChanged { to: Method },
    SessionEnded,
    OtherSessionsEnded,
}

/// A change went no further. Nothing of the account is different.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FactorError {
    /// The account has no such factor (any more).
    #[error("there is no such factor")]
    NotThere,
    /// Nothing usable would remain: another way to sign in comes first.
    #[error("nothing to sign in with would remain")]
    LastWayIn,
    /// The password is shorter than one that stands alone must be: a longer one comes first.
    #[error("the password is too short to stand alone")]
    LongerPasswordFirst,
    /// The account has twenty passkeys.
    #[error("an account has at most 20 passkeys")]
    TooMany,
    /// A passkey's name cannot be used.
    #[error("the name {0}")]
    Name(NameError),
    /// The new password is not taken.
    #[error(transparent)]
    Password(#[from] PasswordRefused),
    /// An account has this passkey already.
    #[error("an account has this passkey already")]
    AlreadyRegistered,
    /// The proof is weaker than the account's strongest factor, and would take something away.
    #[error("this needs the strongest factor of the account")]
    StrongerProofNeeded,
    /// The password is not right.
    #[error("the password is not right")]
    PasswordWrong,
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
    /// The passkey was not verified. The log has the step under this event id.
    #[error("the passkey was not verified (event {0})")]
    NotAccepted(EventId),
    /// The page, the change or the session is over: begin again.
    #[error("the page waited too long")]
    Expired,
    /// Too much is going on: answer 503.
    #[error("too many at once")]
    Busy,
    /// Something below failed.
    #[error(transparent)]
    Internal(Error),
}

impl From<StoreError> for FactorError {
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

impl From<Error> for FactorError {
    fn from(error: Error) -> Self {
        if let Error::Store(error) = error {
            error.into()
        } else {
            Self::Internal(error)
        }
    }
}

impl From<NoRandom> for FactorError {
    fn from(error: NoRandom) -> Self {
        Self::Internal(error.into())
    }
}

impl From<PoolError> for FactorError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Busy => Self::Busy,
            PoolError::NotHashed(_) => Self::Internal(Error::Damaged("password")),
        }
    }
}

impl From<SignInError> for FactorError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Wrong => Self::PasswordWrong,
            SignInError::CodeWrong => Self::CodeWrong,
            SignInError::CodeUsed => Self::CodeUsed,
            SignInError::SlowDown { until } => Self::SlowDown { until },
            SignInError::Stopped => Self::Stopped,
            SignInError::Busy => Self::Busy,
            SignInError::NotAccepted(event) => Self::NotAccepted(event),
            SignInError::Expired
            | SignInError::UnknownPasskey { .. }
            | SignInError::Disabled
            | SignInError::SecondFactorNotSet => Self::Expired,
            SignInError::Internal(error) => Self::Internal(error),
        }
    }
}

impl Identity {
    /// Proposes a change. It is done at once when this session proved the account's strongest factor less than
    /// five minutes ago.
    ///
    /// # Errors
    /// [`FactorError`]; what cannot be done is refused before a proof is asked for.
    pub async fn propose(&self, who: &SignedIn, change: Change) -> Result<Proposed, FactorError> {
        let prepared = self.prepare(&who.account, change).await?;
        self.put_forward(who, prepared).await
    }

    /// The change with all that it needs.
    async fn prepare(&self, account: &Account, change: Change) -> Result<Prepared, FactorError> {
        Ok(match change {
            Change::RemovePasskey(id) => Prepared::RemovePasskey(id),
            Change::MakePrimary(id) => Prepared::MakePrimary(id),
            Change::DisableTotp => Prepared::DisableTotp,
            Change::NewRecoveryCodes => Prepared::NewRecoveryCodes,
            Change::RemovePassword => Prepared::RemovePassword,
            Change::SetPreferred(method) => Prepared::SetPreferred(method),
            Change::EndSession(id) => Prepared::EndSession(id),
            Change::EndOtherSessions => Prepared::EndOtherSessions,
            Change::SetPassword(password) => {
                let person = person_of(account);
                let names = self.names_around(&person);
                let second = account.totp.is_some() || !account.passkeys.is_empty();
                password.check_new(Surroundings {
                    with_second_factor: second,
                    names: &names,
                })?;
                let alone = Surroundings {
                    with_second_factor: false,
                    names: &names,
                };
                let short = password.check_new(alone).is_err();
                let prepared = password.prepared().ok_or(PasswordRefused::NotText)?;
                let salt = Salt::from_bytes(self.fresh()?);
                let cost = self.policy().password_cost;
                let hash = self.passwords().make(prepared, cost, salt).await?;
                Prepared::SetPassword { hash, short }
            }
        })
    }

    /// Applies a prepared change on a fresh proof, or keeps it until there is one.
    async fn put_forward(&self, who: &SignedIn, prepared: Prepared) -> Result<Proposed, FactorError> {
        let id = ChangeId::random(self.random().as_ref())?;
        let token = SessionToken::random(who.session.id, self.random().as_ref())?;
        let codes = self.codes_for(&prepared)?;
        let (prepared, token, codes) = (&prepared, &token, &codes);
        self.store()
            .transact(self.now(), |tx| async move {
                let (session, mut account) = self.own(&tx, who).await?;
                prepared.possible_for(&account, self.policy())?;
                let fresh = StepUp::still_fresh(&account, &session, self.limits(), tx.now());
                if let Some(step_up) = fresh.filter(|_| !prepared.always_asks()) {
                    let mut usage = usage_of(&tx, account.id).await?;
                    let applied = self
                        .apply(
                            &tx,
                            &mut account,
                            &mut usage,
                            who,
                            prepared,
                            step_up,
                            token,
                            codes,
                        )
                        .await?;
                    return Ok(Proposed::Applied(Box::new(applied)));
                }
                let pending = self.pending(id, &account, &session, prepared.clone(), tx.now());
                tx.insert(pending).await?;
                Ok(Proposed::Verify(id))
            })
            .await
    }

    /// A change that waits.
    pub(crate) fn pending(
        &self,
        id: ChangeId,
        account: &Account,
        session: &Session,
        change: Prepared,
        now: Timestamp,
    ) -> PendingChange {
        PendingChange {
            id,
            account: account.id,
            generation: account.generation,
            session: session.id,
            change,
            tries: 0,
            expires_at: now.plus(self.limits().pending_change),
        }
    }

    /// The person's session and account as they are now, if the session still counts.
    pub(crate) async fn own(&self, tx: &Tx, who: &SignedIn) -> Result<(Session, Account), FactorError> {
        let found = self.live_session(tx, who.session.id).await?;
        found
            .filter(|(_, account)| account.id == who.account.id)
            .ok_or(FactorError::Expired)
    }

    /// Gives a passkey another name. That opens nothing, and so asks for no proof.
    ///
    /// # Errors
    /// [`FactorError::NotThere`], [`FactorError::Name`]; a second passkey of a name gets a number.
    pub async fn rename_passkey(
        &self,
        who: &SignedIn,
        id: PasskeyId,
        name: &str,
    ) -> Result<Notice, FactorError> {
        let name = &super::passkeys::passkey_name(name)?;
        self.store()
            .transact(self.now(), |tx| async move {
                let (_, mut account) = self.own(&tx, who).await?;
                let unique = account.unique_passkey_name(name, Some(id));
                let passkey = account.passkeys.iter_mut().find(|passkey| passkey.id == id);
                let passkey = passkey.ok_or(FactorError::NotThere)?;
                let from = core::mem::replace(&mut passkey.name, unique.clone());
                let what = crate::audit::What::PasskeyRenamed {
                    from,
                    to: unique.clone(),
                };
                self.record(&tx, Some(account.id), &who.origin(), what).await?;
                tx.write(account)?;
                Ok(Notice::PasskeyRenamed { name: unique })
            })
            .await
    }

    /// Fresh recovery codes for a change that makes some.
    pub(crate) fn codes_for(&self, prepared: &Prepared) -> Result<Vec<Zeroizing<String>>, Error> {
        match prepared {
            Prepared::NewRecoveryCodes => self.fresh_recovery_codes(),
            Prepared::AddPasskey(_)
            | Prepared::RemovePasskey(_)
            | Prepared::MakePrimary(_)
            | Prepared::SetTotp { .. }
            | Prepared::DisableTotp
            | Prepared::SetPassword { .. }
            | Prepared::RemovePassword
            | Prepared::SetPreferred(_)
            | Prepared::EndSession(_)
            | Prepared::EndOtherSessions => Ok(Vec::new()),
        }
    }
}

impl Account {
    /// The name, or the name with the first number that makes it unique among the account's passkeys.
    pub(crate) fn unique_passkey_name(&self, name: &str, except: Option<PasskeyId>) -> String {
        let taken = |name: &str| {
            self.passkeys
                .iter()
                .any(|passkey| Some(passkey.id) != except && passkey.name == name)
        };
        if !taken(name) {
            return name.to_owned();
        }
        let most = limits::PASSKEY_NAME_CHARACTERS.saturating_sub(3);
        let short: String = name.chars().take(most).collect();
        let numbered = (2..=limits::PASSKEYS.saturating_add(1)).map(|n| format!("{} {n}", short.trim_end()));
        numbered
            .into_iter()
            .find(|name| !taken(name))
            .unwrap_or_else(|| name.to_owned())
    }
}

/// The credential that a cancelled change leaves behind on a device.
pub(crate) fn orphan_of(change: &Prepared) -> Option<CredentialId> {
    match change {
        Prepared::AddPasskey(passkey) => Some(passkey.credential.id.clone()),
        Prepared::RemovePasskey(_)
        | Prepared::MakePrimary(_)
        | Prepared::SetTotp { .. }
        | Prepared::DisableTotp
        | Prepared::NewRecoveryCodes
        | Prepared::SetPassword { .. }
        | Prepared::RemovePassword
        | Prepared::SetPreferred(_)
        | Prepared::EndSession(_)
        | Prepared::EndOtherSessions => None,
    }
}
