//! What people change about themselves without a proof: how they are called.

use super::DisplayName;
use crate::Identity;
use crate::audit::What;
use crate::error::Error;
use crate::records::account::Account;
use crate::sessions::SignedIn;

impl Identity {
    /// Gives the person another display name. It opens nothing, and so asks for no proof.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn set_display_name(&self, who: &SignedIn, name: DisplayName) -> Result<(), Error> {
        let name = &name;
        self.store()
            .transact(self.now(), |tx| async move {
                let live = self.live_session(&tx, who.session.id).await?;
                let Some((_, mut account)) = live else {
                    return Ok(());
                };
                if account.display_name != *name {
                    account.display_name = name.clone();
                    account.updated_at = tx.now();
                    self.record(&tx, Some(account.id), &who.origin(), What::DisplayNameChanged)
                        .await?;
                    tx.write::<Account>(account)?;
                }
                Ok(())
            })
            .await
    }
}
