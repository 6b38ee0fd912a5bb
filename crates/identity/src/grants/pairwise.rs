//! Under which name a client knows a person (OpenID Connect Core §8).
//!
//! The names of pairwise clients are made with a secret salt. It is made once, kept sealed, and never changes:
//! with another one every such client would lose all its people. So it is a record of its own and not derived
//! from a key, which an operator may change.

use doorward_oidc::client::Client;
use doorward_oidc::client::metadata::SubjectType;
use doorward_oidc::subject::subject;
use doorward_storage::Purpose;

use super::GrantsError;
use crate::Identity;
use crate::error::Error;
use crate::ids::AccountId;
use crate::records::salt::Salt;

const SEALED: Purpose = Purpose::new("pairwise salt");
const NAME: &[u8] = b"pairwise";

impl Identity {
    /// The subject under which a client knows a person.
    pub(crate) async fn subject(&self, client: &Client, account: AccountId) -> Result<String, GrantsError> {
        let salt = match &client.subject_type {
            SubjectType::Public => [0; 32], // plays no part
            SubjectType::Pairwise { .. } => self.pairwise_salt().await?,
        };
        Ok(subject(client, &account.to_string(), &salt))
    }

    async fn pairwise_salt(&self) -> Result<[u8; 32], GrantsError> {
        if let Some(salt) = self.salt_in_memory().get() {
            return Ok(*salt);
        }
        let fresh = self.fresh::<32>()?;
        let sealed = &self.sealer().seal(SEALED, NAME, &fresh, self.random().as_ref())?;
        let kept = self
            .store()
            .transact(self.now(), |tx| async move {
                if let Some(kept) = tx.read::<Salt>(&()).await? {
                    return Ok(kept);
                }
                let first = Salt {
                    sealed: sealed.clone(),
                };
                tx.insert(first.clone()).await?;
                Ok::<_, GrantsError>(first)
            })
            .await?;
        let opened = self
            .sealer()
            .open(SEALED, NAME, &kept.sealed)
            .map_err(|_| Error::Sealed("pairwise salt"))?;
        let salt = <[u8; 32]>::try_from(opened.as_slice()).map_err(|_| Error::Damaged("pairwise salt"))?;
        Ok(*self.salt_in_memory().get_or_init(|| salt))
    }
}
