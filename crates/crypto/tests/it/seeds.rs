//! The seeds of the fuzz targets, on stable: each is judged as its name says, and its neighbours break nothing.
#![cfg(all(feature = "ring", feature = "rustcrypto"))]

use doorward_crypto::fuzzing;
use doorward_seeds::{replay, replay_around};

#[test]
fn es256() {
    replay("crypto_es256", fuzzing::es256);
}

#[test]
fn ed25519() {
    replay("crypto_ed25519", fuzzing::ed25519);
}

#[test]
fn es384() {
    replay("crypto_es384", fuzzing::es384);
}

#[test]
fn rsa() {
    replay_around("crypto_rsa", 64, fuzzing::rsa);
}
