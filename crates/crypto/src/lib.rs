//! Checked public keys and one table of signature algorithms behind a small trait.
//!
//! - [`Algorithm`] is the table: a row per algorithm, with its COSE, JOSE and X.509 names and its [`Scheme`].
//! - [`PublicKey`] is a key that was checked when it was made: on its curve, of an allowed size, canonical.
//! - [`Provider`] verifies, signs and makes keys. There are two: [`ring::Ring`], fast, and
//!   [`rustcrypto::RustCrypto`], pure Rust; [`Widest`] joins the two. A provider is a value that is passed in; a
//!   Cargo feature only adds one and never changes what another accepts.
//! - [`SigningKey`] and [`Pkcs8`] hold the private half.
//! - [`Sha256`] and its sisters, HMAC and a comparison in constant time are in [`hash`].
//! - [`Timestamp`] and [`Random`] are how the whole house passes time and randomness: as arguments.
//!
//! What is not here: formats (COSE keys are in `doorward-webauthn`, JWKs in `doorward-jose`), certificates,
//! encryption, and every policy about what may be used where.

mod algorithm;
#[cfg(all(feature = "ring", feature = "rustcrypto"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod hash;
#[cfg(any(feature = "ring", feature = "rustcrypto"))]
mod make;
mod provider;
mod public_key;
pub mod random;
#[cfg(feature = "ring")]
pub mod ring;
mod roca;
#[cfg(feature = "rustcrypto")]
pub mod rustcrypto;
mod signing_key;
mod time;
mod widest;

pub use algorithm::{Algorithm, Curve, KeyKind, MlDsa, Scheme};
pub use hash::{Hash, Sha1, Sha256, Sha384, Sha512};
pub use provider::{Provider, SignatureForm, VerifyError};
pub use public_key::{KeyError, Parts, PublicKey};
pub use random::{NoRandom, Random};
pub use signing_key::{ModulusSize, Pkcs8, SignError, SigningKey, SigningKeyError};
pub use time::Timestamp;
pub use widest::Widest;
