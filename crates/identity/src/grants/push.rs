//! Pushed authorization requests (RFC 9126): checked here, visited with [`Identity::authorize`], answered once.

use doorward_oidc::authorize::{Arrival, PushedRequest, RequestUri};
use doorward_oidc::client::Client;
use doorward_oidc::error::Fault;
use doorward_oidc::issuer::Endpoint;
use doorward_oidc::params::Params;
use doorward_oidc::token::ErrorAnswer;

use super::GrantsError;
use super::call::Call;
use super::outcome::Authorize;
use super::request::Kept;
use crate::Identity;
use crate::browser::Browser;
use crate::records::pushed::Pushed;
use crate::sessions::SignedIn;

impl Identity {
    /// Keeps a request of a client that proves itself, for a minute. The answer names it.
    ///
    /// # Errors
    /// Outside, [`GrantsError`] when something below failed; inside, what the client is told.
    pub async fn push(&self, call: &Call<'_>) -> Result<Result<RequestUri, ErrorAnswer>, GrantsError> {
        let now = self.now();
        let keys = self.signing_keys().await?;
        let named = match self.named(call).await? {
            Ok(named) => named,
            Err(refused) => return Ok(Err(refused)),
        };
        let caller = &match named
            .prove(self, call, Endpoint::PushedRequest, keys.protocol())
            .await?
        {
            Ok(caller) => caller,
            Err(refused) => return Ok(Err(refused)),
        };
        let client = caller.client();
        let early = async |fault| Ok::<_, GrantsError>(Err(self.refused_early(caller, fault).await?.into()));
        if !self.pushes().admits(client.id.clone(), now) {
            return early(Fault::ClientTooFast).await;
        }
        let params = match naming(call.params, client) {
            Ok(params) => params,
            Err(fault) => return early(fault).await,
        };
        let checked = self
            .check_request(&params, client, &keys, Arrival::Pushed)
            .await
            .map_err(|refusal| refusal.fault())
            .and_then(|request| PushedRequest::new(request, caller.jkt(), now));
        let request = match checked {
            Ok(request) => request,
            Err(fault) => {
                tracing::info!(
                    client = client.id.as_str(),
                    fault = fault.name(),
                    section = fault.section(),
                    "a pushed request was refused"
                );
                return early(fault).await;
            }
        };
        let reference = RequestUri::generate(self.random().as_ref())?;
        let pushed = &Pushed {
            reference: Pushed::key(&reference),
            request,
        };
        let refused = self
            .store()
            .transact(now, |tx| async move {
                if let Some(fault) = caller.enter(&tx).await? {
                    return Ok(Some(fault));
                }
                caller.leave(&tx)?;
                tx.insert(pushed.clone()).await?;
                Ok::<_, GrantsError>(None)
            })
            .await?;
        Ok(refused.map_or(Ok(reference), |fault| Err(fault.into())))
    }

    /// A browser comes with the reference of a pushed request. Whatever else stands beside it does not count.
    pub(super) async fn visit(
        &self,
        reference: &RequestUri,
        client: Client,
        who: Option<&SignedIn>,
        browser: &Browser,
    ) -> Result<Authorize, GrantsError> {
        let now = self.now();
        let Some(pushed) = self.store().read::<Pushed>(&Pushed::key(reference), now).await? else {
            return self.gone();
        };
        let Ok(request) = pushed.request.visit(&client.id, now) else {
            return self.gone();
        };
        let (id, kept) = (pushed.request_id(), Kept::new(request));
        if self.was_answered(id).await? || !kept.fits(&client) {
            return self.gone();
        }
        self.go_on(Some(id), kept, client, who, browser, false).await
    }
}

/// The request with the name of the client that proved itself, where the form leaves it to the header.
fn naming(params: &Params, client: &Client) -> Result<Params, Fault> {
    let mut pairs: Vec<(String, String)> = params
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    if params.get("client_id").is_none() {
        pairs.retain(|(name, _)| name != "client_id");
        pairs.push(("client_id".to_owned(), client.id.as_str().to_owned()));
    }
    Params::from_pairs(pairs).map_err(Fault::from)
}
