//! What attackers try, and the test that stands for each line: `tests/attacks/group*.toml` says which.
//!
//! Runs exactly the named tests and counts a line as standing when every one of its tests ran and passed, or when
//! the table says in a sentence why the attack cannot apply. A line without a test does not stand and is listed.
//!
//!   cargo test -p doorward-tests --test attacks [-- 1 3 6]

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a table that cannot be read ends the run, saying why"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use doorward_tests::root;

/// One line of the checklist.
enum Line {
    /// Every one of these tests must pass.
    Tests(Vec<Test>),
    /// Why there is nothing to attack.
    Cannot,
}

/// A test by the file that it stands in.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Test {
    /// The arguments that make cargo build its program: package and target.
    program: (String, String),
    /// What its path in the program begins with.
    module: String,
    name: String,
}

impl Test {
    /// Reads `crates/oidc/tests/it/code.rs::pkce_downgrade`.
    fn parse(text: &str) -> Option<Self> {
        let (file, name) = text.split_once("::")?;
        let mut parts: Vec<&str> = file.strip_suffix(".rs")?.split('/').collect();
        let package = match parts.remove(0) {
            "crates" => match parts.remove(0) {
                "server" => "doorward".to_owned(),
                name => format!("doorward-{name}"),
            },
            "tests" => "doorward-tests".to_owned(),
            _ => return None,
        };
        let target = match parts.remove(0) {
            "src" => "--lib".to_owned(),
            "tests" => format!("--test={}", parts.remove(0)),
            _ => return None,
        };
        // Journeys are named by themselves, in no module.
        let module = match parts.pop() {
            _ if package == "doorward-tests" => String::new(),
            Some("mod" | "lib" | "main") | None => parts.join("::"),
            Some(last) => [&parts[..], &[last]].concat().join("::"),
        };
        Some(Self {
            program: (package, target),
            module,
            name: name.to_owned(),
        })
    }

    /// Whether a program calls it so: generated tests have modules of their own before the name.
    fn is(&self, path: &str) -> bool {
        let (module, name) = path.rsplit_once("::").unwrap_or(("", path));
        name == self.name && module.starts_with(&self.module)
    }
}

fn table(group: &str) -> BTreeMap<String, Line> {
    let path = root().join(format!("tests/attacks/group{group}.toml"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let table: toml::Table = text
        .parse()
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let line = |(name, value): (String, toml::Value)| {
        let line = match value {
            toml::Value::Table(cannot) if cannot.contains_key("cannot") => Line::Cannot,
            toml::Value::Array(tests) => {
                let test = |test: &toml::Value| test.as_str().and_then(Test::parse);
                let read = tests
                    .iter()
                    .map(|entry| test(entry).unwrap_or_else(|| panic!("group {group}, {name}: {entry}")));
                Line::Tests(read.collect())
            }
            other => panic!("group {group}, {name}: {other}"),
        };
        (name, line)
    };
    table.into_iter().map(line).collect()
}

/// Runs the named tests of one program and returns the paths of those that passed.
fn run(root: &Path, program: &(String, String), tests: &BTreeSet<&Test>) -> Vec<String> {
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(root)
        .args(["test", "--locked", "-q", "-p", &program.0, &program.1, "--"])
        .args(["--format=pretty"])
        .args(tests.iter().map(|test| &test.name))
        .stderr(Stdio::inherit());
    let output = command.output().expect("cargo runs");
    let passed = |line: &str| {
        let path = line.strip_prefix("test ")?.strip_suffix("... ok")?.trim();
        let path = path.strip_suffix(" - should panic").unwrap_or(path);
        Some(path.to_owned())
    };
    let text = String::from_utf8_lossy(&output.stdout);
    for line in text.lines().filter(|line| line.contains("FAILED")) {
        println!("{line}");
    }
    text.lines().filter_map(passed).collect()
}

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let groups = if asked.is_empty() {
        (1..=6).map(|group| group.to_string()).collect()
    } else {
        asked
    };
    let tables: Vec<(String, BTreeMap<String, Line>)> = groups
        .into_iter()
        .map(|group| (group.clone(), table(&group)))
        .collect();

    let mut programs: BTreeMap<&(String, String), BTreeSet<&Test>> = BTreeMap::new();
    for line in tables.iter().flat_map(|(_, table)| table.values()) {
        if let Line::Tests(tests) = line {
            for test in tests {
                programs.entry(&test.program).or_default().insert(test);
            }
        }
    }
    let root = root();
    let mut passed = BTreeSet::new();
    for (program, tests) in programs {
        let paths = run(&root, program, &tests);
        passed.extend(
            tests
                .into_iter()
                .filter(|test| paths.iter().any(|path| test.is(path))),
        );
    }

    let mut is_whole = true;
    for (group, table) in &tables {
        let mut standing = 0;
        for (name, line) in table {
            match line {
                Line::Cannot => standing += 1,
                Line::Tests(tests) if tests.is_empty() => println!("attacks {group}: {name}: no test"),
                Line::Tests(tests) => {
                    let failed: Vec<&str> = tests
                        .iter()
                        .filter(|test| !passed.contains(test))
                        .map(|test| test.name.as_str())
                        .collect();
                    if failed.is_empty() {
                        standing += 1;
                    } else {
                        println!("attacks {group}: {name}: did not pass: {}", failed.join(", "));
                    }
                }
            }
        }
        println!("attacks {group}: {standing} of {}", table.len());
        is_whole &= standing == table.len();
    }
    if is_whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
