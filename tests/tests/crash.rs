//! kill -9 at random moments (to be filled in).
fn main() {}
