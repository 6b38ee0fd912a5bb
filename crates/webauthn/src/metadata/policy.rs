//! Which models are good enough.

use doorward_crypto::{Sha1, Timestamp};

use super::blob::Blob;
use super::statement::Entry;
use super::status::{Says, StatusReport};
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
    const fn level(self) -> Option<u8> {
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
    pub(crate) aaguid: Aaguid,
    pub(crate) chain: &'m [Certificate<'a>],
}

impl MetadataPolicy {
    /// The entry of the model, if the model is good enough.
    pub(crate) fn admit<'b>(
        &self,
        blob: &'b Blob,
        model: &Model<'_, '_>,
        now: Timestamp,
    ) -> Result<&'b Entry, Untrusted> {
        if self.stale == Stale::Refuse && !blob.is_current(now) {
            return Err(Untrusted::Stale);
        }
        if blob.is_unreadable(model.aaguid) {
            return Err(Untrusted::Unreadable);
        }
        let entry = find(blob, model).ok_or(Untrusted::UnknownModel)?;
        if let Some(models) = &self.models
            && !models.contains(&model.aaguid)
        {
            return Err(Untrusted::NotListed);
        }
        let reports: Vec<&StatusReport> = entry
            .status_reports()
            .iter()
            .filter(|report| report.effective_date.is_none_or(|date| date.begins_at() <= now))
            .filter(|report| concerns(report, model.chain))
            .collect();
        self.history(&reports)?;
        self.certified(&reports, now)?;
        Ok(entry)
    }

    fn history(&self, reports: &[&StatusReport]) -> Result<(), Untrusted> {
        let certified_after = |bad: &StatusReport| {
            reports.iter().any(|report| {
                matches!(report.status.says(), Says::Certified(_))
                    && report.effective_date > bad.effective_date
            })
        };
        for report in reports.iter().filter(|report| report.status.says() == Says::Bad) {
            let mended = self.recertification == Recertification::Counts
                && report.status != super::Status::Revoked
                && certified_after(report);
            if !mended {
                return Err(Untrusted::Status(report.status.clone()));
            }
        }
        Ok(())
    }

    fn certified(&self, reports: &[&StatusReport], now: Timestamp) -> Result<(), Untrusted> {
        let Some(wanted) = self.certification.level() else {
            return Ok(());
        };
        let good = reports.iter().any(|report| {
            let counts = report.sunset_date.is_none_or(|date| now < date.begins_at());
            counts && matches!(report.status.says(), Says::Certified(level) if level >= wanted)
        });
        if good {
            Ok(())
        } else {
            Err(Untrusted::Certification)
        }
    }
}

/// By AAGUID; a key without one by the identifier of its attestation key.
fn find<'b>(blob: &'b Blob, model: &Model<'_, '_>) -> Option<&'b Entry> {
    blob.find(model.aaguid).or_else(|| {
        let leaf = model.chain.first()?;
        let hash = Sha1::of(key_bits(leaf.spki()).ok()?);
        let identifier: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        blob.find_by_key(&identifier)
    })
}

/// A report about one certificate concerns those that come with it.
fn concerns(report: &StatusReport, chain: &[Certificate<'_>]) -> bool {
    report
        .certificate
        .as_ref()
        .is_none_or(|certificate| chain.iter().any(|link| link.raw() == certificate.as_bytes()))
}
