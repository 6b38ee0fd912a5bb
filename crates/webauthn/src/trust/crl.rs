//! Certificate revocation lists (RFC 5280 §5), as bytes that the caller brought.
//!
//! A complete list of one issuer is read. Delta lists, lists of certain reasons or kinds of certificates, and
//! lists that speak for other issuers are refused when they are added: taking one for complete would let a
//! revoked certificate pass.

use ::der::Tag;
use doorward_crypto::{SignatureForm, Timestamp};

use super::certificate::{Certificate, CertificateError, read_extension, time, whole_bytes};
use super::der::{Der, NotDer, context, only_sequence};
use super::oid;
use super::path::{Judge, PathError, Position};
use super::scheme::{Hashes, scheme};
use crate::limits::CRL_MAX;

/// Revocation lists, and what happens to certificates that no list speaks about.
#[derive(Clone, Debug, Default)]
pub struct Revocations {
    lists: Vec<Box<[u8]>>,
    serials: Vec<Box<[u8]>>,
    missing: Missing,
}

/// What happens when no list of today speaks for a certificate's issuer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Missing {
    /// The certificate passes. It does not if some list, of whatever age, names it.
    #[default]
    Pass,
    /// The certificate is refused.
    Refuse,
}

impl Revocations {
    /// No list.
    #[must_use]
    pub const fn new(missing: Missing) -> Self {
        Self {
            lists: Vec::new(),
            serials: Vec::new(),
            missing,
        }
    }

    /// Adds a list in DER. Its signature is checked when its issuer is known.
    ///
    /// # Errors
    /// [`RevocationError`] when it cannot be read, or is not a complete list of one issuer.
    pub fn add_der(&mut self, der: &[u8]) -> Result<(), RevocationError> {
        RevocationList::parse(der)?;
        self.lists.push(der.into());
        Ok(())
    }

    /// Refuses every certificate with this serial number (the content of the INTEGER), whoever issued it: for
    /// revocations that were announced otherwise than by a list.
    pub fn add_serial(&mut self, serial: &[u8]) {
        self.serials.push(serial.into());
    }

    /// Judges a certificate whose issuer is this one.
    pub(crate) fn check(
        &self,
        certificate: &Certificate<'_>,
        at: Position,
        issuer: &Certificate<'_>,
        judge: Judge<'_>,
    ) -> Result<(), PathError> {
        if self
            .serials
            .iter()
            .any(|serial| **serial == *certificate.serial())
        {
            return Err(PathError::Revoked(at));
        }
        let mut current = false;
        for der in &self.lists {
            let Ok(list) = RevocationList::parse(der) else {
                continue;
            };
            if list.issuer != certificate.issuer() || !list.is_signed_by(issuer, judge) {
                continue;
            }
            if list.names(certificate.serial()) {
                return Err(PathError::Revoked(at));
            }
            current |= list.is_current(judge.now);
        }
        match self.missing {
            Missing::Refuse if !current => Err(PathError::RevocationUnknown(at)),
            Missing::Refuse | Missing::Pass => Ok(()),
        }
    }
}

/// A revocation list, read.
#[derive(Clone, Debug)]
pub(crate) struct RevocationList<'a> {
    tbs: &'a [u8],
    issuer: &'a [u8],
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    entries: Option<Der<'a>>,
    signature_algorithm: &'a [u8],
    signature: &'a [u8],
}

impl<'a> RevocationList<'a> {
    pub(crate) fn parse(der: &'a [u8]) -> Result<Self, RevocationError> {
        if der.len() > CRL_MAX {
            return Err(RevocationError::TooLong(der.len()));
        }
        Self::read(der).map_err(|_| RevocationError::Encoding)?
    }

