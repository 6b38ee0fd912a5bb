//! What a relying party demands of attestation: nothing, or a path to anchors that it names.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::certificate::{Certificate, CertificateError};
use super::path::{Judge, Path};
use crate::attestation::{AttestationType, Attested};
use crate::cause::{Cause, Untrusted};
use crate::step::{At, Fault, Step};

/// Certificates that attestation may lead to: roots, intermediates, or single leaves.
#[derive(Clone, Debug, Default)]
pub struct Anchors(Vec<Box<[u8]>>);

impl Anchors {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a certificate in DER.
    ///
    /// # Errors
    /// [`AnchorsError::Certificate`] when it cannot be read.
    pub fn add_der(&mut self, der: &[u8]) -> Result<(), AnchorsError> {
        let index = self.0.len();
        Certificate::parse(der).map_err(|fault| AnchorsError::Certificate { index, fault })?;
        self.0.push(der.into());
        Ok(())
    }

    /// Adds every certificate of a PEM text (RFC 7468). Text between the blocks is passed over.
    ///
    /// # Errors
    /// [`AnchorsError::Pem`] when there is none or a block is broken, [`AnchorsError::Certificate`].
    pub fn add_pem(&mut self, pem: &str) -> Result<(), AnchorsError> {
        let mut rest = pem;
        let mut found = false;
        while let Some((_, after)) = rest.split_once("-----BEGIN CERTIFICATE-----") {
            let (body, after) = after
                .split_once("-----END CERTIFICATE-----")
                .ok_or(AnchorsError::Pem)?;
            let body: String = body
                .chars()
                .filter(|character| !character.is_ascii_whitespace())
                .collect();
            self.add_der(&STANDARD.decode(body).map_err(|_| AnchorsError::Pem)?)?;
            (rest, found) = (after, true);
        }
        if found { Ok(()) } else { Err(AnchorsError::Pem) }
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn certificates(&self) -> Vec<Certificate<'_>> {
        self.0
            .iter()
            .filter_map(|der| Certificate::parse(der).ok())
            .collect()
    }
}

/// Why anchors cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnchorsError {
    /// No block of a certificate, or a broken one.
    #[error("the text holds no readable PEM certificate")]
    Pem,
    /// A certificate that cannot be read.
    #[error("anchor {index}: {fault}")]
    Certificate {
        /// Its place.
        index: usize,
        /// What is wrong.
        fault: CertificateError,
    },
}

/// What attestation must give. A statement is always verified by its format's rules; this says what follows.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    anchors: Option<Anchors>,
    accept_none: bool,
    accept_self: bool,
}

impl Trust {
    /// Any correct attestation will do, and none as well. The report says that nothing was proved.
    #[must_use]
    pub const fn unchecked() -> Self {
        Self {
            anchors: None,
            accept_none: true,
            accept_self: true,
        }
    }

    /// A path to one of these anchors is required; no attestation and self attestation are refused.
    #[must_use]
    pub const fn anchors(anchors: Anchors) -> Self {
        Self {
            anchors: Some(anchors),
            accept_none: false,
            accept_self: false,
        }
    }

    /// Accepts registrations without attestation beside those with a path.
    #[must_use]
    pub fn or_none(self) -> Self {
        Self {
            accept_none: true,
            ..self
        }
    }

    /// Accepts self attestation beside attestation with a path.
    #[must_use]
    pub fn or_self(self) -> Self {
        Self {
            accept_self: true,
            ..self
        }
    }

    /// §7.1 steps 23 and 24.
    pub(crate) fn assess(&self, attested: &Attested<'_>, judge: Judge<'_>) -> Result<Verdict, Fault> {
        let refuse = |why| Fault {
            step: Step::AttestationPolicy,
            cause: Cause::Untrusted(why),
        };
        match attested.kind() {
            AttestationType::None if self.accept_none => Ok(Verdict::Unproved),
            AttestationType::None => Err(refuse(Untrusted::None)),
            AttestationType::Itself if self.accept_self => Ok(Verdict::Unproved),
            AttestationType::Itself => Err(refuse(Untrusted::Itself)),
            AttestationType::Certified | AttestationType::AnonymizationCa => match &self.anchors {
                None => Ok(Verdict::Unproved),
                Some(anchors) => path(attested, anchors, judge),
            },
            AttestationType::Compound => self.assess_members(attested, judge),
        }
    }

    /// One member that policy trusts is enough; that the others are correct was the format's to say.
    fn assess_members(&self, attested: &Attested<'_>, judge: Judge<'_>) -> Result<Verdict, Fault> {
        let mut last = Err(Fault { step: Step::AttestationPolicy, cause: Cause::Untrusted(Untrusted::None) });
        for (_, member) in attested.members() {
            last = match (self.assess(member, judge), last) {
                (Ok(trusted @ Verdict::Trusted { .. }), _) => return Ok(trusted),
                (Ok(Verdict::Unproved), _) => Ok(Verdict::Unproved),
                (Err(_), Ok(verdict)) => Ok(verdict),
                (Err(fault), Err(_)) => Err(fault),
            };
        }
        last
    }
}

fn path(attested: &Attested<'_>, anchors: &Anchors, judge: Judge<'_>) -> Result<Verdict, Fault> {
    let parsed: Result<Vec<_>, _> = attested.chain().iter().map(|der| Certificate::parse(der)).collect();
    let chain = parsed
        .map_err(|fault| Fault { step: Step::Statement, cause: Cause::Certificate { index: 0, fault } })?;
    let anchors = anchors.certificates();
    let path = Path::find(&chain, &anchors, judge).at(Step::AttestationChain)?;
    Ok(Verdict::Trusted { anchor: path.anchor.raw().into() })
}

/// What step 24 found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Policy asked for nothing, and nothing is known.
    Unproved,
    /// A path was found.
    Trusted { anchor: Box<[u8]> },
}
