//! The engines behind the seam, and the choice between them.

mod any;
mod memory;

pub use any::AnyEngine;
pub use memory::Memory;
