//! Accounts, factors, sign-in, sessions, consent, clients and grants: who may do what, with which proof.
//!
//! For the crate that has HTTP and pages. Everything is a method of [`Identity`]; a handler extracts, calls one of
//! them, and renders what comes back.
//!
//! - A person comes: [`accounts::setup`] (the first one, and who was invited), [`sign_in`].
//! - Who is here: [`sessions`]; what they did: [`activity`].
//! - A person changes how they sign in: [`factors`]. Every change is proposed, then confirmed by a fresh proof.
//! - An application asks: [`clients`], [`grants`], [`consent`], [`keys`].
//! - What is stored: [`records`], a shape a file. What happened: [`audit`].
//! - What the operator decides: [`policy`]; what is bounded: [`limits`].
//!
//! Three rules hold everywhere. Only the last state of the sign-in machine ([`sign_in`]) makes a session. What is
//! used once is consumed by the commit that has its effect. Tries are counted before the secret is looked at.
//!
//! What you will not find here: HTTP, cookies, HTML, words for people; a clock, a source of randomness, a socket
//! ([`outside`] names what must come from there); engines of storage.

pub mod accounts;
pub mod activity;
pub mod audit;
pub mod browser;
pub mod clients;
pub mod consent;
pub mod error;
pub mod factors;
pub mod grants;
mod house;
pub mod ids;
pub mod keys;
pub mod limits;
pub mod outside;
pub mod passwords;
pub mod policy;
pub mod records;
mod sealed;
pub mod sessions;
pub mod sign_in;
pub mod tokens;

pub use browser::Browser;
pub use error::{ConfigError, Error};
pub use house::{Identity, Parts};
pub use limits::Limits;
pub use policy::Policy;
pub use sealed::Sealed;
pub use sessions::SignedIn;
