//! A change that waits, as its person sees it: what it would do, how it can be confirmed, and how it is given up.

use doorward_crypto::Timestamp;
use doorward_storage::Tx;
use doorward_webauthn::CredentialId;

use super::FactorError;
use super::change::orphan_of;
use super::step_up::{StepUp, Strongest, has_recovery_left};
use crate::Identity;
use crate::ids::ChangeId;
use crate::policy::Fallback;
use crate::records::account::Account;
use crate::records::pending::{PendingChange, PendingTotp, Prepared};
use crate::records::session::Session;
use crate::sessions::SignedIn;
use crate::sign_in::Proved;

/// How a proof can be given, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A passkey of the account.
    Passkey,
    /// The new passkey itself, which shows that it can be used.
    NewPasskey,
    /// The password and a code of the authenticator app.
    PasswordAndCode,
    /// The password; the recovery code of this sign-in stands in for the rest, once.
    PasswordAfterRecovery,
    /// The password.
    Password,
}

/// What a change would do: for the sentence in the dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the variants are the changes, `name` is the passkey's"
)]
pub enum Action {
    AddPasskey { name: String },
    RemovePasskey { name: String },
    MakePrimary { name: String },
    EnableTotp,
    ReplaceTotp,
    DisableTotp,
    NewRecoveryCodes,
    SetPassword,
    RemovePassword,
    SetPreferred,
    EndSession,
    EndOtherSessions,
}

/// A change that waits, as its person sees it.
#[derive(Clone, Debug)]
pub struct ProposalView {
    /// What would be done.
    pub action: Action,
    /// How it can be confirmed, the best first. Empty: not at all.
    pub ways: Vec<Way>,
    /// The name of the passkey that is asked first.
    pub primary: Option<String>,
    /// The passkey that a device has made for it: to be signalled as unknown when the person gives up.
    pub orphan: Option<CredentialId>,
    /// It waits until then.
    pub expires_at: Timestamp,
}

/// A change that was given up.
#[derive(Clone, Debug)]
pub struct Cancelled {
    /// What would have been done.
    pub action: Action,
    /// The passkey that a device made for nothing: to be signalled as unknown.
    pub orphan: Option<CredentialId>,
}

impl Identity {
    /// The change with this id, if it waits in this session.
    ///
    /// # Errors
    /// [`FactorError::Internal`] when it cannot be told.
    pub async fn proposal(&self, who: &SignedIn, id: ChangeId) -> Result<Option<ProposalView>, FactorError> {
        let found = self.store().transact(self.now(), |tx| async move {
            let (session, account) = self.own(&tx, who).await?;
            let pending = self.change_waiting(&tx, id, &session, &account).await?;
            let primary = account
                .passkeys_primary_first()
                .next()
                .map(|passkey| passkey.name.clone());
            Ok(ProposalView {
                action: action_of(&pending.change, &account),
                ways: self.ways(&pending.change, &account, &session, tx.now()),
                primary,
                orphan: orphan_of(&pending.change),
                expires_at: pending.expires_at,
            })
        });
        match found.await {
            Ok(view) => Ok(Some(view)),
            Err(FactorError::Expired) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Gives a change up.
    ///
    /// # Errors
    /// [`FactorError::Expired`] when none waits here under this id.
    pub async fn cancel(&self, who: &SignedIn, id: ChangeId) -> Result<Cancelled, FactorError> {
        self.store()
            .transact(self.now(), |tx| async move {
                let (session, account) = self.own(&tx, who).await?;
                let pending = self.change_waiting(&tx, id, &session, &account).await?;
                tx.remove::<PendingChange>(&id)?;
                if matches!(pending.change, Prepared::SetTotp { .. })
                    && tx.read::<PendingTotp>(&account.id).await?.is_some()
                {
                    tx.remove::<PendingTotp>(&account.id)?;
                }
                Ok(Cancelled {
                    action: action_of(&pending.change, &account),
                    orphan: orphan_of(&pending.change),
                })
            })
            .await
    }

    /// The change, if it is this session's and of the account as it is now.
    pub(super) async fn change_waiting(
        &self,
        tx: &Tx,
        id: ChangeId,
        session: &Session,
        account: &Account,
    ) -> Result<PendingChange, FactorError> {
        let found = tx.read::<PendingChange>(&id).await?;
        found
            .filter(|pending| {
                pending.session == session.id
                    && pending.account == account.id
                    && pending.generation == account.generation
            })
            .ok_or(FactorError::Expired)
    }

    /// How the change can be confirmed as things stand.
    pub(super) fn ways(
        &self,
        change: &Prepared,
        account: &Account,
        session: &Session,
        now: Timestamp,
    ) -> Vec<Way> {
        let password = account.password.is_some() && self.password_counts_for(account);
        let fresh = || StepUp::still_fresh(account, session, self.limits(), now).is_some();
        let recovered = || {
            let since = now.minus(self.limits().step_up_freshness);
            has_recovery_left(session) && session.proved_since(since, |what| matches!(what, Proved::Password))
        };
        let first_passkey = matches!(change, Prepared::AddPasskey(_)) && account.passkeys.is_empty();
        if first_passkey && (Strongest::of(account) == Strongest::Nothing || fresh() || recovered()) {
            return vec![Way::NewPasskey];
        }
        let fallback = match self.policy().step_up_fallback {
            Fallback::All => true,
            Fallback::Add => !change.takes_away(account),
            Fallback::None => false,
        };
        let mut ways = Vec::new();
        match Strongest::of(account) {
            Strongest::Passkey => {
                ways.push(Way::Passkey);
                if fallback && password && account.totp.is_some() {
                    ways.push(Way::PasswordAndCode);
                }
                if fallback && password && has_recovery_left(session) {
                    ways.push(Way::PasswordAfterRecovery);
                }
            }
            Strongest::PasswordAndTotp => {
                ways.push(Way::PasswordAndCode);
                if fallback && has_recovery_left(session) {
                    ways.push(Way::PasswordAfterRecovery);
                }
            }
            Strongest::Password => ways.push(Way::Password),
            Strongest::Nothing => {}
        }
        ways
    }
}

fn action_of(change: &Prepared, account: &Account) -> Action {
    let name = |id| {
        account
            .passkey(id)
            .map(|passkey| passkey.name.clone())
            .unwrap_or_default()
    };
    match change {
        Prepared::AddPasskey(passkey) => Action::AddPasskey {
            name: passkey.name.clone(),
        },
        Prepared::RemovePasskey(id) => Action::RemovePasskey { name: name(*id) },
        Prepared::MakePrimary(id) => Action::MakePrimary { name: name(*id) },
        Prepared::SetTotp { .. } if account.totp.is_some() => Action::ReplaceTotp,
        Prepared::SetTotp { .. } => Action::EnableTotp,
        Prepared::DisableTotp => Action::DisableTotp,
        Prepared::NewRecoveryCodes => Action::NewRecoveryCodes,
        Prepared::SetPassword { .. } => Action::SetPassword,
        Prepared::RemovePassword => Action::RemovePassword,
        Prepared::SetPreferred(_) => Action::SetPreferred,
        Prepared::EndSession(_) => Action::EndSession,
        Prepared::EndOtherSessions => Action::EndOtherSessions,
    }
}
