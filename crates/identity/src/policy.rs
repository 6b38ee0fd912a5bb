//! What the operator decides about proofs.

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
    /// Whether applications' proofs of possession must carry a nonce.
    pub dpop_nonces: DpopNonces,
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

/// Whether proofs of possession must carry a nonce of ours (RFC 9449 §8, §9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DpopNonces {
    /// None is given, and none is looked at.
    Off,
    /// One is given to whoever sends proofs; a proof that has one must have a good one.
    #[default]
    Optional,
    /// Each proof must have a good one: a proof that was made in advance is worth nothing.
    Required,
}
