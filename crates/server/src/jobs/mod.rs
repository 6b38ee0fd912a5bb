//! Work that outlives a request.

pub(crate) mod sweep;
