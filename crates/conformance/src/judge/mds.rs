//! FIDO metadata: blobs, what stands in them, and the roots they chain to.
//!
//! `webauthn` does not read metadata yet, so every case counts as not supported. The files are read all the same,
//! so that a broken one is noticed.

use serde::Deserialize;

use super::{Cases, Source};
use crate::case::{Case, Refusal};

#[derive(Debug, Deserialize)]
struct Blob {
    file: String,
    expect: String,
}

#[derive(Debug, Deserialize)]
struct Entry {
    description: String,
}

#[derive(Debug, Deserialize)]
struct Root {
    file: String,
    subject: String,
}

pub(super) fn blobs(source: &Source<'_>) -> Cases {
    let rows: Vec<Blob> = serde_json::from_str(source.text)?;
    Ok(rows
        .iter()
        .map(|row| not_yet(&row.file, row.expect == "ok"))
        .collect())
}

pub(super) fn entries(source: &Source<'_>) -> Cases {
    let rows: Vec<Entry> = serde_json::from_str(source.text)?;
    Ok(rows.iter().map(|row| not_yet(&row.description, true)).collect())
}

pub(super) fn roots(source: &Source<'_>) -> Cases {
    let rows: Vec<Root> = serde_json::from_str(source.text)?;
    Ok(rows
        .iter()
        .map(|row| not_yet(&format!("{} {}", row.file, row.subject), true))
        .collect())
}

fn not_yet(name: &str, expected: bool) -> Case {
    Case::accepts(
        name,
        expected,
        Err(Refusal::not_supported("metadata is not read yet")),
    )
}
