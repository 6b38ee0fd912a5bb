//! The seeds of the fuzz targets, on stable: each is judged as its name says, and its neighbours break nothing.

use doorward_seeds::{replay, text};
use doorward_totp::fuzzing;

#[test]
fn uris() {
    replay("totp_uri", text(fuzzing::uri));
}

#[test]
fn base32() {
    replay("totp_base32", text(fuzzing::base32));
}

#[test]
fn codes() {
    replay("totp_code", text(fuzzing::code));
}
