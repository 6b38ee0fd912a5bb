//! Signing in with a passkey: one durable commit, nothing before it.
//!
//! The challenge travels sealed in the page, bound to the browser. A success leaves its mark in the commit that makes
//! the session; a failure leaves one too, so that a challenge is never good for a second answer.

use doorward_crypto::Timestamp;
use doorward_storage::{Purpose, StoreError, Tx};
use doorward_webauthn::{
    AuthenticationResponse, CredentialRecord, Discoverable, Identified, Kept, Login, Refused, RequestOptions,
};
use serde::{Deserialize, Serialize};

use super::machine::{Event, Next, State};
use super::proof::Proved;
use super::{Entry, Method, NewSession, SignInError, Stay, refused, usage_of};
use crate::Identity;
use crate::browser::Browser;
use crate::error::Error;
use crate::ids::{AccountId, Digest, PasskeyId, SessionId};
use crate::records::account::{Account, Passkey};
use crate::records::ceremony::HalfSignIn;
use crate::records::handle::CredentialOwner;
use crate::records::spent::{Spent, SpentKind};
use crate::records::usage::{PasskeyUse, Usage};
use crate::sealed::Sealed;
use crate::tokens::{HalfToken, SessionToken};

const SIGN_IN: Purpose = Purpose::new("passkey sign-in");

