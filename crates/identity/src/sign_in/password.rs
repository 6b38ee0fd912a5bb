//! Signing in with a password: the try is counted, the hash is made outside every transaction, then it is decided.
//!
//! A name that nobody has costs the same work and is counted too, in memory.

use doorward_crypto::Timestamp;
use zeroize::Zeroizing;

use super::addresses::{Counted, Network};
use super::machine::{Event, Next, State};
use super::{AfterPassword, Entry, Method, SignInError, Stay, refused, usage_of};
use crate::Identity;
use crate::audit::{Origin, What};
use crate::browser::Browser;
use crate::error::Error;
use crate::ids::{AccountId, Salt, SessionId};
use crate::passwords::pool::PoolError;
use crate::passwords::{Password, PasswordHash};
use crate::policy::Passwords;
use crate::records::account::Account;
use crate::records::ceremony::HalfSignIn;
use crate::records::guesses::{Door, Guesses, GuessesId};
use crate::tokens::{HalfToken, SessionToken};

/// The password was right. Only this file makes one.
#[derive(Debug)]
pub(crate) struct PasswordProof {
    account: AccountId,
}

impl PasswordProof {
    pub(super) const fn account(&self) -> AccountId {
        self.account
    }

    #[cfg(test)]
    pub(super) const fn assumed(account: AccountId) -> Self {
        Self { account }
    }
}

impl Identity {
    /// Checks a password, and signs in where it suffices.
    ///
    /// # Errors
    /// [`SignInError::Wrong`] alike for names that nobody has; [`SignInError`].
    pub async fn sign_in_with_password(
        &self,
        browser: &Browser,
        name: &str,
        password: &Password,
        stay: Stay,
    ) -> Result<AfterPassword, SignInError> {
        let now = self.now();
        let from = browser.address.as_deref();
        let Some(account) = self.account_named(name).await? else {
            let counted = self.reserve_address(from, now)?;
            self.reserve_imaginary(name, now).await.inspect_err(|_| {
                self.addresses().give_back(&counted);
            })?;
            return match self.is_password(password, None, from).await {
                Ok(_) => Err(SignInError::Wrong),
                Err(error) => {
                    self.addresses().give_back(&counted);
                    self.give_back_imaginary(name);
                    Err(busy(error))
                }
            };
        };
        // Whoever signed in from this browser before has a counter of their own: strangers at the same address
        // cannot hold them up.
        let (door, counted) = if self.knows(browser, &account) {
            (Door::PasswordKnownDevice, Counted::default())
        } else {
            (Door::Password, self.reserve_address(from, now)?)
        };
        self.reserve_try(account.id, door, now).await.inspect_err(|_| {
            self.addresses().give_back(&counted);
        })?;
        let stored = account.password.as_ref().map(|password| password.hash.clone());
        let checked = self.is_password(password, stored.as_ref(), from).await;
        let right = match checked {
            Ok(right) => right,
            Err(error) => {
                self.addresses().give_back(&counted);
                self.give_back(account.id, door, now).await?;
                return Err(busy(error));
            }
        };
        let Some(stored) = stored.filter(|_| right && self.policy().passwords != Passwords::Off) else {
            return Err(SignInError::Wrong);
        };
        self.addresses().give_back(&counted);
        let proved = Proved {
            account: account.id,
            stored: &stored,
            door,
        };
        let next = self.after_password(browser, &proved, stay, now).await?;
        self.rehash(account.id, &stored, password).await;
        Ok(next)
    }

    async fn after_password(
        &self,
        browser: &Browser,
        proved: &Proved<'_>,
        stay: Stay,
        now: Timestamp,
    ) -> Result<AfterPassword, SignInError> {
        let random = self.random().as_ref();
        let session = SessionToken::random(SessionId::random(random)?, random)?;
        let half_token = HalfToken::random(random)?;
        let (session, half_token) = (&session, &half_token);
        self.store()
            .transact(now, |tx| async move {
                let account = tx
                    .read::<Account>(&proved.account)
                    .await?
                    .ok_or(SignInError::Wrong)?;
                let unchanged = account
                    .password
                    .as_ref()
                    .is_some_and(|now| now.hash == *proved.stored);
                if !unchanged {
                    return Err(SignInError::Wrong);
                }
                let mut usage = usage_of(&tx, account.id).await?;
                let factors = account.factors(&usage);
                let event = Event::Password(PasswordProof { account: account.id });
                let next = State::Nobody
                    .step(event, &factors, self.policy(), now)
                    .map_err(|refusal| refused(refusal, SignInError::Wrong))?;
                let id = GuessesId(account.id, proved.door);
                if let Some(mut guesses) = tx.read::<Guesses>(&id).await? {
                    guesses.clear();
                    tx.write(guesses)?;
                }
                match next {
                    Next::SecondFactor(half, methods) => {
                        tx.insert(HalfSignIn {
                            token: half_token.digest(),
                            account: account.id,
                            generation: account.generation,
                            proofs: half.proofs,
                            browser: *browser.digest(),
                            stay: stay == Stay::Yes,
                            tries: 0,
                            expires_at: now.plus(self.limits().half_sign_in),
                        })
                        .await?;
                        self.record(&tx, Some(account.id), &Origin::of(browser), What::PasswordProved)
                            .await?;
                        Ok(AfterPassword::SecondFactor {
                            half: half_token.clone(),
                            methods,
                        })
                    }
                    Next::Authenticated(authenticated) => {
                        let entry = Entry {
                            authenticated,
                            browser,
                            stay,
                            method: Method::Password,
                            token: session,
                        };
                        let session = self.enter(&tx, &account, &mut usage, entry).await?;
                        tx.write(usage)?;
                        Ok(AfterPassword::SignedIn(Box::new(session)))
                    }
                }
            })
            .await
    }

