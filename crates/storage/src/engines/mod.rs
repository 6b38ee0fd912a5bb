//! The engines behind the seam, and the choice between them.

mod any;
mod memory;
mod sled;

pub use any::AnyEngine;
pub use memory::{CommitFault, Faults, Memory};
#[doc(hidden)]
pub use sled::{Disk, DiskFile, RealDisk};
pub use sled::{Sled, SledOpenError, SledSettings, is_fresh};
pub(crate) use sled::{segment_reads_back, with_right_checksums};
