//! Replays the seeds of fuzz targets in ordinary tests, on stable Rust and in milliseconds.
//!
//! A target is a function of bytes that says whether it let them in. Its seeds are the files of `fuzz/seeds/TARGET`.
//! A seed is let in unless its name begins with `refused-`; what was once a finding is kept there as a seed.
//!
//! The crate names no other, so that each may use it. Where there is no `fuzz/seeds`, as beside a crate that was
//! published alone, the tests say so and pass.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Around how many places of a seed [`replay`] looks at its neighbours.
pub const NEIGHBOURHOODS: usize = 512;

/// Runs `check` on each seed of `target`, and on its neighbours: the seed with one byte changed, and cut short, at
/// up to [`NEIGHBOURHOODS`] places. What `check` says of neighbours does not count; what it asserts does.
///
/// # Panics
/// If a seed is not judged as its name says.
pub fn replay(target: &str, check: impl Fn(&[u8]) -> bool) {
    replay_around(target, NEIGHBOURHOODS, check);
}

/// As [`replay`], at so many places: for targets that verify signatures.
///
/// # Panics
/// If a seed is not judged as its name says.
pub fn replay_around(target: &str, neighbourhoods: usize, check: impl Fn(&[u8]) -> bool) {
    for (name, seed) in read(target) {
        assert_eq!(check(&seed), !name.starts_with("refused-"), "{target}/{name}");
        let step = seed.len().div_ceil(neighbourhoods.max(1)).max(1);
        for (at, byte) in seed.iter().enumerate().step_by(step) {
            let (before, after) = seed.split_at(at);
            for bits in [0x01, 0x20, 0x80] {
                let neighbour = [before, &[byte ^ bits], after.get(1..).unwrap_or_default()].concat();
                check(&neighbour);
            }
            check(before);
        }
    }
}

/// For what is read as text: a fuzzer gives such a target nothing else.
pub fn text(check: impl Fn(&str) -> bool) -> impl Fn(&[u8]) -> bool {
    move |bytes| core::str::from_utf8(bytes).is_ok_and(&check)
}

/// The seeds of a target by name, in order; none, and a word about it, where there are none.
///
/// # Panics
/// If there is a folder of seeds and it cannot be read.
#[must_use]
pub fn read(target: &str) -> Vec<(String, Vec<u8>)> {
    let Some(folder) = folder(target) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = list(&folder);
    files.sort();
    assert!(!files.is_empty(), "{target} has no seeds");
    let seeds = files.iter().map(|file| {
        let name = file.file_name().unwrap_or_default().display().to_string();
        (name, bytes(file))
    });
    seeds.collect()
}

/// The folder of a target's seeds; nothing, and a word about it, where there are no seeds at all.
#[must_use]
pub fn folder(target: &str) -> Option<PathBuf> {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    if seeds.is_dir() {
        return Some(seeds.join(target));
    }
    // Past the macro, whose words a test that passes keeps to itself.
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED: no fuzz/seeds beside this crate, so {target} is not replayed"
    );
    None
}

#[expect(clippy::expect_used, reason = "a test ends where a seed cannot be read")]
fn list(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).expect("a folder of seeds");
    files.map(|file| file.expect("a seed").path()).collect()
}

#[expect(clippy::expect_used, reason = "a test ends where a seed cannot be read")]
fn bytes(file: &Path) -> Vec<u8> {
    fs::read(file).expect("a seed")
}
