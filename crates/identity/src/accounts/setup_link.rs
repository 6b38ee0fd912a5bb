//! The one-time links that open [`super::setup`]: made, looked at, spent.
//!
//! There is one set-up link, the newest; an invitation is a record of its own. Both are kept as hashes.

use doorward_storage::{StoreError, Tx};

use super::names::NewPerson;
use super::setup::{SetupError, person_of};
use super::write::ClaimError;
use crate::Identity;
use crate::error::Error;
use crate::ids::AccountId;
use crate::records::account::Account;
use crate::records::link::{Gives, Invitation, SetUp};
use crate::tokens::SetupToken;

/// What a link opens.
#[derive(Clone, Debug)]
pub enum Setup {
    /// The instance's first account can be made.
    Open,
    /// An account waits for its first factor; these are the names that it was given.
    Invited(NewPerson),
    /// The operator's reset link: an account gets a factor in place of those that its person lost.
    Reset(NewPerson),
    /// It was used, or somebody else was first.
    Done,
    /// It never was, or is over.
    Unknown,
}

/// The account that a link completes.
pub(super) struct Linked {
    pub(super) account: Account,
    pub(super) gives: Gives,
}

impl Linked {
    /// What the person may say of themselves. Invited: the user name stays, and so does an address that was given.
    /// Come back by the operator's link: nothing.
    pub(super) fn person(&self, typed: &NewPerson) -> NewPerson {
        let own = person_of(&self.account);
        match self.gives {
            Gives::FirstFactor => NewPerson {
                display_name: typed.display_name.clone(),
                email: own.email.or_else(|| typed.email.clone()),
                ..own
            },
            Gives::NewFactors => own,
        }
    }
}

impl Identity {
    /// A link by which the instance's first account is made; `None` when there is an account. A new link ends the
    /// one before.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn setup_link(&self) -> Result<Option<SetupToken>, Error> {
        let token = SetupToken::random(self.random().as_ref())?;
        let token = &token;
        self.store()
            .transact(self.now(), |tx| async move {
                if tx.read::<SetUp>(&()).await?.is_some_and(|set_up| set_up.done) {
                    return Ok(None);
                }
                let ends_at = tx.now().plus(self.limits().setup_link);
                tx.write(SetUp {
                    done: false,
                    token: Some(token.digest()),
                    ends_at,
                })?;
                Ok(Some(token.clone()))
            })
            .await
    }

    /// What a link opens. Looking spends nothing.
    ///
    /// # Errors
    /// [`Error`] when it cannot be told.
    pub async fn setup_state(&self, token: &SetupToken) -> Result<Setup, Error> {
        let now = self.now();
        let digest = token.digest();
        if let Some(set_up) = self.store().read::<SetUp>(&(), now).await?
            && set_up.token == Some(digest)
        {
            return Ok(match (set_up.done, now < set_up.ends_at) {
                (true, _) => Setup::Done,
                (false, true) => Setup::Open,
                (false, false) => Setup::Unknown,
            });
        }
        let Some(invitation) = self.store().read::<Invitation>(&digest, now).await? else {
            return Ok(Setup::Unknown);
        };
        let Some(account) = self.store().read::<Account>(&invitation.account, now).await? else {
            return Ok(Setup::Unknown);
        };
        if !invitation.opens(&account) {
            return Ok(Setup::Done);
        }
        Ok(match invitation.gives {
            Gives::FirstFactor => Setup::Invited(person_of(&account)),
            Gives::NewFactors => Setup::Reset(person_of(&account)),
        })
    }

    /// Whether the link opens and the names are free, before anything costs much. The account that waits, if one
    /// does.
    pub(super) async fn openable(
        &self,
        token: &SetupToken,
        person: &NewPerson,
    ) -> Result<Option<Linked>, SetupError> {
        self.store()
            .transact(self.now(), |tx| async move {
                let found = self.account_of_link(&tx, token).await?;
                let before = found.as_ref().map(|linked| person_of(&linked.account));
                let person = &found
                    .as_ref()
                    .map_or_else(|| person.clone(), |linked| linked.person(person));
                let id = found
                    .as_ref()
                    .map_or(AccountId::from_bytes([0; 16]), |linked| linked.account.id);
                // Claims in a transaction that is given up: only the answer counts.
                self.claim_handles(&tx, id, before.as_ref(), person).await?;
                Err::<(), _>(Looked::At(found.map(Box::new)))
            })
            .await
            .map_or_else(Looked::into_answer, |()| Err(SetupError::Unknown))
    }

    /// The account that the link completes; `None`: it makes the first one.
    pub(super) async fn account_of_link(
        &self,
        tx: &Tx,
        token: &SetupToken,
    ) -> Result<Option<Linked>, SetupError> {
        let digest = token.digest();
        if let Some(set_up) = tx.read::<SetUp>(&()).await?
            && set_up.token == Some(digest)
        {
            return match (set_up.done, tx.now() < set_up.ends_at) {
                (true, _) => Err(SetupError::Done),
                (false, true) => Ok(None),
                (false, false) => Err(SetupError::Unknown),
            };
        }
        let invitation = tx.read::<Invitation>(&digest).await?.ok_or(SetupError::Unknown)?;
        let account = tx
            .read::<Account>(&invitation.account)
            .await?
            .ok_or(SetupError::Unknown)?;
        if !invitation.opens(&account) {
            return Err(SetupError::Done);
        }
        Ok(Some(Linked {
            account,
            gives: invitation.gives,
        }))
    }

    /// Spends the link, with the rest of the commit that gives what it was for.
    pub(super) async fn spend_link(
        &self,
        tx: &Tx,
        token: &SetupToken,
        invited: bool,
    ) -> Result<(), StoreError> {
        let digest = token.digest();
        if invited {
            if let Some(invitation) = tx.read::<Invitation>(&digest).await? {
                tx.write(Invitation {
                    used: true,
                    ..invitation
                })?;
            }
        } else {
            tx.write(SetUp {
                done: true,
                token: Some(digest),
                ends_at: tx.now(),
            })?;
        }
        Ok(())
    }
}

/// A transaction that is given up on purpose, with what it saw.
enum Looked {
    At(Option<Box<Linked>>),
    Failed(SetupError),
}

impl Looked {
    fn into_answer(self) -> Result<Option<Linked>, SetupError> {
        match self {
            Self::At(found) => Ok(found.map(|linked| *linked)),
            Self::Failed(error) => Err(error),
        }
    }
}

impl From<StoreError> for Looked {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<SetupError> for Looked {
    fn from(error: SetupError) -> Self {
        Self::Failed(error)
    }
}

impl From<ClaimError> for Looked {
    fn from(error: ClaimError) -> Self {
        Self::Failed(error.into())
    }
}
