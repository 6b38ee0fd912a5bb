//! The addresses of the protocols: OAuth 2, OpenID Connect, and the pages that belong to them.
//!
//! Each handler reads its message, calls one function of the identity crate, and writes the answer down. Errors
//! have two voices: a page for the person while nothing may be sent to the application, an answer to the
//! application from then on, JSON where programs speak.

pub(crate) mod applications;
pub(crate) mod authorize;
pub(crate) mod consent;
pub(crate) mod cors;
pub(crate) mod device;
pub(crate) mod discovery;
mod form;
pub(crate) mod introspect;
pub(crate) mod logout;
pub(crate) mod par;
pub(crate) mod registration;
pub(crate) mod revoke;
pub(crate) mod token;
pub(crate) mod userinfo;
pub(crate) mod webfinger;
mod words;

use doorward_identity::grants::GrantsError;

use crate::http::errors::Problem;

impl From<GrantsError> for Problem {
    fn from(error: GrantsError) -> Self {
        if error.is_passing() {
            Self::Busy
        } else {
            Self::internal(error)
        }
    }
}
