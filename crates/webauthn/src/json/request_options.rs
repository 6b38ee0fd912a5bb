//! `PublicKeyCredentialRequestOptionsJSON` (§5.5): for `PublicKeyCredential.parseRequestOptionsFromJSON()`.

use serde::{Deserialize, Serialize};

use super::base64url::Base64Url;
use super::descriptor::CredentialDescriptor;
use crate::extensions::GetInputs;
use crate::policy::{Hint, UserVerification};

/// What the browser is asked to sign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestOptions {
    /// What must come back.
    pub challenge: Base64Url,
    /// How long the browser may take, in milliseconds.
    pub timeout: u64,
    /// The RP ID.
    pub rp_id: String,
    /// With which credentials; none: any that the authenticator discovers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow_credentials: Vec<CredentialDescriptor>,
    /// Whether the person must be verified.
    pub user_verification: UserVerification,
    /// Which dialog first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<Hint>,
    /// Extensions.
    #[serde(default)]
    pub extensions: GetInputs,
}
