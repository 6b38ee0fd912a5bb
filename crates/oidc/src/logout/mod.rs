//! Signing out: asked for by a client (RP-Initiated Logout 1.0), and told to the others (Back-Channel and
//! Front-Channel Logout 1.0).

pub mod back_channel;
pub mod front_channel;
pub mod rp_initiated;
