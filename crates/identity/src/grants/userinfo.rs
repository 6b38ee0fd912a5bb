//! UserInfo (OpenID Connect Core §5.3): what the holder of an access token may know of the person, as it is now.

use doorward_oidc::access_token::{Presented, Scheme};
use doorward_oidc::client::Client;
use doorward_oidc::error::Fault;
use doorward_oidc::userinfo;
use serde_json::{Map, Value};

use super::GrantsError;
use super::tokens::live_access;
use crate::Identity;

/// The answer.
#[derive(Clone, Debug)]
pub struct Userinfo {
    /// What it holds.
    pub body: UserinfoBody,
    /// Who may read it.
    pub client: Client,
}

/// The two forms of an answer.
#[derive(Clone, Debug)]
pub enum UserinfoBody {
    /// `application/json`.
    Json(Map<String, Value>),
    /// `application/jwt`, for a client that registered an algorithm (Core §5.3.2).
    Jwt(String),
}

impl Identity {
    /// Answers with the claims of the person.
    ///
    /// # Errors
    /// Outside, [`GrantsError`] when something below failed; inside, the rule that the token breaks.
    pub async fn userinfo(&self, presented: &Presented<'_>) -> Result<Result<Userinfo, Fault>, GrantsError> {
        let now = self.now();
        let keys = self.signing_keys().await?;
        let issuer = self.protocol_issuer();
        let Some(token) = self.read_access_token(keys.protocol(), presented.token, now) else {
            return Ok(Err(Fault::TokenInvalid));
        };
        if !token.is_for(issuer.as_str()) {
            return Ok(Err(Fault::TokenInvalid));
        }
        if token.jkt.is_some() || presented.scheme == Scheme::Dpop {
            return Ok(Err(Fault::TokenWrongScheme));
        }
        let access = &token;
        let found = self
            .store()
            .transact(now, |tx| async move {
                Ok::<_, GrantsError>(live_access(&tx, access).await?)
            })
            .await?;
        let Some(live) = found else {
            return Ok(Err(Fault::TokenInvalid));
        };
        let person = super::person_claims(&live.account);
        let claims = match userinfo::userinfo(&live.grant.terms, &token.scope, &person) {
            Ok(claims) => claims,
            Err(fault) => return Ok(Err(fault)),
        };
        let body = match userinfo::sign(claims.clone(), &live.client, issuer, keys.protocol()) {
            Some(signed) => UserinfoBody::Jwt(signed?),
            None => UserinfoBody::Json(claims),
        };
        Ok(Ok(Userinfo {
            body,
            client: live.client,
        }))
    }
}
