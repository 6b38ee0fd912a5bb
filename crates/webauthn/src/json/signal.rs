//! What the signal methods take (§5.1.10): they tell authenticators that a credential is gone or was renamed.
//!
//! Send [`UnknownCredential`] only to who tried that credential just now; to anybody else it says which
//! credentials exist. Send the other two only to who is signed in.

use serde::Serialize;

use crate::{CredentialId, RelyingParty, UserHandle};

/// For `signalUnknownCredential()`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnknownCredential {
    rp_id: String,
    credential_id: CredentialId,
}

/// For `signalAllAcceptedCredentials()`: whatever is not in the list may be deleted by the authenticator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AllAcceptedCredentials {
    rp_id: String,
    user_id: UserHandle,
    all_accepted_credential_ids: Vec<CredentialId>,
}

/// For `signalCurrentUserDetails()`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CurrentUserDetails {
    rp_id: String,
    user_id: UserHandle,
    name: String,
    display_name: String,
}

impl RelyingParty {
    /// This credential is not, or no longer, known.
    #[must_use]
    pub fn signal_unknown(&self, credential_id: CredentialId) -> UnknownCredential {
        UnknownCredential {
            rp_id: self.id().as_str().to_owned(),
            credential_id,
        }
    }

    /// These are all credentials that the account has. Leaving one out makes authenticators delete it.
    #[must_use]
    pub fn signal_all_accepted<'c>(
        &self,
        user: &UserHandle,
        credentials: impl IntoIterator<Item = &'c CredentialId>,
    ) -> AllAcceptedCredentials {
        AllAcceptedCredentials {
            rp_id: self.id().as_str().to_owned(),
            user_id: user.clone(),
            all_accepted_credential_ids: credentials.into_iter().cloned().collect(),
        }
    }

    /// The account's names have changed.
    #[must_use]
    pub fn signal_current_details(
        &self,
        user: &UserHandle,
        name: &str,
        display_name: &str,
    ) -> CurrentUserDetails {
        CurrentUserDetails {
            rp_id: self.id().as_str().to_owned(),
            user_id: user.clone(),
            name: name.to_owned(),
            display_name: display_name.to_owned(),
        }
    }
}
