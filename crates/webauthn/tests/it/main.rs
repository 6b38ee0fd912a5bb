//! What a user of the crate does, from the outside.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code says by these why something holds"
)]

mod support;
mod vectors;
