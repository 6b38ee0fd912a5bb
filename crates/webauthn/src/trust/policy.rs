//! What a relying party demands of attestation: nothing, a path to anchors that it names, or a model that the
//! FIDO metadata vouches for (§7.1 steps 23 and 24).

use std::sync::Arc;

use super::aaguid_extension::read_aaguid;
use super::anchors::Anchors;
use super::certificate::Certificate;
use super::crl::Revocations;
use super::path::{Judge, Path};
use super::scheme::Hashes;
use crate::Aaguid;
use crate::attestation::{AttestationType, Attested, ModelName};
use crate::cause::{Cause, Untrusted};
use crate::metadata::{Blob, Entry, Links, MetadataPolicy, Model, ModelKey};
use crate::step::{At, Fault, Step};

/// What attestation must give. A statement is always verified by its format's rules; this says what follows.
#[derive(Clone, Debug)]
pub struct Trust {
    source: Source,
    revocations: Revocations,
    accept_none: bool,
    accept_self: bool,
}

#[derive(Clone, Debug)]
enum Source {
    Nobody,
    Anchors(Anchors),
    Metadata(Arc<Blob>, MetadataPolicy, Anchors),
}

impl Trust {
    /// Any correct attestation will do, and none as well. The report says that nothing was proved.
    #[must_use]
    pub const fn unchecked() -> Self {
        let revocations = Revocations::new(super::Missing::Pass);
        Self {
            source: Source::Nobody,
            revocations,
            accept_none: true,
            accept_self: true,
        }
    }

    /// A path to one of these anchors is required; no attestation and self attestation are refused.
    #[must_use]
    pub fn anchors(anchors: Anchors) -> Self {
        Self {
            source: Source::Anchors(anchors),
            accept_none: false,
            accept_self: false,
            ..Self::unchecked()
        }
    }

    /// The model must be in the metadata and good enough, and the path must lead to the model's own anchors.
    /// No attestation is refused, and so is self attestation unless the metadata says that the model has no
    /// other.
    #[must_use]
    pub fn metadata(blob: Arc<Blob>, policy: MetadataPolicy) -> Self {
        let source = Source::Metadata(blob, policy, Anchors::new());
        Self {
            source,
            accept_none: false,
            accept_self: false,
            ..Self::unchecked()
        }
    }

    /// Beside the metadata, these anchors are trusted for models that it does not know: Apple's and Google's,
    /// which FIDO does not list, and those of TPMs.
    #[must_use]
    pub fn and_anchors(self, more: Anchors) -> Self {
        let source = match self.source {
            Source::Nobody => Source::Anchors(more),
            Source::Anchors(anchors) => Source::Anchors(anchors.and(more)),
            Source::Metadata(blob, policy, anchors) => Source::Metadata(blob, policy, anchors.and(more)),
        };
        Self { source, ..self }
    }

    /// Judges certificates by these revocation lists.
    #[must_use]
    pub fn revocations(self, revocations: Revocations) -> Self {
        Self { revocations, ..self }
    }

    /// Accepts registrations without attestation beside those that are proved.
    #[must_use]
    pub fn or_none(self) -> Self {
        Self {
            accept_none: true,
            ..self
        }
    }

    /// Accepts self attestation beside attestation that is proved.
    #[must_use]
    pub fn or_self(self) -> Self {
        Self {
            accept_self: true,
            ..self
        }
    }

    /// §7.1 steps 23 and 24.
    pub(crate) fn assess(
        &self,
        attested: &Attested<'_>,
        aaguid: Aaguid,
        judge: Judge<'_>,
    ) -> Result<Verdict, Fault> {
        match attested.kind() {
            AttestationType::None if self.accept_none => Ok(Verdict::Unproved),
            AttestationType::None => Err(refuse(Untrusted::None)),
            AttestationType::Itself => self.assess_self(aaguid, judge),
            AttestationType::Certified | AttestationType::AnonymizationCa => {
                let chain = chain(attested)?;
                self.assess_chain(&chain, attested, aaguid, judge)
            }
            AttestationType::Compound => self.assess_members(attested, aaguid, judge),
        }
    }

    /// Self attestation proves the key and not the model. Metadata may say that the model has nothing better.
    fn assess_self(&self, aaguid: Aaguid, judge: Judge<'_>) -> Result<Verdict, Fault> {
        if let Source::Metadata(blob, policy, _) = &self.source {
            let (key, chain) = (ModelKey::IsOneOfMany, &[][..]);
            match policy.find(blob, &Model { aaguid, key, chain }, judge.now) {
                Ok(entries) => {
                    let links = Links {
                        chain,
                        anchor: None,
                        provider: judge.provider,
                    };
                    policy.admit(&entries, &links, judge.now).map_err(refuse)?;
                    if has_only_self(entries.first()) {
                        return Ok(Verdict::Unproved);
                    }
                }
                Err(Untrusted::UnknownModel) => {}
                Err(why) => return Err(refuse(why)),
            }
        }
        if self.accept_self {
            Ok(Verdict::Unproved)
        } else {
            Err(refuse(Untrusted::Itself))
        }
    }

