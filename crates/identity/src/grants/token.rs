//! The token endpoint: who asks, and with what.

use doorward_crypto::Sha256;
use doorward_oidc::client::authentication::At;
use doorward_oidc::client::{Authenticated, Client, Presented};
use doorward_oidc::error::Fault;
use doorward_oidc::issuer::Endpoint;
use doorward_oidc::params::Params;
use doorward_oidc::token::{ErrorAnswer, TokenAnswer, TokenRequest};
use doorward_storage::{StoreError, Tx};

use super::GrantsError;
use crate::Identity;
use crate::ids::Digest;
use crate::records::spent::{Spent, SpentId, SpentKind};

impl Identity {
    /// Answers a token request: `params` is the form, `authorization` the header of that name.
    ///
    /// # Errors
    /// Outside, [`GrantsError`] when something below failed; inside, what the client is told.
    pub async fn token(
        &self,
        params: &Params,
        authorization: Option<&str>,
    ) -> Result<Result<TokenAnswer, ErrorAnswer>, GrantsError> {
        let keys = self.signing_keys().await?;
        let presented = match Presented::read(authorization, params) {
            Ok(presented) => presented,
            Err(refused) => return Ok(Err(refused.into())),
        };
        let client = self.client_of(&presented).await?;
        let at = At {
            issuer: self.protocol_issuer(),
            endpoint: Endpoint::Token,
            keys: keys.protocol(),
            now: self.now(),
        };
        let client = match presented.authenticate(client.as_ref(), None, &at) {
            Ok(client) => client,
            Err(refused) => return Ok(Err(refused.into())),
        };
        let answered = match TokenRequest::parse(params, &client) {
            Ok(TokenRequest::AuthorizationCode(request)) => {
                self.redeem(keys.protocol(), &request, &client).await?
            }
            Ok(TokenRequest::RefreshToken(request)) => {
                self.refresh(keys.protocol(), &request, &client).await?
            }
            Ok(_) => Err(self.refused_early(&client, Fault::GrantTypeUnsupported).await?),
            Err(fault) => Err(self.refused_early(&client, fault).await?),
        };
        if let Err(fault) = &answered {
            let client = client.client().id.as_str();
            tracing::info!(
                client,
                fault = fault.name(),
                section = fault.section(),
                "a token request was refused"
            );
        }
        Ok(answered.map_err(ErrorAnswer::from))
    }

    /// The refusal of a client that has proved itself, before anything else was looked up: its assertion is used up
    /// all the same.
    pub(super) async fn refused_early(
        &self,
        client: &Authenticated<'_>,
        fault: Fault,
    ) -> Result<Fault, GrantsError> {
        if client.used_once().is_none() {
            return Ok(fault);
        }
        let first = self
            .store()
            .transact(self.now(), |tx| async move {
                Ok::<_, GrantsError>(consume_assertion(&tx, client).await?)
            })
            .await?;
        Ok(if first { fault } else { Fault::AssertionReplayed })
    }

    /// The client that a request says it comes from, before it is believed.
    pub(super) async fn client_of(&self, presented: &Presented) -> Result<Option<Client>, GrantsError> {
        if let Some(client) = self.client(presented.client_id()).await? {
            return Ok(Some(client));
        }
        match presented.client_id_as_sent() {
            Some(as_sent) => Ok(self.client(as_sent).await?),
            None => Ok(None),
        }
    }

    /// Whether scripts of this origin may read what the client that the form names is answered.
    ///
    /// # Errors
    /// [`GrantsError`] when something below failed.
    pub async fn admits_origin(
        &self,
        params: &Params,
        authorization: Option<&str>,
        origin: &str,
    ) -> Result<bool, GrantsError> {
        let Ok(presented) = Presented::read(authorization, params) else {
            return Ok(false);
        };
        Ok(self
            .client_of(&presented)
            .await?
            .is_some_and(|client| client.admits_origin(origin)))
    }
}

/// Consumes the client's assertion with this commit; `false` when it was used before. Clients that prove
/// themselves otherwise have none.
pub(super) async fn consume_assertion(tx: &Tx, client: &Authenticated<'_>) -> Result<bool, StoreError> {
    let Some(once) = client.used_once() else {
        return Ok(true);
    };
    let parts: [&[u8]; 3] = [client.client().id.as_str().as_bytes(), b"\0", once.jti.as_bytes()];
    let id = SpentId(
        SpentKind::ClientAssertion,
        Digest::from_bytes(Sha256::of_all(&parts)),
    );
    if tx.read::<Spent>(&id).await?.is_some() {
        return Ok(false);
    }
    tx.write(Spent {
        what: SpentKind::ClientAssertion,
        digest: id.1,
        ends_at: once.until,
    })?;
    Ok(true)
}
