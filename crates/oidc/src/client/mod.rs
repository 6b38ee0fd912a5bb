//! Clients: what is known of an application, and how it proves at the token endpoint that it is the one.

pub mod assertion;
pub mod authentication;
pub mod metadata;
pub mod redirect_uri;
pub mod registration;
pub mod secret;

pub use authentication::{Authenticated, Presented};
pub use metadata::{Client, ClientError, ClientId};
pub use redirect_uri::{RedirectUri, WebUri};
pub use secret::SecretHash;
