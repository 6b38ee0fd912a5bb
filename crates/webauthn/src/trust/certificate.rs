//! The fields of a certificate (RFC 5280 §4) that attestation uses, read in place.
//!
//! `x509-cert` is not used for this: it keeps owned trees, and to check a signature one has to encode what it
//! decoded, so that a certificate which is not quite DER (Chromium's were not) verifies over other bytes than
//! those that were signed. Here the signed bytes are the bytes that came.

use ::der::asn1::{GeneralizedTime, ObjectIdentifier, UtcTime};
use ::der::{DecodeValue, Header, SliceReader, Tag};
use doorward_crypto::{KeyError, Provider, PublicKey, SignatureForm, Timestamp, VerifyError};

use super::der::{Der, NotDer, boolean, context, only, only_sequence, small};
use super::oid;
use super::scheme::{Hashes, scheme};
use crate::limits::CERTIFICATE_EXTENSIONS_MAX;

/// A certificate, read. It borrows its bytes.
#[derive(Clone, Debug)]
pub struct Certificate<'a> {
    raw: &'a [u8],
    tbs: &'a [u8],
    version: u8,
    serial: &'a [u8],
    issuer: &'a [u8],
    not_before: Timestamp,
    not_after: Timestamp,
    subject: &'a [u8],
    spki: &'a [u8],
    extensions: Vec<Extension<'a>>,
    signature_algorithm: &'a [u8],
    signature: &'a [u8],
}

/// One extension.
#[derive(Clone, Copy, Debug)]
pub struct Extension<'a> {
    /// Which.
    pub oid: ObjectIdentifier,
    /// Whether a reader that does not know it must refuse the certificate.
    pub critical: bool,
    /// What the OCTET STRING holds.
    pub value: &'a [u8],
}

impl<'a> Certificate<'a> {
    /// Reads one certificate in DER, and nothing behind it.
    ///
    /// # Errors
    /// [`CertificateError::Encoding`] names the field at which reading stopped.
    pub fn parse(raw: &'a [u8]) -> Result<Self, CertificateError> {
        let mut outer = only_sequence(raw).map_err(|_| CertificateError::Encoding("Certificate"))?;
        let field = |name: &'static str| move |_: NotDer| CertificateError::Encoding(name);
        let tbs = outer.raw().map_err(field("tbsCertificate"))?;
        let signature_algorithm = outer.raw().map_err(field("signatureAlgorithm"))?;
        let signature = outer
            .take(Tag::BitString)
            .and_then(whole_bytes)
            .map_err(field("signature"))?;
        outer.finish().map_err(field("Certificate"))?;

        let mut inner = only_sequence(tbs).map_err(field("tbsCertificate"))?;
        let version = read_version(&mut inner).map_err(field("version"))?;
        let serial = inner.take(Tag::Integer).map_err(field("serialNumber"))?;
        if inner.raw().map_err(field("signature"))? != signature_algorithm {
            return Err(CertificateError::AlgorithmsDisagree);
        }
        let issuer = inner.raw().map_err(field("issuer"))?;
        let mut validity = inner.sequence().map_err(field("validity"))?;
        let not_before = time(&mut validity).map_err(field("notBefore"))?;
        let not_after = time(&mut validity).map_err(field("notAfter"))?;
        validity.finish().map_err(field("validity"))?;
        let subject = inner.raw().map_err(field("subject"))?;
        let spki = inner.raw().map_err(field("subjectPublicKeyInfo"))?;
        for number in [1, 2] {
            inner
                .optional(context(number, false))
                .map_err(field("uniqueID"))?;
        }
        let extensions = match inner.optional(context(3, true)).map_err(field("extensions"))? {
            Some(value) => read_extensions(value)?,
            None => Vec::new(),
        };
        inner.finish().map_err(field("tbsCertificate"))?;
        Ok(Self {
            raw,
            tbs,
            version,
            serial,
            issuer,
            not_before,
            not_after,
            subject,
            spki,
            extensions,
            signature_algorithm,
            signature,
        })
    }

