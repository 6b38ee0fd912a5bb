//! The directory of applications: who may send people here.

mod find;
mod keys;
mod register;

pub use register::{ClientSecret, NewClient, RegisterError};
