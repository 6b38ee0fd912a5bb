//! What people see: one view a page, filled by a handler and rendered by its template.
//!
//! A view holds words and values that are ready to be shown; it decides nothing. Everything in it is escaped by
//! the template. Fields that are text are what the person reads.

pub mod account;
pub mod consent;
pub mod device;
pub mod home;
pub mod layout;
pub mod message;
pub mod moment;
pub mod security;
pub mod setup;
pub mod sign_in;
pub mod verify;

pub use layout::{AccountMenu, Layout};
pub use moment::Moment;
