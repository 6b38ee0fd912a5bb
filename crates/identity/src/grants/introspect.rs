//! Introspection (RFC 7662): a resource server or the client itself asks whether a token counts.

use doorward_oidc::error::Fault;
use doorward_oidc::introspection;
use doorward_oidc::issuer::Endpoint;
use doorward_oidc::token::ErrorAnswer;
use serde_json::{Map, Value};

use super::GrantsError;
use super::call::Call;
use super::live::live;
use super::refresh_token::RefreshToken;
use super::tokens::live_access;
use crate::Identity;

/// How a caller wants to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntrospectionForm {
    /// `application/json`.
    Json,
    /// `application/token-introspection+jwt` (RFC 9701).
    Jwt,
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Introspected {
    /// As it was asked for.
    Json(Map<String, Value>),
    /// Signed, for the caller alone.
    Jwt(String),
}

impl Identity {
    /// Says what a token is, to a client that proves itself.
    ///
    /// # Errors
    /// Outside, [`GrantsError`] when something below failed; inside, what the caller is told.
    pub async fn introspect(
        &self,
        call: &Call<'_>,
        form: IntrospectionForm,
    ) -> Result<Result<Introspected, ErrorAnswer>, GrantsError> {
        let now = self.now();
        let keys = self.signing_keys().await?;
        let issuer = self.protocol_issuer();
        let named = match self.named(call).await? {
            Ok(named) => named,
            Err(refused) => return Ok(Err(refused)),
        };
        let caller = match named
            .prove(self, call, Endpoint::Introspection, keys.protocol())
            .await?
        {
            Ok(caller) if !caller.client().is_public() => caller,
            // Saying one's name is no proof, and introspection demands one (RFC 7662 §2.1).
            Ok(_) => return Ok(Err(Fault::ClientAuthenticationFailed.into())),
            Err(refused) => return Ok(Err(refused)),
        };
        let asked = match introspection::asked(call.params) {
            Ok(asked) => asked,
            Err(fault) => return Ok(Err(self.refused_early(&caller, fault).await?.into())),
        };
        let text = asked.as_ref().map(|token| token.expose()).unwrap_or_default();
        let access = &self.read_access_token(keys.protocol(), text, now);
        let refresh = RefreshToken::parse(text, self.sealer());
        let caller = &caller;
        let said: Result<_, ErrorAnswer> = self
            .store()
            .transact(now, |tx| async move {
                if let Some(fault) = caller.enter(&tx).await? {
                    return Ok(Err(fault.into()));
                }
                if let Some(token) = access {
                    let found = live_access(&tx, token).await?;
                    let said = found.map(|_| introspection::access_token(token, caller.client(), issuer));
                    return Ok(Ok(said.unwrap_or_else(introspection::inactive)));
                }
                let Some(token) = refresh else {
                    return Ok(Ok(introspection::inactive()));
                };
                let found = live(&tx, &token.grant).await?;
                let current = found.filter(|live| {
                    live.grant.family.as_ref().is_some_and(|family| {
                        family.generation == token.generation
                            && now < family.idle_until
                            && now < family.ends_at
                    })
                });
                let said = current
                    .map(|live| introspection::refresh_token(&live.grant.terms, caller.client(), issuer));
                Ok::<_, GrantsError>(Ok(said.unwrap_or_else(introspection::inactive)))
            })
            .await?;
        Ok(match (said, form) {
            (Ok(said), IntrospectionForm::Json) => Ok(Introspected::Json(said)),
            (Ok(said), IntrospectionForm::Jwt) => Ok(Introspected::Jwt(introspection::sign(
                said,
                caller.client(),
                issuer,
                keys.protocol(),
                now,
            )?)),
            (Err(refused), _) => Err(refused),
        })
    }
}
