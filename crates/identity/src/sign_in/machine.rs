//! The sign-in state machine: the only way to [`Authenticated`], and so to a session.
//!
//! State and event in, next state out; neither storage nor HTTP. Each event is a proof that only its adapter in
//! this folder can make, for one account. The two matches have no wildcard: a new way in or a new state does not
//! compile until every pair is decided.
//!
//! Which second factor is asked is decided by what the *account* has; the operator's policy only adds to it. An
//! account that is turned off is told so only after the whole proof.

use doorward_crypto::Timestamp;

use super::Method;
use super::passkey::PasskeyProof;
use super::password::PasswordProof;
use super::proof::{Proof, Proved};
use super::recovery_code::RecoveryCodeProof;
use super::totp::TotpProof;
use crate::accounts::setup::FirstFactorMade;
use crate::ids::AccountId;
use crate::policy::{Passwords, Policy};

/// Where a sign-in stands. Nothing is between these and [`Authenticated`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing was proved.
    Nobody,
    /// The password was right and the account has a second factor.
    PasswordProved(Half),
}

/// A sign-in whose first proof was right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Half {
    /// Whose password it was.
    pub(crate) account: AccountId,
    /// What was proved so far: the password, and when.
    pub(crate) proofs: Vec<Proof>,
}

/// A proof, made by the adapter that checked it.
#[derive(Debug)]
pub(crate) enum Event {
    /// A passkey signed.
    Passkey(PasskeyProof),
    /// The password was right.
    Password(PasswordProof),
    /// A code of the authenticator app was right.
    Totp(TotpProof),
    /// A recovery code was right.
    RecoveryCode(RecoveryCodeProof),
    /// A one-time link gave an account without factors its first one.
    FirstFactorMade(FirstFactorMade),
}

/// What the account has, as the machine must know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Factors {
    /// A password is set.
    pub(crate) password: bool,
    /// So many passkeys.
    pub(crate) passkeys: usize,
    /// An authenticator app is set up.
    pub(crate) totp: bool,
    /// So many recovery codes are left.
    pub(crate) recovery_codes: usize,
    /// The account is turned off.
    pub(crate) disabled: bool,
}

impl Factors {
    /// The ways in which a second factor can be proved after the password, in the order in which they are asked.
    ///
    /// The authenticator app comes first: who typed a password prefers that way or chose it over the passkey.
    pub(crate) fn second_factors(&self) -> Vec<Method> {
        let mut methods = Vec::new();
        if self.totp {
            methods.push(Method::Totp);
        }
        if self.passkeys > 0 {
            methods.push(Method::Passkey);
        }
        // A recovery code stands in for a second factor; where there is none there is nothing to stand in for.
        if !methods.is_empty() && self.recovery_codes > 0 {
            methods.push(Method::RecoveryCode);
        }
        methods
    }
}

/// What follows from an event.
#[derive(Debug)]
pub(crate) enum Next {
    /// Go on with one of these.
    SecondFactor(Half, Vec<Method>),
    /// The person is who they say.
    Authenticated(Authenticated),
}

/// Who was proved to be here, and by what. Made by the state machine alone; a session takes nothing less.
#[derive(Debug)]
pub struct Authenticated {
    account: AccountId,
    proofs: Vec<Proof>,
}

impl Authenticated {
    /// The account.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// What was proved.
    #[must_use]
    pub fn proofs(&self) -> &[Proof] {
        &self.proofs
    }

    pub(crate) fn into_proofs(self) -> Vec<Proof> {
        self.proofs
    }
}

/// Why an event does not lead on from where the sign-in stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotNow {
    /// A second factor, and no first one before it.
    #[error("a second factor cannot come first")]
    FirstFactorMissing,
    /// The first factor again.
    #[error("the password was already proved")]
    AlreadyProved,
    /// The proof is another account's than the sign-in.
    #[error("the proof belongs to another account")]
    OtherAccount,
    /// The account has no such factor (any more).
    #[error("the account has no such factor")]
    FactorGone,
    /// The operator's policy does not take passwords.
    #[error("the policy does not take this proof")]
    Policy,
    /// The policy asks for a second factor and the account has none.
    #[error("the policy asks for a second factor, and the account has none")]
    SecondFactorNotSet,
    /// All was proved, and the account is turned off.
    #[error("the account is turned off")]
    Disabled,
}

