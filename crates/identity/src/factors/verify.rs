//! `Verification Required`: the proof for a change that waits.

use doorward_crypto::Timestamp;
use doorward_storage::{Purpose, Tx};
use doorward_totp::OtpCode;
use doorward_webauthn::{AuthenticationResponse, RequestOptions};

use super::step_up::StepUp;
use super::{FactorError, Proposed, Way};
use crate::Identity;
use crate::ids::ChangeId;
use crate::limits;
use crate::passwords::Password;
use crate::policy::Passwords;
use crate::records::account::{Account, Passkey};
use crate::records::guesses::{Door, Guesses, GuessesId};
use crate::records::pending::{PendingChange, Prepared};
use crate::records::session::Session;
use crate::sealed::Sealed;
use crate::sessions::SignedIn;
use crate::sign_in::passkey::KeptGet;
use crate::sign_in::{SignInError, usage_of};
use crate::tokens::SessionToken;

const VERIFY: Purpose = Purpose::new("passkey step-up");

impl Identity {
    /// Options for the proof by a passkey: the account's, the Primary first; or the new one, if it is to be the
    /// account's first.
    ///
    /// # Errors
    /// [`FactorError::Expired`], [`FactorError::StrongerProofNeeded`] when no passkey is asked now.
    pub async fn begin_verify(
        &self,
        who: &SignedIn,
        id: ChangeId,
    ) -> Result<(RequestOptions, Sealed), FactorError> {
        let (mut account, pending, ways) = self
            .store()
            .transact(self.now(), |tx| async move {
                let (session, account) = self.own(&tx, who).await?;
                let pending = self.change_waiting(&tx, id, &session, &account).await?;
                let ways = self.ways(&pending.change, &account, &session, tx.now());
                Ok::<_, FactorError>((account, pending, ways))
            })
            .await?;
        match (ways.first(), &pending.change) {
            (Some(Way::Passkey), _) => {}
            (Some(Way::NewPasskey), Prepared::AddPasskey(passkey)) => {
                account.passkeys.push(Passkey::clone(passkey))
            }
            _ => return Err(FactorError::StrongerProofNeeded),
        }
        let (options, kept) = self.ask_passkey(Some(&account))?;
        let until = self.now().plus(self.limits().challenge);
        Ok((options, self.seal(VERIFY, &binding(who, id), until, kept)?))
    }

    /// Checks the passkey's answer and makes the change.
    ///
    /// # Errors
    /// [`FactorError`].
    pub async fn verify_with_passkey(
        &self,
        who: &SignedIn,
        id: ChangeId,
        sealed: &Sealed,
        answer: &AuthenticationResponse,
    ) -> Result<Proposed, FactorError> {
        let kept: KeptGet = self
            .unseal(VERIFY, &binding(who, id), sealed)
            .map_err(|_| FactorError::Expired)?;
        let outcome = self.try_verify_with_passkey(who, id, &kept, answer).await;
        if let Err(FactorError::NotAccepted(_)) = &outcome {
            self.spend_failed(kept.mark()).await;
        }
        outcome
    }

    async fn try_verify_with_passkey(
        &self,
        who: &SignedIn,
        id: ChangeId,
        kept: &KeptGet,
        answer: &AuthenticationResponse,
    ) -> Result<Proposed, FactorError> {
        let now = self.now();
        let token = SessionToken::random(who.session.id, self.random().as_ref())?;
        let fresh_codes = self.fresh_recovery_codes()?;
        let (token, fresh_codes) = (&token, &fresh_codes);
        self.store()
            .transact(now, |tx| async move {
                tx.insert(kept.mark()).await?;
                let (session, mut account) = self.own(&tx, who).await?;
                let pending = self.change_waiting(&tx, id, &session, &account).await?;
                let mut usage = usage_of(&tx, account.id).await?;
                let Some(passkey) = asked_passkey(&pending.change, &account, answer) else {
                    return Err(self
                        .not_accepted("it is not a passkey that was asked for")?
                        .into());
                };
                let checked = self.check_passkey(kept, answer, &account, &passkey, &mut usage, now);
                let proof = match checked {
                    Ok(proof) => proof,
                    Err(refusal) => return Err(self.not_accepted(&refusal)?.into()),
                };
                let step_up = StepUp::by_passkey(&account, &session, proof.proved(), self.limits(), now)?;
                tx.remove::<PendingChange>(&id)?;
                let codes = if makes_codes(&pending.change) {
                    fresh_codes.as_slice()
                } else {
                    &[]
                };
                let applied = self
                    .apply(
                        &tx,
                        &mut account,
                        &mut usage,
                        who,
                        &pending.change,
                        step_up,
                        token,
                        codes,
                    )
                    .await?;
                Ok(Proposed::Applied(Box::new(applied)))
            })
            .await
    }

