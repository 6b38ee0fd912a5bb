//! What a user of the crate relies on.
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod figures;
mod replay;
mod seeds;
mod uris;
mod vectors;
