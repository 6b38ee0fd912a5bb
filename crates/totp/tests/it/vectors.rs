//! Where the figures come from: the RFCs' own lie in `fixtures`, the wider collection outside the repository.

use std::path::{Path, PathBuf};

use serde_json::Value;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("the file can be read");
    serde_json::from_str(&text).expect("the file is JSON")
}

/// The figures of the RFCs, which are always there.
pub(crate) fn fixtures() -> Value {
    read(&workspace().join("fixtures/rfc/otp.json"))
}

/// The collection, named by `DOORWARD_VECTORS`, or nothing: then the caller's test is skipped, and says so.
pub(crate) fn collection(test: &str) -> Option<Value> {
    let folder = std::env::var_os("DOORWARD_VECTORS")
        .map_or_else(|| workspace().join("../shared/vectors"), PathBuf::from);
    let path = folder.join("otp/hotp-totp.json");
    if !path.exists() {
        eprintln!(
            "SKIPPED {test}: there is no {} (set DOORWARD_VECTORS)",
            path.display()
        );
        return None;
    }
    Some(read(&path))
}

/// The fixtures and, when present, the collection.
pub(crate) fn all(test: &str) -> Vec<Value> {
    std::iter::once(fixtures()).chain(collection(test)).collect()
}

/// A list in the file, which must not be empty.
pub(crate) fn list<'a>(file: &'a Value, pointer: &str) -> &'a [Value] {
    let list = file
        .pointer(pointer)
        .and_then(Value::as_array)
        .expect("the file has this list");
    assert!(!list.is_empty(), "{pointer} is empty");
    list
}

/// A text in a row.
pub(crate) fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} is a text in {row}"))
}

/// A number in a row.
pub(crate) fn number(row: &Value, name: &str) -> u64 {
    row[name]
        .as_u64()
        .unwrap_or_else(|| panic!("{name} is a number in {row}"))
}
