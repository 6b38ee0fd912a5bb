//! The operator's reset link: the one way back that asks no old factor, for who has lost them all.
//!
//! Its form gives the account one new factor *in place of* all that it had: what was lost may be in somebody's hands.
//! Making the link changes nothing that counts; using it ends every session, grant, half sign-in and other link.

use doorward_storage::{StoreError, Tx};

use super::names;
use super::people::AccountView;
use crate::Identity;
use crate::audit::{Origin, What};
use crate::error::Error;
use crate::records::account::Account;
use crate::records::handle::{CredentialOwner, Handle};
use crate::records::link::{Gives, Invitation};
use crate::records::usage::Usage;
use crate::tokens::SetupToken;

/// A reset link could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// Nobody is called so.
    #[error("there is no account with this user name or e-mail address")]
    Unknown,
    /// The account is turned off.
    #[error("the account is turned off: turn it on first")]
    Disabled,
    /// Something below failed.
    #[error(transparent)]
    Internal(#[from] Error),
}

impl From<StoreError> for ResetError {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

impl Identity {
    /// Makes the link for the account of this user name or address. It lives a day, and ends the one before.
    ///
    /// # Errors
    /// [`ResetError`].
    pub async fn reset_link(&self, name: &str) -> Result<(AccountView, SetupToken), ResetError> {
        let name = &names::normalized(name).ok_or(ResetError::Unknown)?;
        let token = &SetupToken::random(self.random().as_ref()).map_err(Error::from)?;
        self.store()
            .transact(self.now(), |tx| async move {
                let handle = tx.read::<Handle>(name).await?.ok_or(ResetError::Unknown)?;
                let account = tx.read::<Account>(&handle.account).await?;
                let mut account = account.ok_or(ResetError::Unknown)?;
                if account.disabled {
                    return Err(ResetError::Disabled);
                }
                account.reset_link = Some(token.digest());
                tx.insert(Invitation {
                    token: token.digest(),
                    account: account.id,
                    generation: account.generation,
                    gives: Gives::NewFactors,
                    used: false,
                    ends_at: tx.now().plus(self.limits().operator_link),
                })
                .await?;
                self.record(&tx, Some(account.id), &Origin::default(), What::ResetLinkMade)
                    .await?;
                let view = AccountView::of(&account);
                tx.write(account)?;
                Ok((view, token.clone()))
            })
            .await
    }

    /// Takes from the account all that opened it, in the commit that gives the new factor.
    pub(super) async fn let_go_of_factors(
        &self,
        tx: &Tx,
        account: &mut Account,
        usage: &mut Usage,
    ) -> Result<(), StoreError> {
        for passkey in account.passkeys.drain(..) {
            let credential = CredentialOwner::key(passkey.credential.id.as_bytes());
            tx.read::<CredentialOwner>(&credential).await?;
            tx.remove::<CredentialOwner>(&credential)?;
        }
        account.primary = None;
        account.password = None;
        account.totp = None;
        account.preferred = None;
        account.reset_link = None;
        if let Some(codes) = account.recovery.take() {
            // The next set is counted on from here: a code of a set before is none of it.
            usage.recovery_set = usage.recovery_set.max(codes.set);
        }
        usage.passkeys.clear();
        usage.sessions.clear();
        usage.opened_at = Some(tx.now());
        Ok(())
    }
}

impl Invitation {
    /// Whether it opens the account as it is now.
    pub(super) fn opens(&self, account: &Account) -> bool {
        let as_then = !self.used && self.generation == account.generation && !account.disabled;
        as_then
            && match self.gives {
                Gives::FirstFactor => account.has_no_factor(),
                Gives::NewFactors => account.reset_link == Some(self.token),
            }
    }
}
