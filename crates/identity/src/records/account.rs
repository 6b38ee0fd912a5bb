//! An account: one document, since what must change together lives under one key.
//!
//! What a right proof changes (counters, last use) lies in [`super::usage`], what a wrong one changes in
//! [`super::guesses`].

use doorward_crypto::Timestamp;
use doorward_storage::{Kind, Record};
use doorward_webauthn::{CredentialRecord, UserHandle};
use serde::{Deserialize, Serialize};

use crate::accounts::claims::PersonalData;
use crate::accounts::names::{DisplayName, Email, UserName};
use crate::ids::{AccountId, Digest, PasskeyId};
use crate::passwords::PasswordHash;
use crate::sign_in::Method;
use crate::sign_in::machine::Factors;

/// A person's account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    /// Its name for ever: the `sub` of tokens.
    pub id: AccountId,
    /// What authenticators keep of it.
    pub user_handle: UserHandle,
    /// As typed.
    pub user_name: UserName,
    /// As typed.
    pub display_name: DisplayName,
    /// The address, if there is one.
    pub email: Option<Email>,
    /// The address was proved.
    pub email_verified: bool,
    /// What it may do here.
    pub role: Role,
    /// The operator turned it off.
    pub disabled: bool,
    /// Raised by every change of a factor: sessions, grants and links of an earlier one are ended.
    pub generation: u64,
    /// When it was made.
    #[serde(with = "doorward_storage::times")]
    pub created_at: Timestamp,
    /// When something about the person last changed: the claim `updated_at`.
    #[serde(with = "doorward_storage::times")]
    pub updated_at: Timestamp,
    /// The passkeys, in the order in which they were added. One of them is [`Account::primary`].
    pub passkeys: Vec<Passkey>,
    /// The passkey that is asked first.
    pub primary: Option<PasskeyId>,
    /// The password.
    pub password: Option<StoredPassword>,
    /// The authenticator app.
    pub totp: Option<Totp>,
    /// The recovery codes.
    pub recovery: Option<RecoveryCodes>,
    /// What the person wants to be asked first.
    pub preferred: Option<Method>,
    /// What it says about its person beside the names.
    #[serde(default)]
    pub personal: PersonalData,
    /// Hash of the operator's newest reset link: the only one that opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset_link: Option<Digest>,
}

/// What an account may do in this instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The operator who set the instance up.
    Owner,
    /// Everybody else.
    Person,
}

/// A passkey.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Passkey {
    /// Its name within the account.
    pub id: PasskeyId,
    /// What the person calls it.
    pub name: String,
    /// What Web Authentication asks to keep (§4, credential record), as registered. Its counter and backup
    /// state as of now lie in [`super::usage`].
    pub credential: CredentialRecord,
    /// When it was registered.
    #[serde(with = "doorward_storage::times")]
    pub registered_at: Timestamp,
    /// It was added on a weaker proof than the account's strongest: until this moment it is worth no more than
    /// that proof, or a thief would take away with it what the proof itself may not.
    #[serde(
        default,
        with = "doorward_storage::times::maybe",
        skip_serializing_if = "Option::is_none"
    )]
    pub trusted_from: Option<Timestamp>,
}

impl Passkey {
    /// Whether it is worth a passkey for changes to the account's factors.
    pub(crate) fn is_trusted(&self, now: Timestamp) -> bool {
        self.trusted_from.is_none_or(|from| now >= from)
    }
}

/// A password as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredPassword {
    /// The hash with its cost.
    pub hash: PasswordHash,
    /// When it was set.
    #[serde(with = "doorward_storage::times")]
    pub set_at: Timestamp,
    /// It has fewer characters than a password that stands alone must have.
    pub short: bool,
}

/// An authenticator app that is set up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Totp {
    /// The secret, sealed, bound to the account.
    #[serde(with = "crate::ids::byte_string")]
    pub sealed: Vec<u8>,
    /// Since when.
    #[serde(with = "doorward_storage::times")]
    pub since: Timestamp,
}

/// A set of recovery codes. Which of them are spent stands in [`super::usage`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecoveryCodes {
    /// Counts the sets of the account, from 1.
    pub set: u64,
    /// A keyed hash of each.
    pub digests: Vec<Digest>,
    /// When it was made.
    #[serde(with = "doorward_storage::times")]
    pub made_at: Timestamp,
}

impl Record for Account {
    const KIND: Kind = Kind::new(b'a', "account");
    const VERSION: u8 = 1;
    type Id = AccountId;

    fn id(&self) -> AccountId {
        self.id
    }
}

impl Account {
    /// The passkeys, the Primary first.
    pub fn passkeys_primary_first(&self) -> impl Iterator<Item = &Passkey> {
        let primary = move |passkey: &&Passkey| Some(passkey.id) == self.primary;
        self.passkeys
            .iter()
            .filter(primary)
            .chain(self.passkeys.iter().filter(move |one| !primary(one)))
    }

    /// The passkey with this id.
    #[must_use]
    pub fn passkey(&self, id: PasskeyId) -> Option<&Passkey> {
        self.passkeys.iter().find(|passkey| passkey.id == id)
    }

    /// The passkey with this credential id.
    #[must_use]
    pub fn passkey_by_credential(&self, credential_id: &[u8]) -> Option<&Passkey> {
        self.passkeys
            .iter()
            .find(|passkey| passkey.credential.id.as_bytes() == credential_id)
    }

    /// What the sign-in machine must know of it.
    pub(crate) fn factors(&self, usage: &super::usage::Usage) -> Factors {
        Factors {
            password: self.password.is_some(),
            passkeys: self.passkeys.len(),
            totp: self.totp.is_some(),
            recovery_codes: usage.recovery_codes_left(self),
            disabled: self.disabled,
        }
    }

    /// What is prompted first: what the person prefers, if there still is such a factor; else the strongest.
    #[must_use]
    pub fn prompted_first(&self) -> Method {
        let has_passkey = !self.passkeys.is_empty();
        match self.preferred {
            Some(Method::Totp) if self.totp.is_some() && self.password.is_some() => Method::Password,
            Some(_) | None if has_passkey => Method::Passkey,
            Some(_) | None => Method::Password,
        }
    }

    /// Whether it has any way in at all.
    #[must_use]
    pub const fn has_no_factor(&self) -> bool {
        self.passkeys.is_empty() && self.password.is_none()
    }

    /// Every session, grant and link of before ends with the commit of this.
    pub(crate) const fn raise_generation(&mut self) {
        self.generation = self.generation.saturating_add(1);
    }
}
