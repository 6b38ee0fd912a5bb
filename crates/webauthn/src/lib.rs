//! The relying party's half of Web Authentication Level 3.
//!
//! For servers that register and verify passkeys and security keys. The crate is pure: no clock, no socket, no
//! storage, no async. Time and randomness are arguments; a ceremony is two values, the options that go to the
//! browser and a [`Kept`] that waits for the answer.
//!
//! - **Begin here**: [`RelyingParty::builder`], [`RelyingParty::register`], [`RelyingParty::authenticate`].
//! - **The answer**: [`RegistrationResponse::from_json`], [`AuthenticationResponse::from_json`].
//! - **The verdict**: [`Registration`], [`Login`], [`Refused`] with its [`Step`].
//! - **What to store**: [`CredentialRecord`].
//! - **Choices**: [`policy`], [`trust`]. Without a word the specification is followed to the letter.
//!
//! What is not here: HTML and JavaScript, sessions, where records are stored, and the network. Nothing is
//! fetched: metadata and revocation lists are bytes that the caller brings.
#![warn(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::string_slice)]
#![cfg_attr(
    test,
    expect(
        clippy::arithmetic_side_effects,
        reason = "tests count in numbers that they chose"
    )
)]

mod aaguid;
pub mod attestation;
mod authentication;
mod authenticator_data;
mod cause;
pub mod cbor;
mod ceremony;
pub mod client_data;
pub mod cose;
mod credential_id;
mod credential_record;
pub mod extensions;
mod imaginary;
pub mod json;
pub mod limits;
pub mod metadata;
mod origin;
pub mod policy;
mod registration;
mod relying_party;
mod report;
mod step;
pub mod trust;
mod user;

pub use origin::{Origin, OriginError};
pub use relying_party::{
    BackupEligibility, BuildError, Builder, CrossOrigin, RelatedOrigins, RelyingParty, RpId,
};
pub use user::{UserEntity, UserHandle, UserHandleLength};

pub use authentication::{Anybody, Authenticating, Login, Somebody, Undecided};
pub use ceremony::{BeginError, Create, Discoverable, Identified, Kept, Kind};
pub use imaginary::Imaginary;
pub use json::{
    AuthenticationResponse, CreationOptions, CredentialDescriptor, RegistrationResponse, RequestOptions,
    Transport,
};
pub use registration::{Registering, Registration};

pub use credential_id::{CredentialId, CredentialIdLength};
pub use credential_record::CredentialRecord;
pub use report::{AttestationReport, RegistrationReport};

pub use cause::{Cause, StatementFault, Untrusted};
pub use step::{Ceremony, Public, Refused, SPECIFICATION, Step};

pub use aaguid::{Aaguid, NotAnAaguid};
pub use authenticator_data::{AttestedCredentialData, AuthenticatorData, AuthenticatorDataError, Flags};
