//! What the status reports of a model say together (FIDO Metadata Service v3, §3.1.3 and §3.1.4).
//!
//! The rule, which [`History`] follows:
//!
//! 1. A report counts from its `effectiveDate` on, and without one always. One of a later day does not count yet.
//! 2. A report counts for what it concerns. Without a certificate that is the whole model. With a `certificate` or a
//!    `batchCertificate` it is what stands under that certificate: an attestation certificate that is it, or whose
//!    path has it as intermediate or as anchor, or whose anchor it issued. A certificate is known again by its name
//!    and key, since a key that leaked leaked under all its certificates. One that cannot be read concerns everybody
//!    when the report speaks against the model, and nobody when it speaks for it.
//! 3. Reports are put in order by `effectiveDate`, those without one first, and those of one day by their place.
//! 4. A certification is in force until `NOT_FIDO_CERTIFIED` stands behind it, and only before the day of its
//!    `sunsetDate`.
//! 5. A bad report (`REVOKED`, the compromises, the bypass) stays. Under [`Recertification::Counts`] a certification
//!    in force that stands behind it makes up for it, except for `REVOKED` and for a bad report without a date, which
//!    holds for as long as it is listed.

use doorward_crypto::{Provider, Timestamp};

use super::policy::{Certification, Recertification};
use super::status::{Says, Status, StatusReport};
use crate::cause::Untrusted;
use crate::json::Base64Url;
use crate::trust::{Certificate, Hashes};

/// The certificates that vouch for one attestation: those that came with it, and the anchor that they lead to.
pub(crate) struct Links<'l, 'a> {
    pub(crate) chain: &'l [Certificate<'a>],
    pub(crate) anchor: Option<&'l Certificate<'l>>,
    pub(crate) provider: &'l dyn Provider,
}

/// The reports of a model that count now for one attestation, in their order.
pub(super) struct History<'r> {
    reports: Vec<&'r StatusReport>,
    now: Timestamp,
}

impl<'r> History<'r> {
    pub(super) fn new(reports: &'r [StatusReport], links: &Links<'_, '_>, now: Timestamp) -> Self {
        let mut reports: Vec<&StatusReport> = reports
            .iter()
            .filter(|report| report.effective_date.is_none_or(|date| date.begins_at() <= now))
            .filter(|report| concerns(report, links))
            .collect();
        reports.sort_by_key(|report| report.effective_date); // stable: the place decides within a day
        Self { reports, now }
    }

    /// Demands that no bad report is left.
    pub(super) fn is_clean(&self, recertification: Recertification) -> Result<(), Untrusted> {
        for (place, report) in self.reports.iter().enumerate() {
            if report.status.says() != Says::Bad {
                continue;
            }
            let mendable = recertification == Recertification::Counts
                && report.status != Status::Revoked
                && report.effective_date.is_some();
            if !(mendable && self.in_force().any(|(later, _)| later > place)) {
                return Err(Untrusted::Status(report.status.clone()));
            }
        }
        Ok(())
    }

    /// Demands a certification in force of at least this level.
    pub(super) fn is_certified(&self, certification: Certification) -> Result<(), Untrusted> {
        let Some(wanted) = certification.level() else {
            return Ok(());
        };
        if self.in_force().any(|(_, level)| level >= wanted) {
            Ok(())
        } else {
            Err(Untrusted::Certification)
        }
    }

    /// The certifications in force, by place and level.
    fn in_force(&self) -> impl Iterator<Item = (usize, u8)> {
        let ended = self
            .reports
            .iter()
            .rposition(|report| report.status == Status::NotFidoCertified);
        self.reports
            .iter()
            .enumerate()
            .filter_map(move |(place, report)| {
                let Says::Certified(level) = report.status.says() else {
                    return None;
                };
                let after = ended.is_none_or(|end| place > end);
                let before_sunset = report.sunset_date.is_none_or(|date| self.now < date.begins_at());
                (after && before_sunset).then_some((place, level))
            })
    }
}

/// Whether a report is about what these certificates vouch for. One that names both kinds of certificate is about
/// what stands under either when it speaks against the model, and under both when it speaks for it.
fn concerns(report: &StatusReport, links: &Links<'_, '_>) -> bool {
    let good = matches!(report.status.says(), Says::Certified(_));
    let mut named = [&report.certificate, &report.batch_certificate]
        .into_iter()
        .flatten()
        .map(|certificate| links.stand_under(certificate).unwrap_or(!good))
        .peekable();
    if named.peek().is_none() {
        return true;
    }
    if good {
        named.all(|under| under)
    } else {
        named.any(|under| under)
    }
}

impl Links<'_, '_> {
    /// Whether one of them is this certificate or was issued by it; nothing when it cannot be read.
    fn stand_under(&self, certificate: &Base64Url) -> Option<bool> {
        let named = Certificate::parse(certificate.as_bytes()).ok()?;
        let is_it = |link: &Certificate<'_>| {
            link.raw() == named.raw() || (link.subject() == named.subject() && link.spki() == named.spki())
        };
        let key = named.public_key();
        let issued = |link: &Certificate<'_>| {
            link.issuer() == named.subject()
                && key
                    .as_ref()
                    .is_ok_and(|key| link.verify_signature(self.provider, key, Hashes::Sha1Too).is_ok())
        };
        Some(
            self.chain.iter().any(|link| is_it(link) || issued(link))
                || self.anchor.is_some_and(|anchor| is_it(anchor) || issued(anchor)),
        )
    }
}
