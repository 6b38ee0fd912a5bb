//! How certificates are read.

use doorward_webauthn::trust::{Certificate as Read, CertificateError};

use crate::support::certificates::{BASIC_CONSTRAINTS, Certificate, KEY_USAGE};
use crate::support::der::{boolean, integer, sequence};
use crate::support::keys::Key;

fn leaf() -> Certificate {
    Certificate::leaf(
        &[("2.5.4.3", "leaf"), ("2.5.4.10", "one"), ("2.5.4.10", "two")],
        &Key::es256("x"),
        "issuer",
    )
}

/// Signed and read; its bytes live as long as the tests.
fn read(certificate: &Certificate) -> Result<Read<'static>, CertificateError> {
    Read::parse(certificate.signed_by(&Key::es256("issuer")).leak())
}

#[test]
fn a_certificate_is_read_to_its_last_byte() {
    let der = leaf().signed_by(&Key::es256("issuer"));
    assert!(Read::parse(&der).is_ok());
    for length in 0..der.len() {
        assert!(Read::parse(&der[..length]).is_err(), "{length}");
    }
    assert!(Read::parse(&[&der[..], &[0]].concat()).is_err());
}

#[test]
fn a_version_is_1_2_or_3_and_the_default_is_not_written() {
    for version in [1, 2, 3] {
        let mut certificate = leaf();
        certificate.version = version;
        assert_eq!(read(&certificate).map(|read| read.version()), Ok(version));
    }
    for version in [4, 5] {
        let mut certificate = leaf();
        certificate.version = version;
        assert_eq!(
            read(&certificate).map(|read| read.version()),
            Err(CertificateError::Encoding("version"))
        );
    }
}

#[test]
fn a_certificate_has_at_most_32_extensions_each_once() {
    const NAMES: [&str; 32] = [
        "1.2.0", "1.2.1", "1.2.2", "1.2.3", "1.2.4", "1.2.5", "1.2.6", "1.2.7", "1.2.8", "1.2.9", "1.2.10",
        "1.2.11", "1.2.12", "1.2.13", "1.2.14", "1.2.15", "1.2.16", "1.2.17", "1.2.18", "1.2.19", "1.2.20",
        "1.2.21", "1.2.22", "1.2.23", "1.2.24", "1.2.25", "1.2.26", "1.2.27", "1.2.28", "1.2.29", "1.2.30",
        "1.2.31",
    ];
    let with = |count: usize| {
        let mut certificate = leaf();
        for name in &NAMES[..count] {
            certificate.extensions.push((name, false, vec![5, 0]));
        }
        read(&certificate).map(|read| read.extensions().len())
    };
    assert_eq!(with(31), Ok(32)); // the leaf has its basic constraints
    assert_eq!(with(32), Err(CertificateError::Encoding("extensions")));
    let mut twice = leaf();
    twice.extensions.push((BASIC_CONSTRAINTS, false, sequence(&[])));
    assert_eq!(read(&twice).map(drop), Err(CertificateError::ExtensionTwice));
}

#[test]
fn basic_constraints_say_whether_and_how_deep() {
    let with = |value: Vec<u8>, lenient| {
        let mut certificate = leaf();
        certificate.extension(BASIC_CONSTRAINTS).2 = value;
        read(&certificate)
            .map(|read| read.basic_constraints(lenient))
            .unwrap()
    };
    let wrong = Err(CertificateError::Encoding("basicConstraints"));
    assert_eq!(with(sequence(&[]), false), Ok(Some((false, None))));
    assert_eq!(with(sequence(&[boolean(true)]), false), Ok(Some((true, None))));
    assert_eq!(
        with(sequence(&[boolean(true), integer(3)]), false),
        Ok(Some((true, Some(3))))
    );
    assert_eq!(with(sequence(&[boolean(false)]), false), wrong);
    assert_eq!(with(sequence(&[boolean(false)]), true), Ok(Some((false, None))));
    assert_eq!(
        with(sequence(&[boolean(true), integer(3), integer(3)]), true),
        wrong
    );
    assert_eq!(with(sequence(&[integer(0x80)]), true), wrong);
    let mut without = leaf();
    without.remove(BASIC_CONSTRAINTS);
    assert_eq!(
        read(&without).map(|read| read.basic_constraints(false)),
        Ok(Ok(None))
    );
}

#[test]
fn key_usage_is_a_string_of_bits() {
    let with = |value: &[u8]| {
        let mut certificate = leaf();
        certificate.extensions.push((KEY_USAGE, true, value.to_vec()));
        read(&certificate).map(|read| read.key_usage()).unwrap()
    };
    assert_eq!(read(&leaf()).map(|read| read.key_usage()), Ok(Ok(None)));
    assert_eq!(with(&[3, 2, 1, 0x06]), Ok(Some(0x06)));
    assert_eq!(with(&[3, 2, 7, 0x80]), Ok(Some(0x80)));
    assert_eq!(with(&[3, 3, 7, 0x80, 0x80]), Ok(Some(0x80)));
    for wrong in [
        &[3, 2, 8, 0x80][..],
        &[3, 1, 0],
        &[4, 2, 1, 0x06],
        &[3, 2, 1, 0x06, 0],
        &[],
    ] {
        assert_eq!(
            with(wrong),
            Err(CertificateError::Encoding("keyUsage")),
            "{wrong:?}"
        );
    }
}

#[test]
fn names_and_validity_are_read() {
    use doorward_crypto::Timestamp;
    let certificate = leaf();
    let self_issued = {
        let mut certificate = leaf();
        certificate.issuer = certificate.subject.clone();
        certificate
    };
    assert_eq!(read(&certificate).map(|read| read.is_self_issued()), Ok(false));
    assert_eq!(read(&self_issued).map(|read| read.is_self_issued()), Ok(true));
    assert_eq!(read(&certificate).map(|read| read.has_empty_subject()), Ok(false));
    assert_eq!(
        read(&Certificate::leaf(&[], &Key::es256("x"), "i")).map(|read| read.has_empty_subject()),
        Ok(true)
    );
    let organization = der::asn1::ObjectIdentifier::new("2.5.4.10").unwrap();
    let names = read(&certificate).map(|read| {
        let values = read.subject_attribute(organization).unwrap();
        values.into_iter().map(str::to_owned).collect::<Vec<_>>()
    });
    assert_eq!(names, Ok(vec!["one".to_owned(), "two".to_owned()]));
    // 2020-01-01 and 3024-01-01
    let validity = (
        Timestamp::from_seconds(1_577_836_800),
        Timestamp::from_seconds(33_260_976_000),
    );
    assert_eq!(read(&certificate).map(|read| read.validity()), Ok(validity));
}
