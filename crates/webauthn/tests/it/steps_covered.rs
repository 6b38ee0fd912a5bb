//! Each step has a test that reaches it; `docs/auditors.md` says which.

use doorward_webauthn::Step;

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

/// The rows that reach a step, each as the name of its test.
pub(crate) fn tests_of(step: Step) -> Vec<String> {
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
