//! A software authenticator: it makes registrations and assertions for tests, fixtures and load.
//!
//! It is not a safe place for keys: everything follows from a seed, so that a failure can be replayed. It shares
//! no reader and no writer with `doorward-webauthn`, so that no mistake can hide in both: its CBOR ([`cbor`]) and
//! DER are its own.
//!
//! - [`Device`] is the authenticator: it holds credentials, counts, and signs.
//! - [`Browser`] is what a browser adds: client data, the origin, the JSON forms.
//! - [`Visitor`] drives a running provider over HTTP as a person with such a browser would.
//! - [`Fault`] names each defect that can be asked for.
//!
//! ```
//! use doorward_authenticator::{Browser, Device};
//! use serde_json::json;
//!
//! let mut device = Device::from_seed("laptop");
//! let browser = Browser::at("http://localhost:8080");
//! let options = json!({
//!     "challenge": "AAAAAAAAAAAAAAAAAAAAAA", "rp": { "id": "localhost", "name": "Doorward" },
//!     "user": { "id": "AQ", "name": "ana", "displayName": "Ana" },
//!     "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }],
//! });
//! let response = browser.create(&mut device, &options)?;
//! assert_eq!(response["type"], "public-key");
//! # Ok::<(), doorward_authenticator::Declined>(())
//! ```

#![expect(
    clippy::indexing_slicing,
    reason = "JSON members are looked up by name; an absent one is null"
)]

mod attestation;
mod browser;
pub mod cbor;
mod certificate;
mod device;
mod fault;
mod keys;
mod visitor;

pub use attestation::{Attestation, Authority};
pub use browser::Browser;
pub use device::{Declined, Device, Flags};
pub use fault::Fault;
pub use keys::{Dice, Key, KeyType};
pub use visitor::{Trouble, Visitor};
