//! `docs/auditors.md`: from each step of the specification to the function that takes it and the tests that reach it.
//!
//! The page's first half is written by hand. What stands behind its mark is made here, and a test holds it equal to
//! what is made: `DOORWARD_RECORD=1 cargo test -p doorward-webauthn --test it auditors` writes it again.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use doorward_webauthn::{Ceremony, SPECIFICATION, Step};

use crate::auditors_rules::{BELOW, FORMATS, RULES, Rule, TAKEN, WAYS};
use crate::steps_covered::{tables, tests_of};

/// Behind this line everything is made.
const MARK: &str = "<!-- From here on made by crates/webauthn/tests/it/auditors.rs; do not edit. -->\n";

#[test]
fn the_page_for_auditors_is_what_is_made() {
    let path = root().join("docs/auditors.md");
    let page = fs::read_to_string(&path).unwrap();
    let (prose, kept) = page.split_once(MARK).expect("the page has its mark");
    let made = made();
    if std::env::var_os("DOORWARD_RECORD").is_some() {
        fs::write(&path, format!("{prose}{MARK}{made}")).unwrap();
    } else {
        assert!(
            kept == made,
            "docs/auditors.md is not what is made (DOORWARD_RECORD=1 writes it)"
        );
    }
}

#[test]
fn each_function_that_the_page_names_is_there() {
    let rules = RULES.iter().chain(BELOW).map(|rule| rule.taken_by);
    let formats = FORMATS.iter().map(|format| format.taken_by);
    let ways = WAYS.iter().map(|(_, taken_by)| *taken_by);
    for taken_by in TAKEN
        .iter()
        .flat_map(|taken| [taken.at_registration, taken.at_login])
        .chain(rules)
        .chain(formats)
        .chain(ways)
        .filter(|taken_by| !taken_by.is_empty())
    {
        let (file, function) = taken_by.split_once("::").expect("file and function");
        let text = fs::read_to_string(root().join("crates/webauthn/src").join(file))
            .unwrap_or_else(|error| panic!("{file}: {error}"));
        let name = function.rsplit("::").next().unwrap_or(function);
        assert!(
            text.contains(&format!("fn {name}(")) || text.contains(&format!("fn {name}<")),
            "{file} has no {function}"
        );
    }
}

#[test]
fn each_test_that_the_page_names_is_there() {
    let there = all_tests();
    for rule in RULES.iter().chain(BELOW) {
        for test in rule.tests {
            assert!(there.contains(*test), "there is no test {test}");
        }
    }
    for step in Step::ALL {
        for test in tests_of(*step) {
            assert!(there.contains(&test), "there is no test {test}");
        }
    }
}

#[test]
fn each_step_is_taken_by_a_function_of_each_ceremony_that_has_it() {
    for step in Step::ALL {
        let taken: Vec<_> = TAKEN.iter().filter(|taken| taken.step == *step).collect();
        assert_eq!(taken.len(), 1, "{}", step.word());
        for taken in taken {
            for (ceremony, taken_by) in [
                (Ceremony::Registration, taken.at_registration),
                (Ceremony::Authentication, taken.at_login),
            ] {
                assert_eq!(
                    step.number(ceremony) > 0,
                    !taken_by.is_empty(),
                    "{} in {ceremony}",
                    step.word()
                );
            }
        }
    }
}

fn made() -> String {
    let mut text = format!(
        "\nNumbers are those of {SPECIFICATION}. Functions stand below `crates/webauthn/src`, tests below\n\
         `crates/webauthn/tests/it`.\n"
    );
    ceremony(
        &mut text,
        Ceremony::Registration,
        "§7.1 Registering a New Credential",
    );
    ceremony(
        &mut text,
        Ceremony::Authentication,
        "§7.2 Verifying an Authentication Assertion",
    );
    formats(&mut text);
    rules(
        &mut text,
        "Trust paths, revocation, metadata",
        RULES,
        &["trust::", "metadata::"],
    );
    rules(
        &mut text,
        "Beside the steps: options, state, what is tolerated",
        BELOW,
        &["ceremony::", "registration::", "authentication::"],
    );
    text
}

fn ceremony(text: &mut String, ceremony: Ceremony, title: &str) {
    let (module, other) = match ceremony {
        Ceremony::Registration => ("registration::", "attestation::"),
        Ceremony::Authentication => ("authentication::", "authentication::"),
    };
    write!(
        text,
        "\n## {title}\n\n| step | refuses as | function | tests |\n| --- | --- | --- | --- |\n"
    )
    .unwrap();
    let mut taken: Vec<_> = TAKEN
        .iter()
        .filter(|taken| taken.step.number(ceremony) > 0)
        .collect();
    taken.sort_by_key(|taken| taken.step.number(ceremony));
    for row in taken {
        let function = match ceremony {
            Ceremony::Registration => row.at_registration,
            Ceremony::Authentication => row.at_login,
        };
        let tests = tests_of(row.step);
        let tests: Vec<&str> = tests
            .iter()
            .map(String::as_str)
            .filter(|test| test.starts_with(module) || test.starts_with(other))
            .collect();
        let number = row.step.number(ceremony);
        let tests = match (ceremony, number) {
            (Ceremony::Registration, 22) => "in the table of §8".to_owned(),
            _ if tests.is_empty() => "refuses nothing: what comes is reported".to_owned(),
            _ => quoted(&tests),
        };
        writeln!(
            text,
            "| {number} | {} | `{function}` | {tests} |",
            row.step.word()
        )
        .unwrap();
    }
    text.push_str("\nSteps that compute or store and cannot refuse:\n\n| step | function |\n| --- | --- |\n");
    for (step, function) in WAYS.iter().filter(|(step, _)| match ceremony {
        Ceremony::Registration => step.starts_with("§7.1"),
        Ceremony::Authentication => step.starts_with("§7.2"),
    }) {
        writeln!(text, "| {step} | `{function}` |").unwrap();
    }
}

