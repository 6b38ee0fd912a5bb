//! Revocation (RFC 7009): a client gives back what it has.

use doorward_oidc::issuer::Endpoint;
use doorward_oidc::revocation::{self, Found, Revocation};
use doorward_oidc::token::ErrorAnswer;

use super::GrantsError;
use super::call::Call;
use super::refresh_token::RefreshToken;
use super::tokens::{Holder, jti_digest, live_access};
use crate::Identity;
use crate::audit::{Origin, What};
use crate::records::grant::{Grant, Why};
use crate::records::revoked::Revoked;

impl Identity {
    /// Ends a token of the client: a refresh token with its whole grant, an access token alone. Of what is not the
    /// client's, or is nothing at all, it says the same and does nothing.
    ///
    /// # Errors
    /// Outside, [`GrantsError`] when something below failed: nobody is told that a token has ended when it has
    /// not. Inside, what the client is told.
    pub async fn revoke(&self, call: &Call<'_>) -> Result<Result<(), ErrorAnswer>, GrantsError> {
        let now = self.now();
        let keys = self.signing_keys().await?;
        let named = match self.named(call).await? {
            Ok(named) => named,
            Err(refused) => return Ok(Err(refused)),
        };
        let client = &match named
            .prove(self, call, Endpoint::Revocation, keys.protocol())
            .await?
        {
            Ok(client) => client,
            Err(refused) => return Ok(Err(refused)),
        };
        let asked = match revocation::asked(call.params) {
            Ok(asked) => asked,
            Err(fault) => return Ok(Err(self.refused_early(client, fault).await?.into())),
        };
        let text = asked.as_ref().map(|token| token.expose()).unwrap_or_default();
        let access = &self.read_access_token(keys.protocol(), text, now);
        let refresh = RefreshToken::parse(text, self.sealer());
        self.store()
            .transact(now, |tx| async move {
                if let Some(fault) = client.enter(&tx).await? {
                    return Ok(Err(fault.into()));
                }
                let held = match refresh {
                    Some(token) => tx.read::<Grant>(&token.grant).await?,
                    None => None,
                };
                let found = match (access, &held) {
                    (Some(token), _) => Found::Access(token),
                    (None, Some(grant)) => Found::Refresh(&grant.terms.client_id),
                    (None, None) => Found::Unknown,
                };
                let named = || What::TokenRevoked {
                    client: client.client().id.to_string(),
                };
                match (revocation::decide(found, client.client()), held) {
                    (Revocation::Grant, Some(grant)) if grant.ended.is_none() => {
                        let account = Some(grant.account);
                        tx.write(grant.end(Why::Revoked, now))?;
                        self.record(&tx, account, &Origin::default(), named()).await?;
                    }
                    (Revocation::Token(jti), _) => {
                        let live = match access {
                            Some(token) => live_access(&tx, token).await?,
                            None => None,
                        };
                        if let Some(holder) = live {
                            tx.write(Revoked {
                                jti: jti_digest(&jti),
                                at: now,
                            })?;
                            let account = match holder {
                                Holder::Person(live) => Some(live.account.id),
                                Holder::Client => None,
                            };
                            self.record(&tx, account, &Origin::default(), named()).await?;
                        }
                    }
                    (Revocation::Grant | Revocation::Nothing, _) => {}
                }
                Ok::<_, GrantsError>(Ok(()))
            })
            .await
    }
}
