//! The house's papers name files; a paper that names one which is gone misleads whoever reads it.

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
