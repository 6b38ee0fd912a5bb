//! What a user of the crate does, and what the engines below it promise.

mod backing_up;
mod contract;
mod faults;
mod folder;
mod golden;
mod kill;
mod model;
mod opening;
mod power;
mod rig;
mod seeds;
mod small_disk;
mod sweeping;
mod transactions;
