//! Accounts as the operator's command line and the pages see them.

use doorward_storage::{Cursor, StoreError, Tx};

use super::names::NewPerson;
use super::setup::person_of;
use super::write::{ClaimError, blank_account};
use crate::Identity;
use crate::audit::{Origin, What};
use crate::error::Error;
use crate::ids::AccountId;
use crate::records::account::{Account, Role};
use crate::records::handle::Handle;
use crate::records::link::{Gives, Invitation, SetUp};
use crate::tokens::SetupToken;

/// An account, without anything that opens it.
#[derive(Clone, Debug)]
pub struct AccountView {
    /// Its id.
    pub id: AccountId,
    /// The user name, as typed.
    pub user_name: String,
    /// The display name.
    pub display_name: String,
    /// The address.
    pub email: Option<String>,
    /// What it may do here.
    pub role: Role,
    /// The operator turned it off.
    pub disabled: bool,
    /// So many passkeys.
    pub passkeys: usize,
    /// It has a password.
    pub password: bool,
    /// It has an authenticator app.
    pub totp: bool,
    /// When it was made.
    pub created_at: doorward_crypto::Timestamp,
}

impl AccountView {
    /// The view of a record.
    #[must_use]
    pub fn of(account: &Account) -> Self {
        Self {
            id: account.id,
            user_name: account.user_name.to_string(),
            display_name: account.display_name.to_string(),
            email: account.email.as_ref().map(ToString::to_string),
            role: account.role,
            disabled: account.disabled,
            passkeys: account.passkeys.len(),
            password: account.password.is_some(),
            totp: account.totp.is_some(),
            created_at: account.created_at,
        }
    }
}

/// An account could not be added.
#[derive(Debug, thiserror::Error)]
pub enum AddPersonError {
    /// A name is somebody else's.
    #[error(transparent)]
    Taken(#[from] super::FieldErrors),
    /// Something below failed.
    #[error(transparent)]
    Internal(#[from] Error),
}

impl From<StoreError> for AddPersonError {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<ClaimError> for AddPersonError {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::Taken(fields) => Self::Taken(fields),
            ClaimError::Store(error) => error.into(),
        }
    }
}

impl Identity {
    /// Adds an account without any factor, and the link by which its person sets one. The link lives a day.
    ///
    /// For a user name whose account still has no factor this makes a new link, which ends the one before; names
    /// and role become what is said now.
    ///
    /// # Errors
    /// [`AddPersonError::Taken`], field by field.
    pub async fn add_person(
        &self,
        person: &NewPerson,
        role: Role,
    ) -> Result<(AccountView, SetupToken), AddPersonError> {
        let account = blank_account(person, role, self.random().as_ref(), self.now()).map_err(Error::from)?;
        let token = SetupToken::random(self.random().as_ref()).map_err(Error::from)?;
        let (account, token) = (&account, &token);
        self.store()
            .transact(self.now(), |tx| async move {
                let waiting = self.waiting_for_a_factor(&tx, person).await?;
                let is_new = waiting.is_none();
                let before = waiting.as_ref().map(person_of);
                let mut account = waiting.unwrap_or_else(|| account.clone());
                self.claim_handles(&tx, account.id, before.as_ref(), person)
                    .await?;
                if is_new {
                    tx.insert(account.clone()).await?;
                } else {
                    account.user_name = person.user_name.clone();
                    account.display_name = person.display_name.clone();
                    account.email.clone_from(&person.email);
                    account.role = role;
                    account.updated_at = tx.now();
                    account.raise_generation();
                    tx.write(account.clone())?;
                }
                let set_up = tx.read::<SetUp>(&()).await?;
                if !set_up.as_ref().is_some_and(|set_up| set_up.done) {
                    // From now on there is an account: the set-up link opens nothing any more.
                    tx.write(SetUp {
                        done: true,
                        token: None,
                        ends_at: tx.now(),
                    })?;
                }
                tx.insert(Invitation {
                    token: token.digest(),
                    account: account.id,
                    generation: account.generation,
                    gives: Gives::FirstFactor,
                    used: false,
                    ends_at: tx.now().plus(self.limits().operator_link),
                })
                .await?;
                if is_new {
                    self.record(&tx, Some(account.id), &Origin::default(), What::AccountCreated)
                        .await?;
                }
                self.record(&tx, Some(account.id), &Origin::default(), What::InvitationMade)
                    .await?;
                Ok::<_, AddPersonError>((AccountView::of(&account), token.clone()))
            })
            .await
    }

    /// The account of this user name, if there is one that has no factor yet.
    async fn waiting_for_a_factor(&self, tx: &Tx, person: &NewPerson) -> Result<Option<Account>, StoreError> {
        let Some(handle) = tx.read::<Handle>(&person.user_name.normalized()).await? else {
            return Ok(None);
        };
        let account = tx.read::<Account>(&handle.account).await?;
        Ok(account.filter(Account::has_no_factor))
    }

    /// The instance's accounts, a page at a time, in no order that means anything.
    ///
    /// # Errors
    /// [`Error`] when it cannot be told.
    pub async fn list_people(
        &self,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<(Vec<AccountView>, Option<Cursor>), Error> {
        let page = self
            .store()
            .list::<Account>(&[], after, limit.min(200), self.now())
            .await?;
        Ok((page.records.iter().map(AccountView::of).collect(), page.next))
    }
}
