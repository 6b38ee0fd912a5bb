//! The table of mutations.

use crate::program::run;

#[test]
fn no_mutation_is_wrongly_accepted_or_refused() {
    let run = run(&["--mutations"]);
    assert!(run.succeeded, "{}", run.text);
    assert!(
        run.line("doorward: ")
            .ends_with("wrongly accepted 0, wrongly refused 0"),
        "{}",
        run.text
    );
}

#[test]
fn each_mutation_stands_beside_what_the_others_do() {
    let text = run(&["--mutations"]).text;
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
    assert_eq!(rows.len(), 2 + 19, "{text}");
    for row in rows {
        assert_eq!(row.matches("| ").count(), 5, "{row}");
    }
    for (peer, wrong) in [
        ("webauthn-rs 0.6.2: ", 11),
        ("py_webauthn 3.0.1: ", 7),
        ("SimpleWebAuthn 14.0.3: ", 6),
    ] {
        let line = text.lines().find(|line| line.starts_with(peer));
        assert_eq!(
            line,
            Some(format!("{peer}rows answered wrongly {wrong}").as_str()),
            "{text}"
        );
    }
}
