//! Work that outlives a request.

<<<<<<< HEAD
pub(crate) mod sign_outs;
=======
pub(crate) mod certificate;
>>>>>>> 8ef48b3 (server: hostile requests by the table, header bounds, certificates renewed in place, no root, no core dump; names by their look; dependencies and why)
pub(crate) mod sweep;
