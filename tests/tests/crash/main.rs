//! kill -9 at random moments, while sixteen people register, sign in and redeem codes.
//!
//! `DOORWARD_KILLS` says how often (default 50), `DOORWARD_SEED` repeats a run. After each restart everything that
//! was acknowledged must be there, and nothing that was used may be used again:
//!
//! - an account and its passkeys that were acknowledged sign in;
//! - a session that was acknowledged is signed in, one that was acknowledged as ended is not;
//! - a ceremony that was finished cannot be finished again;
//! - an authorization code that was redeemed cannot be redeemed again, and its refresh token still works if it was
//!   never used;
//! - a TOTP code that was accepted is not accepted again.
//!
//! What was under way when the server died may have happened or not; it is not asked about.

#![expect(clippy::expect_used, reason = "a campaign that cannot go on ends, saying why")]

mod application;
mod campaign;
mod witness;

use doorward_tests::{Journey, run_group};

fn main() {
    let campaigns: Vec<Journey> = vec![("killed_at_random_moments", || Box::pin(campaign::run()))];
    run_group("crash", campaigns);
}