/// §8: a row for each thing that a format's verification refuses.
fn formats(text: &mut String) {
    text.push_str(
        "\n## §8 Attestation statement formats\n\n| section | function | refuses as | tests |\n\
         | --- | --- | --- | --- |\n",
    );
    for format in FORMATS {
        let module = format!("attestation::{}", format.module);
        let mut others: BTreeSet<String> = written_tests("attestation", format.module);
        for step in Step::ALL {
            let tests: Vec<String> = tests_of(*step)
                .into_iter()
                .filter(|test| test.rsplit_once("::").is_some_and(|(place, _)| place == module))
                .collect();
            for test in &tests {
                others.remove(test);
            }
            if !tests.is_empty() {
                let tests: Vec<&str> = tests.iter().map(String::as_str).collect();
                row(
                    text,
                    format.section,
                    format.taken_by,
                    step.word(),
                    &quoted(&tests),
                );
            }
        }
        if !others.is_empty() {
            let tests: Vec<&str> = others.iter().map(String::as_str).collect();
            row(
                text,
                format.section,
                format.taken_by,
                "policy and form",
                &quoted(&tests),
            );
        }
    }
    let all: BTreeSet<String> = written_tests("attestation", "");
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    row(
        text,
        "§8, every format",
        "attestation/mod.rs::verify",
        "each in its own way",
        &quoted(&all),
    );
}

fn rules(text: &mut String, title: &str, rules: &[Rule], modules: &[&str]) {
    write!(
        text,
        "\n## {title}\n\n| rule | function | tests |\n| --- | --- | --- |\n"
    )
    .unwrap();
    let mut rest: BTreeSet<String> = modules
        .iter()
        .flat_map(|module| written_tests(module.trim_end_matches("::"), ""))
        .collect();
    for rule in rules {
        for test in rule.tests {
            rest.remove(*test);
        }
        writeln!(
            text,
            "| {} | `{}` | {} |",
            rule.says,
            rule.taken_by,
            quoted(rule.tests)
        )
        .unwrap();
    }
    if !rest.is_empty() {
        let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
        writeln!(text, "| further, each as its name says | | {} |", quoted(&rest)).unwrap();
    }
}

fn row(text: &mut String, section: &str, function: &str, refuses: &str, tests: &str) {
    writeln!(text, "| {section} | `{function}` | {refuses} | {tests} |").unwrap();
}

fn quoted(tests: &[&str]) -> String {
    let tests: Vec<String> = tests.iter().map(|test| format!("`{test}`")).collect();
    tests.join(", ")
}

/// Every test of this binary: the rows of the tables, and what is written out.
fn all_tests() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for table in tables() {
        let module = table.module.trim_start_matches("it::");
        all.extend(table.rows.iter().map(|(name, ..)| format!("{module}::{name}")));
    }
    for file in [
        "attestation",
        "authentication",
        "ceremony",
        "metadata",
        "registration",
        "trust",
    ] {
        all.extend(in_file(file));
    }
    all
}

/// Tests that are written out in this file, in this module of it (or in none).
fn written_tests(file: &str, module: &str) -> BTreeSet<String> {
    let place = if module.is_empty() {
        file.to_owned()
    } else {
        format!("{file}::{module}")
    };
    let in_place = |test: &String| test.rsplit_once("::").is_some_and(|(at, _)| at == place);
    in_file(file).into_iter().filter(in_place).collect()
}

/// What stands below `#[test]`, with the module that it stands in.
fn in_file(file: &str) -> BTreeSet<String> {
    let path = root()
        .join("crates/webauthn/tests/it")
        .join(file)
        .with_extension("rs");
    let text = fs::read_to_string(path).unwrap();
    let mut module = String::new();
    let mut found = BTreeSet::new();
    let mut is_test = false;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(" {")) {
            module = format!("::{name}");
        } else if line == "}" {
            module.clear();
        } else if line.trim() == "#[test]" {
            is_test = true;
        } else if is_test && let Some(rest) = line.trim().strip_prefix("fn ") {
            let name = rest.split('(').next().unwrap_or(rest);
            found.insert(format!("{file}{module}::{name}"));
            is_test = false;
        }
    }
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}
