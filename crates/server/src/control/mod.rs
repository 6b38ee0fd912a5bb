//! The operator's commands, and how they reach a running server.
//!
//! A running server listens on a socket in its data folder that only its owner can open; a command is one line of
//! JSON, the answer another. Where no server runs, the command opens the store itself and calls the same functions.

mod commands;
mod conformance;
mod socket;

pub(crate) use self::commands::{Answer, Command, NewApp, perform};
pub(crate) use self::socket::{ask, is_running, listen};

/// The socket's name in the data folder.
pub(crate) const SOCKET: &str = "control.sock";