    /// The bytes as they came.
    #[must_use]
    pub const fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// 1, 2 or 3.
    #[must_use]
    pub const fn version(&self) -> u8 {
        self.version
    }

    /// The serial number's content bytes.
    #[must_use]
    pub const fn serial(&self) -> &'a [u8] {
        self.serial
    }

    /// The issuer's name, encoded. Names are compared by these bytes.
    #[must_use]
    pub const fn issuer(&self) -> &'a [u8] {
        self.issuer
    }

    /// The subject's name, encoded.
    #[must_use]
    pub const fn subject(&self) -> &'a [u8] {
        self.subject
    }

    /// The public key with its algorithm, encoded.
    #[must_use]
    pub const fn spki(&self) -> &'a [u8] {
        self.spki
    }

    /// First and last moment of validity.
    #[must_use]
    pub const fn validity(&self) -> (Timestamp, Timestamp) {
        (self.not_before, self.not_after)
    }

    /// Every extension, in order.
    #[must_use]
    pub fn extensions(&self) -> &[Extension<'a>] {
        &self.extensions
    }

    /// Whether the certificate is valid at this moment, both ends included.
    #[must_use]
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        let (first, last) = (self.not_before.seconds(), self.not_after.seconds());
        (first..=last).contains(&now.seconds())
    }

    /// Whether subject and issuer have one name.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    /// The public key, checked.
    ///
    /// # Errors
    /// [`CertificateError::Key`] for keys that cannot be used or are none to trust.
    pub fn public_key(&self) -> Result<PublicKey, CertificateError> {
        Ok(PublicKey::from_spki(self.spki)?)
    }

    /// The extension with this name.
    #[must_use]
    pub fn extension(&self, oid: ObjectIdentifier) -> Option<&Extension<'a>> {
        self.extensions.iter().find(|extension| extension.oid == oid)
    }

    /// `basicConstraints`: whether this is a CA, and how many further CAs may stand below it.
    ///
    /// # Errors
    /// [`CertificateError::Encoding`]; also when the default is spelled out and `explicit_default` is false.
    pub fn basic_constraints(
        &self,
        explicit_default: bool,
    ) -> Result<Option<(bool, Option<u64>)>, CertificateError> {
        let Some(extension) = self.extension(oid::BASIC_CONSTRAINTS) else {
            return Ok(None);
        };
        let read = || {
            let mut der = only_sequence(extension.value)?;
            let ca = match der.optional(Tag::Boolean)?.map(boolean).transpose()? {
                Some(false) if !explicit_default => return Err(NotDer),
                ca => ca.unwrap_or(false),
            };
            let length = der.optional(Tag::Integer)?.map(small).transpose()?;
            der.finish()?;
            Ok((ca, length))
        };
        read()
            .map(Some)
            .map_err(|_: NotDer| CertificateError::Encoding("basicConstraints"))
    }

    /// `keyUsage`, the bits in the order of RFC 5280 §4.2.1.3 from the highest bit of the first byte on.
    ///
    /// # Errors
    /// [`CertificateError::Encoding`].
    pub fn key_usage(&self) -> Result<Option<u8>, CertificateError> {
        let Some(extension) = self.extension(oid::KEY_USAGE) else {
            return Ok(None);
        };
        match only(extension.value, Tag::BitString) {
            Ok([0..=7, first, ..]) => Ok(Some(*first)),
            _ => Err(CertificateError::Encoding("keyUsage")),
        }
    }

    /// `extKeyUsage`, the purposes.
    ///
    /// # Errors
    /// [`CertificateError::Encoding`].
    pub fn extended_key_usage(&self) -> Result<Option<Vec<ObjectIdentifier>>, CertificateError> {
        let Some(extension) = self.extension(oid::EXTENDED_KEY_USAGE) else {
            return Ok(None);
        };
        let read = || {
            let mut der = only_sequence(extension.value)?;
            let mut purposes = Vec::new();
            while !der.is_finished() {
                purposes.push(identifier(der.take(Tag::ObjectIdentifier)?)?);
            }
            Ok(purposes)
        };
        read()
            .map(Some)
            .map_err(|_: NotDer| CertificateError::Encoding("extKeyUsage"))
    }

    /// The `dNSName`s of `subjectAltName`, as they stand there.
    ///
    /// # Errors
    /// [`CertificateError::Encoding`].
    pub fn dns_names(&self) -> Result<Vec<&'a [u8]>, CertificateError> {
        let Some(extension) = self.extension(oid::SUBJECT_ALT_NAME) else {
            return Ok(Vec::new());
        };
        let read = || {
            let mut der = only_sequence(extension.value)?;
            let mut names = Vec::new();
            while !der.is_finished() {
                let (tag, name) = der.any()?;
                if tag == context(2, false) {
                    names.push(name);
                }
            }
            Ok(names)
        };
        read().map_err(|_: NotDer| CertificateError::Encoding("subjectAltName"))
    }

    /// The values of one attribute of the subject, as text.
    ///
    /// # Errors
    /// [`CertificateError::Encoding`] when the name cannot be read or a value is no text.
    pub fn subject_attribute(&self, attribute: ObjectIdentifier) -> Result<Vec<&'a str>, CertificateError> {
        let read = || {
            let mut found = Vec::new();
            for (oid, (tag, value)) in attributes(self.subject)? {
                if oid == attribute {
                    found.push(text(tag, value)?);
                }
            }
            Ok(found)
        };
        read().map_err(|_: NotDer| CertificateError::Encoding("subject"))
    }

    /// Whether the subject is an empty sequence.
    #[must_use]
    pub fn has_empty_subject(&self) -> bool {
        self.subject == [0x30, 0x00]
    }

    /// Verifies this certificate's signature with its issuer's key.
    ///
    /// # Errors
    /// [`CertificateError::SignatureAlgorithm`] when it is none for that kind of key,
    /// [`CertificateError::Signature`] when it does not hold.
    pub fn verify_signature(
        &self,
        provider: &dyn Provider,
        issuer: &PublicKey,
        hashes: Hashes,
    ) -> Result<(), CertificateError> {
        let scheme = scheme(self.signature_algorithm, issuer.kind(), hashes)
            .ok_or(CertificateError::SignatureAlgorithm)?;
        provider.verify_scheme(scheme, issuer, SignatureForm::Der, self.tbs, self.signature)?;
        Ok(())
    }
}

