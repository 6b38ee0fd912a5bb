//! The house's papers name files; a paper that names one which is gone misleads whoever reads it.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a paper that cannot be read ends the test, saying which"
)]

use std::collections::BTreeMap;
use std::path::Path;

#[test]
fn every_path_in_the_papers_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut named = 0;
    for paper in ["ARCHITECTURE.md", "README.md", "CONTRIBUTING.md"] {
        let text = std::fs::read_to_string(root.join(paper)).expect("the paper is there");
        let quoted = text.split('`').skip(1).step_by(2);
        let linked = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for path in quoted.chain(linked) {
            let is_path =
                path.starts_with("crates/") || path.starts_with("fixtures/") || path.starts_with("docs/");
            if is_path && !path.contains(' ') {
                assert!(root.join(path).exists(), "{paper} names {path}");
                named += 1;
            }
        }
    }
    assert!(named > 20, "the papers name files: {named}");
}

/// The tables of attacks (`tests/attacks`): group, line, and the tests that it names or none when a sentence says
/// why it cannot apply.
fn attacks() -> Vec<(u8, String, Vec<String>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut lines = Vec::new();
    for group in 1..=6 {
        let text = std::fs::read_to_string(root.join(format!("tests/attacks/group{group}.toml")))
            .expect("the table is there");
        for (name, value) in text.parse::<toml::Table>().expect("TOML") {
            let tests = match &value {
                toml::Value::Array(tests) => tests
                    .iter()
                    .map(|test| test.as_str().expect("a path").to_owned())
                    .collect(),
                toml::Value::Table(reason) => {
                    let reason = reason.get("cannot").and_then(toml::Value::as_str);
                    assert!(
                        reason.is_some_and(|reason| reason.len() > 20),
                        "{name} needs a sentence"
                    );
                    Vec::new()
                }
                other => panic!("{name}: {other}"),
            };
            lines.push((group, name, tests));
        }
    }
    lines
}

#[test]
fn every_test_that_stands_for_an_attack_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (group, line, tests) in attacks() {
        for test in tests {
            let (file, name) = test.split_once("::").expect("a file and a name");
            let text = std::fs::read_to_string(root.join(file))
                .unwrap_or_else(|error| panic!("group {group}, {line}: {file}: {error}"));
            let defines = |row: &str| {
                let row = row.trim_start();
                let is_of_macro =
                    row.starts_with(&format!("{name}:")) || row.starts_with(&format!("{name},"));
                let is_journey = row.starts_with(&format!("\"{name}\" =>"));
                is_of_macro || is_journey || row.contains(&format!("fn {name}("))
            };
            assert!(
                text.lines().any(defines),
                "group {group}, {line}: there is no {test}"
            );
        }
    }
}

#[test]
fn the_tables_of_attacks_are_the_checklist() {
    let checklist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/checklists/attacks.md");
    let Ok(text) = std::fs::read_to_string(checklist) else {
        return; // it is handed out beside the repository, not with it
    };
    let mut group = 0;
    let mut asked = Vec::new();
    for row in text.lines() {
        if let Some(heading) = row.strip_prefix("## ") {
            group = heading
                .chars()
                .next()
                .and_then(|digit| digit.to_digit(10))
                .unwrap_or(0);
        } else if let Some(name) = row.strip_prefix("- **`").filter(|_| group > 0) {
            asked.push((group, name.split('`').next().unwrap_or_default().to_owned()));
        }
    }
    let mut listed: Vec<(u32, String)> = attacks()
        .into_iter()
        .map(|(group, name, _)| (group.into(), name))
        .collect();
    asked.sort();
    listed.sort();
    assert_eq!(asked, listed);
}

/// Every source file of the product: of crates that are linked into it.
fn product() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders: Vec<_> = [
        "crypto", "jose", "webauthn", "totp", "oidc", "storage", "identity", "server",
    ]
    .iter()
    .map(|name| root.join(name).join("src"))
    .collect();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = std::fs::read_to_string(&path).expect("text");
                files.push((path.display().to_string(), text));
            }
        }
    }
    assert!(files.len() > 200, "the product has {} files", files.len());
    files
}

#[test]
fn hash_flooding() {
    for (path, text) in product() {
        for map in ["FxHash", "fxhash", "rustc_hash", "ahash", "BuildHasherDefault"] {
            assert!(!text.contains(map), "{path}: {map} has no key of its own");
        }
    }
}

#[test]
fn regex_linear() {
    for (path, text) in product() {
        for engine in ["fancy_regex", "Regex::new", "regex::", "pcre"] {
            assert!(
                !text.contains(engine),
                "{path}: {engine}; nothing here is matched by expressions"
            );
        }
    }
}

#[test]
fn rng_not_seeded_by_tests() {
    for (path, text) in product() {
        let made = text.split("#[cfg(test)]").next().unwrap_or_default();
        for seeded in ["seed_from_u64", "SeedableRng", "StdRng", "SmallRng", "ChaCha8Rng"] {
            assert!(!made.contains(seeded), "{path}: {seeded}");
        }
    }
}

/// The crates that a manifest's table names, with the words beside each.
fn declared() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml"))
        .expect("the manifest");
    let rows = text
        .split("[workspace.dependencies]")
        .nth(1)
        .and_then(|rest| rest.split("\n[").next())
        .expect("the table");
    rows.lines()
        .filter_map(|row| row.split_once(" = "))
        .map(|(name, rest)| (name.trim().to_owned(), rest.to_owned()))
        .filter(|(_, rest)| !rest.contains("path = "))
        .collect()
}

#[test]
fn dependency_pinned_and_reviewed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let table = std::fs::read_to_string(root.join("docs/dependencies.md")).expect("the table");
    let why: BTreeMap<&str, &str> = table
        .lines()
        .filter_map(|row| row.strip_prefix("| `")?.split_once("` | "))
        .collect();
    let declared = declared();
    for (name, _) in &declared {
        let reason = why.get(name.as_str()).copied().unwrap_or_default();
        assert!(
            reason.len() > 15,
            "docs/dependencies.md: {name} is not in it, or has no reason"
        );
    }
    for name in why.keys() {
        assert!(
            declared.iter().any(|(one, _)| one == name),
            "docs/dependencies.md: {name} is gone"
        );
    }
    let lock = std::fs::read_to_string(root.join("Cargo.lock")).expect("the lock file");
    for source in lock.lines().filter_map(|row| row.strip_prefix("source = ")) {
        assert_eq!(
            source,
            "\"registry+https://github.com/rust-lang/crates.io-index\""
        );
    }
    let run = std::fs::read_to_string(root.join("tests/run")).expect("the runner");
    for row in run
        .lines()
        .filter(|row| row.contains("cargo test") || row.contains("cargo build"))
    {
        assert!(row.contains("--locked"), "{row}");
    }
}
