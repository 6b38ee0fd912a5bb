//! Runs recorded vectors, ours and other people's, through the protocol crates.
//!
//! `cargo run --release -p doorward-conformance -- PATH…` judges files, or every `.json` and `.jsonl` file below
//! folders. What a file is about follows from its shape, not from its name. Each disagreement is printed, and a
//! total for each file; the exit status is 0 only when nothing disagrees and every file was understood.
//!
//! `--mutations` prints instead what happens to a right ceremony with one thing wrong in it, beside what other
//! libraries do with the same.
//!
//! The runner has no rules of its own. What a crate cannot do counts as not supported, never as agreeing, and the
//! crate is asked: a format or an algorithm that it learns is judged from then on by itself.

mod case;
mod judge;
mod line;
mod mutations;
mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use crate::judge::{NotUnderstood, Source};
use crate::report::Report;

/// Judges recorded vectors with Doorward's protocol crates.
#[derive(Debug, Parser)]
#[command(name = "conformance", version)]
struct Arguments {
    /// Files, and folders whose `.json` and `.jsonl` files are judged, deep down too.
    #[arg(required_unless_present = "mutations", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Print the table of mutations beside other libraries; fails when one is wrongly accepted or refused.
    #[arg(long, conflicts_with_all = ["paths", "json"])]
    mutations: bool,
    /// Print one JSON object for each case (and for each file that was not understood) instead of words.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.mutations {
        return mutations::run();
    }
    let mut report = Report::new(arguments.json);
    for path in &arguments.paths {
        match files(path) {
            Ok(files) if files.is_empty() => {
                report.not_understood(path, &NotUnderstood::new("there is nothing to judge"))
            }
            Ok(files) => files.iter().for_each(|file| judge_file(file, &mut report)),
            Err(error) => report.not_understood(path, &NotUnderstood::new(error)),
        }
    }
    report.finish()
}

fn judge_file(path: &Path, report: &mut Report) {
    let judged = std::fs::read_to_string(path)
        .map_err(NotUnderstood::new)
        .and_then(|text| judge::judge(&Source { path, text: &text }));
    match judged {
        Ok(cases) => report.file(path, &cases),
        Err(why) => report.not_understood(path, &why),
    }
}

/// The file itself, or what a folder holds that can have cases, in the order of the names.
fn files(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !std::fs::metadata(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut entries = std::fs::read_dir(path)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    entries.sort();
    let mut found = Vec::new();
    for entry in entries {
        // Blobs, certificates and notes belong to the cases that name them.
        let has_cases = entry
            .extension()
            .is_some_and(|extension| extension == "json" || extension == "jsonl");
        if entry.is_dir() || has_cases {
            found.extend(files(&entry)?);
        }
    }
    Ok(found)
}