/// The attributes of an encoded name, whether they stand in one relative name or in several.
#[expect(
    clippy::type_complexity,
    reason = "an attribute is its name, and the tag and bytes of its value"
)]
pub(crate) fn attributes(name: &[u8]) -> Result<Vec<(ObjectIdentifier, (Tag, &[u8]))>, NotDer> {
    let mut found = Vec::new();
    let mut relative_names = only_sequence(name)?;
    while !relative_names.is_finished() {
        let mut set = Der::new(relative_names.take(Tag::Set)?)?;
        while !set.is_finished() {
            let mut attribute = set.sequence()?;
            let oid = identifier(attribute.take(Tag::ObjectIdentifier)?)?;
            let value = attribute.any()?;
            attribute.finish()?;
            found.push((oid, value));
        }
    }
    Ok(found)
}

/// A directory string that holds UTF-8 or less.
pub(crate) fn text(tag: Tag, value: &[u8]) -> Result<&str, NotDer> {
    let plain = matches!(tag, Tag::Utf8String | Tag::PrintableString | Tag::Ia5String);
    if plain || (tag == Tag::TeletexString && value.is_ascii()) {
        return core::str::from_utf8(value).map_err(|_| NotDer);
    }
    Err(NotDer)
}

pub(crate) fn identifier(value: &[u8]) -> Result<ObjectIdentifier, NotDer> {
    ObjectIdentifier::from_bytes(value).map_err(|_| NotDer)
}

