//! Which models are good enough. What status reports say is judged in `history`.

use doorward_crypto::{Sha1, Timestamp};

use super::blob::Blob;
use super::history::{History, Links};
use super::statement::Entry;
use crate::Aaguid;
use crate::cause::Untrusted;
use crate::trust::{Certificate, key_bits};

/// What a model must be. Without a word: known to the metadata, which is not out of date, and without any bad
/// report.
#[derive(Clone, Debug, Default)]
pub struct MetadataPolicy {
    /// What happens when the metadata is out of date.
    pub stale: Stale,
    /// The lowest certification.
    pub certification: Certification,
    /// Whether a later certification makes up for a bad report.
    pub recertification: Recertification,
    /// The only models that are accepted; nothing: all.
    pub models: Option<Vec<Aaguid>>,
}

/// What happens when the day of the next update has passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Stale {
    /// Registrations with attestation are refused.
    #[default]
    Refuse,
    /// Go on with what is known.
    Accept,
}

/// The lowest certification that is good enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Certification {
    /// None is needed.
    #[default]
    Any,
    /// Any certification.
    Certified,
    /// Level 1 or higher.
    Level1,
    /// Level 2 or higher.
    Level2,
    /// Level 3 or higher.
    Level3,
}

/// Whether a certification makes up for a bad report of an earlier day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Recertification {
    /// A bad report stays bad.
    #[default]
    Ignored,
    /// A later certification ends it; `REVOKED` stays.
    Counts,
}

impl Certification {
    pub(super) const fn level(self) -> Option<u8> {
        match self {
            Self::Any => None,
            Self::Certified => Some(0),
            Self::Level1 => Some(10),
            Self::Level2 => Some(20),
            Self::Level3 => Some(30),
        }
    }
}

/// Which model it is about.
pub(crate) struct Model<'m, 'a> {
    /// By what was signed; all zero: by nothing.
    pub(crate) aaguid: Aaguid,
    /// Whether the attestation key names it, too. That is so for U2F, which has no AAGUID; an authenticator with one
    /// is that model and no other, so that it cannot pass for a U2F model whose keys it shares.
    pub(crate) key: ModelKey,
    pub(crate) chain: &'m [Certificate<'a>],
}

/// Whether a model can be found by its attestation key (`attestationCertificateKeyIdentifiers`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModelKey {
    /// U2F, and authenticators without an AAGUID.
    Identifies,
    /// Every other.
    IsOneOfMany,
}

/// The entries of a model: at least one, and two when its AAGUID and its key each have one.
pub(crate) struct Entries<'b> {
    first: &'b Entry,
    second: Option<&'b Entry>,
}

impl<'b> Entries<'b> {
    /// The entry that says what the model is and where its certificates lead to.
    pub(crate) const fn first(&self) -> &'b Entry {
        self.first
    }
}

impl MetadataPolicy {
    /// The entries of the model, if the metadata counts and policy takes the model.
    pub(crate) fn find<'b>(
        &self,
        blob: &'b Blob,
        model: &Model<'_, '_>,
        now: Timestamp,
    ) -> Result<Entries<'b>, Untrusted> {
        if self.stale == Stale::Refuse && !blob.is_current(now) {
            return Err(Untrusted::Stale);
        }
        let key = key_identifier(model);
        if blob.is_unreadable(model.aaguid, key.as_deref()) {
            return Err(Untrusted::Unreadable);
        }
        let by_aaguid = blob.find(model.aaguid);
        let by_key = key.and_then(|key| blob.find_by_key(&key));
        let (first, second) = match (by_aaguid, by_key) {
            (Some(first), second) => (first, second),
            (None, Some(first)) => (first, None),
            (None, None) => return Err(Untrusted::UnknownModel),
        };
        if let Some(models) = &self.models
            && !models.contains(&model.aaguid)
        {
            return Err(Untrusted::NotListed);
        }
        Ok(Entries { first, second })
    }

    /// Demands that the model is good enough, by each of its entries.
    pub(crate) fn admit(
        &self,
        entries: &Entries<'_>,
        links: &Links<'_, '_>,
        now: Timestamp,
    ) -> Result<(), Untrusted> {
        for entry in [Some(entries.first), entries.second].into_iter().flatten() {
            History::new(entry.status_reports(), links, now).is_clean(self.recertification)?;
        }
        History::new(entries.first.status_reports(), links, now).is_certified(self.certification)
    }
}

/// SHA-1 of the attestation key, where that names the model.
fn key_identifier(model: &Model<'_, '_>) -> Option<String> {
    let leaf = model
        .chain
        .first()
        .filter(|_| model.key == ModelKey::Identifies)?;
    let hash = Sha1::of(key_bits(leaf.spki()).ok()?);
    Some(hash.iter().map(|byte| format!("{byte:02x}")).collect())
}
