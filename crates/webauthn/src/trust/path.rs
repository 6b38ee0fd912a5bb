//! From a chain to an anchor (RFC 5280 §6, as far as attestation goes).
//!
//! The chain comes leaf first, each certificate issued by the next. The path ends at the first certificate that
//! is an anchor, or that an anchor issued; what stands behind it in the chain is not looked at. An anchor may be
//! a root, an intermediate, or the leaf itself: the FIDO metadata lists all three. A self-signed certificate at
//! the end of the chain that only bears an anchor's name is nothing.
//!
//! Key identifiers are hints for finding issuers and are not looked at, as RFC 5280 §6.1 does not; the name and
//! the signature decide.

use core::fmt;

use doorward_crypto::{Provider, Timestamp};

use super::certificate::{Certificate, CertificateError};
use super::crl::Revocations;
use super::oid;
use super::scheme::Hashes;
use crate::policy::{Leniencies, Leniency};

/// What a path is judged with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judge<'j> {
    pub(crate) provider: &'j dyn Provider,
    pub(crate) leniencies: Leniencies,
    /// When certificates must be valid.
    pub(crate) valid_at: Timestamp,
    /// The moment of the judgement, for revocations and metadata.
    pub(crate) now: Timestamp,
}

/// A path that was found.
#[derive(Clone, Debug)]
pub(crate) struct Path<'a, 'p> {
    /// The certificates of the chain that belong to it, leaf first; without the anchor unless the chain had it.
    pub(super) certificates: &'p [Certificate<'a>],
    /// Its end.
    pub(crate) anchor: &'p Certificate<'p>,
}

/// `keyCertSign` in the first byte of `keyUsage`.
const KEY_CERT_SIGN: u8 = 0x04;

impl<'a, 'p> Path<'a, 'p> {
    /// Finds the path. `leaf_hashes` are those that the leaf may be signed with; above it, it is SHA-2 always.
    pub(crate) fn find(
        chain: &'p [Certificate<'a>],
        anchors: &'p [Certificate<'p>],
        leaf_hashes: Hashes,
        judge: Judge<'_>,
    ) -> Result<Self, PathError> {
        let mut below = 0_u64; // certificates between this one and the leaf, self-issued ones not counted
        let mut unfit = None; // the first anchor that issued one of them and may not have
        for (index, certificate) in chain.iter().enumerate() {
            let fail = |fault| PathError::Certificate {
                at: Position::Chain(index),
                fault,
            };
            if !certificate.is_valid_at(judge.valid_at) {
                return Err(PathError::Expired(Position::Chain(index)));
            }
            critical_extensions(certificate, index).map_err(fail)?;
            let certificates = chain.get(..=index).unwrap_or(chain);
            if let Some(anchor) = anchors.iter().find(|anchor| is_same(anchor, certificate)) {
                return Ok(Self { certificates, anchor });
            }
            let hashes = if index == 0 { leaf_hashes } else { Hashes::Sha2 };
            if index > 0 && !certificate.is_self_issued() {
                below = below.saturating_add(1);
            }
            for (number, anchor) in anchors.iter().enumerate() {
                if anchor.subject() != certificate.issuer()
                    || issued(anchor, certificate, hashes, judge).is_err()
                {
                    continue;
                }
                match fit(anchor, Position::Anchor(number), below, judge) {
                    Ok(()) => return Ok(Self { certificates, anchor }),
                    Err(error) => drop(unfit.get_or_insert(error)),
                }
            }
            let next = index.saturating_add(1);
            let Some(issuer) = chain.get(next) else { break };
            let at = Position::Chain(next);
            if issuer.subject() != certificate.issuer() {
                return Err(unfit.unwrap_or(PathError::NotIssuer(at)));
            }
            authority(issuer, below, judge).map_err(|fault| PathError::Certificate { at, fault })?;
            issued(issuer, certificate, hashes, judge).map_err(fail)?;
        }
        Err(unfit.unwrap_or(PathError::NoAnchor))
    }
}

