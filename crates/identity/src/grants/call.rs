//! What a program sends to an endpoint, and who it turns out to be.
//!
//! A call names a client ([`Identity::named`]), the client proves that it is the one ([`Named::prove`]), and where
//! the endpoint takes a proof of possession, that is verified too. Whatever of it counts once is consumed by the
//! commit that decides: the assertion by every decision ([`Proved::enter`]), since its client signed it for this call;
//! the proof of possession by those that give something ([`Proved::leave`]), since strangers can make as many of
//! these as they like.

use doorward_crypto::{Sha256, Timestamp};
use doorward_jose::JwkSet;
use doorward_oidc::access_token;
use doorward_oidc::client::assertion::UsedOnce;
use doorward_oidc::client::authentication::At;
use doorward_oidc::client::metadata::AuthMethod;
use doorward_oidc::client::{Authenticated, Client, Presented};
use doorward_oidc::dpop::{self, Expected, NoncePolicy, Nonces, Proof};
use doorward_oidc::error::Fault;
use doorward_oidc::issuer::{Endpoint, Issuer};
use doorward_oidc::keys::Keys;
use doorward_oidc::params::Params;
use doorward_oidc::token::{Caller, ErrorAnswer};
use doorward_storage::{Purpose, StoreError, Tx};

use super::GrantsError;
use crate::Identity;
use crate::clients::keys::Wanted;
use crate::ids::Digest;
use crate::policy::DpopNonces;
use crate::records::spent::{Spent, SpentId, SpentKind};

const NONCE: Purpose = Purpose::new("dpop nonce");

/// A form that a program posted, with the headers by which it proves itself.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    pub(super) params: &'a Params,
    pub(super) authorization: Option<&'a str>,
    pub(super) proofs: &'a [&'a str],
}

impl<'a> Call<'a> {
    /// The form and the `Authorization` header.
    #[must_use]
    pub const fn new(params: &'a Params, authorization: Option<&'a str>) -> Self {
        Self {
            params,
            authorization,
            proofs: &[],
        }
    }

    /// With its `DPoP` headers, all of them: more than one is an error (RFC 9449 §4.3).
    #[must_use]
    pub const fn with_proofs(self, proofs: &'a [&'a str]) -> Self {
        Self { proofs, ..self }
    }
}

/// A request to a protected resource of ours.
#[derive(Clone, Copy, Debug)]
pub struct ResourceCall<'a> {
    /// The access token, and how it came.
    pub token: access_token::Presented<'a>,
    /// The method of the request.
    pub method: &'a str,
    /// Its `DPoP` headers.
    pub proofs: &'a [&'a str],
}

/// Who a call says it comes from. Nothing of it is believed yet.
pub(super) struct Named {
    presented: Presented,
    client: Option<Client>,
}

/// The client that proved itself, and the key that it proved to hold.
pub(super) struct Proved<'c> {
    client: Authenticated<'c>,
    proof: Option<Proof>,
}

impl Identity {
    pub(super) async fn named(&self, call: &Call<'_>) -> Result<Result<Named, ErrorAnswer>, GrantsError> {
        let presented = match Presented::read(call.authorization, call.params) {
            Ok(presented) => presented,
            Err(refused) => return Ok(Err(refused.into())),
        };
        let client = self.client_of(&presented).await?;
        Ok(Ok(Named { presented, client }))
    }

    /// The client that a request says it comes from, before it is believed.
    async fn client_of(&self, presented: &Presented) -> Result<Option<Client>, GrantsError> {
        if let Some(client) = self.client(presented.client_id()).await? {
            return Ok(Some(client));
        }
        match presented.client_id_as_sent() {
            Some(as_sent) => Ok(self.client(as_sent).await?),
            None => Ok(None),
        }
    }

    /// Whether scripts of this origin may read what the client that the form names is answered.
    ///
    /// # Errors
    /// [`GrantsError`] when something below failed.
    pub async fn admits_origin(&self, call: &Call<'_>, origin: &str) -> Result<bool, GrantsError> {
        let Ok(named) = self.named(call).await? else {
            return Ok(false);
        };
        Ok(named.client.is_some_and(|client| client.admits_origin(origin)))
    }

    /// A nonce for the header `DPoP-Nonce`; `None` where the operator wants none.
    #[must_use]
    pub fn dpop_nonce(&self) -> Option<String> {
        match self.policy().dpop_nonces {
            DpopNonces::Off => None,
            DpopNonces::Optional | DpopNonces::Required => Some(self.nonces().issue(self.now())),
        }
    }

    /// One key for token endpoint and resources: clients remember nonces by origin, and both have the same.
    fn nonces(&self) -> Nonces {
        Nonces::new(*self.sealer().derive(NONCE))
    }

    /// Verifies the proof of a request, if one came.
    pub(super) fn possession(
        &self,
        proofs: &[&str],
        (method, endpoint): (&str, Endpoint),
        access_token: Option<&str>,
        keys: &Keys,
    ) -> Result<Option<Proof>, Fault> {
        if proofs.is_empty() {
            return Ok(None);
        }
        let nonces = self.nonces();
        let address = self.protocol_issuer().endpoint(endpoint);
        let expected = Expected {
            method,
            address: &address,
            access_token,
            nonces: match self.policy().dpop_nonces {
                DpopNonces::Off => NoncePolicy::Off,
                DpopNonces::Optional => NoncePolicy::Optional(&nonces),
                DpopNonces::Required => NoncePolicy::Required(&nonces),
            },
            now: self.now(),
        };
        dpop::verify(proofs, &expected, keys).map(Some)
    }

