//! What a proof is worth for a change. Only this file makes a [`StepUp`], and nothing is applied without one.
//!
//! The strongest factor: a passkey where there is one; else password and authenticator app; else the password. What
//! is weaker than the account's strongest may add (policy `step_up_fallback`), and takes nothing away.

use doorward_crypto::Timestamp;

use super::FactorError;
use crate::limits::Limits;
use crate::policy::{Fallback, Passwords, Policy};
use crate::records::account::Account;
use crate::records::pending::Prepared;
use crate::records::session::Session;
use crate::sign_in::proof::{Proof, Proved};

/// A fresh proof, and what it is worth.
#[derive(Clone, Debug)]
pub(crate) struct StepUp {
    strength: Strength,
    /// What was proved for it just now; joins the session's proofs.
    proofs: Vec<Proof>,
    /// The recovery code of this sign-in stood in: it does so once.
    by_recovery: bool,
}

/// How strong a proof is, measured by what the account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strength {
    /// By the strongest factor.
    Strongest,
    /// By a weaker one.
    Fallback,
}

/// The strongest factor of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strongest {
    Passkey,
    PasswordAndTotp,
    Password,
    Nothing,
}

impl Strongest {
    pub(crate) fn of(account: &Account) -> Self {
        if !account.passkeys.is_empty() {
            Self::Passkey
        } else if account.password.is_some() && account.totp.is_some() {
            Self::PasswordAndTotp
        } else if account.password.is_some() {
            Self::Password
        } else {
            Self::Nothing
        }
    }
}

impl StepUp {
    /// What this session proved within the last five minutes, if that is the account's strongest factor.
    pub(crate) fn still_fresh(
        account: &Account,
        session: &Session,
        limits: &Limits,
        now: Timestamp,
    ) -> Option<Self> {
        let since = now.minus(limits.step_up_freshness);
        let proved = |wanted: fn(&Proved) -> bool| session.proved_since(since, wanted);
        let fresh = match Strongest::of(account) {
            Strongest::Passkey => session.proved_since(since, |what| match what {
                Proved::Passkey {
                    passkey,
                    user_verified,
                } => *user_verified && account.passkey(*passkey).is_some_and(|one| one.is_trusted(now)),
                // It was the account's first, and is worth what it was made on.
                Proved::PasskeyMade => account.passkeys.iter().all(|one| one.is_trusted(now)),
                Proved::Password | Proved::Totp | Proved::RecoveryCode | Proved::PasswordMade => false,
            }),
            Strongest::PasswordAndTotp => {
                proved(|what| matches!(what, Proved::Password)) && proved(|what| matches!(what, Proved::Totp))
            }
            Strongest::Password => proved(|what| matches!(what, Proved::Password | Proved::PasswordMade)),
            Strongest::Nothing => false,
        };
        fresh.then(|| Self {
            strength: Strength::Strongest,
            proofs: Vec::new(),
            by_recovery: false,
        })
    }

