//! Setting up an authenticator app: a secret is shown, a code of it is right, a proof confirms it. Only then is it
//! live; until then it is a record of its own that ends after ten minutes.

use doorward_totp::{Algorithm, OtpAuth, OtpCode, Secret, Totp};
use zeroize::Zeroizing;

use super::{FactorError, Proposed};
use crate::Identity;
use crate::error::Error;
use crate::ids::ChangeId;
use crate::limits;
use crate::records::account::Account;
use crate::records::pending::{PendingChange, PendingTotp, Prepared};
use crate::sessions::SignedIn;
use crate::sign_in::totp::{TOTP_SECRET, take_code};
use crate::sign_in::usage_of;

/// A secret to be shown. It is not shown again once it is confirmed.
#[derive(Clone)]
pub struct TotpSecret {
    /// The change that it may become.
    pub id: ChangeId,
    /// The `otpauth:` URI: for the QR code and the link on phones.
    pub uri: Zeroizing<String>,
    /// The secret in base32, in groups of four.
    pub groups: Zeroizing<String>,
    /// The account's name in the app.
    pub account: String,
    /// The issuer's name in the app.
    pub issuer: String,
}

impl core::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("TotpSecret")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Identity {
    /// The secret that waits in this session, or a new one. A secret that another session was shown ends.
    ///
    /// # Errors
    /// [`FactorError::NotThere`] when the account has no factor at all.
    pub async fn begin_totp(&self, who: &SignedIn) -> Result<TotpSecret, FactorError> {
        let random = self.random().as_ref();
        let secret = Secret::generate(Algorithm::Sha1, |bytes| random.fill(bytes))?;
        let sealed = self
            .sealer()
            .seal(TOTP_SECRET, who.account.id.as_bytes(), secret.as_bytes(), random)?;
        let change = ChangeId::random(random)?;
        let sealed = &sealed;
        let (account, pending) = self
            .store()
            .transact(self.now(), |tx| async move {
                let (session, account) = self.own(&tx, who).await?;
                Prepared::SetTotp { sealed: Vec::new() }.possible_for(&account, self.policy())?;
                if let Some(waiting) = tx.read::<PendingTotp>(&account.id).await?
                    && waiting.session == session.id
                    && waiting.generation == account.generation
                    && waiting.tries < limits::PENDING_TOTP_TRIES
                {
                    return Ok((account, waiting));
                }
                let pending = PendingTotp {
                    account: account.id,
                    generation: account.generation,
                    session: session.id,
                    change,
                    sealed: sealed.clone(),
                    tries: 0,
                    expires_at: tx.now().plus(self.limits().pending_totp),
                };
                tx.write(pending.clone())?;
                Ok::<_, FactorError>((account, pending))
            })
            .await?;
        Ok(self.shown(&account, &pending)?)
    }

    /// The secret that waits in this session, if one does.
    ///
    /// # Errors
    /// [`FactorError::Internal`] when it cannot be told.
    pub async fn pending_totp(&self, who: &SignedIn) -> Result<Option<TotpSecret>, FactorError> {
        let found = self
            .store()
            .read::<PendingTotp>(&who.account.id, self.now())
            .await?;
        let own = found.filter(|waiting| {
            waiting.session == who.session.id && waiting.generation == who.account.generation
        });
        Ok(own
            .map(|waiting| self.shown(&who.account, &waiting))
            .transpose()?)
    }

    /// Lets the secret go that waits in this session.
    ///
    /// # Errors
    /// [`FactorError::Internal`].
    pub async fn cancel_totp(&self, who: &SignedIn) -> Result<(), FactorError> {
        self.store()
            .transact(self.now(), |tx| async move {
                let (session, account) = self.own(&tx, who).await?;
                if let Some(waiting) = tx.read::<PendingTotp>(&account.id).await?
                    && waiting.session == session.id
                {
                    tx.remove::<PendingTotp>(&account.id)?;
                }
                Ok(())
            })
            .await
    }

    /// Checks a code of the secret that waits. A right one takes its step, and the change waits for its proof.
    ///
    /// # Errors
    /// [`FactorError::CodeWrong`], [`FactorError::CodeUsed`]; [`FactorError`].
    pub async fn check_totp(&self, who: &SignedIn, code: &str) -> Result<Proposed, FactorError> {
        let now = self.now();
        self.count_totp_try(who).await?;
        let code = OtpCode::parse(code).ok();
        let code = code.as_ref();
        self.store()
            .transact(now, |tx| async move {
                let (session, account) = self.own(&tx, who).await?;
                let waiting = tx.read::<PendingTotp>(&account.id).await?;
                let waiting = waiting
                    .filter(|one| one.session == session.id && one.generation == account.generation)
                    .ok_or(FactorError::Expired)?;
                let secret = self.open_totp_secret(account.id, &waiting.sealed)?;
                let mut usage = usage_of(&tx, account.id).await?;
                take_code(secret, &mut usage, code, now)?;
                tx.write(usage)?;
                // Who goes back to the code gets no new tries at the proof by it.
                let before = tx.read::<PendingChange>(&waiting.change).await?;
                let change = Prepared::SetTotp {
                    sealed: waiting.sealed,
                };
                let mut pending = self.pending(waiting.change, &account, &session, change, now);
                pending.tries = before.map_or(0, |before| before.tries);
                tx.write(pending)?;
                Ok(Proposed::Verify(waiting.change))
            })
            .await
    }

    /// Counts a try at the secret that waits. The door of the account's own app is another one: nothing here is
    /// counted at it, and nothing opens it.
    async fn count_totp_try(&self, who: &SignedIn) -> Result<(), FactorError> {
        self.store()
            .transact(self.now(), |tx| async move {
                let (session, account) = self.own(&tx, who).await?;
                let waiting = tx.read::<PendingTotp>(&account.id).await?;
                let mut waiting = waiting
                    .filter(|one| one.session == session.id && one.generation == account.generation)
                    .filter(|one| one.tries < limits::PENDING_TOTP_TRIES)
                    .ok_or(FactorError::Expired)?;
                waiting.tries = waiting.tries.saturating_add(1);
                tx.write(waiting)?;
                Ok(())
            })
            .await
    }

    fn shown(&self, account: &Account, pending: &PendingTotp) -> Result<TotpSecret, Error> {
        let secret = self.open_totp_secret(account.id, &pending.sealed)?;
        let groups = secret.to_groups();
        let name = account.user_name.as_str();
        let uri = OtpAuth::totp(Some(self.instance_name()), name, Totp::new(secret))
            .map_err(|error| Error::Internal("otpauth URI", error.to_string()))?
            .to_uri();
        Ok(TotpSecret {
            id: pending.change,
            uri,
            groups,
            account: name.to_owned(),
            issuer: self.instance_name().to_owned(),
        })
    }
}
