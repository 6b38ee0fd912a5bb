//! What the operator decides about proofs.

use core::time::Duration;

use doorward_oidc::client::metadata::PkceRequirement;

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
    /// Whether applications may register themselves.
    pub registration: Registration,
}

/// What a password may open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum DpopNonces {
    /// None is given, and none is looked at.
    Off,
    /// One is given to whoever sends proofs; a proof that has one must have a good one.
    #[default]
    Optional,
    /// Each proof must have a good one: a proof that was made in advance is worth nothing.
    Required,
}

/// Whether and how applications may register themselves (RFC 7591).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Who may.
    pub door: RegistrationDoor,
    /// Whether those that the operator lets in must use PKCE; strangers and public ones always must.
    pub pkce: PkceRequirement,
    /// So many at the most, used or not.
    pub most: usize,
    /// So many an hour from one address, without a token.
    pub per_hour: u32,
    /// One that came without a token ends after so long, when nobody signed in to it.
    pub unused: Duration,
    /// Whether request objects are fetched from addresses that an application registered.
    pub request_uris: bool,
}

/// Who may register an application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RegistrationDoor {
    /// The operator.
    #[default]
    Closed,
    /// Whoever has an initial access token of the operator.
    ByToken,
    /// Everybody.
    Open,
}

impl Default for Registration {
    fn default() -> Self {
        Self {
            door: RegistrationDoor::Closed,
            pkce: PkceRequirement::Required,
            most: 200,
            per_hour: 20,
            unused: Duration::from_secs(24 * 3600),
            request_uris: false,
        }
    }
}
