//! The one commit of a change: what becomes of the account, who else is signed out, and what is told.

use doorward_storage::Tx;
use zeroize::Zeroizing;

use super::step_up::StepUp;
use super::{Applied, FactorError, Notice};
use crate::Identity;
use crate::audit::What;
use crate::ids::{PasskeyId, SessionId};
use crate::records::account::{Account, Passkey, RecoveryCodes, StoredPassword, Totp};
use crate::records::handle::CredentialOwner;
use crate::records::pending::{PendingTotp, Prepared};
use crate::records::session::Session;
use crate::records::usage::Usage;
use crate::sessions::SignedIn;
use crate::tokens::SessionToken;

impl Identity {
    /// Applies a change that was proved. `codes` are fresh recovery codes where the change makes some; `token` is
    /// the session's next secret.
    #[expect(clippy::too_many_arguments, reason = "all of a change's commit, in one place")]
    pub(crate) async fn apply(
        &self,
        tx: &Tx,
        account: &mut Account,
        usage: &mut Usage,
        who: &SignedIn,
        change: &Prepared,
        step_up: StepUp,
        token: &SessionToken,
        codes: &[Zeroizing<String>],
    ) -> Result<Applied, FactorError> {
        let session = who.session.id;
        change.possible_for(account, self.policy())?;
        step_up.permits(change, account, self.policy())?;
        let (notice, what) = self
            .change_account(tx, account, usage, session, change, codes)
            .await?;
        if let Prepared::AddPasskey(added) = change {
            let trusted_from = step_up.added_is_trusted_from(self.policy(), self.limits(), tx.now());
            let own = account
                .passkeys
                .iter_mut()
                .filter(|passkey| passkey.id == added.id);
            own.for_each(|passkey| passkey.trusted_from = trusted_from);
        }
        if matches!(change, Prepared::SetPassword { .. } | Prepared::SetTotp { .. }) {
            usage.opened_at = Some(tx.now());
        }
        if change.is_of_a_factor() {
            account.raise_generation();
            let others = usage.sessions.iter().copied().filter(|id| *id != session);
            self.sessions_end(tx, others).await?;
            usage.sessions.retain(|id| *id == session);
        }
        let renewed = self
            .renew_session(tx, session, account, |session| step_up.join(session), token)
            .await?
            .ok_or(FactorError::Expired)?;
        self.record(tx, Some(account.id), &who.origin(), what).await?;
        tx.write(account.clone())?;
        tx.write(usage.clone())?;
        Ok(Applied {
            notice,
            recovery_codes: (!codes.is_empty()).then(|| codes.to_vec()),
            signed_out_elsewhere: change.is_of_a_factor() || matches!(change, Prepared::EndOtherSessions),
            token: token.clone(),
            ends_at: renewed.ends_at,
            known_device: self.known_device(account, &renewed.browser)?,
        })
    }

