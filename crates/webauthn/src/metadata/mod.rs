//! The FIDO Metadata Service, version 3: a signed list of authenticator models, their roots and their history.
//!
//! [`Blob::verify`] turns the bytes that the caller fetched into verified statements; a [`MetadataPolicy`] says
//! which models are good enough. What is not known here (members, statuses) is kept: FIDO adds some every year.

mod blob;
mod date;
mod history;
mod policy;
mod signer;
mod statement;
mod status;

pub use blob::{Blob, BlobError};
pub use date::{Date, NotADate};
pub use policy::{Certification, MetadataPolicy, Recertification, Stale};
pub use signer::Signer;
pub use statement::{Entry, MetadataStatement};
pub use status::{Says, Status, StatusReport};

pub(crate) use history::Links;
pub(crate) use policy::{Model, ModelKey};
