//! The relying party: its id, its origins, its algorithms and its policy. Made once, when the program starts.

use std::sync::Arc;

use doorward_crypto::{Algorithm, Provider};
use serde::Serialize;

use crate::Cause;
use crate::builder::Builder;
use crate::client_data::CollectedClientData;
use crate::origin::Origin;
use crate::policy::{AndroidKeyPolicy, Attestation, CompoundPolicy, Leniencies};
use crate::rp_id::RpId;
use crate::step::{Fault, Step, ensure};
use crate::trust::Trust;

/// A relying party. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RelyingParty(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) id: RpId,
    pub(crate) name: String,
    pub(crate) origins: Vec<Origin>,
    pub(crate) related: Vec<Origin>,
    pub(crate) cross_origin: CrossOrigin,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) attestation: Attestation,
    pub(crate) trust: Trust,
    pub(crate) backup_eligibility: BackupEligibility,
    pub(crate) android_key: AndroidKeyPolicy,
    pub(crate) compound: CompoundPolicy,
    pub(crate) leniencies: Leniencies,
    pub(crate) lifetime: core::time::Duration,
    pub(crate) provider: Arc<dyn Provider>,
}

/// Which frames may run a ceremony (§5.10).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CrossOrigin {
    /// None: `crossOrigin` must be false.
    #[default]
    Refuse,
    /// Frames below these pages. An answer that does not name the page above is let through, since browsers
    /// before Level 3 do not name it.
    Below(Vec<Origin>),
    /// Frames below these pages, and the answer must name the page.
    OnlyBelow(Vec<Origin>),
}

/// Which credentials may be registered, by whether they can be backed up (§6.1.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BackupEligibility {
    /// Both kinds.
    #[default]
    Any,
    /// Only those that stay on one device.
    DeviceBound,
    /// Only those that survive the loss of a device.
    Eligible,
}

impl RelyingParty {
    /// Begins a relying party with this id and these origins. The origins' hosts are the id or lie below it.
    pub fn builder<O: AsRef<str>>(rp_id: &str, origins: impl IntoIterator<Item = O>) -> Builder {
        Builder::new(
            rp_id.to_owned(),
            origins
                .into_iter()
                .map(|origin| origin.as_ref().to_owned())
                .collect(),
        )
    }

    /// The RP ID.
    #[must_use]
    pub fn id(&self) -> &RpId {
        &self.0.id
    }

    /// The name for people.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The algorithms that are offered, the most wanted first.
    #[must_use]
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.0.algorithms
    }

    /// The document for `/.well-known/webauthn` under the RP ID (§5.11.1), or nothing when there are no related
    /// origins.
    #[must_use]
    pub fn related_origins(&self) -> Option<RelatedOrigins> {
        (!self.0.related.is_empty()).then(|| RelatedOrigins {
            origins: self.0.related.clone(),
        })
    }

    pub(crate) fn attestation(&self) -> Attestation {
        self.0.attestation
    }

    pub(crate) fn trust(&self) -> &Trust {
        &self.0.trust
    }

    pub(crate) fn backup_eligibility(&self) -> BackupEligibility {
        self.0.backup_eligibility
    }

    pub(crate) fn android_key(&self) -> AndroidKeyPolicy {
        self.0.android_key
    }

    pub(crate) fn compound(&self) -> CompoundPolicy {
        self.0.compound
    }

    pub(crate) fn leniencies(&self) -> Leniencies {
        self.0.leniencies
    }

    pub(crate) fn lifetime(&self) -> core::time::Duration {
        self.0.lifetime
    }

    pub(crate) fn provider(&self) -> &dyn Provider {
        &*self.0.provider
    }

    /// §7.1 steps 9 to 11, §7.2 steps 12 to 14.
    pub(crate) fn admit(&self, client: &CollectedClientData<'_>) -> Result<(), Fault> {
        let listed = |list: &[Origin], origin: &str| list.iter().any(|known| known.as_str() == origin);
        let known = listed(&self.0.origins, client.origin()) || listed(&self.0.related, client.origin());
        ensure(known, Step::Origin, Cause::OtherOrigin)?;
        if !client.cross_origin() {
            return ensure(
                client.top_origin().is_none(),
                Step::TopOrigin,
                Cause::TopOriginAlone,
            );
        }
        let (above, required) = match &self.0.cross_origin {
            CrossOrigin::Refuse => return ensure(false, Step::CrossOrigin, Cause::CrossOrigin),
            CrossOrigin::Below(above) => (above, false),
            CrossOrigin::OnlyBelow(above) => (above, true),
        };
        match client.top_origin() {
            Some(top) => ensure(listed(above, top), Step::TopOrigin, Cause::OtherTopOrigin),
            None => ensure(!required, Step::TopOrigin, Cause::TopOriginMissing),
        }
    }
}

/// The document that browsers fetch from `/.well-known/webauthn` (§5.11.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RelatedOrigins {
    origins: Vec<Origin>,
}