fn read_version(inner: &mut Der<'_>) -> Result<u8, NotDer> {
    match inner.optional(context(0, true))? {
        None => Ok(1),
        Some(value) => match only(value, Tag::Integer)? {
            [1] => Ok(2),
            [2] => Ok(3),
            _ => Err(NotDer), // 0 is the default, which DER leaves out
        },
    }
}

fn read_extensions(value: &[u8]) -> Result<Vec<Extension<'_>>, CertificateError> {
    let fail = |_: NotDer| CertificateError::Encoding("extensions");
    let mut list = only_sequence(value).map_err(fail)?;
    let mut extensions: Vec<Extension<'_>> = Vec::new();
    while !list.is_finished() {
        let extension = read_extension(&mut list).map_err(fail)?;
        if extensions.iter().any(|earlier| earlier.oid == extension.oid) {
            return Err(CertificateError::ExtensionTwice);
        }
        if extensions.len() >= CERTIFICATE_EXTENSIONS_MAX {
            return Err(CertificateError::Encoding("extensions"));
        }
        extensions.push(extension);
    }
    Ok(extensions)
}

pub(super) fn read_extension<'a>(list: &mut Der<'a>) -> Result<Extension<'a>, NotDer> {
    let mut extension = list.sequence()?;
    let oid = identifier(extension.take(Tag::ObjectIdentifier)?)?;
    let critical = extension
        .optional(Tag::Boolean)?
        .map(boolean)
        .transpose()?
        .unwrap_or(false);
    let value = extension.take(Tag::OctetString)?;
    extension.finish()?;
    Ok(Extension { oid, critical, value })
}

/// UTCTime or GeneralizedTime, to the second, in UTC.
pub(super) fn time(der: &mut Der<'_>) -> Result<Timestamp, NotDer> {
    let (tag, value) = der.any()?;
    let header = Header::new(tag, ::der::Length::try_from(value.len())?);
    let mut reader = SliceReader::new(value)?;
    let since = if tag == Tag::UtcTime {
        UtcTime::decode_value(&mut reader, header)?.to_unix_duration()
    } else if tag == Tag::GeneralizedTime {
        GeneralizedTime::decode_value(&mut reader, header)?.to_unix_duration()
    } else {
        return Err(NotDer);
    };
    Ok(Timestamp::from_seconds(since.as_secs()))
}

/// The key bits of an encoded public key, which U2F's key identifiers are hashes of.
pub(crate) fn key_bits(spki: &[u8]) -> Result<&[u8], NotDer> {
    let mut der = only_sequence(spki)?;
    der.raw()?;
    let bits = whole_bytes(der.take(Tag::BitString)?)?;
    der.finish()?;
    Ok(bits)
}

/// A BIT STRING's bytes, when no bit of the last is unused.
pub(super) fn whole_bytes(value: &[u8]) -> Result<&[u8], NotDer> {
    match value.split_first() {
        Some((0, bytes)) => Ok(bytes),
        _ => Err(NotDer),
    }
}

/// Why a certificate is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// Not DER, or not the structure, from this field on.
    #[error("{0} is not encoded as it must be")]
    Encoding(&'static str),
    /// The algorithm inside and outside of what is signed differ.
    #[error("the two signature algorithms disagree")]
    AlgorithmsDisagree,
    /// An extension stands twice.
    #[error("an extension stands twice")]
    ExtensionTwice,
    /// A public key that cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A signature algorithm that is not known, is based on SHA-1, or is none for the issuer's kind of key.
    #[error("a signature algorithm that is not accepted")]
    SignatureAlgorithm,
    /// The signature does not hold.
    #[error("the certificate's {0}")]
    Signature(#[from] VerifyError),
    /// A demand of the attestation format.
    #[error("{0}")]
    Requirement(&'static str),
}
