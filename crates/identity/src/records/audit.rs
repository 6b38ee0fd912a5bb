//! An event of the audit record: a key of its own, in the commit of what it tells.

use doorward_crypto::Timestamp;
use doorward_storage::{Kind, Record, RecordId};
use serde::{Deserialize, Serialize};

use crate::audit::What;
use crate::ids::{AccountId, EventId, SessionId};

/// An event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    /// Its name: people quote it.
    pub id: EventId,
    /// When.
    #[serde(with = "doorward_storage::times")]
    pub at: Timestamp,
    /// Whose account it is about; `None`: the instance's.
    pub account: Option<AccountId>,
    /// The session in which it was done.
    pub session: Option<SessionId>,
    /// What happened.
    pub what: What,
    /// The address that it came from.
    pub address: Option<String>,
    /// The browser, in words.
    pub browser: Option<String>,
}

/// An event's name in the order of lists: by account, the newest first.
#[derive(Clone, Copy, Debug)]
pub struct EventKey(Option<AccountId>, Timestamp, EventId);

impl RecordId for EventKey {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&Event::under(self.0));
        out.extend_from_slice(&u64::MAX.saturating_sub(self.1.millis()).to_be_bytes());
        out.extend_from_slice(self.2.as_bytes());
    }
}

impl Event {
    /// What the names of an account's events begin with.
    #[must_use]
    pub fn under(account: Option<AccountId>) -> [u8; 16] {
        account.map_or([0; 16], |account| *account.as_bytes())
    }
}

impl Record for Event {
    const KIND: Kind = Kind::new(b'e', "event");
    const VERSION: u8 = 1;
    type Id = EventKey;

    fn id(&self) -> EventKey {
        EventKey(self.account, self.at, self.id)
    }
}
