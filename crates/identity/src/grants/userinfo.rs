//! UserInfo (OpenID Connect Core §5.3): what the holder of an access token may know of the person, as it is now.

use doorward_oidc::Acr;
use doorward_oidc::client::Client;
use doorward_oidc::dpop::check_binding;
use doorward_oidc::error::Fault;
use doorward_oidc::issuer::Endpoint;
use doorward_oidc::userinfo;
use serde_json::{Map, Value};

use super::GrantsError;
use super::call::{ResourceCall, consume_proof, proof_is_new};
use super::tokens::{Holder, live_access};
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

/// A token is refused at a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct ResourceRefused {
    /// The rule.
    pub fault: Fault,
    /// The rung that a new authorization must reach (RFC 9470 §3).
    pub needs: Option<Acr>,
}

impl From<Fault> for ResourceRefused {
    fn from(fault: Fault) -> Self {
        Self { fault, needs: None }
    }
}

impl Identity {
    /// Answers with the claims of the person.
    ///
    /// # Errors
    /// Outside, [`GrantsError`] when something below failed; inside, the rule that the token breaks.
    pub async fn userinfo(
        &self,
        call: &ResourceCall<'_>,
    ) -> Result<Result<Userinfo, ResourceRefused>, GrantsError> {
        let presented = call.token;
        let now = self.now();
        let keys = self.signing_keys().await?;
        let issuer = self.protocol_issuer();
        let Some(token) = self.read_access_token(keys.protocol(), presented.token, now) else {
            return Ok(Err(Fault::TokenInvalid.into()));
        };
        if !token.is_for(issuer.as_str()) {
            return Ok(Err(Fault::TokenInvalid.into()));
        }
        let at = (call.method, Endpoint::Userinfo);
        let proof = match self.possession(call.proofs, at, Some(presented.token), keys.protocol()) {
            // A proof beside a token that is bound to nothing is not looked at.
            Err(_) if token.jkt.is_none() => None,
            Err(fault) => return Ok(Err(fault.into())),
            Ok(proof) => proof.filter(|_| token.jkt.is_some()),
        };
        if let Err(fault) = check_binding(token.jkt.as_deref(), presented.scheme, proof.as_ref()) {
            return Ok(Err(fault.into()));
        }
        let (access, proof) = (&token, proof.as_ref());
        let found = self
            .store()
            .transact(now, |tx| async move {
                let live = match live_access(&tx, access).await? {
                    Some(Holder::Person(live)) => live,
                    Some(Holder::Client) => return Ok(Err(Fault::TokenNotOfPerson)),
                    None => return Ok(Err(Fault::TokenInvalid)),
                };
                if let Some(proof) = proof {
                    if let Some(fault) = proof_is_new(&tx, proof).await? {
                        return Ok(Err(fault));
                    }
                    consume_proof(&tx, proof)?;
                }
                Ok::<_, GrantsError>(Ok(live))
            })
            .await?;
        let live = match found {
            Ok(live) => live,
            Err(fault) => return Ok(Err(fault.into())),
        };
        // RFC 9470: the operator may have raised what this application demands since the token was given.
        let minimum = live.client.minimum_acr;
        if let Some(needs) = minimum.filter(|minimum| live.grant.reached() < *minimum) {
            return Ok(Err(ResourceRefused {
                fault: Fault::AuthenticationTooWeak,
                needs: Some(needs),
            }));
        }
        let person = super::person_claims(&live.account);
        let claims = match userinfo::userinfo(&live.grant.terms, &token.scope, &person) {
            Ok(claims) => claims,
            Err(fault) => return Ok(Err(fault.into())),
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
