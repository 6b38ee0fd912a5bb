//! The collection outside the repository, where it is at hand.

use serde_json::Value;

use crate::program::{collection, run};

fn word<'a>(case: &'a Value, member: &str) -> &'a str {
    case.get(member)
        .and_then(Value::as_str)
        .expect("each case says this")
}

#[test]
fn one_time_passwords_cbor_and_cose_disagree_with_nothing() {
    for folder in ["otp", "cbor", "cose"] {
        let Some(path) = collection("one_time_passwords_cbor_and_cose_disagree_with_nothing", folder) else {
            return;
        };
        let run = run(&[&path]);
        assert!(run.succeeded, "{}", run.text);
        assert!(
            !run.text.contains("agree 0, disagree 0, not supported 0"),
            "{}",
            run.text
        );
    }
}

#[test]
fn the_specification_s_own_ceremonies_agree() {
    let test = "the_specification_s_own_ceremonies_agree";
    let Some(path) = collection(test, "webauthn/webauthn-l3.jsonl") else {
        return;
    };
    let run = run(&["--json", &path]);
    let cases = run.json();
    assert_eq!(cases.len(), 30);
    for case in &cases {
        let verdict = word(case, "verdict");
        let is_here = ["none", "packed"]
            .iter()
            .any(|format| word(case, "name").starts_with(&format!("w3c-{format}")));
        assert!(
            verdict == "agree" || (verdict == "not supported" && !is_here),
            "{case}"
        );
    }
    assert!(run.succeeded);
}

/// Nothing here decrypts. A message that must be refused is refused by that as well, and this is no merit.
#[test]
fn what_is_not_supported_never_agrees() {
    let test = "what_is_not_supported_never_agrees";
    let Some(path) = collection(test, "wycheproof/json_web_crypto_test.json") else {
        return;
    };
    let cases = run(&["--json", &path]).json();
    let mut encrypted = cases
        .iter()
        .filter(|case| word(case, "got") == "nothing is decrypted")
        .peekable();
    assert!(encrypted.peek().is_some());
    for case in encrypted {
        assert_eq!(word(case, "verdict"), "not supported", "{case}");
    }
}

#[test]
fn recorded_ceremonies_and_metadata_disagree_with_nothing() {
    for folder in ["webauthn", "mds", "aaguid"] {
        let Some(path) = collection("recorded_ceremonies_and_metadata_disagree_with_nothing", folder) else {
            return;
        };
        let run = run(&[&path]);
        assert!(run.succeeded, "{}", run.text);
    }
}

#[test]
fn strict_lines_are_judged_by_default_and_by_the_switch() {
    let test = "strict_lines_are_judged_by_default_and_by_the_switch";
    let Some(path) = collection(test, "webauthn/simplewebauthn.jsonl") else {
        return;
    };
    let cases = run(&["--json", &path]).json();
    let name = "swa-auth-throw-error-if-previous-counter-value-is-not-less-than-in-response";
    let case = cases
        .iter()
        .find(|case| word(case, "name") == name)
        .expect("the line is in the file");
    let strict = case.get("strict").expect("the line is strict");
    assert_eq!(strict.get("accepted_by_default"), Some(&Value::Bool(false)));
    assert_eq!(strict.get("accepted_by_switch"), Some(&Value::Bool(true)));
    assert_eq!(
        strict.get("switches"),
        Some(&serde_json::json!(["sign-count-regression"]))
    );
    assert_eq!(
        (word(case, "verdict"), word(case, "step")),
        ("agree", "sign-count")
    );
}

/// The faults of the collection are printed with their reasons, and nothing else differs.
#[test]
fn wycheproof_differs_in_its_own_faults_alone() {
    let test = "wycheproof_differs_in_its_own_faults_alone";
    let Some(path) = collection(test, "wycheproof/json_web_signature_test.json") else {
        return;
    };
    let run = run(&[&path]);
    assert!(run.succeeded, "{}", run.text);
    let excepted = run.text.lines().filter(|line| line.starts_with("EXCEPTED "));
    assert_eq!(excepted.count(), 6, "{}", run.text);
    assert!(run.text.ends_with("; faults of the vectors 6\n"), "{}", run.text);
}

/// Each signature is also judged as a login would be; a difference would be printed.
#[test]
fn wycheproof_agrees_with_the_code_that_verifies_passkeys() {
    let test = "wycheproof_agrees_with_the_code_that_verifies_passkeys";
    for file in ["ecdsa_secp256r1_sha256", "ed25519", "rsa_signature_2048_sha256"] {
        let Some(path) = collection(test, &format!("wycheproof/{file}_test.json")) else {
            return;
        };
        let run = run(&[&path]);
        assert!(run.succeeded, "{}", run.text);
        assert!(
            run.text.ends_with("disagree 0, not supported 0\n"),
            "{}",
            run.text
        );
    }
}
