//! Who must be told when a session ends, and what is still to be told.
//!
//! A session's end is one write beside the removal of the session: [`SessionsEnded`]. A job makes of it one
//! [`Delivery`] for each application that was told of the session, and delivers these.

use doorward_crypto::Timestamp;
use doorward_oidc::client::ClientId;
use doorward_storage::{Kind, Record};
use serde::{Deserialize, Serialize};

use crate::ids::{EventId, SessionId};

/// The applications that were told of a session and want to hear of its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Participants {
    /// Which session.
    pub session: SessionId,
    /// The applications, in the order in which people came to them.
    pub clients: Vec<Participant>,
    /// When the session ends at the latest.
    #[serde(with = "doorward_storage::times")]
    pub ends_at: Timestamp,
}

/// An application that knows of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// Which.
    pub client: ClientId,
    /// How it knows the person.
    pub sub: String,
}

impl Record for Participants {
    const KIND: Kind = Kind::new(b'T', "participants");
    const VERSION: u8 = 1;
    type Id = SessionId;

    fn id(&self) -> SessionId {
        self.session
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.ends_at)
    }
}

/// Sessions that have ended and whose applications are still to be told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionsEnded {
    /// Its name.
    pub id: EventId,
    /// Which.
    pub sessions: Vec<SessionId>,
    /// It is no use any more then.
    #[serde(with = "doorward_storage::times")]
    pub ends_at: Timestamp,
}

impl Record for SessionsEnded {
    const KIND: Kind = Kind::new(b'J', "sessions ended");
    const VERSION: u8 = 1;
    type Id = EventId;

    fn id(&self) -> EventId {
        self.id
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.ends_at)
    }
}

/// A logout token that is to be delivered (Back-Channel Logout 1.0 §2.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its name, and the token's `jti` in every try.
    pub id: EventId,
    /// To whom.
    pub client: ClientId,
    /// Of whom.
    pub sub: String,
    /// Which session ended.
    pub session: SessionId,
    /// Tries that failed.
    pub failed: u32,
    /// The next try is then.
    #[serde(with = "doorward_storage::times")]
    pub due_at: Timestamp,
    /// It is given up then.
    #[serde(with = "doorward_storage::times")]
    pub ends_at: Timestamp,
}

impl Record for Delivery {
    const KIND: Kind = Kind::new(b'B', "logout delivery");
    const VERSION: u8 = 1;
    type Id = EventId;

    fn id(&self) -> EventId {
        self.id
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.ends_at)
    }
}
