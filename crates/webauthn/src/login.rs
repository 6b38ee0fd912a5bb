//! A verified assertion: what it proved, and what it changes in the record (§7.2 step 24).

use crate::credential_record::CredentialRecord;
use crate::extensions::ExtensionReport;
use crate::{CredentialId, UserHandle};

/// An assertion that was verified. Only the verification makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    pub(crate) credential_id: CredentialId,
    pub(crate) user: UserHandle,
    pub(crate) user_verified: bool,
    pub(crate) uv_uninitialized: bool,
    pub(crate) backup_eligible: bool,
    pub(crate) backup_state: bool,
    pub(crate) sign_count: u32,
    pub(crate) clone_suspected: bool,
    pub(crate) extensions: ExtensionReport,
}

impl Login {
    /// The credential.
    #[must_use]
    pub const fn credential_id(&self) -> &CredentialId {
        &self.credential_id
    }

    /// The account.
    #[must_use]
    pub const fn user(&self) -> &UserHandle {
        &self.user
    }

    /// Whether the person was verified by the authenticator: a second factor in the same gesture.
    #[must_use]
    pub const fn user_verified(&self) -> bool {
        self.user_verified
    }

    /// Whether this is the first time that the person was verified with this credential. It then counts as a
    /// second factor only after another factor has confirmed it: see [`Self::initialize_user_verification`].
    #[must_use]
    pub const fn user_verification_is_new(&self) -> bool {
        self.user_verified && self.uv_uninitialized
    }

    /// Whether the credential may be backed up.
    #[must_use]
    pub const fn backup_eligible(&self) -> bool {
        self.backup_eligible
    }

    /// Whether the credential is backed up now.
    #[must_use]
    pub const fn backup_state(&self) -> bool {
        self.backup_state
    }

    /// The counter to keep. It never goes back.
    #[must_use]
    pub const fn sign_count(&self) -> u32 {
        self.sign_count
    }

    /// Whether the counter did not grow, which policy let pass.
    #[must_use]
    pub const fn clone_suspected(&self) -> bool {
        self.clone_suspected
    }

    /// What became of extensions.
    #[must_use]
    pub const fn extensions(&self) -> &ExtensionReport {
        &self.extensions
    }

    /// Writes into the record what §7.2 step 24 changes: counter and backup state, and the eligibility where it
    /// was not known. Whether the person was ever verified does not change here.
    pub fn apply(&self, record: &mut CredentialRecord) {
        record.sign_count = self.sign_count;
        record.backup_state = self.backup_state;
        record.backup_eligible.get_or_insert(self.backup_eligible);
    }

    /// Lets this credential's user verification count from now on. Call it when another factor has confirmed
    /// the person in this same sign-in (§7.2 step 24).
    pub fn initialize_user_verification(&self, record: &mut CredentialRecord) {
        record.uv_initialized |= self.user_verified;
    }
}
