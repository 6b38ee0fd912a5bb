//! Changing how one signs in. Every change is proposed, then confirmed by a fresh proof of the strongest factor that
//! the account has; a weaker proof may add, and takes nothing away.
//!
//! [`change`] has what can be proposed and what follows, [`proposal`] shows what waits, `step_up` decides what a proof
//! is worth, [`verify`] takes it, [`quiet`] is the one way without a dialog, `apply` makes the one commit: account, names that must stay unique, the session that
//! goes on with a new secret, audit event.
//! A change of a factor raises the account's generation, and so ends the other sessions and all grants.

mod apply;
pub mod change;
pub mod passkeys;
pub mod proposal;
pub mod quiet;
pub(crate) mod step_up;
pub mod totp;
pub mod verify;

pub use change::{Applied, Change, FactorError, Notice, Proposed};
pub use passkeys::PasskeyView;
pub use proposal::{Action, Cancelled, ProposalView, Way};
pub use quiet::QuietPasskey;
pub use totp::TotpSecret;
