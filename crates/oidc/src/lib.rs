//! The provider's half of OAuth 2 and OpenID Connect as messages and decisions.
#![warn(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::string_slice)]

pub mod access_token;
pub mod acr;
pub mod authorize;
pub mod client;
pub mod discovery;
pub mod error;
pub mod grant;
pub mod id_token;
pub mod introspection;
pub mod issuer;
pub mod keys;
pub mod limits;
pub mod logout;
pub mod params;
pub mod revocation;
pub mod scope;
pub mod stored;
pub mod subject;
pub mod token;
pub mod userinfo;

pub use access_token::AccessToken;
pub use acr::{Acr, Amr};
pub use authorize::{Answer, AuthorizationRequest, Decision, Granted, Permissions, Refusal};
pub use client::{Authenticated, Client, ClientId};
pub use error::{ErrorCode, Fault};
pub use grant::{Authentication, Grant};
pub use issuer::{Endpoint, Issuer};
pub use keys::{Keys, OwnKey};
pub use params::Params;
pub use scope::Scope;
pub use userinfo::PersonClaims;
