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

pub(crate) fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("hex is text");
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex"))
        .collect()
}
