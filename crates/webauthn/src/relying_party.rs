//! The relying party: its id, its origins, its algorithms and its policy. Made once, when the program starts;
//! everything that could be wrong with it is wrong then.

use core::fmt;
use std::sync::Arc;

use doorward_crypto::{Algorithm, Provider, Sha256};
use serde::Serialize;

use crate::client_data::CollectedClientData;
use crate::origin::{Origin, OriginError};
use crate::policy::{AndroidKeyPolicy, Attestation, CompoundPolicy, Leniencies, Leniency};
use crate::step::{Fault, Step, ensure};
use crate::trust::Trust;
use crate::{Cause, limits};

/// A relying party. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RelyingParty(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    id: RpId,
    name: String,
    origins: Vec<Origin>,
    related: Vec<Origin>,
    cross_origin: CrossOrigin,
    algorithms: Vec<Algorithm>,
    attestation: Attestation,
    trust: Trust,
    backup_eligibility: BackupEligibility,
    android_key: AndroidKeyPolicy,
    compound: CompoundPolicy,
    leniencies: Leniencies,
    lifetime: core::time::Duration,
    provider: Arc<dyn Provider>,
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
        Builder {
            rp_id: rp_id.to_owned(),
            name: None,
            origins: origins
                .into_iter()
                .map(|origin| origin.as_ref().to_owned())
                .collect(),
            related: Vec::new(),
            framed: None,
            top_origin_required: false,
            algorithms: None,
            attestation: Attestation::None,
            trust: Trust::unchecked(),
            backup_eligibility: BackupEligibility::Any,
            android_key: AndroidKeyPolicy::default(),
            compound: CompoundPolicy::default(),
            leniencies: Leniencies::NONE,
            lifetime: limits::LIFETIME,
        }
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

/// A relying party in the making. What is not said follows the specification to the letter.
#[derive(Clone, Debug)]
pub struct Builder {
    rp_id: String,
    name: Option<String>,
    origins: Vec<String>,
    related: Vec<String>,
    framed: Option<Vec<String>>,
    top_origin_required: bool,
    algorithms: Option<Vec<Algorithm>>,
    attestation: Attestation,
    trust: Trust,
    backup_eligibility: BackupEligibility,
    android_key: AndroidKeyPolicy,
    compound: CompoundPolicy,
    leniencies: Leniencies,
    lifetime: core::time::Duration,
}

impl Builder {
    /// A name for people. The RP ID unless said otherwise.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Origins outside of the RP ID that may use it too (§5.11). Browsers learn of them from
    /// [`RelyingParty::related_origins`].
    #[must_use]
    pub fn related_origins<O: AsRef<str>>(mut self, origins: impl IntoIterator<Item = O>) -> Self {
        self.related
            .extend(origins.into_iter().map(|origin| origin.as_ref().to_owned()));
        self
    }

    /// Lets frames run ceremonies, below pages of these origins. Nothing listed: only below pages that the
    /// browser does not name. Default: no frames.
    #[must_use]
    pub fn allow_cross_origin<O: AsRef<str>>(mut self, top_origins: impl IntoIterator<Item = O>) -> Self {
        let list = top_origins.into_iter().map(|origin| origin.as_ref().to_owned());
        self.framed.get_or_insert_default().extend(list);
        self
    }

    /// Wants the browser to name the page above a frame. Browsers before Level 3 do not.
    #[must_use]
    pub fn require_top_origin(mut self) -> Self {
        self.top_origin_required = true;
        self
    }

