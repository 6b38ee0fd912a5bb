//! The JSON forms of §5.1: what goes to `parseCreationOptionsFromJSON` and `parseRequestOptionsFromJSON`, and
//! what comes from `PublicKeyCredential.toJSON()`.
//!
//! Bytes are base64url without padding, and nothing else. Members that are not known are passed over; those that
//! are known must be there once and be what they say.

mod authentication_response;
mod base64url;
mod capabilities;
mod creation_options;
mod descriptor;
mod registration_response;
mod request_options;
mod response;
mod signal;

pub use authentication_response::AuthenticationResponse;
pub use base64url::{Base64Url, NotBase64Url};
pub use capabilities::{Capability, ClientCapabilities};
pub use creation_options::{
    AuthenticatorSelection, CreationOptions, PublicKeyCredentialParameters, RelyingPartyEntity,
    UserEntityJson,
};
pub use descriptor::{CredentialDescriptor, NotATransport, PublicKeyType, Transport};
pub use registration_response::RegistrationResponse;
pub use request_options::RequestOptions;
pub use response::ResponseError;
pub use signal::{AllAcceptedCredentials, CurrentUserDetails, UnknownCredential};
