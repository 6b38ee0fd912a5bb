//! What the operator decides about people's proofs.

use crate::passwords::Cost;

/// The operator's choices. The defaults are the product's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// What a password may open.
    pub passwords: Passwords,
    /// What a weaker proof than the account's strongest may change.
    pub step_up_fallback: Fallback,
    /// What hashing a password costs.
    pub password_cost: Cost,
}

/// What a password may open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Passwords {
    /// Nothing: people sign in with passkeys only.
    Off,
    /// A session, once a second factor was proved too. Who has no second factor cannot use a password.
    WithSecondFactor,
    /// A session, alone where the account has no second factor.
    #[default]
    Allowed,
}

/// What a weaker proof than the account's strongest may change (password and authenticator app, or the recovery
/// code of this sign-in, where the account has a passkey).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fallback {
    /// Nothing.
    None,
    /// It may add at once; what it takes away waits.
    #[default]
    Add,
    /// Everything, at once.
    All,
}
