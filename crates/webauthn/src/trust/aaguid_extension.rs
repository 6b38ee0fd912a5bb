//! `id-fido-gen-ce-aaguid` (§8.2.1): an OCTET STRING in the extension's OCTET STRING, not critical.

use ::der::Tag;

use super::certificate::{Certificate, CertificateError};
use super::der::only;
use super::oid;
use crate::Aaguid;
use crate::cause::Cause;
use crate::step::{Fault, Step, ensure};

/// Demands that the leaf names this model, if it names one.
pub(crate) fn check_aaguid(leaf: &Certificate<'_>, aaguid: Aaguid) -> Result<(), Fault> {
    let Some(extension) = leaf.extension(oid::FIDO_AAGUID) else {
        return Ok(());
    };
    let cause = |fault| Cause::Certificate { index: 0, fault };
    ensure(
        !extension.critical,
        Step::CertificateRequirements,
        cause(CertificateError::Requirement("the AAGUID extension is critical")),
    )?;
    let value = only(extension.value, Tag::OctetString).map_err(|_| Fault {
        step: Step::CertificateAaguid,
        cause: cause(CertificateError::Encoding("id-fido-gen-ce-aaguid")),
    })?;
    ensure(
        value == aaguid.as_bytes(),
        Step::CertificateAaguid,
        cause(CertificateError::Requirement("the AAGUID is another")),
    )
}