    /// The algorithms to offer, the most wanted first, in place of ES256, EdDSA and RS256.
    #[must_use]
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = Some(algorithms.into_iter().collect());
        self
    }

    /// Which attestation clients are asked for, unless a ceremony says otherwise. Default: none.
    #[must_use]
    pub const fn attestation(mut self, attestation: Attestation) -> Self {
        self.attestation = attestation;
        self
    }

    /// What attestation must give. Default: statements are verified, and whatever they say is accepted.
    #[must_use]
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }

    /// Which credentials may be registered, by whether they can be backed up. Default: both kinds.
    #[must_use]
    pub const fn backup_eligibility(mut self, policy: BackupEligibility) -> Self {
        self.backup_eligibility = policy;
        self
    }

    /// Which of Android's authorization lists count. Default: the trusted environment's.
    #[must_use]
    pub const fn android_key(mut self, policy: AndroidKeyPolicy) -> Self {
        self.android_key = policy;
        self
    }

    /// How many members of a compound statement must be correct. Default: each.
    #[must_use]
    pub const fn compound(mut self, policy: CompoundPolicy) -> Self {
        self.compound = policy;
        self
    }

    /// Accepts what the letter refuses, each thing by its name. Default: nothing.
    #[must_use]
    pub fn tolerate(mut self, leniencies: impl IntoIterator<Item = Leniency>) -> Self {
        self.leniencies = leniencies.into_iter().fold(self.leniencies, Leniencies::and);
        self
    }

    /// How long a ceremony may last, up to a day. Default: five minutes.
    #[must_use]
    pub const fn lifetime(mut self, lifetime: core::time::Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Checks everything, and offers of the algorithms those that the provider can verify.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn build(self, provider: Arc<dyn Provider>) -> Result<RelyingParty, BuildError> {
        let id = RpId::parse(&self.rp_id)?;
        let read = |list: &[String]| {
            list.iter()
                .map(|text| {
                    Origin::parse(text).map_err(|fault| BuildError::Origin {
                        origin: text.clone(),
                        fault,
                    })
                })
                .collect::<Result<Vec<_>, _>>()
        };
        let origins = read(&self.origins)?;
        if let Some(outside) = origins.iter().find(|origin| !origin.is_within(id.as_str())) {
            return Err(BuildError::OriginOutside(outside.clone()));
        }
        let related = read(&self.related)?;
        if origins.is_empty() && related.is_empty() {
            return Err(BuildError::NoOrigin);
        }
        let cross_origin = match &self.framed {
            None => CrossOrigin::Refuse,
            Some(above) if self.top_origin_required => CrossOrigin::OnlyBelow(read(above)?),
            Some(above) => CrossOrigin::Below(read(above)?),
        };
        let wanted =
            self.algorithms
                .as_deref()
                .unwrap_or(&[Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256]);
        let algorithms = offered(wanted, &*provider)?;
        if self.lifetime.is_zero() || self.lifetime > limits::LIFETIME_MAX {
            return Err(BuildError::Lifetime);
        }
        Ok(RelyingParty(Arc::new(Inner {
            name: self.name.unwrap_or_else(|| self.rp_id.clone()),
            id,
            origins,
            related,
            cross_origin,
            algorithms,
            attestation: self.attestation,
            trust: self.trust,
            backup_eligibility: self.backup_eligibility,
            android_key: self.android_key,
            compound: self.compound,
            leniencies: self.leniencies,
            lifetime: self.lifetime,
            provider,
        })))
    }
}

/// What is wanted and can be verified, each once, in the order of the wish: nothing registers that cannot log in.
fn offered(wanted: &[Algorithm], provider: &dyn Provider) -> Result<Vec<Algorithm>, BuildError> {
    let mut offered = Vec::with_capacity(wanted.len());
    for algorithm in wanted {
        if provider.supports(*algorithm) && !offered.contains(algorithm) {
            offered.push(*algorithm);
        }
    }
    if offered.is_empty() {
        Err(BuildError::NoAlgorithm)
    } else {
        Ok(offered)
    }
}

/// An RP ID: a host name in lower case, without port or scheme, together with its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct RpId {
    text: String,
    hash: [u8; 32],
}

impl RpId {
    /// Reads an RP ID.
    ///
    /// # Errors
    /// [`BuildError::RpId`] for addresses, upper case, ports, schemes, empty labels and other characters than
    /// those of host names.
    pub fn parse(text: &str) -> Result<Self, BuildError> {
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        let is_name = text.len() <= 253
            && text.split('.').all(label)
            && matches!(url::Host::parse(text), Ok(url::Host::Domain(host)) if host == text);
        if !is_name {
            return Err(BuildError::RpId(text.to_owned()));
        }
        Ok(Self {
            text: text.to_owned(),
            hash: Sha256::of(text.as_bytes()),
        })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the text, as authenticators sign it.
    #[must_use]
    pub const fn hash(&self) -> &[u8; 32] {
        &self.hash
    }
}

impl fmt::Debug for RpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RpId({})", self.text)
    }
}

/// The document that browsers fetch from `/.well-known/webauthn` (§5.11.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RelatedOrigins {
    origins: Vec<Origin>,
}

/// Why a relying party cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// Not an RP ID.
    #[error("{0:?} is not an RP ID: a host name in lower case, no address, scheme or port")]
    RpId(String),
    /// Not an origin.
    #[error("{origin:?}: {fault}")]
    Origin {
        /// What was given.
        origin: String,
        /// Why not.
        fault: OriginError,
    },
    /// An origin that is not within the RP ID; if it shall be, name it as a related origin.
    #[error("{0} is neither the RP ID nor below it")]
    OriginOutside(Origin),
    /// No origin.
    #[error("no origin may run a ceremony")]
    NoOrigin,
    /// No algorithm.
    #[error("the provider verifies none of the algorithms")]
    NoAlgorithm,
    /// A lifetime of nothing or of more than a day.
    #[error("a ceremony lasts more than nothing and at most a day")]
    Lifetime,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_rp_id_is_a_host_name_and_nothing_else() {
        for good in [
            "example.org",
            "localhost",
            "login.example.org",
            "xn--bcher-kva.example",
        ] {
            assert!(RpId::parse(good).is_ok(), "{good}");
        }
        for wrong in [
            "",
            ".",
            "example..org",
            ".example.org",
            "example.org.",
            "Example.org",
            "https://example.org",
            "example.org:443",
            "127.0.0.1",
            "1.2",
            "0x7f.1",
            "[::1]",
            "::1",
            "exa mple.org",
            "bücher.example",
        ] {
            assert_eq!(
                RpId::parse(wrong),
                Err(BuildError::RpId(wrong.to_owned())),
                "{wrong:?}"
            );
        }
    }
}
