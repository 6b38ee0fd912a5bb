//! Looking applications up.

use doorward_oidc::client::{Client, ClientId};
use doorward_storage::{Cursor, Page};

use crate::Identity;
use crate::error::Error;
use crate::records::client::Registered;

impl Identity {
    /// The application with this identifier; `None` when there is none.
    ///
    /// # Errors
    /// [`Error`] when the store cannot tell.
    pub async fn client(&self, id: &ClientId) -> Result<Option<Client>, Error> {
        let found = self
            .store()
            .read::<Registered>(&id.as_str().to_owned(), self.now())
            .await?;
        Ok(found.map(|registered| registered.client))
    }

    /// A page of the directory, in the order of identifiers.
    ///
    /// # Errors
    /// [`Error`] when the store cannot tell.
    pub async fn clients(&self, after: Option<&Cursor>, limit: usize) -> Result<Page<Registered>, Error> {
        Ok(self
            .store()
            .list::<Registered>(&[], after, limit, self.now())
            .await?)
    }
}
