//! An application's request while the person signs in and is asked: sealed, in the browser's own hands.
//!
//! Nothing of it is stored until it is answered. It opens only in the browser that brought it, under its own name,
//! for eight hours, and once: the answer leaves a mark. Nothing is read from the browser a second time.

use core::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::{NoRandom, Sha256, Timestamp};
use doorward_oidc::authorize::{AuthorizationRequest, Permissions};
use doorward_oidc::client::Client;
use doorward_storage::{Purpose, Sealer};
use serde::{Deserialize, Serialize};

use crate::browser::Browser;
use crate::ids::{AccountId, Digest, RequestId};
use crate::outside::Random;
use crate::records::spent::{SpentId, SpentKind};

/// An application's request waits so long for the person.
pub const REQUEST_LIFETIME: Duration = Duration::from_secs(8 * 3600);

const REQUEST: Purpose = Purpose::new("authorization request");

impl RequestId {
    /// The name of the mark that the request was answered.
    pub(super) fn mark(&self) -> SpentId {
        SpentId(
            SpentKind::Request,
            Digest::from_bytes(Sha256::of(self.as_bytes())),
        )
    }
}

/// A request as the browser carries it: its name, and what only we can open.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedRequest {
    id: RequestId,
    seal: Vec<u8>,
}

/// Some text is not a sealed request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a sealed request")]
pub struct NotSealed;

impl SealedRequest {
    /// Its name.
    #[must_use]
    pub const fn id(&self) -> RequestId {
        self.id
    }

    /// The text for a cookie: base64url, a third longer than what the application sent, and some 200 characters.
    #[must_use]
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode([self.id.as_bytes().as_slice(), &self.seal].concat())
    }

    /// Reads what [`SealedRequest::encode`] wrote. Whether it opens is found out later.
    ///
    /// # Errors
    /// [`NotSealed`].
    pub fn parse(text: &str) -> Result<Self, NotSealed> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotSealed)?;
        let (id, seal) = bytes.split_first_chunk::<16>().ok_or(NotSealed)?;
        Ok(Self {
            id: RequestId::from_bytes(*id),
            seal: seal.to_vec(),
        })
    }
}

impl core::fmt::Debug for SealedRequest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SealedRequest({}, {} bytes)", self.id, self.seal.len())
    }
}

/// What is inside the seal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) request: AuthorizationRequest,
    /// A step-up that this request has led to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) step_up: Option<SteppingUp>,
    /// What the consent page showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) shown: Option<Shown>,
}

/// Somebody was asked to prove more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SteppingUp {
    /// Who.
    pub(super) account: AccountId,
    /// When they had last proved something until then: whoever proves something later and is still below the rung
    /// did not, or could not.
    #[serde(with = "doorward_storage::times")]
    pub(super) proved_at: Timestamp,
}

/// What the consent page showed: `Allow` gives no more than this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shown {
    /// To whom.
    pub(super) account: AccountId,
    /// How often the consent had been taken back by then.
    pub(super) generation: u32,
    /// What was asked for.
    pub(super) permissions: Permissions,
}

impl Kept {
    pub(super) const fn new(request: AuthorizationRequest) -> Self {
        Self {
            request,
            step_up: None,
            shown: None,
        }
    }

    pub(super) fn seal(
        &self,
        id: Option<RequestId>,
        browser: &Browser,
        sealer: &Sealer,
        random: &dyn Random,
    ) -> Result<SealedRequest, NoRandom> {
        let id = match id {
            Some(id) => id,
            None => RequestId::random(random)?,
        };
        // A request that was read from a query has no member that JSON cannot hold.
        let inside = serde_json::to_vec(self).unwrap_or_default();
        let seal = sealer.seal(REQUEST, &binding(id, browser), &inside, random)?;
        Ok(SealedRequest { id, seal })
    }

    /// `None` when it is another browser's, was meddled with, or has waited too long.
    pub(super) fn open(
        sealed: &SealedRequest,
        browser: &Browser,
        sealer: &Sealer,
        now: Timestamp,
    ) -> Option<Self> {
        let inside = sealer
            .open(REQUEST, &binding(sealed.id, browser), &sealed.seal)
            .ok()?;
        let kept: Self = serde_json::from_slice(&inside).ok()?;
        (now < kept.ends_at()).then_some(kept)
    }

    /// Whether the application still has the redirect URI at which it wants its answer.
    pub(super) fn fits(&self, client: &Client) -> bool {
        client
            .registered_redirect_uri(self.request.target.redirect_uri())
            .is_some()
    }

    pub(super) fn ends_at(&self) -> Timestamp {
        self.request.received_at.plus(REQUEST_LIFETIME)
    }
}

fn binding(id: RequestId, browser: &Browser) -> Vec<u8> {
    [id.as_bytes().as_slice(), browser.digest().as_bytes()].concat()
}
