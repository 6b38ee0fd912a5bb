//! Runs the program and takes its answer apart.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What a run gave.
pub(crate) struct Run {
    pub(crate) text: String,
    pub(crate) succeeded: bool,
}

/// Runs the program on these paths, which are relative to the root of the workspace.
pub(crate) fn run(arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_doorward-conformance"))
        .current_dir(workspace())
        .args(arguments)
        .output()
        .expect("the program starts");
    let text = String::from_utf8(output.stdout).expect("the program writes UTF-8");
    Run {
        text,
        succeeded: output.status.success(),
    }
}

impl Run {
    /// The line that begins so.
    pub(crate) fn line(&self, beginning: &str) -> &str {
        let found = self.text.lines().find(|line| line.starts_with(beginning));
        found.unwrap_or_else(|| panic!("no line begins with {beginning:?} in:\n{}", self.text))
    }

    /// What `--json` printed, a value a line.
    pub(crate) fn json(&self) -> Vec<Value> {
        self.text
            .lines()
            .map(|line| serde_json::from_str(line).expect("each line is JSON"))
            .collect()
    }
}

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A folder of the collection, named by `DOORWARD_VECTORS`, or nothing: then the caller's test is skipped, and says so.
pub(crate) fn collection(test: &str, folder: &str) -> Option<String> {
    let root = std::env::var_os("DOORWARD_VECTORS")
        .map_or_else(|| workspace().join("../shared/vectors"), PathBuf::from);
    let path = root.join(folder);
    if !path.exists() {
        eprintln!(
            "SKIPPED {test}: there is no {} (set DOORWARD_VECTORS)",
            path.display()
        );
        return None;
    }
    path.to_str().map(str::to_owned)
}
