//! The binary as an operator meets it: exit codes, and commands beside a server that runs.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on ends, saying why"
)]

mod beside_a_server;
mod claims;
mod conformance;
mod devices;
mod endpoints;
mod exit_codes;
mod fapi;
mod logout;
mod policies;
mod provider;
mod registration;
mod site;
mod suite;

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The binary, with nothing of the environment that it would take for configuration.
fn doorward(arguments: &[&str], data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("DOORWARD_") {
            command.env_remove(name);
        }
    }
    command
        .env("DOORWARD_SERVER_RUN_AS_ROOT", "true") // containers of tests often are
        .args(arguments)
        .arg("--data")
        .arg(data)
        .stdin(Stdio::null());
    command
}

fn run(arguments: &[&str], data: &Path) -> Output {
    doorward(arguments, data).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
