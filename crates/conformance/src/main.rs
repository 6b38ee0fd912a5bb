//! Runs recorded vectors through the protocol crates.

fn main() {}
