//! `KeyDescription`, the extension in which Android says what a key is (Android Keystore, "ASN.1 schema").
//!
//! The authorization lists have dozens of fields, and new ones with every year. Three are read; the others are
//! only held to their order, so that no field can stand twice or hide behind one of a higher number.

use ::der::Tag;
use ::der::asn1::ObjectIdentifier;

use crate::attestation::unfit;
use crate::cause::StatementFault;
use crate::step::{At, Fault, Step};
use crate::trust::der::{Der, NotDer, only, only_sequence, small};
use crate::trust::{Certificate, CertificateError};

const EXTENSION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.1.17");

const PURPOSE: u32 = 1;
const ALL_APPLICATIONS: u32 = 600;
const ORIGIN: u32 = 702;

/// `KM_PURPOSE_SIGN`.
pub(super) const PURPOSE_SIGN: u64 = 2;
/// `KM_ORIGIN_GENERATED`.
pub(super) const ORIGIN_GENERATED: u64 = 0;

pub(super) struct KeyDescription<'a> {
    pub(super) attestation_challenge: &'a [u8],
    pub(super) software_enforced: AuthorizationList,
    pub(super) hardware_enforced: AuthorizationList,
}

#[derive(Default)]
pub(super) struct AuthorizationList {
    pub(super) purpose: Option<Vec<u64>>,
    pub(super) all_applications: bool,
    pub(super) origin: Option<u64>,
}

impl<'a> KeyDescription<'a> {
    pub(super) fn of(leaf: &Certificate<'a>) -> Result<Self, Fault> {
        let extension = leaf
            .extension(EXTENSION)
            .ok_or_else(|| unfit(CertificateError::Requirement("there is no key description")))?;
        Self::parse(extension.value)
            .map_err(|_| StatementFault::KeyDescription("not encoded as it must be"))
            .at(Step::AndroidAuthorization)
    }

    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, NotDer> {
        let mut der = only_sequence(bytes)?;
        for tag in [Tag::Integer, Tag::Enumerated, Tag::Integer, Tag::Enumerated] {
            small(der.take(tag)?)?; // versions and security levels of attestation and key store
        }
        let attestation_challenge = der.take(Tag::OctetString)?;
        der.take(Tag::OctetString)?; // uniqueId
        let software_enforced = AuthorizationList::parse(der.sequence()?)?;
        let hardware_enforced = AuthorizationList::parse(der.sequence()?)?;
        der.finish()?;
        Ok(Self {
            attestation_challenge,
            software_enforced,
            hardware_enforced,
        })
    }
}

impl AuthorizationList {
    fn parse(mut der: Der<'_>) -> Result<Self, NotDer> {
        let mut list = Self::default();
        let mut last = None;
        while !der.is_finished() {
            let (tag, value) = der.any()?;
            let Tag::ContextSpecific {
                constructed: true,
                number,
            } = tag
            else {
                return Err(NotDer);
            };
            if last.is_some_and(|last| number <= last) {
                return Err(NotDer);
            }
            last = Some(number);
            match number.value() {
                PURPOSE => list.purpose = Some(set(only(value, Tag::Set)?)?),
                ALL_APPLICATIONS => list.all_applications = only(value, Tag::Null).map(|_| true)?,
                ORIGIN => list.origin = Some(small(only(value, Tag::Integer)?)?),
                _ => {}
            }
        }
        Ok(list)
    }
}

fn set(value: &[u8]) -> Result<Vec<u64>, NotDer> {
    let mut der = Der::new(value)?;
    let mut numbers = Vec::new();
    while !der.is_finished() {
        numbers.push(small(der.take(Tag::Integer)?)?);
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Version 300, TEE, challenge "c", software {701}, hardware {1: {2}, 702: 0}.
    fn description(software: &[u8], hardware: &[u8]) -> Vec<u8> {
        let head: &[u8] = &[
            0x02, 0x02, 0x01, 0x2c, 0x0a, 0x01, 0x01, 0x02, 0x02, 0x01, 0x2c, 0x0a, 0x01, 0x01, 0x04, 0x01,
            b'c', 0x04, 0x00,
        ];
        let list = |body: &[u8]| [&[0x30, u8::try_from(body.len()).expect("short")], body].concat();
        list(&[head, &list(software), &list(hardware)].concat())
    }

    const SIGN: &[u8] = &[0xa1, 0x05, 0x31, 0x03, 0x02, 0x01, 0x02];
    const GENERATED: &[u8] = &[0xbf, 0x85, 0x3e, 0x03, 0x02, 0x01, 0x00];
    const EVERYBODY: &[u8] = &[0xbf, 0x84, 0x58, 0x02, 0x05, 0x00];

    #[test]
    fn the_three_fields_are_found_by_number() {
        let bytes = description(EVERYBODY, &[SIGN, GENERATED].concat());
        let read = KeyDescription::parse(&bytes)
            .map_err(|_| ())
            .expect("a key description");
        assert_eq!(read.attestation_challenge, b"c");
        assert!(read.software_enforced.all_applications && !read.hardware_enforced.all_applications);
        assert_eq!(
            read.hardware_enforced.purpose.as_deref(),
            Some(&[PURPOSE_SIGN][..])
        );
        assert_eq!(read.hardware_enforced.origin, Some(ORIGIN_GENERATED));
    }

    #[test]
    fn fields_out_of_order_or_twice_are_refused() {
        assert!(KeyDescription::parse(&description(&[], &[GENERATED, SIGN].concat())).is_err());
        assert!(KeyDescription::parse(&description(&[], &[SIGN, SIGN].concat())).is_err());
        let mut more = description(&[], SIGN);
        more.push(0);
        assert!(KeyDescription::parse(&more).is_err());
    }
}
