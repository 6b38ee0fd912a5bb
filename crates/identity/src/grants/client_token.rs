//! Tokens for the client itself (RFC 6749 §4.4). They speak for nobody, give no refresh token, and live on the client:
//! taking it out of the directory ends them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::random;
use doorward_oidc::access_token::{AccessToken, audience};
use doorward_oidc::error::Fault;
use doorward_oidc::keys::Keys;
use doorward_oidc::limits::ACCESS_TOKEN_LIFETIME;
use doorward_oidc::scope::Scope;
use doorward_oidc::token::{TokenAnswer, client_credentials};

use super::GrantsError;
use super::call::Proved;
use super::tokens::token_type;
use crate::Identity;

impl Identity {
    pub(super) async fn client_token(
        &self,
        keys: &Keys,
        scope: Option<&Scope>,
        resources: &[String],
        client: &Proved<'_>,
    ) -> Result<Result<TokenAnswer, Fault>, GrantsError> {
        let now = self.now();
        let issuer = self.protocol_issuer();
        let decided = match client_credentials::decide(scope, resources, &client.caller(issuer, now)) {
            Ok(decided) => decided,
            Err(fault) => return Ok(Err(self.refused_early(client, fault).await?)),
        };
        let id = &client.client().id;
        let access = AccessToken {
            jti: URL_SAFE_NO_PAD.encode(random::bytes::<16>(self.random().as_ref())?),
            grant: None,
            client_id: id.clone(),
            sub: id.as_str().to_owned(),
            audience: audience(&decided.resources, issuer),
            scope: decided.scope,
            authentication: None,
            jkt: client.jkt().map(str::to_owned),
            issued_at: now,
            expires_at: now.plus(ACCESS_TOKEN_LIFETIME),
        };
        let text = self.access_token(&access, client.client(), keys)?;
        let refused = self
            .store()
            .transact(now, |tx| async move {
                if let Some(fault) = client.enter(&tx).await? {
                    return Ok(Some(fault));
                }
                client.leave(&tx)?;
                Ok::<_, GrantsError>(None)
            })
            .await?;
        Ok(match refused {
            Some(fault) => Err(fault),
            None => Ok(TokenAnswer::new(
                text,
                token_type(client.jkt()),
                access.expires_in(now),
                access.scope,
            )),
        })
    }
}
