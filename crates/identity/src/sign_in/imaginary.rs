//! Names that nobody has: steady answers, and tries counted like those of real accounts, in a table of fixed size.
//!
//! The table is this instance's and of memory: a restart forgets it. It costs a stranger nothing to fill; what is
//! pushed out is a counter of a name that does not exist.

use std::sync::{Mutex, PoisonError};

use doorward_crypto::{Sha256, Timestamp};
use doorward_storage::Purpose;

use super::{Method, SignInError, usage_of};
use crate::Identity;
use crate::accounts::names;
use crate::ids::AccountId;
use crate::limits;
use crate::records::guesses::{Door, Guesses, GuessesId, Shut};

const IMAGINARY: Purpose = Purpose::new("imaginary accounts");

/// Counters of names that nobody has.
#[derive(Debug)]
pub(crate) struct Imaginary {
    key: [u8; 16],
    slots: Mutex<Vec<Option<Guesses>>>,
}

impl Imaginary {
    /// An empty table; the key keeps strangers from choosing who shares a counter.
    pub(crate) fn new(key: [u8; 16]) -> Self {
        Self {
            key,
            slots: Mutex::new(vec![None; limits::IMAGINARY_COUNTERS]),
        }
    }

    /// Counts a try for a name, or says why not.
    fn reserve(&self, account: AccountId, now: Timestamp) -> Result<(), Shut> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(slot) = self.slot(&mut slots, account) else {
            return Ok(());
        };
        let mut guesses = match slot.take() {
            Some(guesses) if guesses.account == account => guesses,
            Some(_) | None => Guesses::none(account, Door::Password, now),
        };
        let shut = guesses.shut(None, now);
        if shut.is_none() {
            guesses.reserve(None, now);
        }
        *slot = Some(guesses);
        shut.map_or(Ok(()), Err)
    }

    /// Gives back a try whose password was never looked at.
    fn give_back(&self, account: AccountId) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Some(guesses)) = self.slot(&mut slots, account)
            && guesses.account == account
        {
            guesses.give_back();
        }
    }

    /// Where this name is counted: its own place, else an empty one, else that of whom nobody tried for longest.
    /// Which ones it may have is keyed, and so nobody can aim at the counter of a name that they are watching.
    fn slot<'a>(
        &self,
        slots: &'a mut [Option<Guesses>],
        account: AccountId,
    ) -> Option<&'a mut Option<Guesses>> {
        let hash = Sha256::hmac(&self.key, &[account.as_bytes()]);
        let number = hash
            .first_chunk::<8>()
            .map_or(0, |bytes| u64::from_be_bytes(*bytes));
        let groups = slots.len() / limits::IMAGINARY_CHOICES;
        let group = usize::try_from(number).unwrap_or(0) % groups.max(1);
        let group = slots.chunks_exact_mut(limits::IMAGINARY_CHOICES).nth(group)?;
        group.iter_mut().min_by_key(|slot| {
            slot.as_ref().map_or((1, None), |guesses| {
                if guesses.account == account {
                    (0, None)
                } else {
                    (2, Some(guesses.last_at))
                }
            })
        })
    }
}

impl Identity {
    /// The account that a name would have: the same every time, and nobody's.
    pub(crate) fn imaginary_account(&self, name: &str) -> AccountId {
        let derived = self.imaginary_bytes(b"account", name);
        AccountId::from_bytes(*derived.first_chunk().unwrap_or(&[0; 16]))
    }

    /// The method that it would ask first.
    pub(crate) fn imaginary_method(&self, name: &str) -> Method {
        match self.imaginary_bytes(b"method", name) {
            [first, ..] if first < 0xc0 => Method::Passkey,
            _ => Method::Password,
        }
    }

    /// Counts a try at it. The commit decides nothing: it is made so that a try costs what one at a known name
    /// does, into a fixed number of records.
    pub(crate) async fn reserve_imaginary(&self, name: &str, now: Timestamp) -> Result<(), SignInError> {
        let account = self.imaginary_account(name);
        self.imaginary().reserve(account, now)?;
        let [first, second, ..] = *account.as_bytes();
        let record = u16::from_be_bytes([first, second]) % limits::IMAGINARY_RECORDS;
        let mut nobody = [0; 16];
        nobody[..2].copy_from_slice(&record.to_be_bytes());
        let nobody = AccountId::from_bytes(nobody);
        self.store()
            .transact(now, |tx| async move {
                usage_of(&tx, nobody).await?;
                let found = tx.read::<Guesses>(&GuessesId(nobody, Door::Password)).await?;
                let mut guesses = found.unwrap_or_else(|| Guesses::none(nobody, Door::Password, now));
                guesses.reserve(None, now);
                tx.write(guesses)?;
                Ok::<(), SignInError>(())
            })
            .await
    }

    /// Gives back a try at it whose password was never looked at.
    pub(crate) fn give_back_imaginary(&self, name: &str) {
        self.imaginary().give_back(self.imaginary_account(name));
    }

    fn imaginary_bytes(&self, what: &[u8], name: &str) -> [u8; 32] {
        let name = names::normalized(name).unwrap_or_else(|| name.trim().to_lowercase());
        let key = self.sealer().derive(IMAGINARY);
        Sha256::hmac(key.as_slice(), &[what, b"\0", name.as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_names_are_slowed_like_known_ones() {
        let table = Imaginary::new([1; 16]);
        let (one, other) = (AccountId::from_bytes([1; 16]), AccountId::from_bytes([2; 16]));
        let now = Timestamp::from_seconds(100);
        for _ in 0..5 {
            assert_eq!(table.reserve(one, now), Ok(()));
        }
        assert_eq!(
            table.reserve(one, now),
            Err(Shut::Until(Timestamp::from_seconds(101)))
        );
        assert_eq!(table.reserve(other, now), Ok(()));
        assert_eq!(table.reserve(one, Timestamp::from_seconds(101)), Ok(()));
        table.give_back(one);
        assert_eq!(
            table.reserve(one, Timestamp::from_seconds(102)),
            Ok(()),
            "what was given back does not lengthen the delay"
        );
    }

    #[test]
    fn a_flood_of_made_up_names_leaves_the_newest_counters() {
        let table = Imaginary::new([1; 16]);
        let name = |n: u32| {
            let mut bytes = [9; 16];
            bytes[..4].copy_from_slice(&n.to_be_bytes());
            AccountId::from_bytes(bytes)
        };
        for n in 0..100_000 {
            assert_eq!(
                table.reserve(name(n), Timestamp::from_seconds(u64::from(n))),
                Ok(())
            );
        }
        let watched = name(200_000);
        let now = Timestamp::from_seconds(200_000);
        for _ in 0..5 {
            assert_eq!(
                table.reserve(watched, now),
                Ok(()),
                "others' tries do not count for it"
            );
        }
        for n in 300_000..300_100 {
            assert_eq!(table.reserve(name(n), now), Ok(()));
        }
        assert!(table.reserve(watched, now).is_err(), "nor do they make it forget");
        let size = table.slots.lock().expect("nobody panicked").len();
        assert_eq!(size, limits::IMAGINARY_COUNTERS, "fixed memory");
    }
}