    pub(super) async fn change_account(
        &self,
        tx: &Tx,
        account: &mut Account,
        usage: &mut Usage,
        session: SessionId,
        change: &Prepared,
        codes: &[Zeroizing<String>],
    ) -> Result<(Notice, What), FactorError> {
        Ok(match change {
            Prepared::AddPasskey(passkey) => {
                let credential = CredentialOwner::key(passkey.credential.id.as_bytes());
                tx.insert(CredentialOwner {
                    credential,
                    account: account.id,
                })
                .await?;
                let name = account.unique_passkey_name(&passkey.name, None);
                account.primary = account.primary.or(Some(passkey.id));
                account.passkeys.push(Passkey {
                    name: name.clone(),
                    ..(**passkey).clone()
                });
                (
                    Notice::PasskeyAdded { name: name.clone() },
                    What::PasskeyAdded { name },
                )
            }
            Prepared::RemovePasskey(id) => {
                let gone = take_passkey(account, usage, *id)?;
                let credential = CredentialOwner::key(gone.credential.id.as_bytes());
                tx.read::<CredentialOwner>(&credential).await?;
                tx.remove::<CredentialOwner>(&credential)?;
                let name = gone.name;
                (
                    Notice::PasskeyRemoved { name: name.clone() },
                    What::PasskeyRemoved { name },
                )
            }
            Prepared::MakePrimary(id) => {
                let name = account.passkey(*id).ok_or(FactorError::NotThere)?.name.clone();
                account.primary = Some(*id);
                (
                    Notice::PrimaryChanged { name: name.clone() },
                    What::PrimaryChanged { name },
                )
            }
            Prepared::SetTotp { sealed } => {
                let waiting = tx.read::<PendingTotp>(&account.id).await?;
                // Of two secrets that were shown only the last can be confirmed.
                if waiting.is_none_or(|waiting| waiting.sealed != *sealed) {
                    return Err(FactorError::Expired);
                }
                tx.remove::<PendingTotp>(&account.id)?;
                let before = account.totp.replace(Totp {
                    sealed: sealed.clone(),
                    since: tx.now(),
                });
                match before {
                    None => (Notice::TotpEnabled, What::TotpEnabled),
                    Some(_) => (Notice::TotpReplaced, What::TotpReplaced),
                }
            }
            Prepared::DisableTotp => {
                account.totp = None;
                (Notice::TotpDisabled, What::TotpDisabled)
            }
            Prepared::NewRecoveryCodes => {
                let set = account
                    .recovery
                    .as_ref()
                    .map_or(usage.recovery_set, |codes| codes.set)
                    .saturating_add(1);
                let digests = codes
                    .iter()
                    .map(|code| self.recovery_digest(account.id, set, code))
                    .collect();
                account.recovery = Some(RecoveryCodes {
                    set,
                    digests,
                    made_at: tx.now(),
                });
                (Notice::RecoveryCodesMade, What::RecoveryCodesMade)
            }
            Prepared::SetPassword { hash, short } => {
                let password = StoredPassword {
                    hash: hash.clone(),
                    set_at: tx.now(),
                    short: *short,
                };
                let what = match account.password.replace(password) {
                    None => What::PasswordSet,
                    Some(_) => What::PasswordChanged,
                };
                (Notice::PasswordSet, what)
            }
            Prepared::RemovePassword => {
                account.password = None;
                (Notice::PasswordRemoved, What::PasswordRemoved)
            }
            Prepared::SetPreferred(method) => {
                account.preferred = Some(*method);
                (
                    Notice::PreferredChanged { to: *method },
                    What::PreferredChanged { to: *method },
                )
            }
            Prepared::EndSession(id) => {
                let own = tx
                    .read::<Session>(id)
                    .await?
                    .is_some_and(|one| one.account == account.id && one.id != session);
                if !own {
                    return Err(FactorError::NotThere);
                }
                tx.remove::<Session>(id)?;
                self.sessions_end(tx, [*id]).await?;
                usage.sessions.retain(|one| one != id);
                (Notice::SessionEnded, What::SessionEnded)
            }
            Prepared::EndOtherSessions => {
                // Their records go, and not the generation: what applications were given in this session stays.
                for id in usage.sessions.iter().filter(|id| **id != session) {
                    tx.read::<Session>(id).await?;
                    tx.remove::<Session>(id)?;
                }
                let others = usage.sessions.iter().copied().filter(|id| *id != session);
                self.sessions_end(tx, others).await?;
                usage.sessions.retain(|id| *id == session);
                (Notice::OtherSessionsEnded, What::OtherSessionsEnded)
            }
        })
    }
}

/// Takes a passkey out. Should it have been the Primary, the one that was used last follows.
fn take_passkey(account: &mut Account, usage: &mut Usage, id: PasskeyId) -> Result<Passkey, FactorError> {
    let at = account
        .passkeys
        .iter()
        .position(|passkey| passkey.id == id)
        .ok_or(FactorError::NotThere)?;
    let gone = account.passkeys.remove(at);
    usage.passkeys.retain(|one| one.passkey != id);
    if account.primary == Some(id) {
        let last_used = |passkey: &&Passkey| usage.of(passkey.id).map(|used| used.last_used_at);
        account.primary = account
            .passkeys
            .iter()
            .max_by_key(last_used)
            .map(|passkey| passkey.id);
    }
    Ok(gone)
}

impl Prepared {
    /// Whether it changes what opens the account.
    pub(crate) const fn is_of_a_factor(&self) -> bool {
        match self {
            Self::AddPasskey(_)
            | Self::RemovePasskey(_)
            | Self::SetTotp { .. }
            | Self::DisableTotp
            | Self::NewRecoveryCodes
            | Self::SetPassword { .. }
            | Self::RemovePassword => true,
            Self::MakePrimary(_) | Self::SetPreferred(_) | Self::EndSession(_) | Self::EndOtherSessions => {
                false
            }
        }
    }
}