    /// A refusal of a client that has proved itself, before anything was looked up: its assertion is used up all
    /// the same.
    pub(super) async fn refused_early(
        &self,
        client: &Proved<'_>,
        fault: Fault,
    ) -> Result<Fault, GrantsError> {
        if client.client.used_once().is_none() {
            return Ok(fault);
        }
        let replayed = self
            .store()
            .transact(self.now(), |tx| async move {
                Ok::<_, GrantsError>(client.enter(&tx).await?)
            })
            .await?;
        Ok(replayed.unwrap_or(fault))
    }
}

impl Named {
    /// Judges the client's proof, and then the proof of possession where the endpoint takes one.
    pub(super) async fn prove<'c>(
        &'c self,
        identity: &Identity,
        call: &Call<'_>,
        endpoint: Endpoint,
        keys: &Keys,
    ) -> Result<Result<Proved<'c>, ErrorAnswer>, GrantsError> {
        let fetched = match &self.client {
            Some(client) if self.presented.method() == AuthMethod::PrivateKeyJwt => {
                identity.keys_of(client, Wanted::AtHand).await
            }
            Some(_) | None => None,
        };
        let at = At {
            issuer: identity.protocol_issuer(),
            endpoint,
            keys,
            now: identity.now(),
        };
        let judged = |own: Option<&JwkSet>| self.presented.authenticate(self.client.as_ref(), own, &at);
        let mut client = judged(fetched.as_ref());
        if let (Err(refused), Some(named)) = (&client, &self.client)
            && refused.unknown_key
            && let Some(newer) = identity.keys_of(named, Wanted::Newer).await
        {
            client = judged(Some(&newer));
        }
        let client = match client {
            Ok(client) => client,
            Err(refused) => return Ok(Err(refused.into())),
        };
        let mut proved = Proved { client, proof: None };
        if !matches!(endpoint, Endpoint::Token | Endpoint::PushedRequest) {
            return Ok(Ok(proved));
        }
        match identity.possession(call.proofs, ("POST", endpoint), None, keys) {
            Ok(proof) => proved.proof = proof,
            Err(fault) => return Ok(Err(identity.refused_early(&proved, fault).await?.into())),
        }
        Ok(Ok(proved))
    }
}

impl<'c> Proved<'c> {
    pub(super) fn client(&self) -> &'c Client {
        self.client.client()
    }

    pub(super) const fn authenticated(&self) -> &Authenticated<'c> {
        &self.client
    }

    /// Thumbprint of the key that it proved to hold.
    pub(super) fn jkt(&self) -> Option<&str> {
        self.proof.as_ref().map(Proof::jkt)
    }

    pub(super) fn caller<'a>(&'a self, issuer: &'a Issuer, now: Timestamp) -> Caller<'a> {
        Caller {
            client: &self.client,
            jkt: self.jkt(),
            issuer,
            now,
        }
    }

    /// Consumes the assertion with this commit, and looks whether the proof of possession was used. The rule that
    /// is broken, if one is.
    pub(super) async fn enter(&self, tx: &Tx) -> Result<Option<Fault>, StoreError> {
        if let Some(once) = self.client.used_once() {
            let mark = mark(SpentKind::ClientAssertion, self.client.client().id.as_str(), once);
            if tx
                .read::<Spent>(&SpentId(mark.what, mark.digest))
                .await?
                .is_some()
            {
                return Ok(Some(Fault::AssertionReplayed));
            }
            tx.write(mark)?;
        }
        match &self.proof {
            Some(proof) => proof_is_new(tx, proof).await,
            None => Ok(None),
        }
    }

    /// Consumes the proof of possession with this commit, after [`Proved::enter`].
    pub(super) fn leave(&self, tx: &Tx) -> Result<(), StoreError> {
        self.proof
            .as_ref()
            .map_or(Ok(()), |proof| consume_proof(tx, proof))
    }
}

/// Whether a proof of possession was used before; if so, the fault.
pub(super) async fn proof_is_new(tx: &Tx, proof: &Proof) -> Result<Option<Fault>, StoreError> {
    let mark = mark(SpentKind::DpopProof, proof.jkt(), proof.used_once());
    let used = tx
        .read::<Spent>(&SpentId(mark.what, mark.digest))
        .await?
        .is_some();
    Ok(used.then_some(Fault::DpopProofReplayed))
}

/// Consumes a proof of possession with this commit, after [`proof_is_new`].
pub(super) fn consume_proof(tx: &Tx, proof: &Proof) -> Result<(), StoreError> {
    tx.write(mark(SpentKind::DpopProof, proof.jkt(), proof.used_once()))
}

/// Names are unique for whoever chose them: a client, a key.
fn mark(what: SpentKind, whose: &str, once: &UsedOnce) -> Spent {
    let parts: [&[u8]; 3] = [whose.as_bytes(), b"\0", once.jti.as_bytes()];
    Spent {
        what,
        digest: Digest::from_bytes(Sha256::of_all(&parts)),
        ends_at: once.until,
    }
}
