//! Certificates at which trust ends.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::certificate::{Certificate, CertificateError};

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

    /// These and those.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
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
