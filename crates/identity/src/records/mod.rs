//! The shapes of what is stored, a file each. What is stored is read for ever: fields are added with a default,
//! never renamed or given another meaning.
//!
//! | tag | kind | named by | ends |
//! | --- | --- | --- | --- |
//! | `a` | [`account`] | account | – |
//! | `u` | [`usage`] | account | – |
//! | `n` | [`handle`] | user name or e-mail, normalised | – |
//! | `k` | [`handle`] (credential id) | SHA-256 of the credential id | – |
//! | `g` | [`guesses`] | account, door | – |
//! | `s` | [`session`] | session id | idle or absolute |
//! | `h` | [`ceremony`] (half sign-in) | hash of its token | 10 minutes |
//! | `p` | [`pending`] (proposed change) | change id | 5 minutes |
//! | `t` | [`pending`] (TOTP secret shown) | account | 10 minutes |
//! | `m` | [`spent`] | purpose, hash | what it marks, and the skew |
//! | `f` | [`link`] (set-up) | the only one | – |
//! | `l` | [`link`] (invitation) | hash of its token | 24 hours |
//! | `e` | [`audit`] | account, time, event | – |
//! | `I` | [`registration`] (initial access) | hash of its token | as said |
//! | `T` | [`logout`] (participants) | session | absolute end of the session |
//! | `J` | [`logout`] (sessions ended) | event | an hour |
//! | `B` | [`logout`] (delivery) | event | an hour |
//! | `Y` | [`salt`] | the only one | – |
//! | `E` | [`registration`] (parent) | the only one | – |
//!
//! Clients, consents, grants, codes, revoked tokens and keys have the tags `C` `O` `G` `D` `R` `K`, pushed requests
//! `Q`, devices `V` and what is typed for them `U`, and the files of their names.

pub mod account;
pub mod audit;
pub mod ceremony;
pub mod client;
pub mod code;
pub mod consent;
pub mod device;
pub mod grant;
pub mod guesses;
pub mod handle;
pub mod key;
pub mod link;
pub mod logout;
pub mod pending;
pub mod pushed;
pub mod registration;
pub mod revoked;
pub mod salt;
pub mod session;
pub mod spent;
pub mod usage;

use doorward_storage::{Kind, Record as _, RecordId};

use crate::ids::{AccountId, ChangeId, Digest, EventId, GrantId, SessionId};

/// The kinds that end by themselves: what a sweeper looks at.
pub const EXPIRING: [Kind; 17] = [
    session::Session::KIND,
    ceremony::HalfSignIn::KIND,
    pending::PendingChange::KIND,
    pending::PendingTotp::KIND,
    spent::Spent::KIND,
    link::Invitation::KIND,
    grant::Grant::KIND,
    code::Code::KIND,
    revoked::Revoked::KIND,
    pushed::Pushed::KIND,
    client::Registered::KIND,
    registration::InitialAccess::KIND,
    logout::Participants::KIND,
    logout::SessionsEnded::KIND,
    logout::Delivery::KIND,
    device::Device::KIND,
    device::TypedCode::KIND,
];

macro_rules! record_ids {
    ($($name:ident),+) => {
        $(impl RecordId for $name {
            fn encode(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(self.as_bytes());
            }
        })+
    };
}
record_ids!(AccountId, SessionId, ChangeId, GrantId, EventId, Digest);
