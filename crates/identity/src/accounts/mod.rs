//! Accounts: how they come to be, what they are called.

pub mod claims;
pub mod names;
pub mod people;
mod profile;
mod reset;
pub mod setup;
mod setup_link;
mod write;

pub use claims::{PersonalClaim, PersonalData};
pub use names::{DisplayName, Email, FieldErrors, NewPerson, UserName};
pub use people::AccountView;
pub use profile::{ProfileChange, SetClaimsError};
pub use reset::ResetError;
