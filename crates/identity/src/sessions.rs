//! Sessions: opened by who was authenticated, read at each request, ended one by one or all at once.
//!
//! A session counts while its record lives, its secret matches, its account is live and its generation is the
//! account's. So a change of a factor ends every other session by one write to the account.

use core::time::Duration;

use doorward_crypto::Timestamp;
use doorward_storage::{StoreError, Tx};

use crate::Identity;
use crate::audit::{Origin, What};
use crate::browser::Browser;
use crate::error::Error;
use crate::ids::SessionId;
use crate::limits;
use crate::records::account::Account;
use crate::records::session::Session;
use crate::records::usage::Usage;
use crate::sign_in::{Authenticated, Stay};
use crate::tokens::SessionToken;

/// Somebody who is signed in, as they and their session were when the request came.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// The session.
    pub session: Session,
    /// The browser that asks, where it is known: what its person does is told as coming from there.
    pub browser: Option<Browser>,
}

impl SignedIn {
    /// Asking from this browser.
    #[must_use]
    pub fn from_browser(mut self, browser: Browser) -> Self {
        self.browser = Some(browser);
        self
    }

    /// Where what they do comes from: this request, or, where that is not known, the sign-in.
    pub(crate) fn origin(&self) -> Origin {
        match &self.browser {
            Some(browser) => Origin::of(browser).within(self.session.id),
            None => Origin::from(&self.session),
        }
    }
}

/// A session as its owner sees it.
#[derive(Clone, Debug)]
pub struct SessionView {
    /// Its record, without the secret's use to anybody.
    pub session: Session,
    /// It is the one that asks.
    pub current: bool,
}

impl Identity {
    /// Whose session this cookie opens; `None` when it opens none (any more).
    ///
    /// # Errors
    /// [`Error`] when it cannot be told.
    pub async fn signed_in(&self, token: &SessionToken) -> Result<Option<SignedIn>, Error> {
        let now = self.now();
        let found = self.signed_in_untouched(token).await?;
        if let Some(found) = &found
            && now.since(found.session.last_used_at) >= limits::TOUCH_EVERY
        {
            self.touch(found.session.id, now).await;
        }
        Ok(found)
    }

    /// The same, and the session is not thereby used: for requests that another site can make without the person. Else
    /// an application that asks now and then would keep a session alive for ever.
    ///
    /// # Errors
    /// [`Error`] when it cannot be told.
    pub async fn signed_in_untouched(&self, token: &SessionToken) -> Result<Option<SignedIn>, Error> {
        let now = self.now();
        let Some(session) = self.store().read::<Session>(&token.id(), now).await? else {
            return Ok(None);
        };
        if !token.opens(&session.secret) {
            return Ok(None);
        }
        let Some(account) = self.store().read::<Account>(&session.account, now).await? else {
            return Ok(None);
        };
        if !session.is_live(&account) {
            return Ok(None);
        }
        Ok(Some(SignedIn {
            account,
            session,
            browser: None,
        }))
    }

    /// The session with this id and its account, if it counts: for what was bound to it by its id.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be told.
    pub async fn live_session(
        &self,
        tx: &Tx,
        id: SessionId,
    ) -> Result<Option<(Session, Account)>, StoreError> {
        let Some(session) = tx.read::<Session>(&id).await? else {
            return Ok(None);
        };
        let Some(account) = tx.read::<Account>(&session.account).await? else {
            return Ok(None);
        };
        Ok(session.is_live(&account).then_some((session, account)))
    }

