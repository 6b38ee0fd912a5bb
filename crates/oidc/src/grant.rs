//! What a person granted to a client: all that tokens are made from, at redemption and at each refresh.

use doorward_crypto::Timestamp;
use serde::{Deserialize, Serialize};

use crate::acr::{Acr, Amr};
use crate::authorize::{ClaimsRequest, Granted};
use crate::client::metadata::ClientId;
use crate::scope::Scope;
use crate::stored;

/// How and when the person signed in: what `auth_time`, `acr`, `amr` and `sid` say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// When the person last proved something actively.
    #[serde(with = "stored::moment")]
    pub auth_time: Timestamp,
    /// The rung that the client is told.
    pub acr: Acr,
    /// What the person did.
    pub amr: Vec<Amr>,
    /// The session's name for clients. It is no session token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
}

/// A person's grant to a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    /// To whom.
    pub client_id: ClientId,
    /// Of whom, as this client knows the person.
    pub sub: String,
    /// How far.
    pub scope: Scope,
    /// Claims asked for one by one, without what was not permitted.
    #[serde(default, skip_serializing_if = "ClaimsRequest::is_empty")]
    pub claims: ClaimsRequest,
    /// Protected resources of the request; empty: the issuer itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// How the person signed in.
    pub authentication: Authentication,
}

impl Grant {
    /// The grant of an authorization request that was decided.
    ///
    /// `sid` names the session to clients.
    #[must_use]
    pub fn of(granted: &Granted, sid: Option<&str>) -> Self {
        Self {
            client_id: granted.request().client_id.clone(),
            sub: granted.sub().to_owned(),
            scope: granted.scope().clone(),
            claims: granted.claims(),
            resources: granted.request().resources.clone(),
            authentication: Authentication {
                auth_time: granted.auth_time(),
                acr: granted.acr(),
                amr: granted.amr().to_vec(),
                sid: sid.map(str::to_owned),
            },
        }
    }
}
