//! An entry of the blob and the metadata statement in it (FIDO Metadata Statements v3).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorward_jose::json::Object;
use serde::Deserialize;

use super::status::StatusReport;
use crate::Aaguid;
use crate::trust::Anchors;

/// One model.
#[derive(Clone, Debug)]
pub struct Entry {
    known: Known,
    raw: Object,
    anchors: Anchors,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Known {
    #[serde(default)]
    aaid: Option<String>,
    #[serde(default)]
    aaguid: Option<Aaguid>,
    #[serde(default)]
    attestation_certificate_key_identifiers: Vec<String>,
    #[serde(default)]
    metadata_statement: Option<MetadataStatement>,
    #[serde(default)]
    status_reports: Vec<StatusReport>,
}

/// What the vendor states about a model. Members that are not known here are in [`Entry::raw`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetadataStatement {
    /// A name for people.
    #[serde(default)]
    pub description: String,
    /// `uaf`, `u2f` or `fido2`.
    #[serde(default)]
    pub protocol_family: String,
    /// `basic_full`, `basic_surrogate` (self), `attca`, `anonca`, `none`.
    #[serde(default)]
    pub attestation_types: Vec<String>,
    /// What it signs with, by names of the FIDO registry.
    #[serde(default)]
    pub authentication_algorithms: Vec<String>,
    /// Where keys are kept.
    #[serde(default)]
    pub key_protection: Vec<String>,
    /// The anchors, in base64.
    #[serde(default)]
    attestation_root_certificates: Vec<String>,
}

impl Entry {
    pub(super) fn read(raw: Object) -> Result<Self, serde_json::Error> {
        let known = Known::deserialize(serde_json::Value::Object(raw.clone()))?;
        let mut anchors = Anchors::new();
        for text in known
            .metadata_statement
            .iter()
            .flat_map(|statement| &statement.attestation_root_certificates)
        {
            let text: String = text
                .chars()
                .filter(|letter| !letter.is_ascii_whitespace())
                .collect();
            // An anchor that cannot be read is no anchor; nothing can lead to it.
            let _ = STANDARD.decode(text).map(|der| anchors.add_der(&der));
        }
        Ok(Self { known, raw, anchors })
    }

    /// Of FIDO2: its AAGUID.
    #[must_use]
    pub const fn aaguid(&self) -> Option<Aaguid> {
        self.known.aaguid
    }

    /// Of UAF: its AAID.
    #[must_use]
    pub fn aaid(&self) -> Option<&str> {
        self.known.aaid.as_deref()
    }

    /// Of U2F: SHA-1 of the keys of its attestation certificates, in hexadecimal.
    #[must_use]
    pub fn key_identifiers(&self) -> &[String] {
        &self.known.attestation_certificate_key_identifiers
    }

    /// What the vendor states.
    #[must_use]
    pub const fn statement(&self) -> Option<&MetadataStatement> {
        self.known.metadata_statement.as_ref()
    }

    /// What happened to it.
    #[must_use]
    pub fn status_reports(&self) -> &[StatusReport] {
        &self.known.status_reports
    }

    /// The certificates that its attestation leads to.
    #[must_use]
    pub const fn anchors(&self) -> &Anchors {
        &self.anchors
    }

    /// Every member as it came.
    #[must_use]
    pub const fn raw(&self) -> &Object {
        &self.raw
    }
}
