//! The token endpoint: who asks, and with what.

use doorward_oidc::error::Fault;
use doorward_oidc::issuer::Endpoint;
use doorward_oidc::token::{ErrorAnswer, TokenAnswer, TokenRequest};

use super::GrantsError;
use super::call::Call;
use crate::Identity;

impl Identity {
    /// Answers a token request.
    ///
    /// # Errors
    /// Outside, [`GrantsError`] when something below failed; inside, what the client is told.
    pub async fn token(&self, call: &Call<'_>) -> Result<Result<TokenAnswer, ErrorAnswer>, GrantsError> {
        let keys = self.signing_keys().await?;
        let named = match self.named(call).await? {
            Ok(named) => named,
            Err(refused) => return Ok(Err(refused)),
        };
        let client = match named.prove(self, call, Endpoint::Token, keys.protocol()).await? {
            Ok(client) => client,
            Err(refused) => return Ok(Err(refused)),
        };
        let answered = match TokenRequest::parse(call.params, client.authenticated()) {
            Ok(TokenRequest::AuthorizationCode(request)) => {
                self.redeem(keys.protocol(), &request, &client).await?
            }
            Ok(TokenRequest::RefreshToken(request)) => {
                self.refresh(keys.protocol(), &request, &client).await?
            }
            Ok(TokenRequest::ClientCredentials { scope, resources }) => {
                self.client_token(keys.protocol(), scope.as_ref(), &resources, &client)
                    .await?
            }
            Ok(TokenRequest::DeviceCode {
                device_code,
                code_verifier,
            }) => {
                self.poll_device(keys.protocol(), &device_code, code_verifier.as_deref(), &client)
                    .await?
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
}