impl State {
    /// Where `event` leads.
    ///
    /// # Errors
    /// [`NotNow`]; the state is then what it was.
    pub(crate) fn step(
        &self,
        event: Event,
        factors: &Factors,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Next, NotNow> {
        match self {
            Self::Nobody => match event {
                Event::Passkey(proof) => alone(&proof, factors, now),
                Event::Password(proof) => after_password(&proof, factors, policy, now),
                Event::Totp(_) | Event::RecoveryCode(_) => Err(NotNow::FirstFactorMissing),
                Event::FirstFactorMade(made) => first_factor(&made, factors, policy, now),
            },
            Self::PasswordProved(half) => match event {
                Event::Passkey(proof) => {
                    ensure(factors.passkeys > 0, NotNow::FactorGone)?;
                    half.complete(proof.account(), proof.proved(), factors, policy, now)
                }
                Event::Password(_) => Err(NotNow::AlreadyProved),
                Event::Totp(proof) => {
                    ensure(factors.totp, NotNow::FactorGone)?;
                    half.complete(proof.account(), Proved::Totp, factors, policy, now)
                }
                Event::RecoveryCode(proof) => {
                    let stands_in = factors.second_factors().contains(&Method::RecoveryCode);
                    ensure(stands_in, NotNow::FactorGone)?;
                    half.complete(proof.account(), Proved::RecoveryCode, factors, policy, now)
                }
                Event::FirstFactorMade(_) => Err(NotNow::AlreadyProved),
            },
        }
    }
}

impl Half {
    /// The password and one more factor of the same account.
    fn complete(
        &self,
        account: AccountId,
        proved: Proved,
        factors: &Factors,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Next, NotNow> {
        ensure(account == self.account, NotNow::OtherAccount)?;
        ensure(policy.passwords != Passwords::Off, NotNow::Policy)?;
        ensure(factors.password, NotNow::FactorGone)?;
        let mut proofs = self.proofs.clone();
        proofs.push(Proof {
            what: proved,
            at: now,
        });
        authenticated(account, proofs, factors)
    }
}

/// A passkey that verified the person is two factors at once.
fn alone(proof: &PasskeyProof, factors: &Factors, now: Timestamp) -> Result<Next, NotNow> {
    ensure(factors.passkeys > 0, NotNow::FactorGone)?;
    ensure(proof.user_verified(), NotNow::FirstFactorMissing)?;
    authenticated(
        proof.account(),
        vec![Proof {
            what: proof.proved(),
            at: now,
        }],
        factors,
    )
}

fn after_password(
    proof: &PasswordProof,
    factors: &Factors,
    policy: &Policy,
    now: Timestamp,
) -> Result<Next, NotNow> {
    ensure(policy.passwords != Passwords::Off, NotNow::Policy)?;
    ensure(factors.password, NotNow::FactorGone)?;
    let proofs = vec![Proof {
        what: Proved::Password,
        at: now,
    }];
    let second = factors.second_factors();
    if !second.is_empty() {
        return Ok(Next::SecondFactor(
            Half {
                account: proof.account(),
                proofs,
            },
            second,
        ));
    }
    ensure(policy.passwords == Passwords::Allowed, NotNow::SecondFactorNotSet)?;
    authenticated(proof.account(), proofs, factors)
}

/// A link opens an account only while it has no factor of its own: it replaces none.
fn first_factor(
    made: &FirstFactorMade,
    before: &Factors,
    policy: &Policy,
    now: Timestamp,
) -> Result<Next, NotNow> {
    ensure(
        !before.password && before.passkeys == 0 && !before.totp,
        NotNow::AlreadyProved,
    )?;
    let what = made.proved();
    if matches!(what, Proved::PasswordMade) {
        ensure(policy.passwords != Passwords::Off, NotNow::Policy)?;
        ensure(policy.passwords == Passwords::Allowed, NotNow::SecondFactorNotSet)?;
    }
    authenticated(made.account(), vec![Proof { what, at: now }], before)
}

fn authenticated(account: AccountId, proofs: Vec<Proof>, factors: &Factors) -> Result<Next, NotNow> {
    ensure(!factors.disabled, NotNow::Disabled)?;
    Ok(Next::Authenticated(Authenticated { account, proofs }))
}

fn ensure(holds: bool, otherwise: NotNow) -> Result<(), NotNow> {
    if holds { Ok(()) } else { Err(otherwise) }
}
