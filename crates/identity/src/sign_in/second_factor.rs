//! The second half of a sign-in by code: count the try, compare, complete. Two commits, whichever code it is.

use doorward_crypto::Timestamp;

use super::machine::{Event, Next};
use super::{Entry, Method, NewSession, SignInError, Stay, refused, usage_of};
use crate::Identity;
use crate::audit::{Origin, What};
use crate::browser::Browser;
use crate::ids::SessionId;
use crate::limits;
use crate::records::account::Account;
use crate::records::ceremony::HalfSignIn;
use crate::records::guesses::{Door, Guesses, GuessesId};
use crate::records::usage::Usage;
use crate::tokens::{HalfToken, SessionToken};

impl Identity {
    /// Counts a try at a second factor, for the account and for this half sign-in, before the code is compared.
    pub(crate) async fn reserve_second_factor(
        &self,
        browser: &Browser,
        half: &HalfToken,
        door: Door,
        now: Timestamp,
    ) -> Result<(), SignInError> {
        self.store()
            .transact(now, |tx| async move {
                let (mut half, account) = self.half_sign_in(&tx, browser, half).await?;
                if half.tries >= limits::SECOND_FACTOR_TRIES {
                    return Err(SignInError::Expired);
                }
                let opened_at = usage_of(&tx, account.id).await?.opened_at;
                let found = tx.read::<Guesses>(&GuessesId(account.id, door)).await?;
                let mut guesses = found.unwrap_or_else(|| Guesses::none(account.id, door, now));
                if let Some(shut) = guesses.shut(opened_at, now) {
                    return Err(shut.into());
                }
                guesses.reserve(opened_at, now);
                half.tries = half.tries.saturating_add(1);
                tx.write(guesses)?;
                tx.write(half)?;
                Ok(())
            })
            .await
    }

    /// Completes a half sign-in: `check` looks at the code and takes it in `usage`.
    pub(super) async fn second_factor(
        &self,
        browser: &Browser,
        token: &HalfToken,
        door: Door,
        method: Method,
        now: Timestamp,
        check: impl Fn(&Account, &mut Usage) -> Result<Event, SignInError> + Send + Sync,
    ) -> Result<NewSession, SignInError> {
        let random = self.random().as_ref();
        let session_token = SessionToken::random(SessionId::random(random)?, random)?;
        let (session_token, check) = (&session_token, &check);
        self.store()
            .transact(now, |tx| async move {
                let (half, account) = self.half_sign_in(&tx, browser, token).await?;
                let mut usage = usage_of(&tx, account.id).await?;
                let factors = account.factors(&usage);
                let event = check(&account, &mut usage)?;
                let next = half
                    .state()
                    .step(event, &factors, self.policy(), now)
                    .map_err(|refusal| refused(refusal, SignInError::CodeWrong))?;
                let authenticated = match next {
                    Next::Authenticated(authenticated) => authenticated,
                    Next::SecondFactor(..) => return Err(SignInError::Expired),
                };
                tx.remove::<HalfSignIn>(&half.token)?;
                if let Some(mut guesses) = tx.read::<Guesses>(&GuessesId(account.id, door)).await? {
                    guesses.clear();
                    tx.write(guesses)?;
                }
                let stay = if half.stay { Stay::Yes } else { Stay::No };
                let entry = Entry {
                    authenticated,
                    browser,
                    stay,
                    method,
                    token: session_token,
                };
                let mut session = self.enter(&tx, &account, &mut usage, entry).await?;
                if method == Method::RecoveryCode {
                    let left = usage.recovery_codes_left(&account);
                    let origin = Origin::of(browser).within(session.session.id);
                    self.record(&tx, Some(account.id), &origin, What::RecoveryCodeUsed { left })
                        .await?;
                    session.recovery_codes_left = Some(left);
                }
                tx.write(usage)?;
                Ok(session)
            })
            .await
    }
}
