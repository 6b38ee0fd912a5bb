//! What a wrong proof changes: tries at one door of one account, counted before the secret is looked at.

use core::time::Duration;

use doorward_crypto::Timestamp;
use doorward_storage::{Kind, Record, RecordId};
use serde::{Deserialize, Serialize};

use crate::ids::AccountId;
use crate::limits;

/// A door that can be guessed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Door {
    /// The password, from anywhere.
    Password,
    /// The password, from browsers that signed in before: strangers cannot slow these down.
    PasswordKnownDevice,
    /// Codes of the authenticator app.
    Totp,
    /// Recovery codes.
    RecoveryCode,
}

impl Door {
    const fn tag(self) -> u8 {
        match self {
            Self::Password => 1,
            Self::PasswordKnownDevice => 2,
            Self::Totp => 3,
            Self::RecoveryCode => 4,
        }
    }

    /// Tries without a delay.
    const fn free(self) -> u32 {
        match self {
            Self::Password | Self::PasswordKnownDevice | Self::RecoveryCode => 5,
            Self::Totp => 10,
        }
    }

    /// Wrong tries in a row after which it stays shut until its owner comes in another way; `None`: it never does.
    const fn most(self) -> Option<u32> {
        match self {
            Self::Password | Self::Totp | Self::RecoveryCode => Some(100),
            // Strangers cannot knock here, and so a slow door is enough.
            Self::PasswordKnownDevice => None,
        }
    }
}

/// Why a try is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shut {
    /// It came too soon: one counts from this moment on.
    Until(Timestamp),
    /// Waiting does not help: the owner must come in another way first.
    Stopped,
}

/// Tries since the last right one. Fixed in size.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Guesses {
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub door: Door,
    /// Tries in a row that were not right, those under way included.
    pub tries: u32,
    /// The last of them.
    #[serde(with = "doorward_storage::times")]
    pub last_at: Timestamp,
}

/// A name of guesses: account and door.
#[derive(Clone, Copy, Debug)]
pub struct GuessesId(pub AccountId, pub Door);

impl RecordId for GuessesId {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0.as_bytes());
        out.push(self.1.tag());
    }
}

impl Record for Guesses {
    const KIND: Kind = Kind::new(b'g', "guesses");
    const VERSION: u8 = 1;
    type Id = GuessesId;

    fn id(&self) -> GuessesId {
        GuessesId(self.account, self.door)
    }
}

impl Guesses {
    /// No tries.
    #[must_use]
    pub const fn none(account: AccountId, door: Door, now: Timestamp) -> Self {
        Self {
            account,
            door,
            tries: 0,
            last_at: now,
        }
    }

    /// Why a try is refused; `None`: one may be made now. `opened_at` is [`super::usage::Usage::opened_at`].
    #[must_use]
    pub fn shut(&self, opened_at: Option<Timestamp>, now: Timestamp) -> Option<Shut> {
        if self.is_forgiven(opened_at) || self.tries < self.door.free() {
            return None;
        }
        if self.door.most().is_some_and(|most| self.tries >= most) {
            return Some(Shut::Stopped);
        }
        let doublings = self.tries.saturating_sub(self.door.free()).min(20);
        let delay = Duration::from_secs(1_u64 << doublings).min(limits::GUESS_DELAY_MAX);
        let until = self.last_at.plus(delay);
        (until > now).then_some(Shut::Until(until))
    }

    /// Counts a try that is about to be made.
    pub fn reserve(&mut self, opened_at: Option<Timestamp>, now: Timestamp) {
        let before = if self.is_forgiven(opened_at) {
            0
        } else {
            self.tries
        };
        self.tries = before.saturating_add(1);
        self.last_at = now;
    }

    /// Gives back a try that was not made after all.
    pub const fn give_back(&mut self) {
        self.tries = self.tries.saturating_sub(1);
    }

    /// A right proof: the row of wrong ones is over.
    pub const fn clear(&mut self) {
        self.tries = 0;
    }

    /// The account was opened after the last try: the owner is there and knows.
    fn is_forgiven(&self, opened_at: Option<Timestamp>) -> bool {
        opened_at.is_some_and(|opened| opened > self.last_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guesses(tries: u32, last: u64) -> Guesses {
        let account = AccountId::from_bytes([0; 16]);
        Guesses {
            account,
            door: Door::Password,
            tries,
            last_at: Timestamp::from_seconds(last),
        }
    }

    #[test]
    fn five_tries_are_free_then_the_delay_doubles_up_to_a_quarter_of_an_hour() {
        let now = Timestamp::from_seconds(1000);
        assert_eq!(guesses(4, 1000).shut(None, now), None);
        assert_eq!(
            guesses(5, 1000).shut(None, now),
            Some(Shut::Until(Timestamp::from_seconds(1001)))
        );
        assert_eq!(
            guesses(8, 1000).shut(None, now),
            Some(Shut::Until(Timestamp::from_seconds(1008)))
        );
        assert_eq!(
            guesses(50, 1000).shut(None, now),
            Some(Shut::Until(Timestamp::from_seconds(1900)))
        );
        assert_eq!(guesses(8, 992).shut(None, now), None, "the delay is over");
    }

    #[test]
    fn a_hundred_in_a_row_shut_the_door_until_the_owner_comes_in_another_way() {
        let now = Timestamp::from_seconds(1_000_000);
        assert_eq!(guesses(100, 0).shut(None, now), Some(Shut::Stopped));
        let mut known = guesses(100, 0);
        known.door = Door::PasswordKnownDevice;
        assert_eq!(known.shut(None, now), None, "slow and never stopped");
        assert_eq!(
            guesses(100, 10).shut(Some(Timestamp::from_seconds(11)), now),
            None
        );
        let mut after = guesses(100, 10);
        after.reserve(Some(Timestamp::from_seconds(11)), now);
        assert_eq!(after.tries, 1);
    }
}
