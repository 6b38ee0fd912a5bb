//! The applications that a person let in: what they see of them, and how they take it back.

use doorward_crypto::Timestamp;
use doorward_oidc::authorize::Permissions;
use doorward_oidc::client::ClientId;
use doorward_storage::Cursor;

use crate::Identity;
use crate::audit::{Origin, What};
use crate::browser::Browser;
use crate::grants::{ClientView, GrantsError};
use crate::limits;
use crate::records::consent::{Consent, ConsentId};
use crate::sessions::SignedIn;

/// An application that a person let in.
#[derive(Clone, Debug)]
pub struct ConnectedApplication {
    /// Which.
    pub client_id: ClientId,
    /// As people see it.
    pub client: ClientView,
    /// What it may see.
    pub permissions: Permissions,
    /// Since when.
    pub since: Timestamp,
    /// When the person last signed in to it.
    pub last_used_at: Timestamp,
}

impl Identity {
    /// The applications that the person let in, at most 200, in the order of their identifiers. Removed ones are
    /// not among them.
    ///
    /// # Errors
    /// [`GrantsError`] when something below failed.
    pub async fn connected_applications(
        &self,
        person: &SignedIn,
    ) -> Result<Vec<ConnectedApplication>, GrantsError> {
        const PAGES: usize = 4;
        let (mut found, mut after): (Vec<ConnectedApplication>, Option<Cursor>) = (Vec::new(), None);
        for _ in 0..PAGES {
            let under = person.account.id;
            let page = self
                .store()
                .list::<Consent>(under.as_bytes(), after.as_ref(), limits::PAGE, self.now())
                .await?;
            for consent in page.records.into_iter().filter(|consent| consent.given) {
                if let Some(client) = self.client(&consent.client).await? {
                    found.push(ConnectedApplication {
                        client_id: consent.client,
                        client: ClientView::of(&client, None),
                        permissions: consent.permissions,
                        since: consent.given_at,
                        last_used_at: consent.last_used_at,
                    });
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// Takes back what the person allowed an application: its tokens end at once, and it has to ask again.
    ///
    /// # Errors
    /// [`GrantsError`] when something below failed. That there was nothing to take back is no error.
    pub async fn revoke_application(
        &self,
        person: &SignedIn,
        client: &ClientId,
        browser: &Browser,
    ) -> Result<(), GrantsError> {
        let now = self.now();
        let origin = &Origin::of(browser).within(person.session.id);
        self.store()
            .transact(now, |tx| async move {
                let id = ConsentId {
                    account: person.account.id,
                    client: client.clone(),
                };
                let Some(consent) = tx.read::<Consent>(&id).await? else {
                    return Ok(());
                };
                if consent.given {
                    tx.write(consent.withdrawn())?;
                    let what = What::ConsentWithdrawn {
                        client: client.to_string(),
                    };
                    self.record(&tx, Some(person.account.id), origin, what).await?;
                }
                Ok::<(), GrantsError>(())
            })
            .await
    }
}
