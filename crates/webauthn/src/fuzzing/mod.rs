//! What the fuzz targets call, so that their seeds replay in ordinary tests. Not part of the API.
//!
//! Each function reads foreign bytes, asserts what must hold, and returns whether they were let in. The readers are
//! judged by what they accept: it can be written down again. The verdicts are judged by [`Known`]: nobody has the
//! keys that made it, a fuzzer neither, so that whatever else is accepted is a finding.

mod readers;
mod verdicts;

pub use readers::{authenticator_data, cbor, client_data, cose_key, json_forms, structures};
pub use verdicts::{
    Assertion, Known, attestation_object, metadata, path, responses, revocation_list, statement,
};
