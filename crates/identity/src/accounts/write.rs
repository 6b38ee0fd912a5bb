//! What every new account needs: an empty document, and names that nobody else has.

use doorward_crypto::{NoRandom, Timestamp};
use doorward_storage::{StoreError, Tx};
use doorward_webauthn::UserHandle;

use super::claims::PersonalData;
use super::names::{FieldErrors, NameError, NewPerson};
use crate::Identity;
use crate::ids::AccountId;
use crate::outside::Random;
use crate::records::account::{Account, Role};
use crate::records::handle::Handle;

/// Names could not be claimed.
#[derive(Debug)]
pub(crate) enum ClaimError {
    /// They are somebody else's.
    Taken(FieldErrors),
    /// It cannot be told.
    Store(StoreError),
}

impl From<StoreError> for ClaimError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// An account without any way in.
pub(crate) fn blank_account(
    person: &NewPerson,
    role: Role,
    random: &dyn Random,
    now: Timestamp,
) -> Result<Account, NoRandom> {
    Ok(Account {
        id: AccountId::random(random)?,
        user_handle: UserHandle::generate(random)?,
        user_name: person.user_name.clone(),
        display_name: person.display_name.clone(),
        email: person.email.clone(),
        email_verified: false,
        role,
        disabled: false,
        generation: 1,
        created_at: now,
        updated_at: now,
        passkeys: Vec::new(),
        primary: None,
        password: None,
        totp: None,
        recovery: None,
        preferred: None,
        personal: PersonalData::default(),
        reset_link: None,
    })
}

/// User name and address in the forms in which they are unique.
fn handles_of(person: &NewPerson) -> (String, Option<String>) {
    (
        person.user_name.normalized(),
        person.email.as_ref().map(super::Email::normalized),
    )
}

impl Identity {
    /// Makes the person's names the account's, and lets go of those that it had and has no more.
    pub(crate) async fn claim_handles(
        &self,
        tx: &Tx,
        account: AccountId,
        before: Option<&NewPerson>,
        person: &NewPerson,
    ) -> Result<(), ClaimError> {
        let (name, email) = handles_of(person);
        let look = person.user_name.look();
        if let Some(before) = before {
            let (old_name, old_email) = handles_of(before);
            let old_look = before.user_name.look();
            for gone in [Some(old_name), Some(old_look), old_email].into_iter().flatten() {
                if gone != name && gone != look && Some(&gone) != email.as_ref() {
                    tx.read::<Handle>(&gone).await?;
                    tx.remove::<Handle>(&gone)?;
                }
            }
        }
        // Its look is claimed too: nobody else gets a name that people take for this one.
        let name_taken = !claim(tx, account, name).await? || !claim(tx, account, look).await?;
        let email_taken = match email {
            Some(email) => !claim(tx, account, email).await?,
            None => false,
        };
        if name_taken || email_taken {
            let taken = |is: bool| is.then_some(NameError::Taken);
            return Err(ClaimError::Taken(FieldErrors {
                user_name: taken(name_taken),
                display_name: None,
                email: taken(email_taken),
            }));
        }
        Ok(())
    }
}

async fn claim(tx: &Tx, account: AccountId, text: String) -> Result<bool, StoreError> {
    match tx.read::<Handle>(&text).await? {
        Some(handle) => Ok(handle.account == account),
        None => {
            tx.write(Handle { text, account })?;
            Ok(true)
        }
    }
}
