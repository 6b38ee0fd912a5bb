//! Extensions: what is asked of clients and authenticators, and what they answer.
//!
//! An answer may leave out what was asked, and bring what was not (§9). Both are reported, neither refuses;
//! what must not be left out is said by the ceremony.

mod inputs;
mod outputs;
mod prf;

pub use inputs::{
    CreateInputs, CredentialProtection, GetInputs, LargeBlobCreate, LargeBlobGet, LargeBlobSupport,
    PrfInputs, PrfValues,
};
pub use outputs::{
    AuthenticatorOutputs, ClientOutputs, CredentialProperties, Extension, ExtensionReport, LargeBlobOutputs,
    PrfOutputs,
};
pub use prf::prf_salt;

pub(crate) use prf::check_results;
