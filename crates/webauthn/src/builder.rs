//! Building a relying party: whatever could be wrong with it is wrong here, and not when somebody signs in.

use core::time::Duration;
use std::sync::Arc;

use doorward_crypto::{Algorithm, Provider};

use crate::limits;
use crate::origin::{Origin, OriginError};
use crate::policy::{AndroidKeyPolicy, Attestation, CompoundPolicy, Leniencies, Leniency};
use crate::relying_party::{BackupEligibility, CrossOrigin, Inner, RelyingParty};
use crate::rp_id::RpId;
use crate::trust::Trust;

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
    lifetime: Duration,
}

impl Builder {
    pub(crate) const fn new(rp_id: String, origins: Vec<String>) -> Self {
        Self {
            rp_id,
            name: None,
            origins,
            related: Vec::new(),
            framed: None,
            top_origin_required: false,
            algorithms: None,
            attestation: Attestation::None,
            trust: Trust::unchecked(),
            backup_eligibility: BackupEligibility::Any,
            android_key: AndroidKeyPolicy::TrustedEnvironment,
            compound: CompoundPolicy::All,
            leniencies: Leniencies::NONE,
            lifetime: limits::LIFETIME,
        }
    }

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
    pub const fn lifetime(mut self, lifetime: Duration) -> Self {
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
        if wanted.contains(&Algorithm::Rs1) && !self.leniencies.has(Leniency::Sha1CredentialKey) {
            return Err(BuildError::Sha1);
        }
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
    /// RS1 was to be offered without [`Leniency::Sha1CredentialKey`]. Whoever finds two messages of one SHA-1 hash
    /// can pass one login off as another; RS1 is registered for the statements of old TPMs.
    #[error(
        "RS1 signs over SHA-1, which is for attestation statements; a credential with it needs its leniency"
    )]
    Sha1,
    /// A lifetime of nothing or of more than a day.
    #[error("a ceremony lasts more than nothing and at most a day")]
    Lifetime,
}