    /// Ends this session.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn sign_out(&self, who: &SignedIn) -> Result<(), Error> {
        self.store()
            .transact(self.now(), |tx| async move {
                let id = who.session.id;
                if tx.read::<Session>(&id).await?.is_some() {
                    tx.remove::<Session>(&id)?;
                    self.sessions_end(&tx, [id]).await?;
                    self.record(&tx, Some(who.account.id), &who.origin(), What::SignedOut)
                        .await?;
                }
                Ok::<_, Error>(())
            })
            .await?;
        self.sign_outs().notify_one();
        Ok(())
    }

    /// The account's sessions that count: this one first, then the latest.
    ///
    /// # Errors
    /// [`Error`] when it cannot be told.
    pub async fn sessions_of(&self, who: &SignedIn) -> Result<Vec<SessionView>, Error> {
        let now = self.now();
        let usage = self.store().read::<Usage>(&who.account.id, now).await?;
        let mut sessions = Vec::new();
        for id in usage.iter().flat_map(|usage| &usage.sessions) {
            let found = self.store().read::<Session>(id, now).await?;
            sessions.extend(found.filter(|session| session.is_live(&who.account)));
        }
        let current = |session: &Session| session.id == who.session.id;
        sessions.sort_by_key(|session| (!current(session), core::cmp::Reverse(session.last_used_at)));
        Ok(sessions
            .into_iter()
            .map(|session| SessionView {
                current: current(&session),
                session,
            })
            .collect())
    }

    /// Makes the session of who was authenticated. The account's oldest one gives way when there are too many.
    #[expect(
        clippy::too_many_arguments,
        reason = "a session is made of all of these, in one place"
    )]
    pub(crate) async fn open_session(
        &self,
        tx: &Tx,
        account: &Account,
        usage: &mut Usage,
        authenticated: Authenticated,
        browser: &Browser,
        stay: Stay,
        token: &SessionToken,
    ) -> Result<Session, StoreError> {
        let now = tx.now();
        let set = self.limits();
        let (idle, absolute) = match stay {
            Stay::No => (set.session_idle, set.session_absolute),
            Stay::Yes => (set.session_stay, set.session_stay),
        };
        let session = Session {
            id: token.id(),
            secret: token.digest(),
            account: authenticated.account(),
            generation: account.generation,
            proofs: authenticated.into_proofs(),
            began_at: now,
            last_used_at: now,
            idle_millis: millis(idle),
            ends_at: now.plus(absolute),
            browser: *browser.digest(),
            browser_words: browser.words.clone(),
            address: browser.address.clone(),
            recovery_used_up: false,
        };
        tx.insert(session.clone()).await?;
        usage.sessions.push(session.id);
        while usage.sessions.len() > limits::SESSIONS {
            let oldest = usage.sessions.remove(0);
            tx.read::<Session>(&oldest).await?;
            tx.remove::<Session>(&oldest)?;
            self.sessions_end(tx, [oldest]).await?;
        }
        Ok(session)
    }

    /// Gives the session in whose name something was proved a new secret and the account's generation, and ends
    /// nothing else. Returns the new cookie's token.
    pub(crate) async fn renew_session(
        &self,
        tx: &Tx,
        id: SessionId,
        account: &Account,
        change: impl FnOnce(&mut Session),
        token: &SessionToken,
    ) -> Result<Option<Session>, StoreError> {
        let Some(mut session) = tx.read::<Session>(&id).await? else {
            return Ok(None);
        };
        session.secret = token.digest();
        session.generation = account.generation;
        session.last_used_at = tx.now();
        change(&mut session);
        tx.write(session.clone())?;
        Ok(Some(session))
    }

    /// Notes that the session was used. Should it fail, the session ends a little earlier.
    async fn touch(&self, id: SessionId, now: Timestamp) {
        let touched = self.store().transact(now, |tx| async move {
            let Some(mut session) = tx.read::<Session>(&id).await? else {
                return Ok(());
            };
            if now.since(session.last_used_at) >= limits::TOUCH_EVERY {
                session.last_used_at = now;
                tx.write(session)?;
            }
            Ok::<(), StoreError>(())
        });
        if let Err(error) = touched.await {
            tracing::debug!(%error, "a session's use was not noted");
        }
    }
}

impl Session {
    /// Whether it counts for this account as it is now.
    pub(crate) fn is_live(&self, account: &Account) -> bool {
        self.account == account.id && self.generation == account.generation && !account.disabled
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
