//! `PublicKeyCredentialCreationOptionsJSON` (§5.4): for `PublicKeyCredential.parseCreationOptionsFromJSON()`.

use serde::{Deserialize, Serialize};

use super::base64url::Base64Url;
use super::descriptor::{CredentialDescriptor, PublicKeyType};
use crate::UserHandle;
use crate::extensions::CreateInputs;
use crate::policy::{Attachment, Attestation, Hint, ResidentKey, UserVerification};

/// What the browser is asked to create.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreationOptions {
    /// Who asks.
    pub rp: RelyingPartyEntity,
    /// For whom.
    pub user: UserEntityJson,
    /// What must come back.
    pub challenge: Base64Url,
    /// Which algorithms, the most wanted first.
    pub pub_key_cred_params: Vec<PublicKeyCredentialParameters>,
    /// How long the browser may take, in milliseconds.
    pub timeout: u64,
    /// Credentials that the account has, so that no authenticator makes a second one.
    #[serde(default)]
    pub exclude_credentials: Vec<CredentialDescriptor>,
    /// What kind of authenticator.
    pub authenticator_selection: AuthenticatorSelection,
    /// Which dialog first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<Hint>,
    /// Which attestation is asked for.
    pub attestation: Attestation,
    /// Which formats, the most wanted first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attestation_formats: Vec<String>,
    /// Extensions.
    #[serde(default)]
    pub extensions: CreateInputs,
}

/// `PublicKeyCredentialRpEntity`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelyingPartyEntity {
    /// The RP ID.
    pub id: String,
    /// A name for people.
    pub name: String,
}

/// `PublicKeyCredentialUserEntityJSON`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserEntityJson {
    /// The user handle: what the account is called among machines.
    pub id: UserHandle,
    /// What tells the account from others.
    pub name: String,
    /// What the person is called.
    pub display_name: String,
}

/// `PublicKeyCredentialParameters`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKeyCredentialParameters {
    /// Always `public-key`.
    #[serde(rename = "type")]
    pub kind: PublicKeyType,
    /// The COSE number of the algorithm.
    pub alg: i64,
}

/// `AuthenticatorSelectionCriteria`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticatorSelection {
    /// Built in, or brought along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authenticator_attachment: Option<Attachment>,
    /// Whether it must be discoverable.
    pub resident_key: ResidentKey,
    /// The same in the word of Level 1: true exactly when `residentKey` is `required`.
    pub require_resident_key: bool,
    /// Whether the person must be verified.
    pub user_verification: UserVerification,
}
