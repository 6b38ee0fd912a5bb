//! The totals over what lies in `fixtures`.

use crate::program::run;

#[test]
fn the_figures_of_the_rfcs_agree() {
    let run = run(&["fixtures/rfc/otp.json"]);
    assert_eq!(
        run.text,
        "fixtures/rfc/otp.json: agree 42, disagree 0, not supported 0\n"
    );
    assert!(run.succeeded);
}

#[test]
fn every_fixture_is_understood_and_agrees() {
    for (folder, files) in [("fixtures/rfc", 2), ("fixtures/webauthn", 3)] {
        let run = run(&[folder]);
        assert!(run.succeeded, "{}", run.text);
        assert!(
            run.line("all")
                .ends_with(&format!("not supported 0; {files} files, 0 not understood")),
            "{}",
            run.text
        );
    }
}
