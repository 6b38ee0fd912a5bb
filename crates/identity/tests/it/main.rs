//! What a user of the crate does, over the engine in memory, with a software authenticator and a clock that obeys.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says by panicking what did not hold"
)]

mod amr;
mod doors;
mod factors;
mod grants_authorize;
mod grants_changes;
mod grants_codes;
mod grants_devices;
mod grants_dpop;
mod grants_house;
mod grants_keys;
mod grants_logout;
mod grants_par;
mod grants_refresh;
mod grants_services;
mod grants_tokens;
mod house;
mod quiet;
mod races;
mod reset;
mod setup;
mod sign_in;
mod step_ups;
mod walks;
