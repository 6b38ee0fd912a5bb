//! The relying party's half of Web Authentication Level 3.
//!
//! For servers that register and verify passkeys and security keys. The crate is pure: no clock, no socket, no
//! storage, no async. Time and randomness are arguments; a ceremony is two values, the options that go to the
//! browser and a [`Kept`] that waits for the answer.
//!
#![cfg_attr(feature = "ring", doc = "```")]
#![cfg_attr(not(feature = "ring"), doc = "```ignore")]
//! use std::sync::Arc;
//! use doorward_crypto::{Provider, Random, Timestamp, ring::Ring};
//! use doorward_webauthn::{
//!     AuthenticationResponse, RegistrationResponse, RelyingParty, Refused, Step, UserEntity, UserHandle,
//! };
//! # #[derive(Debug)] struct Counting;
//! # impl Random for Counting {
//! #     fn fill(&self, out: &mut [u8]) -> Result<(), doorward_crypto::NoRandom> { out.fill(7); Ok(()) }
//! # }
//! # let random = Counting;
//! # let now = Timestamp::from_seconds(1_750_000_000);
//! let rp = RelyingParty::builder("example.org", ["https://login.example.org"]).build(Arc::new(Ring))?;
//!
//! // Registration: the options go to `PublicKeyCredential.parseCreationOptionsFromJSON()`.
//! let user = UserEntity {
//!     handle: UserHandle::generate(&random)?,
//!     name: "ana@example.org".to_owned(),
//!     display_name: "Ana".to_owned(),
//! };
//! let (options, kept) = rp.register(&user).require_user_verification().begin(&random, now)?;
//! let to_the_browser = serde_json::to_string(&options)?;
//! let to_a_sealed_cookie = serde_json::to_vec(&kept)?;
//!
//! // What comes back is the text of `credential.toJSON()`. Anything that is not what was asked for is refused,
//! // and the error names the step; the browser is told `refused.public()` and no more.
//! let answer = RegistrationResponse::from_json(br#"{"id":"AA","rawId":"AA","type":"password"}"#);
//! assert!(matches!(answer, Err(Refused { step: Step::Response, .. })));
//! # let Err(_) = answer else { return Ok(()) };
//!
//! // With an answer that can be read: `kept.finish(&answer, &rp, now)?` gives the record to store.
//! // Logging in is the same with `rp.authenticate()`; `finish` wants the record, and gives a `Login`.
//! let (options, kept) = rp.authenticate().discoverable().begin(&random, now)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | if you want | look at |
//! | --- | --- |
//! | to begin | [`RelyingParty::builder`], [`RelyingParty::register`], [`RelyingParty::authenticate`] |
//! | to read an answer | [`RegistrationResponse::from_json`], [`AuthenticationResponse::from_json`] |
//! | the verdict | [`Registration`], [`Login`]; [`Refused`] with its [`Step`] and [`Cause`] |
//! | to store something | [`CredentialRecord`] and, until the answer comes, [`Kept`] |
//! | to trust authenticators by model | [`trust::Trust`], [`metadata::Blob`], [`RelyingParty::reassess`] |
//! | to accept what the letter refuses | [`policy::Leniency`], each by its name |
//! | not to tell who has an account | [`RelyingParty::imaginary`], [`Refused::public`] |
//! | to tell authenticators what is gone | [`RelyingParty::signal_unknown`] and its sisters |
//!
//! Without a word the specification is followed to the letter. One table of algorithms (of `doorward-crypto`)
//! says what is offered, which keys are read and what is verified, so that nothing registers that cannot log in.
//!
//! What is not here: HTML and JavaScript, sessions, where records are stored, and the network. Nothing is
//! fetched: metadata and revocation lists are bytes that the caller brings. Two duties stay with the caller, since
//! they need a store: that a credential id is new ([`Registration::already_registered`]), and that a [`Kept`] is
//! used once.
#![warn(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::string_slice)]
#![cfg_attr(
    test,
    expect(
        clippy::arithmetic_side_effects,
        reason = "tests count in numbers that they chose"
    )
)]

mod aaguid;
mod assessment;
pub mod attestation;
mod authentication;
mod authenticator_data;
mod builder;
mod cause;
pub mod cbor;
mod ceremony;
pub mod client_data;
pub mod cose;
mod credential_id;
mod credential_record;
pub mod extensions;
#[doc(hidden)]
pub mod fuzzing;
mod imaginary;
pub mod json;
pub mod limits;
mod login;
pub mod metadata;
mod origin;
pub mod policy;
mod registration;
mod relying_party;
mod report;
mod rp_id;
mod step;
pub mod trust;
mod user;

pub use builder::{BuildError, Builder};
pub use origin::{Origin, OriginError};
pub use relying_party::{BackupEligibility, CrossOrigin, RelatedOrigins, RelyingParty};
pub use rp_id::RpId;
pub use user::{UserEntity, UserHandle, UserHandleLength};

pub use authentication::{Anybody, Authenticating, Somebody, Undecided};
pub use ceremony::{BeginError, Create, Discoverable, Identified, Kept, Kind};
pub use imaginary::Imaginary;
pub use json::{
    AuthenticationResponse, CreationOptions, CredentialDescriptor, RegistrationResponse, RequestOptions,
    Transport,
};
pub use login::Login;
pub use registration::{Registering, Registration};

pub use credential_id::{CredentialId, CredentialIdLength};
pub use credential_record::CredentialRecord;
pub use report::{AttestationReport, RegistrationReport};

pub use cause::{Cause, StatementFault, Untrusted};
pub use step::{Ceremony, Public, Refused, SPECIFICATION, Step};

pub use aaguid::{Aaguid, NotAnAaguid};
pub use authenticator_data::{AttestedCredentialData, AuthenticatorData, AuthenticatorDataError, Flags};
