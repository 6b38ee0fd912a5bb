//! JWK, JWS and JWT, strict: one algorithm a key.
//!
#![cfg_attr(feature = "ring", doc = "```")]
#![cfg_attr(not(feature = "ring"), doc = "```ignore")]
//! use doorward_crypto::{Algorithm, Provider, Timestamp, ring::Ring};
//! use doorward_jose::{Compact, Jwk, Validity, sign_jwt};
//! # #[derive(Debug)] struct Counting;
//! # impl doorward_crypto::Random for Counting {
//! #     fn fill(&self, out: &mut [u8]) -> Result<(), doorward_crypto::NoRandom> { out.fill(7); Ok(()) }
//! # }
//! # let random = Counting;
//! let pkcs8 = Ring.generate(Algorithm::Es256, &random)?;
//! let key = Ring.signing_key(Algorithm::Es256, pkcs8.as_bytes())?;
//! let claims = serde_json::json!({ "sub": "248289761001", "exp": 1_700_000_060 });
//! let token = sign_jwt(Some("at+jwt"), &claims, key.as_ref(), Some("key-1"))?;
//!
//! let jwk = Jwk::new(key.public_key().clone()).with_algorithm(Algorithm::Es256)?;
//! let verified = Compact::parse(&token)?.verify_by(&Ring, &jwk)?;
//! assert!(verified.header().typ_is("at+jwt"));
//! let claims = verified.claims()?;
//! Validity::at(Timestamp::from_seconds(1_700_000_000)).check(&claims)?;
//! assert_eq!(claims.text("sub")?, Some("248289761001"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`Jwk`], [`JwkSet`]: public keys in JSON (RFC 7517), and [`Thumbprint`] (RFC 7638). Private members are an
//!   error: whoever sends one has lost the key.
//! - [`Compact`]: a JWS in the compact form (RFC 7515 §7.1), taken apart strictly; [`Protected`] to make one.
//! - [`Claims`], [`Validity`]: what a JWT says and whether its times fit (RFC 7519).
//! - [`hs256`]: the only HMAC here, a type of its own, so that a public key can never serve as its secret.
//! - [`json`], [`base64url`]: the strict readers beneath, for others who read such messages.
//!
//! What is not here: encryption (JWE), the JSON serializations of JWS, detached payloads, `crit` extensions,
//! `alg` `none`, fetching keys named by `jku` or `x5u`, and every rule about which claims are right.

pub mod base64url;
#[doc(hidden)]
pub mod fuzzing;
pub mod hs256;
pub mod json;
mod jwk;
mod jwks;
mod jws;
mod jwt;
mod thumbprint;

pub use jwk::{Jwk, JwkError, KeyUse};
pub use jwks::{JwkSet, JwkSetError};
pub use jws::{Compact, Header, JwsError, Protected, SignJwsError, Verified};
pub use jwt::{Claims, ClaimsError, TimeError, Validity, sign_jwt};
pub use thumbprint::Thumbprint;
