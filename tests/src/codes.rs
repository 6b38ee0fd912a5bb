//! Codes as an authenticator app would show them, by somebody else's implementation.

use std::process::Command;

/// The six digits for a base32 secret now, from `oathtool`: ours would agree with its own mistakes.
///
/// `ahead` asks for the code of that many seconds later (a step that was used cannot be used again).
#[must_use]
pub fn totp_now(secret: &str, ahead: u64) -> String {
    let secret: String = secret.chars().filter(|c| !c.is_whitespace()).collect();
    let output = Command::new("oathtool")
        .args([
            "--totp",
            "--base32",
            "--now",
            &format!("now + {ahead} seconds"),
            &secret,
        ])
        .output()
        .expect("oathtool is installed (tests/run does it)");
    assert!(
        output.status.success(),
        "oathtool: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
