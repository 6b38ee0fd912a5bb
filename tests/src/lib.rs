//! The whole product, tested as people use it: the built binary, a real Chromium, somebody else's client.
//!
//! `tests/run` builds what is needed and runs every group. A test starts its own server on a folder of its own
//! ([`Server`]), and its own browser with its own profile ([`browser::Browser`]).

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test helper that cannot go on ends the test, saying why"
)]
#![expect(
    clippy::indexing_slicing,
    reason = "JSON members are looked up by name; an absent one is null"
)]
#![expect(
    clippy::missing_errors_doc,
    reason = "a helper fails with a sentence about what was not found"
)]

pub mod browser;
mod codes;
mod server;
mod trial;

pub use codes::totp_now;
pub use server::{Demo, Server, free_port};
pub use trial::{Journey, Outcome, Steps, run_group};

/// The root of the repository.
#[must_use]
pub fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests lies in the repository")
        .to_owned()
}
