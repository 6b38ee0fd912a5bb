//! Where the published vectors lie, and how they are read.

use std::path::PathBuf;

use serde_json::Value;

/// A file of the vectors, or nothing, loudly, when the folder is not there.
pub(crate) fn read(path: &str) -> Option<Value> {
    let root = std::env::var_os("DOORWARD_VECTORS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    if !root.is_dir() {
        eprintln!(
            "SKIPPED {path}: no vectors at {}; set DOORWARD_VECTORS",
            root.display()
        );
        return None;
    }
    let text = std::fs::read(root.join(path)).unwrap_or_else(|why| panic!("{path}: {why}"));
    Some(serde_json::from_slice(&text).expect("vectors are JSON"))
}

/// A file of `fixtures/rfc`, which every clone has.
pub(crate) fn fixture(name: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/rfc")
        .join(name);
    let text = std::fs::read(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    serde_json::from_slice(&text).expect("fixtures are JSON")
}
