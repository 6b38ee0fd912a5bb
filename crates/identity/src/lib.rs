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
//! ```no_run
//! use doorward_identity::passwords::Password;
//! use doorward_identity::sign_in::{AfterPassword, SignInError, Stay};
//! use doorward_identity::{Browser, Identity};
//!
//! async fn greet(identity: &Identity, browser: &Browser, name: &str, typed: &str) -> Result<String, SignInError> {
//!     // The try is counted, the hash made on its own thread, the decision taken by the machine.
//!     Ok(match identity.sign_in_with_password(browser, name, &Password::new(typed), Stay::No).await? {
//!         AfterPassword::SignedIn(new) => format!("a cookie for {}", new.account.display_name),
//!         AfterPassword::SecondFactor { methods, .. } => format!("asking for one of {methods:?}"),
//!     })
//! }
//! ```
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
