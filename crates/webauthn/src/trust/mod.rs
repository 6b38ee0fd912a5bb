//! Trust in attestation: certificates, the path from one to an anchor, and what a relying party demands.
//!
//! Nothing here reads the network or a clock. Anchors, revocation lists and metadata are bytes that the caller
//! brought; the moment is an argument; the same input gives the same verdict.

mod aaguid_extension;
mod anchors;
mod certificate;
pub(crate) mod der;
mod path;

pub use anchors::{Anchors, AnchorsError, Trust};
pub use certificate::{Certificate, CertificateError, Extension, Hashes};
pub use path::{PathError, Position};

pub(crate) use aaguid_extension::check_aaguid;
pub(crate) use anchors::Verdict;
pub(crate) use certificate::{attributes, oid, text};
pub(crate) use path::Judge;