    /// Checks the password, and a code where one is given, and makes the change; or, where a new passkey is still
    /// to show that it works, keeps the change for that.
    ///
    /// # Errors
    /// [`FactorError`].
    pub async fn verify_with_password(
        &self,
        who: &SignedIn,
        id: ChangeId,
        password: &Password,
        code: Option<&str>,
    ) -> Result<Proposed, FactorError> {
        if !self.password_counts_for(&who.account) {
            return Err(FactorError::StrongerProofNeeded);
        }
        let now = self.now();
        self.count_verify(who, id, code.is_some(), now).await?;
        let stored = who
            .account
            .password
            .as_ref()
            .map(|password| password.hash.clone());
        let right = self.is_password(password, stored.as_ref(), None).await;
        let right = match right {
            Ok(right) => right,
            Err(busy) => {
                self.uncount_verify(who, id, code.is_some(), now).await?;
                return Err(busy.into());
            }
        };
        let Some(stored) = stored.filter(|_| right) else {
            return Err(FactorError::PasswordWrong);
        };
        let typed = code.map(|code| OtpCode::parse(code).ok());
        let token = SessionToken::random(who.session.id, self.random().as_ref())?;
        let fresh_codes = self.fresh_recovery_codes()?;
        let (stored, typed, token, fresh_codes) = (&stored, &typed, &token, &fresh_codes);
        self.store()
            .transact(now, |tx| async move {
                let (session, mut account) = self.own(&tx, who).await?;
                let pending = self.change_waiting(&tx, id, &session, &account).await?;
                if !account
                    .password
                    .as_ref()
                    .is_some_and(|password| password.hash == *stored)
                {
                    return Err(FactorError::PasswordWrong);
                }
                let mut usage = usage_of(&tx, account.id).await?;
                if let Some(code) = typed {
                    self.check_totp_code(&account, &mut usage, code.as_ref(), now)?;
                    clear(&tx, &account, Door::Totp).await?;
                }
                clear(&tx, &account, Door::PasswordKnownDevice).await?;
                let step_up = StepUp::by_password(&account, &session, typed.is_some(), now)?;
                if account.passkeys.is_empty() && matches!(pending.change, Prepared::AddPasskey(_)) {
                    step_up.permits(&pending.change, &account, self.policy())?;
                    self.note_proof(&tx, &session, &step_up).await?;
                    tx.write(usage)?;
                    return Ok(Proposed::Verify(id));
                }
                tx.remove::<PendingChange>(&id)?;
                let codes = if makes_codes(&pending.change) {
                    fresh_codes.as_slice()
                } else {
                    &[]
                };
                let applied = self
                    .apply(
                        &tx,
                        &mut account,
                        &mut usage,
                        who,
                        &pending.change,
                        step_up,
                        token,
                        codes,
                    )
                    .await?;
                Ok(Proposed::Applied(Box::new(applied)))
            })
            .await
    }

    /// Whether a password counts as a proof here. Where the operator takes none, it still lets somebody whose session
    /// is older than that decision add their first passkey.
    pub(super) fn password_counts_for(&self, account: &Account) -> bool {
        self.policy().passwords != Passwords::Off || account.passkeys.is_empty()
    }

