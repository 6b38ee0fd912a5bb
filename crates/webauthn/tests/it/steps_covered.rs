//! Each step has a test that reaches it, and `STEPS.md` says which.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use doorward_webauthn::{Ceremony, SPECIFICATION, Step};

use crate::support::scene::Table;

#[test]
fn every_step_is_reached_by_a_row_of_a_table() {
    let missing: Vec<&str> = Step::ALL
        .iter()
        .filter(|step| tests_of(**step).is_empty())
        .map(|step| step.word())
        .collect();
    assert!(missing.is_empty(), "no test reaches {missing:?}");
}

#[test]
fn the_table_of_steps_is_what_is_made() {
    let mut text = format!(
        "# Steps and their tests\n\nMade by `tests/it/steps_covered.rs`; numbers of {SPECIFICATION}. The functions \
         are `verify` in `src/registration.rs` (§7.1) and `src/authentication.rs` (§7.2), where the numbers stand \
         at the margin, and `verify` in the format's file under `src/attestation` for step 22.\n\n\
         | step | §7.1 | §7.2 | tests (`tests/it`) |\n| --- | --- | --- | --- |\n"
    );
    for step in Step::ALL {
        let number = |ceremony| match step.number(ceremony) {
            0 => String::new(),
            number => number.to_string(),
        };
        let tests = tests_of(*step)
            .iter()
            .map(|test| format!("`{test}`"))
            .collect::<Vec<_>>()
            .join(", ");
        let (create, get) = (number(Ceremony::Registration), number(Ceremony::Authentication));
        writeln!(text, "| {} | {create} | {get} | {tests} |", step.word()).unwrap();
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("STEPS.md");
    if std::env::var_os("DOORWARD_RECORD").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert!(
        fs::read_to_string(path).unwrap() == text,
        "STEPS.md is not what is made (DOORWARD_RECORD=1 writes it)"
    );
}

fn tests_of(step: Step) -> Vec<String> {
    let mut tests = Vec::new();
    for table in tables() {
        let reaching = table.rows.iter().filter(|(_, _, reached)| *reached == step);
        tests.extend(
            reaching.map(|(name, ..)| format!("{}::{name}", table.module.trim_start_matches("it::"))),
        );
    }
    if step == Step::Registered {
        tests.push("registration::a_known_credential_is_the_callers_to_refuse".to_owned());
    }
    tests
}

/// Every table of single edits.
pub(crate) fn tables() -> Vec<Table> {
    let mut tables = vec![crate::registration::TABLE, crate::authentication::TABLE];
    tables.extend(crate::attestation::TABLES);
    tables
}
