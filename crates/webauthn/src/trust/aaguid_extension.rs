//! `id-fido-gen-ce-aaguid` (§8.2.1): an OCTET STRING in the extension's OCTET STRING, not critical.

use ::der::Tag;

use super::certificate::{Certificate, CertificateError};
use super::der::only;
use super::oid;
use crate::Aaguid;
use crate::cause::Cause;
use crate::step::{Fault, Step, ensure};

/// The model that the leaf names, if it names one.
pub(crate) fn read_aaguid(leaf: &Certificate<'_>) -> Result<Option<Aaguid>, Fault> {
    let Some(extension) = leaf.extension(oid::FIDO_AAGUID) else {
        return Ok(None);
    };
    ensure(
        !extension.critical,
        Step::CertificateRequirements,
        cause(CertificateError::Requirement("the AAGUID extension is critical")),
    )?;
    let bytes = only(extension.value, Tag::OctetString)
        .ok()
        .and_then(|value| <[u8; 16]>::try_from(value).ok())
        .ok_or_else(|| Fault {
            step: Step::CertificateAaguid,
            cause: cause(CertificateError::Encoding("id-fido-gen-ce-aaguid")),
        })?;
    Ok(Some(Aaguid::new(bytes)))
}

/// Demands that the leaf names this model, if it names one.
pub(crate) fn check_aaguid(leaf: &Certificate<'_>, aaguid: Aaguid) -> Result<(), Fault> {
    ensure(
        read_aaguid(leaf)?.is_none_or(|named| named == aaguid),
        Step::CertificateAaguid,
        cause(CertificateError::Requirement("the AAGUID is another")),
    )
}

const fn cause(fault: CertificateError) -> Cause {
    Cause::Certificate { index: 0, fault }
}