    /// Counts a try: for the change, and at the doors of the account that will be looked at.
    async fn count_verify(
        &self,
        who: &SignedIn,
        id: ChangeId,
        with_code: bool,
        now: Timestamp,
    ) -> Result<(), FactorError> {
        self.store()
            .transact(now, |tx| async move {
                let (session, account) = self.own(&tx, who).await?;
                let mut pending = self.change_waiting(&tx, id, &session, &account).await?;
                if pending.tries >= limits::SECOND_FACTOR_TRIES {
                    return Err(FactorError::Expired);
                }
                let opened_at = usage_of(&tx, account.id).await?.opened_at;
                let doors = [Some(Door::PasswordKnownDevice), with_code.then_some(Door::Totp)];
                for door in doors.into_iter().flatten() {
                    let found = tx.read::<Guesses>(&GuessesId(account.id, door)).await?;
                    let mut guesses = found.unwrap_or_else(|| Guesses::none(account.id, door, now));
                    if let Some(shut) = guesses.shut(opened_at, now) {
                        return Err(SignInError::from(shut).into());
                    }
                    guesses.reserve(opened_at, now);
                    tx.write(guesses)?;
                }
                pending.tries = pending.tries.saturating_add(1);
                tx.write(pending)?;
                Ok(())
            })
            .await
    }

    /// Gives back a try whose secrets were never looked at.
    async fn uncount_verify(
        &self,
        who: &SignedIn,
        id: ChangeId,
        with_code: bool,
        now: Timestamp,
    ) -> Result<(), FactorError> {
        self.give_back(who.account.id, Door::PasswordKnownDevice, now)
            .await?;
        if with_code {
            self.give_back(who.account.id, Door::Totp, now).await?;
        }
        self.store()
            .transact(now, |tx| async move {
                let (session, account) = self.own(&tx, who).await?;
                let mut pending = self.change_waiting(&tx, id, &session, &account).await?;
                pending.tries = pending.tries.saturating_sub(1);
                tx.write(pending)?;
                Ok(())
            })
            .await
    }

    /// Keeps a proof in the session for the next step of the same change.
    async fn note_proof(&self, tx: &Tx, session: &Session, step_up: &StepUp) -> Result<(), FactorError> {
        let mut session = session.clone();
        // The recovery code is used up by the change, not by the step before it.
        let used_up = session.recovery_used_up;
        step_up.join(&mut session);
        session.recovery_used_up = used_up;
        tx.write(session)?;
        Ok(())
    }
}

/// Session and change: an answer fits one of each.
fn binding(who: &SignedIn, id: ChangeId) -> Vec<u8> {
    [who.session.id.as_bytes().as_slice(), id.as_bytes().as_slice()].concat()
}

/// The passkey that answered: one of the account's; or the pending one, where it is to be the first.
fn asked_passkey(change: &Prepared, account: &Account, answer: &AuthenticationResponse) -> Option<Passkey> {
    match change {
        Prepared::AddPasskey(passkey) if account.passkeys.is_empty() => Some((**passkey).clone()),
        Prepared::AddPasskey(_)
        | Prepared::RemovePasskey(_)
        | Prepared::MakePrimary(_)
        | Prepared::SetTotp { .. }
        | Prepared::DisableTotp
        | Prepared::NewRecoveryCodes
        | Prepared::SetPassword { .. }
        | Prepared::RemovePassword
        | Prepared::SetPreferred(_)
        | Prepared::EndSession(_)
        | Prepared::EndOtherSessions => account
            .passkey_by_credential(answer.credential_id().as_bytes())
            .cloned(),
    }
}

const fn makes_codes(change: &Prepared) -> bool {
    matches!(change, Prepared::NewRecoveryCodes)
}

async fn clear(tx: &Tx, account: &Account, door: Door) -> Result<(), FactorError> {
    if let Some(mut guesses) = tx.read::<Guesses>(&GuessesId(account.id, door)).await? {
        guesses.clear();
        tx.write(guesses)?;
    }
    Ok(())
}
