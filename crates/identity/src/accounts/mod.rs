//! Accounts: how they come to be, what they are called.

pub mod names;
pub mod people;
mod profile;
pub mod setup;
mod setup_link;
mod write;

pub use names::{DisplayName, Email, FieldErrors, NewPerson, UserName};
pub use people::AccountView;
