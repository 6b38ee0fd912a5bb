//! What a user of the crate does.

mod transactions;
