//! The public keys of an application.

use doorward_jose::JwkSet;
use doorward_oidc::client::Client;
use doorward_oidc::client::metadata::KeySource;

use crate::Identity;
use crate::error::Error;

impl Identity {
    /// The keys with which an application signs assertions and request objects; `None` when there are none at
    /// hand.
    ///
    /// # Errors
    /// [`Error`] when it cannot be told.
    #[expect(clippy::unused_async, reason = "keys may lie elsewhere than in the record")]
    pub(crate) async fn keys_of(&self, client: &Client) -> Result<Option<JwkSet>, Error> {
        Ok(match &client.keys {
            KeySource::Jwks(text) => JwkSet::parse(text.as_bytes()).ok(),
            KeySource::JwksUri(_) | KeySource::None => None,
        })
    }
}
