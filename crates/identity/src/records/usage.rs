//! What a right proof changes: counters, last use, the last TOTP step, spent recovery codes; and the account's
//! sessions, whose parent this record is.

use doorward_crypto::Timestamp;
use doorward_storage::{Kind, Record};
use serde::{Deserialize, Serialize};

use super::account::Account;
use crate::ids::{AccountId, PasskeyId, SessionId};

/// How an account's factors were used.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Usage {
    /// Whose.
    pub account: AccountId,
    /// A line a passkey that was used.
    pub passkeys: Vec<PasskeyUse>,
    /// The greatest TOTP step that was accepted for anything: only greater ones will be (RFC 6238 §5.2).
    pub totp_step: Option<u64>,
    /// The set of recovery codes that [`Usage::recovery_spent`] speaks of.
    pub recovery_set: u64,
    /// A bit a code of that set: it is spent.
    pub recovery_spent: u16,
    /// When the owner last came in by something that strangers' guesses do not reach: a passkey, a recovery code,
    /// a browser that signed in before; or set a new password or authenticator app. Older guesses count no more.
    #[serde(default, with = "doorward_storage::times::maybe")]
    pub opened_at: Option<Timestamp>,
    /// The sessions, the oldest first, at most 50; ended ones may still stand here.
    pub sessions: Vec<SessionId>,
}

/// How a passkey was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyUse {
    /// Which.
    pub passkey: PasskeyId,
    /// The greatest signature counter that was seen (§7.2 step 22).
    pub sign_count: u32,
    /// Whether it was backed up when last used.
    pub backed_up: bool,
    /// When it was last used.
    #[serde(with = "doorward_storage::times")]
    pub last_used_at: Timestamp,
}

impl Record for Usage {
    const KIND: Kind = Kind::new(b'u', "usage");
    const VERSION: u8 = 1;
    type Id = AccountId;

    fn id(&self) -> AccountId {
        self.account
    }
}

impl Usage {
    /// Nothing was used yet.
    #[must_use]
    pub const fn none(account: AccountId) -> Self {
        Self {
            account,
            passkeys: Vec::new(),
            totp_step: None,
            recovery_set: 0,
            recovery_spent: 0,
            opened_at: None,
            sessions: Vec::new(),
        }
    }

    /// How a passkey was used; `None`: never.
    #[must_use]
    pub fn of(&self, passkey: PasskeyId) -> Option<&PasskeyUse> {
        self.passkeys.iter().find(|one| one.passkey == passkey)
    }

    /// Notes a use in place of what was known of this passkey.
    pub(crate) fn note(&mut self, used: PasskeyUse) {
        self.passkeys.retain(|one| one.passkey != used.passkey);
        self.passkeys.push(used);
    }

    /// Takes a TOTP step; `false` when it, or a later one, was taken before.
    #[must_use]
    pub(crate) fn take_totp_step(&mut self, step: u64) -> bool {
        let fresh = self.totp_step.is_none_or(|last| step > last);
        if fresh {
            self.totp_step = Some(step);
        }
        fresh
    }

    /// Spends the code with this place in the account's set; `false` when it was spent before.
    #[must_use]
    pub(crate) fn spend_recovery_code(&mut self, set: u64, place: usize) -> bool {
        if self.recovery_set != set {
            self.recovery_set = set;
            self.recovery_spent = 0;
        }
        let Some(bit) = u32::try_from(place)
            .ok()
            .and_then(|place| 1_u16.checked_shl(place))
        else {
            return false;
        };
        let fresh = self.recovery_spent & bit == 0;
        self.recovery_spent |= bit;
        fresh
    }

    /// How many recovery codes are left.
    #[must_use]
    pub fn recovery_codes_left(&self, account: &Account) -> usize {
        let Some(codes) = &account.recovery else { return 0 };
        let spent = if self.recovery_set == codes.set {
            self.recovery_spent.count_ones()
        } else {
            0
        };
        codes
            .digests
            .len()
            .saturating_sub(usize::try_from(spent).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totp_step_consumed() {
        let mut usage = Usage::none(AccountId::from_bytes([0; 16]));
        assert!(usage.take_totp_step(10));
        assert!(!usage.take_totp_step(10), "the same code twice");
        assert!(!usage.take_totp_step(9), "an older step inside the window");
        assert!(usage.take_totp_step(11));
    }

    #[test]
    fn a_recovery_code_is_spent_once_and_a_new_set_begins_whole() {
        let mut usage = Usage::none(AccountId::from_bytes([0; 16]));
        assert!(usage.spend_recovery_code(1, 9));
        assert!(!usage.spend_recovery_code(1, 9));
        assert!(usage.spend_recovery_code(1, 0));
        assert!(usage.spend_recovery_code(2, 9));
        assert!(!usage.spend_recovery_code(2, 16), "no such place");
    }
}
