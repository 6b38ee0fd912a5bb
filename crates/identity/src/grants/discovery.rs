//! What relying parties read before they ask: the provider's metadata and its public keys.

use doorward_jose::JwkSet;
use doorward_oidc::discovery::{Offered, metadata};
use serde_json::{Map, Value};

use crate::Identity;
use crate::keys::KeysError;

impl Identity {
    /// The document of both well-known addresses, made from what is on.
    ///
    /// # Errors
    /// [`KeysError`] when there are no keys: a document without them would promise what cannot be done.
    pub async fn discovery(&self) -> Result<Map<String, Value>, KeysError> {
        let keys = self.signing_keys().await?;
        Ok(metadata(
            self.protocol_issuer(),
            &Offered::default(),
            keys.protocol(),
        ))
    }

    /// The public keys: those that will sign, that sign, and that signed a while ago.
    ///
    /// # Errors
    /// [`KeysError`].
    pub async fn jwks(&self) -> Result<JwkSet, KeysError> {
        Ok(self.signing_keys().await?.protocol().published().clone())
    }
}