    fn read(der: &'a [u8]) -> Result<Result<Self, RevocationError>, NotDer> {
        let mut outer = only_sequence(der)?;
        let tbs = outer.raw()?;
        let signature_algorithm = outer.raw()?;
        let signature = whole_bytes(outer.take(Tag::BitString)?)?;
        outer.finish()?;
        let mut inner = only_sequence(tbs)?;
        if inner
            .optional(Tag::Integer)?
            .is_some_and(|version| version != [1])
        {
            return Err(NotDer);
        }
        if inner.raw()? != signature_algorithm {
            return Err(NotDer);
        }
        let issuer = inner.raw()?;
        let this_update = time(&mut inner)?;
        let next_update = match inner.peek()? {
            Some(Tag::UtcTime | Tag::GeneralizedTime) => Some(time(&mut inner)?),
            _ => None,
        };
        let entries = inner.optional(Tag::Sequence)?.map(Der::new).transpose()?;
        if let Some(extensions) = inner.optional(context(0, true))? {
            let mut extensions = only_sequence(extensions)?;
            while !extensions.is_finished() {
                let extension = read_extension(&mut extensions)?;
                let scoped =
                    extension.oid == oid::ISSUING_DISTRIBUTION_POINT && !is_for_everything(extension.value)?;
                let known = [
                    oid::CRL_NUMBER,
                    oid::AUTHORITY_KEY_IDENTIFIER,
                    oid::ISSUING_DISTRIBUTION_POINT,
                ];
                if scoped || (extension.critical && !known.contains(&extension.oid)) {
                    return Ok(Err(RevocationError::Partial));
                }
            }
        }
        inner.finish()?;
        if let Some(entries) = entries.clone()
            && !are_plain(entries)?
        {
            return Ok(Err(RevocationError::Partial));
        }
        Ok(Ok(Self {
            tbs,
            issuer,
            this_update,
            next_update,
            entries,
            signature_algorithm,
            signature,
        }))
    }

    fn is_signed_by(&self, issuer: &Certificate<'_>, judge: Judge<'_>) -> bool {
        let may_sign = issuer
            .key_usage()
            .is_ok_and(|usage| usage.is_none_or(|bits| bits & CRL_SIGN != 0));
        let verify = || {
            let key = issuer.public_key()?;
            let scheme = scheme(self.signature_algorithm, key.kind(), Hashes::Sha2)
                .ok_or(CertificateError::SignatureAlgorithm)?;
            judge
                .provider
                .verify_scheme(scheme, &key, SignatureForm::Der, self.tbs, self.signature)?;
            Ok::<_, CertificateError>(())
        };
        may_sign && verify().is_ok()
    }

    fn is_current(&self, now: Timestamp) -> bool {
        self.this_update <= now && self.next_update.is_some_and(|next| now <= next)
    }

    fn names(&self, serial: &[u8]) -> bool {
        let Some(mut entries) = self.entries.clone() else {
            return false;
        };
        while let Ok(mut entry) = entries.sequence() {
            if entry.take(Tag::Integer) == Ok(serial) {
                return true;
            }
        }
        false
    }
}

/// `cRLSign` in the first byte of `keyUsage`.
const CRL_SIGN: u8 = 0x02;

/// Whether an IssuingDistributionPoint says only where the list is found, and nothing about what it covers.
fn is_for_everything(value: &[u8]) -> Result<bool, NotDer> {
    let mut der = only_sequence(value)?;
    der.optional(context(0, true))?;
    Ok(der.is_finished())
}

/// Whether every entry can be read and belongs to the list's own issuer.
fn are_plain(mut entries: Der<'_>) -> Result<bool, NotDer> {
    while !entries.is_finished() {
        let mut entry = entries.sequence()?;
        entry.take(Tag::Integer)?;
        time(&mut entry)?;
        if !entry.is_finished() {
            let mut extensions = entry.sequence()?;
            while !extensions.is_finished() {
                let extension = read_extension(&mut extensions)?;
                if extension.critical && ![oid::CRL_REASON, oid::INVALIDITY_DATE].contains(&extension.oid) {
                    return Ok(false);
                }
            }
        }
        entry.finish()?;
    }
    Ok(true)
}

/// Why a revocation list cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevocationError {
    /// Longer than [`CRL_MAX`].
    #[error("a revocation list of {0} bytes")]
    TooLong(usize),
    /// Not a revocation list in DER.
    #[error("the revocation list is not encoded as it must be")]
    Encoding,
    /// Not a complete list of one issuer's certificates.
    #[error("the revocation list is not a complete one of one issuer")]
    Partial,
}
