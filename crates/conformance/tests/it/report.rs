//! What is printed, and the exit status.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::program::run;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the folder is made");
        fs::write(path, text).expect("the file is written");
    }
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

const GOOD: &str = r#"{"otpauth_uris": [], "base32_invalid": [{"text": "M", "why": "impossible length"}]}"#;
const BAD: &str = r#"{"otpauth_uris": [], "base32_invalid": [{"text": "MY", "why": "nothing, it is good"}]}"#;

#[test]
fn a_disagreement_is_printed_and_fails() {
    let folder = folder(&[("bad.json", BAD)]);
    let run = run(&[text(folder.path())]);
    assert_eq!(
        run.line("DISAGREE"),
        r#"DISAGREE base32 "MY" (nothing, it is good): expected refusal, got ok"#
    );
    assert!(
        run.text
            .contains("bad.json: agree 0, disagree 1, not supported 0"),
        "{}",
        run.text
    );
    assert!(!run.succeeded);
}

#[test]
fn folders_are_walked_in_order_and_summed() {
    let folder = folder(&[
        ("b/good.json", GOOD),
        ("a/good.json", GOOD),
        ("a/README.md", "no vectors"),
    ]);
    let run = run(&[text(folder.path())]);
    let lines: Vec<&str> = run.text.lines().collect();
    assert!(
        lines
            .first()
            .is_some_and(|line| line.contains("a/good.json: agree 1")),
        "{}",
        run.text
    );
    assert_eq!(
        run.line("all"),
        "all: agree 2, disagree 0, not supported 0; 2 files, 0 not understood"
    );
    assert!(run.succeeded);
}

#[test]
fn what_is_not_understood_fails() {
    let unknown = r#"{"something": "else"}"#;
    let misspelt = r#"{"otpauth_uris": [], "otpauth_invlid": []}"#;
    for (name, text_of_file) in [
        ("a.json", unknown),
        ("a.json", misspelt),
        ("a.json", "{"),
        ("a.jsonl", "{}"),
    ] {
        let folder = folder(&[(name, text_of_file), ("good.json", GOOD)]);
        let run = run(&[text(folder.path())]);
        assert!(run.text.contains("not understood: "), "{}", run.text);
        assert!(
            run.line("all").ends_with("1 files, 1 not understood"),
            "{}",
            run.text
        );
        assert!(!run.succeeded);
    }
}

#[test]
fn an_empty_folder_and_a_missing_path_fail() {
    let folder = folder(&[]);
    assert!(!run(&[text(folder.path())]).succeeded);
    assert!(!run(&[text(&folder.path().join("missing"))]).succeeded);
}

#[test]
fn json_is_a_line_a_case() {
    let folder = folder(&[("a.json", GOOD), ("b.json", BAD), ("c.json", "{}")]);
    let run = run(&["--json", text(folder.path())]);
    let lines = run.json();
    let verdicts: Vec<Option<&str>> = lines
        .iter()
        .map(|line| line.get("verdict").and_then(|v| v.as_str()))
        .collect();
    assert_eq!(verdicts, [Some("agree"), Some("disagree"), None]);
    assert!(
        lines
            .last()
            .is_some_and(|line| line.get("not_understood").is_some()),
        "{}",
        run.text
    );
    assert!(!run.succeeded);
}