    /// Counts a try from an address before anything is read for it.
    fn reserve_address(&self, from: Option<&str>, now: Timestamp) -> Result<Counted, SignInError> {
        self.addresses()
            .reserve(from, now)
            .map_err(|until| SignInError::SlowDown { until })
    }

    /// Counts a try at a door before its secret is looked at. Inside the delay it is refused by the read alone.
    pub(crate) async fn reserve_try(
        &self,
        account: AccountId,
        door: Door,
        now: Timestamp,
    ) -> Result<(), SignInError> {
        self.store()
            .transact(now, |tx| async move {
                let opened_at = usage_of(&tx, account).await?.opened_at;
                let found = tx.read::<Guesses>(&GuessesId(account, door)).await?;
                let mut guesses = found.unwrap_or_else(|| Guesses::none(account, door, now));
                if let Some(shut) = guesses.shut(opened_at, now) {
                    return Err(shut.into());
                }
                guesses.reserve(opened_at, now);
                tx.write(guesses)?;
                Ok(())
            })
            .await
    }

    /// Gives back a try whose secret was never looked at.
    pub(crate) async fn give_back(
        &self,
        account: AccountId,
        door: Door,
        now: Timestamp,
    ) -> Result<(), SignInError> {
        self.store()
            .transact(now, |tx| async move {
                if let Some(mut guesses) = tx.read::<Guesses>(&GuessesId(account, door)).await? {
                    guesses.give_back();
                    tx.write(guesses)?;
                }
                Ok(())
            })
            .await
    }

    /// Whether this is the password. Without a stored one, or with a typed one that cannot be a password, the
    /// same work is done for nothing.
    pub(crate) async fn is_password(
        &self,
        password: &Password,
        stored: Option<&PasswordHash>,
        from: Option<&str>,
    ) -> Result<bool, PoolError> {
        let prepared = password.prepared();
        let possible = prepared.is_some() && stored.is_some();
        let prepared = prepared.unwrap_or_else(|| Zeroizing::new(Vec::new()));
        let hash = stored.unwrap_or_else(|| self.nobodys_password()).clone();
        Ok(self
            .passwords()
            .matches(prepared, hash, from.and_then(Network::of))
            .await?
            && possible)
    }

    /// Hashes a right password anew when the policy asks for more than it was stored with. Never less, and never
    /// over a password that was changed meanwhile.
    async fn rehash(&self, account: AccountId, stored: &PasswordHash, password: &Password) {
        let cost = self.policy().password_cost;
        if !stored.cost().is_below(cost) {
            return;
        }
        let (Some(prepared), Ok(salt)) = (password.prepared(), self.fresh()) else {
            return;
        };
        let Ok(hash) = self
            .passwords()
            .make(prepared, cost, Salt::from_bytes(salt))
            .await
        else {
            return;
        };
        let hash = &hash;
        let written = self
            .store()
            .transact(self.now(), |tx| async move {
                let Some(mut account) = tx.read::<Account>(&account).await? else {
                    return Ok(());
                };
                if let Some(password) = account
                    .password
                    .as_mut()
                    .filter(|password| password.hash == *stored)
                {
                    password.hash = hash.clone();
                    tx.write(account)?;
                }
                Ok::<(), Error>(())
            })
            .await;
        if let Err(error) = written {
            tracing::warn!(%error, "a password was not hashed anew");
        }
    }
}

/// A password that matched.
struct Proved<'a> {
    account: AccountId,
    stored: &'a PasswordHash,
    door: Door,
}

pub(crate) fn busy(error: PoolError) -> SignInError {
    match error {
        PoolError::Busy => SignInError::Busy,
        PoolError::NotHashed(_) => SignInError::Internal(Error::Damaged("password")),
    }
}
