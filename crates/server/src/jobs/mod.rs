//! Work that outlives a request.

pub(crate) mod certificate;
pub(crate) mod sign_outs;
pub(crate) mod sweep;
