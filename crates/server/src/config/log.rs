//! `[log]`

use super::section::section;
use super::setting::LogFormat;

section! {
    /// What is written to the standard error stream. Nothing in it is secret.
    log: Log;

    /// `text` for people or `json` for programs.
    format: LogFormat = "text";

    /// What to write: a level (`error`, `warn`, `info`, `debug`, `trace`), or directives such as
    /// `info,doorward_identity=debug`.
    filter: String = "info";
}
