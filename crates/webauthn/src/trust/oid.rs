//! The object identifiers that attestation uses.

use ::der::asn1::ObjectIdentifier;

macro_rules! oids {
    ($($name:ident = $dotted:literal,)+) => {
        $(pub(crate) const $name: ObjectIdentifier = ObjectIdentifier::new_unwrap($dotted);)+
    };
}

oids! {
    COUNTRY = "2.5.4.6",
    ORGANIZATION = "2.5.4.10",
    ORGANIZATIONAL_UNIT = "2.5.4.11",
    COMMON_NAME = "2.5.4.3",
    KEY_USAGE = "2.5.29.15",
    SUBJECT_ALT_NAME = "2.5.29.17",
    BASIC_CONSTRAINTS = "2.5.29.19",
    CERTIFICATE_POLICIES = "2.5.29.32",
    EXTENDED_KEY_USAGE = "2.5.29.37",
    MGF1 = "1.2.840.113549.1.1.8",
    SHA256 = "2.16.840.1.101.3.4.2.1",
    SHA384 = "2.16.840.1.101.3.4.2.2",
    SHA512 = "2.16.840.1.101.3.4.2.3",
    CRL_NUMBER = "2.5.29.20",
    CRL_REASON = "2.5.29.21",
    INVALIDITY_DATE = "2.5.29.24",
    ISSUING_DISTRIBUTION_POINT = "2.5.29.28",
    AUTHORITY_KEY_IDENTIFIER = "2.5.29.35",
    FIDO_SERIAL_NUMBER = "1.3.6.1.4.1.45724.1.1.2",
    FIDO_AAGUID = "1.3.6.1.4.1.45724.1.1.4",
}