    fn assess_chain(
        &self,
        chain: &[Certificate<'_>],
        attested: &Attested<'_>,
        aaguid: Aaguid,
        judge: Judge<'_>,
    ) -> Result<Verdict, Fault> {
        let hashes = attested.leaf_hashes();
        let trusted = |path: Path<'_, '_>| Verdict::Trusted {
            anchor: path.anchor.raw().into(),
        };
        match &self.source {
            Source::Nobody => Ok(Verdict::Unproved),
            Source::Anchors(anchors) => self
                .path(chain, &anchors.certificates(), hashes, judge)
                .map(trusted),
            Source::Metadata(blob, policy, more) => {
                let model = model(chain, attested, aaguid)?;
                match policy.find(blob, &model, judge.now) {
                    Ok(entries) => {
                        let anchors = entries.first().anchors().certificates();
                        let path = self.path(chain, &anchors, hashes, judge)?;
                        let links = Links {
                            chain,
                            anchor: Some(path.anchor),
                            provider: judge.provider,
                        };
                        policy.admit(&entries, &links, judge.now).map_err(refuse)?;
                        Ok(trusted(path))
                    }
                    Err(Untrusted::UnknownModel) if !more.is_empty() => {
                        self.path(chain, &more.certificates(), hashes, judge).map(trusted)
                    }
                    Err(why) => Err(refuse(why)),
                }
            }
        }
    }

    /// One member that policy trusts is enough; that the others are correct was the format's to say.
    fn assess_members(
        &self,
        attested: &Attested<'_>,
        aaguid: Aaguid,
        judge: Judge<'_>,
    ) -> Result<Verdict, Fault> {
        let mut last = Err(refuse(Untrusted::None));
        for (_, member) in attested.members() {
            last = match (self.assess(member, aaguid, judge), last) {
                (Ok(trusted @ Verdict::Trusted { .. }), _) => return Ok(trusted),
                (Ok(Verdict::Unproved), _) | (Err(_), Ok(_)) => Ok(Verdict::Unproved),
                (Err(fault), Err(_)) => Err(fault),
            };
        }
        last
    }

    fn path<'a, 'p>(
        &self,
        chain: &'p [Certificate<'a>],
        anchors: &'p [Certificate<'p>],
        leaf_hashes: Hashes,
        judge: Judge<'_>,
    ) -> Result<Path<'a, 'p>, Fault> {
        let path = Path::find(chain, anchors, leaf_hashes, judge).at(Step::AttestationChain)?;
        path.check_revocations(&self.revocations, judge)
            .at(Step::AttestationChain)?;
        Ok(path)
    }
}

impl Default for Trust {
    fn default() -> Self {
        Self::unchecked()
    }
}

/// What step 24 found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Policy asked for nothing, and nothing is known.
    Unproved,
    /// A path was found.
    Trusted { anchor: Box<[u8]> },
}

const fn refuse(why: Untrusted) -> Fault {
    Fault {
        step: Step::AttestationPolicy,
        cause: Cause::Untrusted(why),
    }
}

/// Which model it is. U2F does not sign an AAGUID: there, and where the AAGUID is all zero, the certificate says
/// it, by extension or by key.
fn model<'m, 'a>(
    chain: &'m [Certificate<'a>],
    attested: &Attested<'_>,
    aaguid: Aaguid,
) -> Result<Model<'m, 'a>, Fault> {
    if attested.model() == ModelName::Signed && !aaguid.is_zero() {
        let key = ModelKey::IsOneOfMany;
        return Ok(Model { aaguid, key, chain });
    }
    let extension = chain.first().map(read_aaguid).transpose()?.flatten();
    Ok(Model {
        aaguid: extension.unwrap_or(Aaguid::ZERO),
        key: ModelKey::Identifies,
        chain,
    })
}

fn has_only_self(entry: &Entry) -> bool {
    entry.statement().is_some_and(|statement| {
        !statement.attestation_types.is_empty()
            && statement
                .attestation_types
                .iter()
                .all(|kind| kind == "basic_surrogate")
    })
}

fn chain<'c>(attested: &'c Attested<'_>) -> Result<Vec<Certificate<'c>>, Fault> {
    let parsed = attested.chain().iter().enumerate().map(|(index, der)| {
        Certificate::parse(der).map_err(|fault| Fault {
            step: Step::Statement,
            cause: Cause::Certificate { index, fault },
        })
    });
    parsed.collect()
}
