//! Passkeys of an account: several, named, one of them Primary; a new one waits for a proof before it is stored.

use doorward_crypto::Timestamp;
use doorward_storage::Purpose;
use doorward_webauthn::{
    Aaguid, Create, CreationOptions, CredentialId, CredentialRecord, Kept, RegistrationResponse, UserEntity,
};
use serde::{Deserialize, Serialize};

use super::{FactorError, Proposed};
use crate::Identity;
use crate::accounts::names::NameError;
use crate::browser::Browser;
use crate::error::Error;
use crate::ids::{ChangeId, Digest, PasskeyId};
use crate::limits;
use crate::records::account::Passkey;
use crate::records::handle::CredentialOwner;
use crate::records::pending::Prepared;
use crate::records::spent::{Spent, SpentKind};
use crate::records::usage::Usage;
use crate::sealed::Sealed;
use crate::sessions::SignedIn;

const ADD: Purpose = Purpose::new("passkey to be added");

/// A passkey as its owner sees it.
#[derive(Clone, Debug)]
pub struct PasskeyView {
    /// Its id within the account.
    pub id: PasskeyId,
    /// What the person calls it.
    pub name: String,
    /// The authenticator's model, as it claims: for the provider's name.
    pub aaguid: Aaguid,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// When it was last used; `None`: never.
    pub last_used_at: Option<Timestamp>,
    /// It can be on several devices.
    pub synced: bool,
    /// It is asked first.
    pub primary: bool,
    /// Its credential id, for signals.
    pub credential_id: CredentialId,
}

/// What the page keeps for us.
#[derive(Serialize, Deserialize)]
struct KeptAdd {
    name: String,
    kept: Kept<Create>,
}

impl Identity {
    /// The account's passkeys, the Primary first.
    ///
    /// # Errors
    /// [`Error`] when it cannot be told.
    pub async fn passkeys_of(&self, who: &SignedIn) -> Result<Vec<PasskeyView>, Error> {
        let usage = self.store().read::<Usage>(&who.account.id, self.now()).await?;
        let view = |passkey: &Passkey| {
            let used = usage.as_ref().and_then(|usage| usage.of(passkey.id));
            PasskeyView {
                id: passkey.id,
                name: passkey.name.clone(),
                aaguid: passkey.credential.aaguid,
                registered_at: passkey.registered_at,
                last_used_at: used.map(|used| used.last_used_at),
                synced: passkey.credential.backup_eligible == Some(true),
                primary: who.account.primary == Some(passkey.id),
                credential_id: passkey.credential.id.clone(),
            }
        };
        Ok(who.account.passkeys_primary_first().map(view).collect())
    }

    /// How many recovery codes are left; `None`: none were made.
    ///
    /// # Errors
    /// [`Error`] when it cannot be told.
    pub async fn recovery_codes_left(&self, who: &SignedIn) -> Result<Option<usize>, Error> {
        if who.account.recovery.is_none() {
            return Ok(None);
        }
        let usage = self.store().read::<Usage>(&who.account.id, self.now()).await?;
        Ok(Some(
            usage
                .unwrap_or_else(|| Usage::none(who.account.id))
                .recovery_codes_left(&who.account),
        ))
    }

    /// Options for a new passkey, and what the page keeps until the answer. Writes nothing.
    ///
    /// # Errors
    /// [`FactorError::Name`], [`FactorError::TooMany`].
    pub async fn begin_add_passkey(
        &self,
        who: &SignedIn,
        name: &str,
    ) -> Result<(CreationOptions, Sealed), FactorError> {
        let name = passkey_name(name)?;
        let account = &who.account;
        if account.passkeys.len() >= limits::PASSKEYS {
            return Err(FactorError::TooMany);
        }
        let user = UserEntity {
            handle: account.user_handle.clone(),
            name: account.user_name.to_string(),
            display_name: account.display_name.to_string(),
        };
        let own: Vec<_> = account
            .passkeys
            .iter()
            .map(|passkey| passkey.credential.descriptor())
            .collect();
        let (options, kept) = self
            .relying_party()
            .register(&user)
            .require_user_verification()
            .exclude(&own)
            .begin(self.random().as_ref(), self.now())
            .map_err(|error| Error::Internal("passkey options", error.to_string()))?;
        let until = self.now().plus(self.limits().challenge);
        let sealed = self.seal(ADD, who.session.id.as_bytes(), until, KeptAdd { name, kept })?;
        Ok((options, sealed))
    }

