//! Whether a grant counts now: the one list of what every use of a token reads.

use doorward_oidc::client::Client;
use doorward_storage::{StoreError, Tx};

use crate::ids::GrantId;
use crate::records::account::Account;
use crate::records::client::Registered;
use crate::records::consent::{Consent, ConsentId};
use crate::records::grant::Grant;
use crate::records::session::Session;

/// A grant that counts, with whose it is and for whom.
#[derive(Clone, Debug)]
pub(super) struct Live {
    pub(super) grant: Grant,
    pub(super) client: Client,
    pub(super) account: Account,
    pub(super) consent: Consent,
}

/// The grant with everything that it stands on; `None` when one of them has ended.
///
/// All of it is read through the transaction: who goes on to write commits the expectation that it still stands.
pub(super) async fn live(tx: &Tx, id: &GrantId) -> Result<Option<Live>, StoreError> {
    let Some(grant) = tx.read::<Grant>(id).await? else {
        return Ok(None);
    };
    let client = tx
        .read::<Registered>(&grant.terms.client_id.as_str().to_owned())
        .await?;
    let account = tx.read::<Account>(&grant.account).await?;
    let consent_id = ConsentId {
        account: grant.account,
        client: grant.terms.client_id.clone(),
    };
    let consent = tx.read::<Consent>(&consent_id).await?;
    let (Some(registered), Some(account), Some(consent)) = (client, account, consent) else {
        return Ok(None);
    };
    let stands = grant.ended.is_none()
        && !account.disabled
        && account.generation == grant.account_generation
        && consent.given
        && consent.generation == grant.consent_generation
        && (!grant.session_bound || session_stands(tx, &grant, &account).await?);
    Ok(stands.then_some(Live {
        grant,
        client: registered.client,
        account,
        consent,
    }))
}

async fn session_stands(tx: &Tx, grant: &Grant, account: &Account) -> Result<bool, StoreError> {
    let session = tx.read::<Session>(&grant.session).await?;
    Ok(session.is_some_and(|session| session.is_live(account)))
}
