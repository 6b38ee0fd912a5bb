//! The audit record: what happened, in the commit of what it tells.
//!
//! An event is a key of its own, so that writers do not wait for each other. Refusals that change nothing are
//! told to the log with an event id; only what people or operators must be able to look up is stored.

mod event;

use doorward_storage::{StoreError, Tx};

use crate::Identity;
use crate::browser::Browser;
use crate::error::Error;
use crate::ids::{AccountId, EventId, SessionId};
use crate::records::audit::Event;

pub use event::What;

/// Who did something, from where.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    pub(crate) session: Option<SessionId>,
    pub(crate) address: Option<String>,
    pub(crate) browser: Option<String>,
}

impl Origin {
    /// Somebody in a browser.
    pub(crate) fn of(browser: &Browser) -> Self {
        Self {
            session: None,
            address: browser.address.clone(),
            browser: browser.words.clone(),
        }
    }

    /// In this session.
    pub(crate) fn within(mut self, session: SessionId) -> Self {
        self.session = Some(session);
        self
    }
}

impl From<&crate::records::session::Session> for Origin {
    fn from(session: &crate::records::session::Session) -> Self {
        Self {
            session: Some(session.id),
            address: session.address.clone(),
            browser: session.browser_words.clone(),
        }
    }
}

impl Identity {
    /// A fresh name for an event.
    pub(crate) fn event_id(&self) -> Result<EventId, Error> {
        Ok(EventId::random(self.random().as_ref())?)
    }

    /// Writes an event with the rest of a transaction.
    pub(crate) async fn record(
        &self,
        tx: &Tx,
        account: Option<AccountId>,
        origin: &Origin,
        what: What,
    ) -> Result<EventId, StoreError> {
        let id = EventId::random(self.random().as_ref())?;
        tx.insert(Event {
            id,
            at: tx.now(),
            account,
            session: origin.session,
            what,
            address: origin.address.clone(),
            browser: origin.browser.clone(),
        })
        .await?;
        Ok(id)
    }
}
