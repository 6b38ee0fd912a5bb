//! Trust in attestation: certificates, the path from one to an anchor, and what a relying party demands.
//!
//! Nothing here reads the network or a clock. Anchors, revocation lists and metadata are bytes that the caller
//! brought; the moment is an argument; the same input gives the same verdict.

mod aaguid_extension;
mod anchors;
mod certificate;
mod crl;
pub(crate) mod der;
pub(crate) mod oid;
mod path;
mod policy;
mod scheme;

pub use anchors::{Anchors, AnchorsError};
pub use certificate::{Certificate, CertificateError, Extension};
pub use crl::{Missing, RevocationError, Revocations};
pub use path::{PathError, Position};
pub use policy::Trust;
pub use scheme::Hashes;

pub(crate) use aaguid_extension::{check_aaguid, read_aaguid};
pub(crate) use certificate::{attributes, key_bits, text};
pub(crate) use path::{Judge, Path};
pub(crate) use policy::Verdict;
