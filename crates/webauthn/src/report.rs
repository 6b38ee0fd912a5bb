//! What a finished ceremony proved, as data.

use crate::attestation::AttestationType;
use crate::extensions::ExtensionReport;
use crate::{Aaguid, UserHandle};

/// What a registration proved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegistrationReport {
    /// The account that the credential was made for.
    pub user: UserHandle,
    /// Whether a person was there; only conditional creation goes without.
    pub user_present: bool,
    /// Whether the person was verified.
    pub user_verified: bool,
    /// The attestation.
    pub attestation: AttestationReport,
    /// Members of the JSON form that disagree with what was signed. They were not used.
    pub disagreements: Vec<&'static str>,
    /// What became of extensions.
    pub extensions: ExtensionReport,
}

/// What attestation proved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttestationReport {
    /// The format's identifier.
    pub format: String,
    /// What kind of statement it was.
    pub kind: AttestationType,
    /// The model that the authenticator claims to be.
    pub aaguid: Aaguid,
    /// Whether certificates led to an anchor that the policy trusts. Without it the model is a claim.
    pub trusted: bool,
    /// Whether the certificate names the single device (`id-fido-gen-ce-sernum`, §8.2.2). Only enterprise
    /// attestation may, which the relying party asked for or did not.
    pub names_device: bool,
    /// That anchor's certificate, in DER.
    pub anchor: Option<Box<[u8]>>,
}
