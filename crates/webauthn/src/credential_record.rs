//! The credential record (§4): what the caller keeps of a credential. Its serialised shape is stable.

use serde::{Deserialize, Serialize};

use crate::json::{Base64Url, CredentialDescriptor, Transport};
use crate::{Aaguid, CredentialId};

/// What is kept of a credential, beside the account that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialRecord {
    /// Its id.
    pub id: CredentialId,
    /// The public key: COSE, byte for byte as the authenticator wrote it.
    pub public_key: Base64Url,
    /// The last signature counter; 0 from authenticators that do not count.
    pub sign_count: u32,
    /// Whether the person was ever verified with it, so that it may count as two factors.
    pub uv_initialized: bool,
    /// How it can be reached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transports: Vec<Transport>,
    /// Whether it may be backed up. Nothing: it was registered before authenticators said so; the first login
    /// fills it in.
    pub backup_eligible: Option<bool>,
    /// Whether it was backed up when it was last used.
    pub backup_state: bool,
    /// The RP ID that it belongs to.
    pub rp_id: String,
    /// The model of authenticator, as it claims; proved only as far as the registration's report says.
    #[serde(default)]
    pub aaguid: Aaguid,
    /// The attestation object, to be judged again when metadata or revocations change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation_object: Option<Base64Url>,
    /// The client data that belongs to the attestation object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation_client_data_json: Option<Base64Url>,
}

impl CredentialRecord {
    /// The record as options name it.
    #[must_use]
    pub fn descriptor(&self) -> CredentialDescriptor {
        CredentialDescriptor::new(self.id.clone(), self.transports.clone())
    }
}
