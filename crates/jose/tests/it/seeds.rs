//! The seeds of the fuzz targets, on stable: each is judged as its name says, and its neighbours break nothing.

use doorward_jose::fuzzing;
use doorward_seeds::{replay, text};

#[test]
fn messages() {
    replay("jose_jws", text(fuzzing::jws));
}

#[test]
fn sets_of_keys() {
    replay("jose_jwk_set", fuzzing::jwk_set);
}