/// Whose passkey is asked.
#[derive(Clone, Copy, Debug)]
pub enum For<'a> {
    /// Anybody's: the passkey tells who it is.
    Anyone,
    /// That of whom this name or address belongs to, if anybody's.
    Named(&'a str),
    /// That of the half sign-in, as its second factor.
    SecondFactor(&'a HalfToken),
}

/// A passkey signed, and §7.2 held. Only this file makes one.
#[derive(Debug)]
pub(crate) struct PasskeyProof {
    account: AccountId,
    passkey: PasskeyId,
    user_verified: bool,
}

impl PasskeyProof {
    pub(super) const fn account(&self) -> AccountId {
        self.account
    }

    pub(super) const fn user_verified(&self) -> bool {
        self.user_verified
    }

    pub(crate) const fn proved(&self) -> Proved {
        Proved::Passkey {
            passkey: self.passkey,
            user_verified: self.user_verified,
        }
    }

    #[cfg(test)]
    pub(super) const fn assumed(account: AccountId, user_verified: bool) -> Self {
        Self {
            account,
            passkey: PasskeyId::from_bytes([7; 16]),
            user_verified,
        }
    }
}

/// What the page keeps for us.
#[derive(Clone, Serialize, Deserialize)]
struct KeptSignIn {
    /// The account whose passkey it must be; imaginary for names that nobody has.
    account: Option<AccountId>,
    /// The half sign-in that it continues.
    half: Option<Digest>,
    kept: KeptGet,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum KeptGet {
    Anyone(Kept<Discoverable>),
    Named(Kept<Identified>),
}

impl KeptGet {
    pub(crate) fn mark(&self) -> Spent {
        let (id, ends_at) = match self {
            Self::Anyone(kept) => (kept.id(), kept.expires_at()),
            Self::Named(kept) => (kept.id(), kept.expires_at()),
        };
        Spent {
            what: SpentKind::Challenge,
            digest: Digest::from_bytes(id),
            ends_at,
        }
    }

    fn finish(
        self,
        answer: &AuthenticationResponse,
        account: &Account,
        record: &CredentialRecord,
        identity: &Identity,
        now: Timestamp,
    ) -> Result<Login, Refused> {
        let rp = identity.relying_party();
        match self {
            Self::Anyone(kept) => kept.finish(answer, &account.user_handle, record, rp, now),
            // `finish` compares the handle where the authenticator tells one; that the challenge was made for
            // this account is ours to see.
            Self::Named(kept) if *kept.user() == account.user_handle => kept.finish(answer, record, rp, now),
            Self::Named(kept) => Err(kept.unknown_credential()),
        }
    }
}

impl Identity {
    /// Options for the browser, and what the page keeps until the answer. Writes nothing.
    ///
    /// A name leads to a list of passkeys only in a browser that signed in to that account before; elsewhere, and
    /// for names that nobody has, the browser finds the passkey itself.
    ///
    /// # Errors
    /// [`SignInError::Expired`] when the half sign-in is over; [`SignInError::Internal`].
    pub async fn begin_passkey(
        &self,
        browser: &Browser,
        whose: For<'_>,
    ) -> Result<(RequestOptions, Sealed), SignInError> {
        let (account, half, list) = match whose {
            For::Anyone => (None, None, None),
            For::Named(name) => match self.account_named(name).await? {
                Some(account) if self.knows(browser, &account) && !account.passkeys.is_empty() => {
                    (Some(account.id), None, Some(account))
                }
                Some(account) => (Some(account.id), None, None),
                None => (Some(self.imaginary_account(name)), None, None),
            },
            For::SecondFactor(token) => {
                let found = self.store().transact(self.now(), |tx| async move {
                    self.half_sign_in(&tx, browser, token).await
                });
                let (half, account) = found.await?;
                if account.passkeys.is_empty() {
                    return Err(SignInError::Expired);
                }
                (Some(account.id), Some(half.token), Some(account))
            }
        };
        let (options, kept) = self.ask_passkey(list.as_ref())?;
        let until = self.now().plus(self.limits().challenge);
        let kept = KeptSignIn { account, half, kept };
        Ok((
            options,
            self.seal(SIGN_IN, browser.digest().as_bytes(), until, kept)?,
        ))
    }

    /// Checks the answer and opens a session.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn sign_in_with_passkey(
        &self,
        browser: &Browser,
        sealed: &Sealed,
        answer: &AuthenticationResponse,
        stay: Stay,
    ) -> Result<NewSession, SignInError> {
        let binding = browser.digest().as_bytes();
        let kept: KeptSignIn = self
            .unseal(SIGN_IN, binding, sealed)
            .map_err(|_| SignInError::Expired)?;
        let now = self.now();
        let outcome = self.try_passkey(browser, &kept, answer, stay, now).await;
        match &outcome {
            // The mark was there before, or the store did not take it now.
            Ok(_) | Err(SignInError::Expired | SignInError::Busy | SignInError::Internal(_)) => {}
            Err(_) => self.spend_failed(kept.kept.mark()).await,
        }
        outcome
    }

    async fn try_passkey(
        &self,
        browser: &Browser,
        kept: &KeptSignIn,
        answer: &AuthenticationResponse,
        stay: Stay,
        now: Timestamp,
    ) -> Result<NewSession, SignInError> {
        let unknown = || match kept.account {
            None => Ok(SignInError::UnknownPasskey {
                credential_id: answer.credential_id().clone(),
            }),
            Some(_) => self.not_accepted("no account that was asked for has this passkey"),
        };
        let key = CredentialOwner::key(answer.credential_id().as_bytes());
        let Some(owner) = self.store().read::<CredentialOwner>(&key, now).await? else {
            return Err(unknown()?);
        };
        if kept.account.is_some_and(|account| account != owner.account) {
            return Err(unknown()?);
        }
        let token = SessionToken::random(SessionId::random(self.random().as_ref())?, self.random().as_ref())?;
        let token = &token;
        let unknown = &unknown;
        self.store()
            .transact(now, |tx| async move {
                tx.insert(kept.kept.mark()).await?;
                let Some(account) = tx.read::<Account>(&owner.account).await? else {
                    return Err(unknown()?);
                };
                let mut usage = usage_of(&tx, account.id).await?;
                let Some(passkey) = account.passkey_by_credential(answer.credential_id().as_bytes()) else {
                    return Err(unknown()?);
                };
                let (state, stay) = self.sign_in_state(&tx, kept, browser, &account, stay).await?;
                let proof = match self.check_passkey(&kept.kept, answer, &account, passkey, &mut usage, now) {
                    Ok(proof) => proof,
                    Err(refusal) => return Err(self.not_accepted(&refusal)?),
                };
                let factors = account.factors(&usage);
                let next = state
                    .step(Event::Passkey(proof), &factors, self.policy(), now)
                    .or_else(|refusal| Err(refused(refusal, self.not_accepted(&refusal)?)))?;
                let authenticated = match next {
                    Next::Authenticated(authenticated) => authenticated,
                    Next::SecondFactor(..) => {
                        return Err(self.not_accepted("a passkey is never half a sign-in")?);
                    }
                };
                let entry = Entry {
                    authenticated,
                    browser,
                    stay,
                    method: Method::Passkey,
                    token,
                };
                let session = self.enter(&tx, &account, &mut usage, entry).await?;
                tx.write(usage)?;
                Ok(session)
            })
            .await
    }

    /// Where the sign-in stands: at its beginning, or after a password. Takes the half sign-in out of the store.
    async fn sign_in_state(
        &self,
        tx: &Tx,
        kept: &KeptSignIn,
        browser: &Browser,
        account: &Account,
        stay: Stay,
    ) -> Result<(State, Stay), SignInError> {
        let Some(digest) = kept.half else {
            return Ok((State::Nobody, stay));
        };
        let half = tx
            .read::<HalfSignIn>(&digest)
            .await?
            .ok_or(SignInError::Expired)?;
        if half.browser != *browser.digest() || half.generation != account.generation {
            return Err(SignInError::Expired);
        }
        tx.remove::<HalfSignIn>(&digest)?;
        Ok((half.state(), if half.stay { Stay::Yes } else { stay }))
    }

    /// Options for these passkeys, the Primary first; without a list for whichever the browser finds.
    pub(crate) fn ask_passkey(&self, listed: Option<&Account>) -> Result<(RequestOptions, KeptGet), Error> {
        let ask = self.relying_party().authenticate().require_user_verification();
        let (random, now) = (self.random().as_ref(), self.now());
        let begun = match listed {
            None => ask
                .discoverable()
                .begin(random, now)
                .map(|(options, kept)| (options, KeptGet::Anyone(kept))),
            Some(account) => {
                let list: Vec<_> = account
                    .passkeys_primary_first()
                    .map(|passkey| passkey.credential.descriptor())
                    .collect();
                let ask = ask.for_user(&account.user_handle, &list);
                ask.begin(random, now)
                    .map(|(options, kept)| (options, KeptGet::Named(kept)))
            }
        };
        begun.map_err(|error| Error::Internal("passkey options", error.to_string()))
    }

    /// §7.2 for a passkey of this account, with its counter as of now; what the answer changes goes into `usage`.
    pub(crate) fn check_passkey(
        &self,
        kept: &KeptGet,
        answer: &AuthenticationResponse,
        account: &Account,
        passkey: &Passkey,
        usage: &mut Usage,
        now: Timestamp,
    ) -> Result<PasskeyProof, Refused> {
        let mut record = passkey.credential.clone();
        if let Some(last) = usage.of(passkey.id) {
            record.sign_count = last.sign_count;
            record.backup_state = last.backed_up;
        }
        let login = kept.clone().finish(answer, account, &record, self, now)?;
        usage.note(PasskeyUse {
            passkey: passkey.id,
            sign_count: login.sign_count(),
            backed_up: login.backup_state(),
            last_used_at: now,
        });
        usage.opened_at = Some(now);
        Ok(PasskeyProof {
            account: account.id,
            passkey: passkey.id,
            user_verified: login.user_verified() && !login.user_verification_is_new(),
        })
    }

    /// Notes why a passkey was refused in the log, under the id that the person is told.
    pub(crate) fn not_accepted(
        &self,
        why: &(impl core::fmt::Display + ?Sized),
    ) -> Result<SignInError, SignInError> {
        let event = self.event_id()?;
        tracing::info!(%event, %why, "a passkey was refused");
        Ok(SignInError::NotAccepted(event))
    }

    /// Marks the challenge of an answer that failed. Should the store not take it, the challenge still ends by
    /// its time, and each answer to it is checked as this one was.
    pub(crate) async fn spend_failed(&self, mark: Spent) {
        if !self.failed_marks().may_write(self.now()) {
            return;
        }
        let mark = &mark;
        let written = self
            .store()
            .transact(self.now(), |tx| async move { tx.insert(mark.clone()).await })
            .await;
        match written {
            Ok(()) | Err(StoreError::Exists(_)) => {}
            Err(error) => tracing::warn!(%error, "a used challenge was not marked"),
        }
    }
}
