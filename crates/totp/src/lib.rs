//! One-time passwords: HOTP (RFC 4226), TOTP (RFC 6238), and the `otpauth` URIs by which they are enrolled.
//!
//! For servers that check codes. Nothing here has a clock, a source of randomness or a memory: the time and the
//! random bytes are arguments, and what must be remembered is returned.
//!
//! ```
//! use doorward_totp::{Algorithm, NoMatch, OtpAuth, OtpCode, Secret, Totp, Window};
//!
//! // Enrolment: fresh bytes, kept sealed; the URI becomes a QR code.
//! # let fill = |bytes: &mut [u8]| -> Result<(), core::convert::Infallible> { bytes.fill(7); Ok(()) };
//! let secret = Secret::generate(Algorithm::Sha1, fill)?;
//! let kept = secret.as_bytes().to_vec();
//! let uri = OtpAuth::totp(Some("Doorward"), "alice", Totp::new(secret))?.to_uri();
//! assert!(uri.starts_with("otpauth://totp/Doorward:alice?secret="));
//!
//! // Sign-in: what the person typed, the time now, and the step that was accepted last.
//! let totp = Totp::new(Secret::from_bytes(&kept)?);
//! let typed = OtpCode::parse(&totp.code_at(1_700_000_000).to_digits())?;
//! let step = totp.verify(&typed, 1_700_000_010, Window::around(1), None)?;
//!
//! // The step is stored with the answer, and so the same code is refused the second time.
//! let again = totp.verify(&typed, 1_700_000_015, Window::around(1), Some(step));
//! assert_eq!(again, Err(NoMatch::AlreadyUsed));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! - A code is checked: [`Totp::verify`], [`Hotp::verify`], [`Window`], [`NoMatch`].
//! - What a person typed becomes an [`OtpCode`].
//! - A key is made, kept or typed in: [`Secret`]; its text form alone: [`base32`].
//! - It is shown to an authenticator app, or read from another system's export: [`OtpAuth`].
//!
//! What is not here, and the caller must bring: a limit on guesses (without one, six digits fall to patience), the
//! place where the accepted step is stored atomically with the answer, and the sealing of the secret.
//!
//! The crate is `no_std` and needs `alloc`.

#![no_std]
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::string_slice)]

extern crate alloc;

mod algorithm;
pub mod base32;
mod code;
#[doc(hidden)]
pub mod fuzzing;
mod hotp;
mod secret;
mod totp;
mod uri;

pub use algorithm::Algorithm;
pub use base32::Base32Error;
pub use code::{CodeError, Digits, OtpCode};
pub use hotp::Hotp;
pub use secret::{Secret, SecretError};
pub use totp::{NoMatch, Period, TimeStep, Totp, Window};
pub use uri::{OtpAuth, OtpKey, Parameter, UriError};