    /// A passkey that verified the person. It is one of the account's, or the account's first, whose other factors
    /// were proved in this session just before.
    pub(crate) fn by_passkey(
        account: &Account,
        session: &Session,
        proved: Proved,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<Self, FactorError> {
        let Proved::Passkey {
            passkey,
            user_verified: true,
        } = proved
        else {
            return Err(FactorError::StrongerProofNeeded);
        };
        let (strength, by_recovery) = match account.passkey(passkey) {
            Some(own) if own.is_trusted(now) => (Strength::Strongest, false),
            Some(_) => (Strength::Fallback, false),
            None if !account.passkeys.is_empty() => return Err(FactorError::StrongerProofNeeded),
            None if Strongest::of(account) == Strongest::Nothing => (Strength::Strongest, false),
            None if Self::still_fresh(account, session, limits, now).is_some() => {
                (Strength::Strongest, false)
            }
            None if Self::by_recovery_of(account, session, limits, now) => (Strength::Fallback, true),
            None => return Err(FactorError::StrongerProofNeeded),
        };
        // What a recovery code lets in is no factor that was there before: the session does not become one of two.
        let what = if by_recovery { Proved::PasskeyMade } else { proved };
        let proofs = vec![Proof { what, at: now }];
        Ok(Self {
            strength,
            proofs,
            by_recovery,
        })
    }

    /// The password, typed now, and with it a code of the app, or the recovery code of this sign-in.
    pub(crate) fn by_password(
        account: &Account,
        session: &Session,
        with_totp: bool,
        now: Timestamp,
    ) -> Result<Self, FactorError> {
        let mut proofs = vec![Proof {
            what: Proved::Password,
            at: now,
        }];
        if with_totp {
            proofs.push(Proof {
                what: Proved::Totp,
                at: now,
            });
        }
        let recovery = has_recovery_left(session);
        let (strength, by_recovery) = match (Strongest::of(account), with_totp, recovery) {
            (Strongest::Password, _, _) | (Strongest::PasswordAndTotp, true, _) => {
                (Strength::Strongest, false)
            }
            (Strongest::Passkey, true, _) => (Strength::Fallback, false),
            (Strongest::Passkey | Strongest::PasswordAndTotp, false, true) => (Strength::Fallback, true),
            (Strongest::Passkey | Strongest::PasswordAndTotp | Strongest::Nothing, _, _) => {
                return Err(FactorError::StrongerProofNeeded);
            }
        };
        Ok(Self {
            strength,
            proofs,
            by_recovery,
        })
    }

    /// Password and recovery code, both of the last five minutes, and the code has not stood in for a proof yet.
    fn by_recovery_of(account: &Account, session: &Session, limits: &Limits, now: Timestamp) -> bool {
        let since = now.minus(limits.step_up_freshness);
        account.password.is_some()
            && has_recovery_left(session)
            && session.proved_since(since, |what| matches!(what, Proved::Password))
    }

    /// Whether it is enough for this change.
    pub(crate) fn permits(
        &self,
        change: &Prepared,
        account: &Account,
        policy: &Policy,
    ) -> Result<(), FactorError> {
        let enough = match self.strength {
            Strength::Strongest => true,
            Strength::Fallback => match policy.step_up_fallback {
                Fallback::All => true,
                Fallback::Add => !change.takes_away(account),
                Fallback::None => false,
            },
        };
        if enough {
            Ok(())
        } else {
            Err(FactorError::StrongerProofNeeded)
        }
    }

    /// From when on a passkey that is added on it is worth a passkey; `None`: at once.
    pub(crate) fn added_is_trusted_from(
        &self,
        policy: &Policy,
        limits: &Limits,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let waits = self.strength == Strength::Fallback && policy.step_up_fallback != Fallback::All;
        waits.then(|| now.plus(limits.step_up_delay))
    }

    /// Joins the session's proofs.
    pub(crate) fn join(&self, session: &mut Session) {
        for proof in &self.proofs {
            session.add_proof(proof.clone());
        }
        session.recovery_used_up |= self.by_recovery;
    }
}

/// The recovery code of this sign-in has not stood in for a proof yet.
pub(crate) fn has_recovery_left(session: &Session) -> bool {
    !session.recovery_used_up
        && session
            .proofs
            .iter()
            .any(|proof| matches!(proof.what, Proved::RecoveryCode))
}

impl Prepared {
    /// In the guide's two places the proof is always asked anew: adding a passkey, and turning TOTP on.
    pub(crate) const fn always_asks(&self) -> bool {
        match self {
            Self::AddPasskey(_) | Self::SetTotp { .. } => true,
            Self::RemovePasskey(_)
            | Self::MakePrimary(_)
            | Self::DisableTotp
            | Self::NewRecoveryCodes
            | Self::SetPassword { .. }
            | Self::RemovePassword
            | Self::SetPreferred(_)
            | Self::EndSession(_)
            | Self::EndOtherSessions => false,
        }
    }

