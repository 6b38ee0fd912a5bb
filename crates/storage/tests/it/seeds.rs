//! The seeds of the fuzz targets, on stable: each is judged as its name says, and its neighbours break nothing.

use doorward_seeds::replay;
use doorward_storage::fuzzing;

#[test]
fn envelopes() {
    replay("storage_envelope", fuzzing::envelope);
}

#[test]
fn journals() {
    replay("storage_journal", fuzzing::journal);
}
