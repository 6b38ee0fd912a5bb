//! The checks of a request with what it refers to: keys at the client's address, an object at a registered one.

use std::borrow::Cow;

use doorward_oidc::authorize::request_object::{fetched, uri_to_fetch};
use doorward_oidc::authorize::{self, Arrival, AuthorizationRequest, Context, Refusal};
use doorward_oidc::client::Client;
use doorward_oidc::error::Fault;
use doorward_oidc::params::Params;

use crate::Identity;
use crate::clients::keys::Wanted;
use crate::keys::SigningKeys;
use crate::outside::{Message, OutgoingRequest};

/// Bytes of a request object at an address; a parameter may not be longer either.
const OBJECT: usize = doorward_oidc::limits::VALUE_MAX;

impl Identity {
    /// Checks a request. Where its object is signed by none of the client's keys at hand, newer ones are looked for.
    pub(super) async fn check_request(
        &self,
        params: &Params,
        client: &Client,
        keys: &SigningKeys,
        arrival: Arrival,
    ) -> Result<AuthorizationRequest, Refusal> {
        let params = match arrival {
            Arrival::Browser => self.with_its_object(params, client).await?,
            Arrival::Pushed => Cow::Borrowed(params),
        };
        let checked = |own: Option<&doorward_jose::JwkSet>| {
            let context = Context::new(self.protocol_issuer(), keys.known(), self.now());
            let context = context.reading_request_objects(own);
            let context = match arrival {
                Arrival::Browser => context,
                Arrival::Pushed => context.pushed(),
            };
            authorize::check(&params, client, &context)
        };
        if params.get("request").is_none() {
            return checked(None);
        }
        let outcome = checked(self.keys_of(client, Wanted::AtHand).await.as_ref());
        match &outcome {
            Err(refusal) if refusal.fault() == Fault::RequestObjectSignature => {
                match self.keys_of(client, Wanted::Newer).await {
                    Some(newer) => checked(Some(&newer)),
                    None => outcome,
                }
            }
            Ok(_) | Err(_) => outcome,
        }
    }

    /// The request with the object in place of its address (Core §6.2), where the operator has that on and the
    /// client registered the address.
    async fn with_its_object<'p>(
        &self,
        params: &'p Params,
        client: &Client,
    ) -> Result<Cow<'p, Params>, Refusal> {
        if !self.policy().registration.request_uris || params.get("request").is_some() {
            return Ok(Cow::Borrowed(params));
        }
        let refuse = |fault| authorize::unresolved(params, client, fault);
        let Some(uri) = uri_to_fetch(params, client).map_err(refuse)? else {
            return Ok(Cow::Borrowed(params));
        };
        let request = OutgoingRequest {
            address: uri.as_str(),
            message: Message::Get {
                accept: "application/oauth-authz-req+jwt, application/jwt",
            },
            largest: OBJECT,
        };
        let object = match self.outgoing().send(request).await {
            Ok(answer) if answer.status == 200 => String::from_utf8(answer.body).ok(),
            Ok(answer) => {
                tracing::info!(
                    client = client.id.as_str(),
                    status = answer.status,
                    "a request object was not given"
                );
                None
            }
            Err(error) => {
                tracing::info!(client = client.id.as_str(), %error, "a request object could not be fetched");
                None
            }
        };
        let object = object.ok_or_else(|| refuse(Fault::RequestUriUnreachable))?;
        fetched(params, &object).map(Cow::Owned).map_err(refuse)
    }
}
