//! What relying parties read before they ask: the provider's metadata and its public keys.

use doorward_jose::JwkSet;
use doorward_oidc::client::metadata::GrantType;
use doorward_oidc::discovery::{Offered, metadata, protected_resource};
use doorward_oidc::issuer::Endpoint;
use doorward_oidc::scope;
use serde_json::{Map, Value};

use super::CLAIMS;
use crate::Identity;
use crate::keys::KeysError;
use crate::policy::RegistrationDoor;

impl Identity {
    /// The document of both well-known addresses, made from what is on.
    ///
    /// # Errors
    /// [`KeysError`] when there are no keys: a document without them would promise what cannot be done.
    pub async fn discovery(&self) -> Result<Map<String, Value>, KeysError> {
        let keys = self.signing_keys().await?;
        Ok(metadata(self.protocol_issuer(), &self.offered(), keys.protocol()))
    }

    /// What there is to know of userinfo as a protected resource (RFC 9728).
    #[must_use]
    pub fn protected_resource(&self) -> Map<String, Value> {
        protected_resource(self.protocol_issuer(), &offered())
    }

    /// The public keys: those that will sign, that sign, and that signed a while ago.
    ///
    /// # Errors
    /// [`KeysError`].
    pub async fn jwks(&self) -> Result<JwkSet, KeysError> {
        Ok(self.signing_keys().await?.protocol().published().clone())
    }
}

impl Identity {
    /// What is on, as the operator has it.
    fn offered(&self) -> Offered {
        let mut offered = offered();
        let rules = &self.policy().registration;
        if rules.door != RegistrationDoor::Closed {
            offered.endpoints.push(Endpoint::Registration);
        }
        offered.request_objects.1 = rules.request_uris;
        offered.pairwise = true;
        offered.backchannel_logout = true;
        offered.frontchannel_logout = true;
        offered
    }
}

/// Of scopes and claims, those for which an account has something.
fn offered() -> Offered {
    let mut offered = Offered::default();
    let opens = |name: &&str| {
        *name == scope::OFFLINE_ACCESS || scope::claims_of(name).iter().any(|claim| fills(claim))
    };
    offered.scopes = scope::KNOWN.iter().copied().filter(opens).collect();
    offered.claims = CLAIMS.into_iter().map(str::to_owned).collect();
    offered
        .endpoints
        .extend([Endpoint::PushedRequest, Endpoint::DeviceAuthorization]);
    offered.grant_types = GrantType::ALL.to_vec();
    offered.request_objects = (true, false);
    offered.dpop = true;
    offered
}

fn fills(claim: &str) -> bool {
    claim == "sub" || CLAIMS.contains(&claim)
}