    /// Checks the new passkey, which then waits for its proof.
    ///
    /// # Errors
    /// [`FactorError`].
    pub async fn finish_add_passkey(
        &self,
        who: &SignedIn,
        sealed: &Sealed,
        answer: &RegistrationResponse,
    ) -> Result<Proposed, FactorError> {
        let now = self.now();
        let kept: KeptAdd = self
            .unseal(ADD, who.session.id.as_bytes(), sealed)
            .map_err(|_| FactorError::Expired)?;
        let KeptAdd { name, kept } = kept;
        let mark = Spent {
            what: SpentKind::Challenge,
            digest: Digest::from_bytes(kept.id()),
            ends_at: kept.expires_at(),
        };
        let own = *kept.user() == who.account.user_handle;
        let registration = match kept.finish(answer, self.relying_party(), now) {
            Ok(registration) if own => registration,
            Ok(_) => return Err(FactorError::Expired),
            Err(refusal) => {
                self.spend_failed(mark).await;
                return Err(self.not_accepted(&refusal)?.into());
            }
        };
        let id = ChangeId::random(self.random().as_ref())?;
        let passkey = Passkey {
            id: PasskeyId::random(self.random().as_ref())?,
            name,
            credential: kept_record(registration.record),
            registered_at: now,
            trusted_from: None,
        };
        let (passkey, mark) = (&passkey, &mark);
        self.store()
            .transact(now, |tx| async move {
                tx.insert(mark.clone()).await?;
                let (session, account) = self.own(&tx, who).await?;
                let credential = CredentialOwner::key(passkey.credential.id.as_bytes());
                if tx.read::<CredentialOwner>(&credential).await?.is_some() {
                    return Err(FactorError::AlreadyRegistered);
                }
                let name = account.unique_passkey_name(&passkey.name, None);
                let change = Prepared::AddPasskey(Box::new(Passkey {
                    name,
                    ..passkey.clone()
                }));
                change.possible_for(&account, self.policy())?;
                tx.insert(self.pending(id, &account, &session, change, now))
                    .await?;
                Ok(Proposed::Verify(id))
            })
            .await
    }
}

/// What is kept of a credential: attestation was judged and is let go, since an account is one document.
pub(crate) fn kept_record(record: CredentialRecord) -> CredentialRecord {
    CredentialRecord {
        attestation_object: None,
        attestation_client_data_json: None,
        ..record
    }
}

/// A passkey's name: 1 to 64 characters, no controls.
pub(crate) fn passkey_name(typed: &str) -> Result<String, FactorError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(FactorError::Name(NameError::Missing));
    }
    if typed.chars().count() > limits::PASSKEY_NAME_CHARACTERS {
        return Err(FactorError::Name(NameError::TooLong));
    }
    if typed.chars().any(char::is_control) {
        return Err(FactorError::Name(NameError::Character));
    }
    Ok(typed.to_owned())
}

/// What a first passkey is called until its owner says otherwise: the browser's words.
pub(crate) fn suggested_name(browser: &Browser) -> String {
    let words = browser
        .words
        .as_deref()
        .map(str::trim)
        .filter(|words| !words.is_empty());
    words
        .unwrap_or("Passkey")
        .chars()
        .take(limits::PASSKEY_NAME_CHARACTERS)
        .collect()
}
