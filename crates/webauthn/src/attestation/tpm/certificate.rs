//! The AIK certificate (§8.3.1): version 3, no subject, the TPM's maker, model and version in a critical
//! alternative name, the purpose `tcg-kp-AIKCertificate`, and no authority.

use ::der::asn1::ObjectIdentifier;

use crate::attestation::{demand, unfit};
use crate::policy::{Leniencies, Leniency};
use crate::step::Fault;
use crate::trust::der::{NotDer, context, only_sequence};
use crate::trust::{Certificate, CertificateError, attributes, oid, text};

const AIK_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.8.3");
const MANUFACTURER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.2.1");
const MODEL: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.2.2");
const VERSION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.2.3");

pub(super) fn requirements(leaf: &Certificate<'_>, leniencies: Leniencies) -> Result<(), Fault> {
    demand(leaf.version() == 3, "the version is not 3")?;
    demand(leaf.has_empty_subject(), "the subject is not empty")?;
    alternative_name(leaf, leniencies.has(Leniency::UnknownTpmVendor))?;
    let purposes = leaf.extended_key_usage().map_err(unfit)?.unwrap_or_default();
    demand(
        purposes.contains(&AIK_CERTIFICATE),
        "the purpose is not tcg-kp-AIKCertificate",
    )?;
    let constraints = leaf
        .basic_constraints(leniencies.has(Leniency::ExplicitDefault))
        .map_err(unfit)?;
    demand(
        matches!(constraints, Some((false, _))),
        "the basic constraints do not say that it is no authority",
    )
}

/// TCG EK Credential Profile §3.2.9: one directory name, whose attributes may stand in one relative name or in
/// three.
fn alternative_name(leaf: &Certificate<'_>, any_vendor: bool) -> Result<(), Fault> {
    let missing = || unfit(CertificateError::Requirement("there is no subjectAltName"));
    let extension = leaf.extension(oid::SUBJECT_ALT_NAME).ok_or_else(missing)?;
    demand(extension.critical, "subjectAltName is not critical")?;
    let read = || {
        let mut names = only_sequence(extension.value)?;
        let mut found = [None; 3];
        while !names.is_finished() {
            let (tag, value) = names.any()?;
            if tag != context(4, true) {
                continue;
            }
            for (name, (tag, value)) in attributes(value)? {
                for (place, wanted) in found.iter_mut().zip([MANUFACTURER, MODEL, VERSION]) {
                    if name == wanted && place.replace(text(tag, value)?).is_some() {
                        return Err(NotDer);
                    }
                }
            }
        }
        Ok(found)
    };
    let [manufacturer, model, version] =
        read().map_err(|_: NotDer| unfit(CertificateError::Encoding("subjectAltName")))?;
    demand(model.is_some(), "the TPM's model is missing")?;
    demand(version.is_some(), "the TPM's version is missing")?;
    let manufacturer = manufacturer
        .ok_or_else(|| unfit(CertificateError::Requirement("the TPM's manufacturer is missing")))?;
    let id = manufacturer.strip_prefix("id:").unwrap_or_default();
    demand(
        any_vendor || VENDORS.iter().any(|(known, _)| known.eq_ignore_ascii_case(id)),
        "the TPM's manufacturer is not in the registry",
    )
}

/// TCG TPM Vendor ID Registry, "TPM Capability Vendor ID".
const VENDORS: &[(&str, &str)] = &[
    ("414D4400", "AMD"),
    ("414E5400", "Ant Group"),
    ("41544D4C", "Atmel"),
    ("4252434D", "Broadcom"),
    ("4353434F", "Cisco"),
    ("464C5953", "Flyslice"),
    ("474F4F47", "Google"),
    ("48504500", "HPE"),
    ("48504900", "HPI"),
    ("48495349", "Huawei"),
    ("49424D00", "IBM"),
    ("49465800", "Infineon"),
    ("494E5443", "Intel"),
    ("4C454E00", "Lenovo"),
    ("4D534654", "Microsoft"),
    ("4E534D20", "National Semiconductor"),
    ("4E544300", "Nuvoton"),
    ("4E545A00", "Nationz"),
    ("51434F4D", "Qualcomm"),
    ("524F4343", "Rockchip"),
    ("5345414C", "Wisekey"),
    ("534D5343", "SMSC"),
    ("534D534E", "Samsung"),
    ("534E5300", "Sinosun"),
    ("53544D20", "STMicroelectronics"),
    ("54584E00", "Texas Instruments"),
    ("57454300", "Winbond"),
];