impl Path<'_, '_> {
    /// Judges each certificate of the path with its issuer's revocation list. The anchor's own is not asked for:
    /// whoever trusts an anchor takes it out when it is revoked.
    pub(crate) fn check_revocations(
        &self,
        revocations: &Revocations,
        judge: Judge<'_>,
    ) -> Result<(), PathError> {
        for (index, certificate) in self.certificates.iter().enumerate() {
            if is_same(self.anchor, certificate) {
                continue;
            }
            let issuer = self
                .certificates
                .get(index.saturating_add(1))
                .unwrap_or(self.anchor);
            revocations.check(certificate, Position::Chain(index), issuer, judge)?;
        }
        Ok(())
    }
}

/// Byte for byte: a certificate that only bears the anchor's name and key could leave out what limits it.
fn is_same(anchor: &Certificate<'_>, certificate: &Certificate<'_>) -> bool {
    anchor.raw() == certificate.raw()
}

fn issued(
    issuer: &Certificate<'_>,
    certificate: &Certificate<'_>,
    hashes: Hashes,
    judge: Judge<'_>,
) -> Result<(), CertificateError> {
    certificate.verify_signature(judge.provider, &issuer.public_key()?, hashes)
}

/// Demands that an anchor is within its time and may issue. A root of version 1 says nothing about the latter.
fn fit(anchor: &Certificate<'_>, at: Position, below: u64, judge: Judge<'_>) -> Result<(), PathError> {
    if !anchor.is_valid_at(judge.valid_at) {
        return Err(PathError::Expired(at));
    }
    if anchor.version() == 3 {
        authority(anchor, below, judge).map_err(|fault| PathError::Certificate { at, fault })?;
    }
    Ok(())
}

/// Demands that this certificate may issue, with so many authorities below it.
fn authority(certificate: &Certificate<'_>, below: u64, judge: Judge<'_>) -> Result<(), CertificateError> {
    let explicit_default = judge.leniencies.has(Leniency::ExplicitDefault);
    match certificate.basic_constraints(explicit_default)? {
        Some((true, None)) => {}
        Some((true, Some(length))) if below <= length => {}
        Some((true, Some(_))) => return Err(CertificateError::Requirement("too many certificates below it")),
        Some((false, _)) | None => return Err(CertificateError::Requirement("it is no authority")),
    }
    match certificate.key_usage()? {
        Some(bits) if bits & KEY_CERT_SIGN == 0 => {
            Err(CertificateError::Requirement("it may not sign certificates"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Demands that every critical extension is one that is looked at here or by the formats.
fn critical_extensions(certificate: &Certificate<'_>, index: usize) -> Result<(), CertificateError> {
    let known = |name| {
        // The leaf's alternative name is read by the TPM format; purposes are read where a format asks for one.
        [
            oid::BASIC_CONSTRAINTS,
            oid::KEY_USAGE,
            oid::EXTENDED_KEY_USAGE,
            oid::CERTIFICATE_POLICIES,
        ]
        .contains(&name)
            || (index == 0 && name == oid::SUBJECT_ALT_NAME)
    };
    if certificate
        .extensions()
        .iter()
        .any(|extension| extension.critical && !known(extension.oid))
    {
        return Err(CertificateError::Requirement("a critical extension is not known"));
    }
    Ok(())
}

/// Which certificate is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// In the chain, from 0 at the leaf.
    Chain(usize),
    /// Among the anchors.
    Anchor(usize),
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chain(index) => write!(f, "certificate {index}"),
            Self::Anchor(number) => write!(f, "anchor {number}"),
        }
    }
}

/// Why a chain leads to no anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// No certificate of the chain is an anchor or was issued by one.
    #[error("the chain does not lead to a trust anchor")]
    NoAnchor,
    /// This certificate did not issue the one before it.
    #[error("{0} is not the issuer of the one before")]
    NotIssuer(Position),
    /// Named by its issuer's revocation list.
    #[error("{0} is revoked")]
    Revoked(Position),
    /// No revocation list of today speaks for its issuer.
    #[error("whether {0} is revoked is not known")]
    RevocationUnknown(Position),
    /// Outside of its time.
    #[error("{0} is not valid at this time")]
    Expired(Position),
    /// Something about one certificate.
    #[error("{at}: {fault}")]
    Certificate {
        /// Which.
        at: Position,
        /// What.
        fault: CertificateError,
    },
}
