//! A passkey made in the background right after a sign-in with a password (Web Authentication, conditional creation),
//! where browser and password manager offer that.
//!
//! For accounts without a passkey alone, and on the strongest proof that the account has, given just now: a phished
//! password must not quietly add a way in beside existing ones. The session keeps its secret, since nothing more was
//! proved in it and the person may be on the way to another page; every other session ends.

use core::time::Duration;

use doorward_crypto::Timestamp;
use doorward_storage::Purpose;
use doorward_webauthn::{Aaguid, Create, CreationOptions, Kept, RegistrationResponse, UserEntity};

use super::step_up::StepUp;
use super::{FactorError, PasskeyView};
use crate::Identity;
use crate::error::Error;
use crate::factors::passkeys::{kept_record, passkey_name};
use crate::ids::{Digest, PasskeyId};
use crate::records::account::{Account, Passkey};
use crate::records::pending::Prepared;
use crate::records::session::Session;
use crate::records::spent::{Spent, SpentKind};
use crate::sealed::Sealed;
use crate::sessions::SignedIn;
use crate::sign_in::{Proved, usage_of};

const QUIET: Purpose = Purpose::new("passkey made quietly");
/// Longer than the script waits, and little more.
const LASTS: Duration = Duration::from_secs(60);

/// A passkey that was made quietly.
#[derive(Clone, Debug)]
pub struct QuietPasskey {
    /// What it is.
    pub passkey: PasskeyView,
    /// The known-device cookie's new value.
    pub known_device: String,
}

impl Identity {
    /// Whether a passkey may be made quietly in this session now.
    #[must_use]
    pub fn may_make_passkey_quietly(&self, who: &SignedIn) -> bool {
        self.quiet_proof(&who.account, &who.session, self.now()).is_some()
    }

    /// Options for it, and what the page keeps until the answer. Writes nothing.
    ///
    /// # Errors
    /// [`FactorError::StrongerProofNeeded`] where [`Identity::may_make_passkey_quietly`] says no.
    pub fn begin_quiet_passkey(&self, who: &SignedIn) -> Result<(CreationOptions, Sealed), FactorError> {
        let (account, now) = (&who.account, self.now());
        if self.quiet_proof(account, &who.session, now).is_none() {
            return Err(FactorError::StrongerProofNeeded);
        }
        let user = UserEntity {
            handle: account.user_handle.clone(),
            name: account.user_name.to_string(),
            display_name: account.display_name.to_string(),
        };
        let (options, kept) = self
            .relying_party()
            .register(&user)
            .conditional()
            .begin(self.random().as_ref(), now)
            .map_err(|error| Error::Internal("passkey options", error.to_string()))?;
        let sealed = self.seal(QUIET, who.session.id.as_bytes(), now.plus(LASTS), kept)?;
        Ok((options, sealed))
    }

    /// Checks the answer and stores the passkey, named by what `name` makes of the authenticator's model.
    ///
    /// # Errors
    /// [`FactorError`]; nothing is stored then, and the browser's passkey is an orphan.
    pub async fn finish_quiet_passkey(
        &self,
        who: &SignedIn,
        sealed: &Sealed,
        answer: &RegistrationResponse,
        name: impl Fn(&Aaguid) -> String,
    ) -> Result<QuietPasskey, FactorError> {
        let now = self.now();
        let kept: Kept<Create> = self
            .unseal(QUIET, who.session.id.as_bytes(), sealed)
            .map_err(|_| FactorError::Expired)?;
        let mark = &Spent {
            what: SpentKind::Challenge,
            digest: Digest::from_bytes(kept.id()),
            ends_at: kept.expires_at(),
        };
        let own = *kept.user() == who.account.user_handle;
        let registration = match kept.finish(answer, self.relying_party(), now) {
            Ok(registration) if own => registration,
            Ok(_) => return Err(FactorError::Expired),
            Err(refusal) => {
                self.spend_failed(mark.clone()).await;
                return Err(self.not_accepted(&refusal)?.into());
            }
        };
        let passkey = Passkey {
            id: PasskeyId::random(self.random().as_ref())?,
            name: passkey_name(&name(&registration.record.aaguid))?,
            credential: kept_record(registration.record),
            registered_at: now,
            trusted_from: None,
        };
        let passkey = &passkey;
        self.store()
            .transact(now, |tx| async move {
                tx.insert(mark.clone()).await?;
                let (mut session, mut account) = self.own(&tx, who).await?;
                let step_up = self
                    .quiet_proof(&account, &session, tx.now())
                    .ok_or(FactorError::StrongerProofNeeded)?;
                let change = Prepared::AddPasskey(Box::new(passkey.clone()));
                change.possible_for(&account, self.policy())?;
                step_up.permits(&change, &account, self.policy())?;
                let mut usage = usage_of(&tx, account.id).await?;
                let (_, what) = self
                    .change_account(&tx, &mut account, &mut usage, session.id, &change, &[])
                    .await?;
                account.raise_generation();
                usage.sessions.retain(|id| *id == session.id);
                session.generation = account.generation;
                self.record(&tx, Some(account.id), &who.origin(), what).await?;
                let known_device = self.known_device(&account, &session.browser)?;
                tx.write(session)?;
                tx.write(account)?;
                tx.write(usage)?;
                Ok(QuietPasskey {
                    passkey: PasskeyView {
                        id: passkey.id,
                        name: passkey.name.clone(),
                        aaguid: passkey.credential.aaguid,
                        registered_at: now,
                        last_used_at: None,
                        synced: passkey.credential.backup_eligible == Some(true),
                        primary: true,
                        credential_id: passkey.credential.id.clone(),
                    },
                    known_device,
                })
            })
            .await
    }

    /// The proof that allows it: a password typed just now, with all else that the account asks, and no passkey yet.
    fn quiet_proof(&self, account: &Account, session: &Session, now: Timestamp) -> Option<StepUp> {
        let since = now.minus(self.limits().step_up_freshness);
        let typed = session.proved_since(since, |what| matches!(what, Proved::Password));
        if !account.passkeys.is_empty() || !typed {
            return None;
        }
        StepUp::still_fresh(account, session, self.limits(), now)
    }
}
