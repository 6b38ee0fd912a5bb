//! What was proved, and what follows from it: `amr`, `acr`, `auth_time`.

use doorward_crypto::Timestamp;
use doorward_oidc::{Acr, Amr};
use serde::{Deserialize, Serialize};

use crate::ids::PasskeyId;

/// One thing that a person proved, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// What.
    pub what: Proved,
    /// When.
    #[serde(with = "doorward_storage::times")]
    pub at: Timestamp,
}

/// What a person proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proved {
    /// A passkey's key signed (Web Authentication §7.2).
    Passkey {
        /// Which.
        passkey: PasskeyId,
        /// The authenticator verified the person, not only somebody's presence.
        user_verified: bool,
    },
    /// The password was right.
    Password,
    /// A code of the authenticator app was right, and of a step that was not used before.
    Totp,
    /// A recovery code was right and is spent.
    RecoveryCode,
    /// A one-time link was shown and a passkey was made with it. That is the beginning of an account, and no
    /// proof of a factor that was there before.
    PasskeyMade,
    /// A one-time link was shown and a password was set with it.
    PasswordMade,
}

/// The claim `amr` (RFC 8176): what these proofs were.
///
/// A link or a recovery code never yields `mfa`, and `hwk` is said only where attestation proved it.
#[must_use]
pub fn amr(proofs: &[Proof]) -> Vec<Amr> {
    let mut values = Vec::new();
    for proof in proofs {
        match proof.what {
            Proved::Passkey {
                user_verified: true, ..
            } => {
                values.extend([Amr::MultiFactor, Amr::ProofOfPossession, Amr::UserPresence]);
            }
            Proved::Passkey {
                user_verified: false, ..
            } => {
                values.extend([Amr::ProofOfPossession, Amr::UserPresence]);
            }
            Proved::Password | Proved::PasswordMade => values.push(Amr::Password),
            Proved::Totp => values.push(Amr::OneTimePassword),
            Proved::RecoveryCode => values.push(Amr::RecoveryCode),
            Proved::PasskeyMade => values.push(Amr::UserPresence),
        }
    }
    if acr(proofs) >= Acr::TwoFactors {
        values.push(Amr::MultiFactor);
    }
    values.sort_unstable();
    values.dedup();
    values
}

/// The claim `acr`: how sure these proofs make us.
#[must_use]
pub fn acr(proofs: &[Proof]) -> Acr {
    let proved = |wanted: fn(&Proved) -> bool| proofs.iter().any(|proof| wanted(&proof.what));
    let knows = proved(|what| matches!(what, Proved::Password));
    let has_app = proved(|what| matches!(what, Proved::Totp));
    let has_key = proved(|what| matches!(what, Proved::Passkey { .. }));
    let verified = proved(|what| {
        matches!(
            what,
            Proved::Passkey {
                user_verified: true,
                ..
            }
        )
    });
    if verified || (has_key && knows) {
        Acr::PhishingResistant
    } else if knows && has_app {
        Acr::TwoFactors
    } else {
        Acr::OneFactor
    }
}

/// The claim `auth_time`: when the person last proved something; the epoch when there is no proof.
#[must_use]
pub fn auth_time(proofs: &[Proof]) -> Timestamp {
    proofs.iter().map(|proof| proof.at).max().unwrap_or_default()
}
