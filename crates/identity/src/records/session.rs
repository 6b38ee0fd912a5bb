//! A session: what was proved, where, and until when it counts.

use core::time::Duration;

use doorward_crypto::Timestamp;
use doorward_oidc::{Acr, Amr};
use doorward_storage::{Kind, Record};
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, Digest, SessionId};
use crate::sign_in::proof::{self, Proof, Proved};

/// A session. It counts only while [`crate::Identity::signed_in`] says so: account live, generation equal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Its public name: the claim `sid`.
    pub id: SessionId,
    /// Hash of the secret in the cookie.
    pub secret: Digest,
    /// Whose it is.
    pub account: AccountId,
    /// The account's generation when it was made or last confirmed.
    pub generation: u64,
    /// What was proved in it, and when; step-ups included.
    pub proofs: Vec<Proof>,
    /// When the person signed in.
    #[serde(with = "doorward_storage::times")]
    pub began_at: Timestamp,
    /// When it was last used, to the minute.
    #[serde(with = "doorward_storage::times")]
    pub last_used_at: Timestamp,
    /// It ends when unused for so many milliseconds.
    pub idle_millis: u64,
    /// It ends then at the latest.
    #[serde(with = "doorward_storage::times")]
    pub ends_at: Timestamp,
    /// The browser that it was made in.
    pub browser: Digest,
    /// That browser in words.
    pub browser_words: Option<String>,
    /// The address that it was made from.
    pub address: Option<String>,
    /// The recovery code of this sign-in has already stood in for a proof once.
    pub recovery_used_up: bool,
}

impl Record for Session {
    const KIND: Kind = Kind::new(b's', "session");
    const VERSION: u8 = 1;
    type Id = SessionId;

    fn id(&self) -> SessionId {
        self.id
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(
            self.last_used_at
                .plus(Duration::from_millis(self.idle_millis))
                .min(self.ends_at),
        )
    }
}

impl Session {
    /// How the person proved who they are: the claim `amr`.
    #[must_use]
    pub fn amr(&self) -> Vec<Amr> {
        proof::amr(&self.proofs)
    }

    /// How sure that makes us: the claim `acr`.
    #[must_use]
    pub fn acr(&self) -> Acr {
        proof::acr(&self.proofs)
    }

    /// When the person last proved something: the claim `auth_time`.
    #[must_use]
    pub fn auth_time(&self) -> Timestamp {
        proof::auth_time(&self.proofs)
    }

    /// Whether a proof of this kind was given at `since` or later.
    pub(crate) fn proved_since(&self, since: Timestamp, wanted: impl Fn(&Proved) -> bool) -> bool {
        self.proofs
            .iter()
            .any(|proof| proof.at >= since && wanted(&proof.what))
    }

    /// Adds a proof; an older one of the same kind gives way, so that the record does not grow.
    pub(crate) fn add_proof(&mut self, added: Proof) {
        self.proofs.retain(|proof| proof.what != added.what);
        self.proofs.push(added);
    }
}
