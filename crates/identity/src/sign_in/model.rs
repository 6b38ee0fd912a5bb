//! The walk of the machine.
