//! Work that outlives a request.

pub(crate) mod sign_outs;
pub(crate) mod sweep;
