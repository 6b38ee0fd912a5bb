//! The directory of applications: who may send people here.

mod dynamic;
mod find;
pub(crate) mod keys;
mod register;

pub use dynamic::{Description, NotRegistered};
pub use register::{ClientSecret, NewClient, RegisterError};
