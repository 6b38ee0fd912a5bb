//! What a user of the crate does, and what the engines below it promise.

mod contract;
mod folder;
mod rig;
mod transactions;
