//! A code of the authenticator app, after the password. A time step is accepted once, for whatever purpose.

use doorward_crypto::Timestamp;
use doorward_storage::Purpose;
use doorward_totp::{NoMatch, OtpCode, Secret, Totp, Window};

use super::machine::Event;
use super::{Method, NewSession, SignInError};
use crate::Identity;
use crate::browser::Browser;
use crate::error::Error;
use crate::ids::AccountId;
use crate::records::account::Account;
use crate::records::guesses::Door;
use crate::records::usage::Usage;
use crate::tokens::HalfToken;

/// What TOTP secrets are sealed for, bound to the account.
pub(crate) const TOTP_SECRET: Purpose = Purpose::new("TOTP secret");

/// A code was right and its step is taken. Only this file makes one.
#[derive(Debug)]
pub(crate) struct TotpProof {
    account: AccountId,
}

impl TotpProof {
    pub(super) const fn account(&self) -> AccountId {
        self.account
    }

    #[cfg(test)]
    pub(super) const fn assumed(account: AccountId) -> Self {
        Self { account }
    }
}

impl Identity {
    /// Checks a code as the second factor and opens the session.
    ///
    /// # Errors
    /// [`SignInError::CodeWrong`] also for what is no code at all; [`SignInError`].
    pub async fn sign_in_with_totp(
        &self,
        browser: &Browser,
        half: &HalfToken,
        code: &str,
    ) -> Result<NewSession, SignInError> {
        let now = self.now();
        self.reserve_second_factor(browser, half, Door::Totp, now).await?;
        let code = OtpCode::parse(code).ok();
        let code = code.as_ref();
        self.second_factor(browser, half, Door::Totp, Method::Totp, now, |account, usage| {
            self.check_totp_code(account, usage, code, now).map(Event::Totp)
        })
        .await
    }

    /// Whether the code is right for this account's app; takes its step in `usage`.
    pub(crate) fn check_totp_code(
        &self,
        account: &Account,
        usage: &mut Usage,
        code: Option<&OtpCode>,
        now: Timestamp,
    ) -> Result<TotpProof, SignInError> {
        let totp = account.totp.as_ref().ok_or(SignInError::CodeWrong)?;
        let secret = self.open_totp_secret(account.id, &totp.sealed)?;
        take_code(secret, usage, code, now)?;
        Ok(TotpProof { account: account.id })
    }

    pub(crate) fn open_totp_secret(&self, account: AccountId, sealed: &[u8]) -> Result<Secret, Error> {
        let opened = self
            .sealer()
            .open(TOTP_SECRET, account.as_bytes(), sealed)
            .map_err(|_| Error::Sealed("TOTP secret"))?;
        Secret::from_bytes(&opened).map_err(|_| Error::Damaged("TOTP secret"))
    }
}

/// Compares a code with those of the steps around now, and takes the step that matched.
pub(crate) fn take_code(
    secret: Secret,
    usage: &mut Usage,
    code: Option<&OtpCode>,
    now: Timestamp,
) -> Result<(), SignInError> {
    let code = code.ok_or(SignInError::CodeWrong)?;
    let last = usage.totp_step.map(doorward_totp::TimeStep::from_number);
    let step = Totp::new(secret)
        .verify(code, now.seconds(), Window::around(1), last)
        .map_err(|no| match no {
            NoMatch::AlreadyUsed => SignInError::CodeUsed,
            NoMatch::Wrong => SignInError::CodeWrong,
        })?;
    if usage.take_totp_step(step.number()) {
        Ok(())
    } else {
        Err(SignInError::CodeUsed)
    }
}
