//! The public keys of an application: in its record, or at the address that it names.
//!
//! What was fetched is kept in memory for an hour. A key that is not among them is looked for once more, since
//! applications change their keys without telling; but an application is asked at most once in ten seconds,
//! whoever presents what. When it does not answer, the keys of before go on counting.

use core::fmt;
use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use doorward_crypto::Timestamp;
use doorward_jose::JwkSet;
use doorward_oidc::client::metadata::KeySource;
use doorward_oidc::client::{Client, ClientId};

use crate::Identity;
use crate::outside::{Message, OutgoingRequest};

/// Bytes of a key set.
const KEY_SET: usize = 64 * 1024;
/// Fetched keys are believed for so long.
const KEPT: Duration = Duration::from_secs(3600);
/// An application is asked for its keys at most once in this time.
const PAUSE: Duration = Duration::from_secs(10);
/// Applications whose keys are kept.
const APPLICATIONS: usize = 1024;

/// Which keys are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Those at hand, if they are not too old.
    AtHand,
    /// Others than those at hand: something is signed by none of them.
    Newer,
}

/// What was fetched, by application.
#[derive(Default)]
pub(crate) struct RemoteKeys(Mutex<BTreeMap<ClientId, Arc<tokio::sync::Mutex<Remote>>>>);

/// The keys of one application. Who comes while they are fetched waits for them.
#[derive(Default)]
struct Remote {
    address: String,
    keys: Option<JwkSet>,
    fetched_at: Option<Timestamp>,
    asked_at: Option<Timestamp>,
}

impl fmt::Debug for RemoteKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RemoteKeys(…)")
    }
}

impl RemoteKeys {
    fn of(&self, client: &ClientId) -> Arc<tokio::sync::Mutex<Remote>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= APPLICATIONS && !all.contains_key(client) {
            all.clear();
        }
        Arc::clone(all.entry(client.clone()).or_default())
    }
}

impl Identity {
    /// The keys with which an application signs assertions and request objects; `None` when there are none at
    /// hand, or none newer.
    pub(crate) async fn keys_of(&self, client: &Client, wanted: Wanted) -> Option<JwkSet> {
        match (&client.keys, wanted) {
            (KeySource::Jwks(text), Wanted::AtHand) => JwkSet::parse(text.as_bytes()).ok(),
            (KeySource::JwksUri(uri), wanted) => self.keys_at(client, uri.as_str(), wanted).await,
            (KeySource::Jwks(_), Wanted::Newer) | (KeySource::None, _) => None,
        }
    }

    async fn keys_at(&self, client: &Client, address: &str, wanted: Wanted) -> Option<JwkSet> {
        let remote = self.remote_keys().of(&client.id);
        let mut remote = remote.lock().await;
        if remote.address != address {
            *remote = Remote {
                address: address.to_owned(),
                asked_at: remote.asked_at,
                ..Remote::default()
            };
        }
        let now = self.now();
        let age = |since: Option<Timestamp>| since.map(|since| now.since(since));
        let is_fresh = age(remote.fetched_at).is_some_and(|age| age < KEPT);
        if wanted == Wanted::AtHand && is_fresh {
            return remote.keys.clone();
        }
        let may_ask = age(remote.asked_at).is_none_or(|age| age >= PAUSE);
        if may_ask {
            remote.asked_at = Some(now);
            if let Some(keys) = self.fetch_keys(client, address).await {
                remote.keys = Some(keys);
                remote.fetched_at = Some(now);
                return remote.keys.clone();
            }
        }
        if wanted == Wanted::AtHand {
            remote.keys.clone()
        } else {
            None
        }
    }

    async fn fetch_keys(&self, client: &Client, address: &str) -> Option<JwkSet> {
        let request = OutgoingRequest {
            address,
            message: Message::Get {
                accept: "application/jwk-set+json, application/json",
            },
            largest: KEY_SET,
        };
        let told = match self.outgoing().send(request).await {
            Ok(answer) if answer.status == 200 => match JwkSet::parse(&answer.body) {
                Ok(keys) => return Some(keys),
                Err(error) => error.to_string(),
            },
            Ok(answer) => format!("status {}", answer.status),
            Err(error) => error.to_string(),
        };
        tracing::info!(
            client = client.id.as_str(),
            told,
            "the keys of an application could not be fetched"
        );
        None
    }
}
