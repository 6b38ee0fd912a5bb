//! A recovery code in place of the second factor, after the password. It never stands in for the first.

use doorward_crypto::{Sha256, hash};
use doorward_storage::Purpose;
use zeroize::Zeroizing;

use super::machine::Event;
use super::{Method, NewSession, SignInError};
use crate::Identity;
use crate::browser::Browser;
use crate::error::Error;
use crate::ids::{AccountId, Digest};
use crate::limits;
use crate::records::account::Account;
use crate::records::guesses::Door;
use crate::records::usage::Usage;
use crate::tokens::HalfToken;

const RECOVERY_CODE: Purpose = Purpose::new("recovery code");

/// A recovery code was right and is spent. Only this file makes one.
#[derive(Debug)]
pub(crate) struct RecoveryCodeProof {
    account: AccountId,
}

impl RecoveryCodeProof {
    pub(super) const fn account(&self) -> AccountId {
        self.account
    }

    #[cfg(test)]
    pub(super) const fn assumed(account: AccountId) -> Self {
        Self { account }
    }
}

impl Identity {
    /// Checks a recovery code in place of the second factor, spends it and opens the session.
    ///
    /// # Errors
    /// [`SignInError::CodeWrong`], [`SignInError::CodeUsed`]; [`SignInError`].
    pub async fn sign_in_with_recovery_code(
        &self,
        browser: &Browser,
        half: &HalfToken,
        typed: &str,
    ) -> Result<NewSession, SignInError> {
        let now = self.now();
        self.reserve_second_factor(browser, half, Door::RecoveryCode, now)
            .await?;
        let typed = letters_of(typed);
        let typed = &typed;
        self.second_factor(
            browser,
            half,
            Door::RecoveryCode,
            Method::RecoveryCode,
            now,
            |account, usage| {
                self.spend_recovery_code(account, usage, typed)
                    .map(Event::RecoveryCode)
            },
        )
        .await
    }

    /// Whether the code is one of the account's set and unspent; spends it in `usage`.
    fn spend_recovery_code(
        &self,
        account: &Account,
        usage: &mut Usage,
        typed: &str,
    ) -> Result<RecoveryCodeProof, SignInError> {
        let codes = account.recovery.as_ref().ok_or(SignInError::CodeWrong)?;
        let mut place = None;
        for key in self.sealer().derive_all(RECOVERY_CODE) {
            let typed = digest(&key, account.id, codes.set, typed);
            // The whole list each time: which place matched does not show.
            for (at, stored) in codes.digests.iter().enumerate() {
                if hash::equal(typed.as_bytes(), stored.as_bytes()) {
                    place = Some(at);
                }
            }
        }
        let place = place.ok_or(SignInError::CodeWrong)?;
        if usage.spend_recovery_code(codes.set, place) {
            Ok(RecoveryCodeProof { account: account.id })
        } else {
            Err(SignInError::CodeUsed)
        }
    }

    /// What is stored of a code.
    pub(crate) fn recovery_digest(&self, account: AccountId, set: u64, code: &str) -> Digest {
        digest(
            &self.sealer().derive(RECOVERY_CODE),
            account,
            set,
            &letters_of(code),
        )
    }

    /// A fresh set of codes, as shown: sixteen characters in groups of four.
    pub(crate) fn fresh_recovery_codes(&self) -> Result<Vec<Zeroizing<String>>, Error> {
        (0..limits::RECOVERY_CODES)
            .map(|_| {
                let bytes = Zeroizing::new(self.fresh::<10>()?);
                let letters = doorward_totp::base32::encode(bytes.as_slice());
                let groups: Vec<String> = letters
                    .as_bytes()
                    .chunks(4)
                    .map(|group| String::from_utf8_lossy(group).into_owned())
                    .collect();
                Ok(Zeroizing::new(groups.join("-")))
            })
            .collect()
    }
}

fn digest(key: &Zeroizing<[u8; 32]>, account: AccountId, set: u64, letters: &str) -> Digest {
    let parts: [&[u8]; 3] = [account.as_bytes(), &set.to_be_bytes(), letters.as_bytes()];
    Digest::from_bytes(Sha256::hmac(key.as_slice(), &parts))
}

/// What counts of a typed code: any spacing and case are fine.
fn letters_of(typed: &str) -> Zeroizing<String> {
    // Twice its length leaves room for any grouping; what is longer is no code.
    let letters = typed.chars().take(4 * limits::RECOVERY_CODE_CHARACTERS);
    Zeroizing::new(
        letters
            .filter(|c| c.is_ascii_alphanumeric())
            .map(|c| c.to_ascii_uppercase())
            .collect(),
    )
}
