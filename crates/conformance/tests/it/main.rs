//! The runner as people call it: a program with paths, lines on standard output and an exit status.
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod fixtures;
mod mutations;
mod program;
mod report;
mod vectors;