    /// Whether somebody could lose a way in by it.
    pub(crate) const fn takes_away(&self, account: &Account) -> bool {
        match self {
            Self::AddPasskey(_)
            | Self::MakePrimary(_)
            | Self::SetPreferred(_)
            | Self::EndSession(_)
            | Self::EndOtherSessions => false,
            Self::SetTotp { .. } => account.totp.is_some(),
            Self::RemovePasskey(_)
            | Self::DisableTotp
            | Self::NewRecoveryCodes
            | Self::SetPassword { .. }
            | Self::RemovePassword => true,
        }
    }

    /// Whether it can be done at all with this account, whatever is proved.
    pub(crate) fn possible_for(&self, account: &Account, policy: &Policy) -> Result<(), FactorError> {
        let there = |is: bool| if is { Ok(()) } else { Err(FactorError::NotThere) };
        match self {
            Self::AddPasskey(_) if account.passkeys.len() >= crate::limits::PASSKEYS => {
                Err(FactorError::TooMany)
            }
            Self::AddPasskey(_) | Self::EndSession(_) | Self::EndOtherSessions => Ok(()),
            // The second factor that allowed a short one may be gone since it was typed.
            Self::SetPassword { short: true, .. }
                if account.passkeys.is_empty() && account.totp.is_none() =>
            {
                Err(FactorError::LongerPasswordFirst)
            }
            Self::SetPassword { .. } => there(policy.passwords != Passwords::Off),
            // A code follows a password. Who has none yet may set the app up first: it opens nothing by itself.
            Self::SetTotp { .. } | Self::NewRecoveryCodes if policy.passwords == Passwords::Off => {
                there(false)
            }
            Self::SetTotp { .. } => there(account.password.is_some() || !account.passkeys.is_empty()),
            Self::RemovePasskey(id) => {
                there(account.passkey(*id).is_some())?;
                let others = account.passkeys.len() > 1;
                let remains = others || has_password_way(account, account.totp.is_some(), policy);
                if !remains {
                    return Err(FactorError::LastWayIn);
                }
                let second_remains = others || account.totp.is_some();
                if !second_remains && account.password.as_ref().is_some_and(|password| password.short) {
                    return Err(FactorError::LongerPasswordFirst);
                }
                Ok(())
            }
            Self::MakePrimary(id) => there(account.passkey(*id).is_some()),
            Self::DisableTotp => {
                there(account.totp.is_some())?;
                if account.passkeys.is_empty() {
                    if !has_password_way(account, false, policy) {
                        return Err(FactorError::LastWayIn);
                    }
                    if account.password.as_ref().is_some_and(|password| password.short) {
                        return Err(FactorError::LongerPasswordFirst);
                    }
                }
                Ok(())
            }
            // A recovery code stands in for a second factor after a password; nobody else has use for one.
            Self::NewRecoveryCodes => there(account.password.is_some() || !account.passkeys.is_empty()),
            Self::RemovePassword => {
                there(account.password.is_some())?;
                if account.passkeys.is_empty() {
                    Err(FactorError::LastWayIn)
                } else {
                    Ok(())
                }
            }
            Self::SetPreferred(method) => match method {
                crate::sign_in::Method::Passkey => there(!account.passkeys.is_empty()),
                crate::sign_in::Method::Totp => there(account.totp.is_some() && account.password.is_some()),
                crate::sign_in::Method::Password | crate::sign_in::Method::RecoveryCode => {
                    Err(FactorError::NotThere)
                }
            },
        }
    }
}

/// Whether a password opens the account, with or without an app beside it.
fn has_password_way(account: &Account, totp: bool, policy: &Policy) -> bool {
    account.password.is_some()
        && match policy.passwords {
            Passwords::Off => false,
            Passwords::WithSecondFactor => totp,
            Passwords::Allowed => true,
        }
}
