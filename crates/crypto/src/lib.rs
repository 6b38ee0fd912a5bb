//! Checked public keys and one table of signature algorithms behind a small trait.

pub mod random;
mod time;

pub use random::{NoRandom, Random};
pub use time::Timestamp;
