//! 0 done, 1 refused, 2 wrong usage or configuration, 3 neither server nor store.

use std::os::unix::fs::PermissionsExt;

use crate::beside_a_server::Running;
use crate::{run, text};

/// A folder whose store a server has made, and has left.
fn made(folder: &tempfile::TempDir) -> std::path::PathBuf {
    let data = folder.path().join("data");
    assert_eq!(Running::over(&data).stop(), Some(0));
    data
}

#[test]
fn each_ending_has_its_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = made(&folder);
    let code = |arguments: &[&str]| run(arguments, &data).status.code();
    assert_eq!(
        code(&["setup-link"]),
        Some(0),
        "no server runs: the store itself is opened"
    );
    assert_eq!(code(&["user", "add", "ana"]), Some(0));
    assert_eq!(
        code(&["user", "add", "Ana"]),
        Some(0),
        "another link for who has no factor"
    );
    assert_eq!(code(&["user", "add", "a b"]), Some(1), "no such name can be");
    assert_eq!(code(&["setup-link"]), Some(1), "there is an account");
    assert_eq!(code(&["app", "remove", "nobody"]), Some(1), "not confirmed");
    assert_eq!(
        code(&["app", "remove", "nobody", "--yes"]),
        Some(1),
        "there is none"
    );
    assert_eq!(code(&["user", "frobnicate"]), Some(2));
    assert_eq!(
        code(&["config", "check", "--url", "http://id.example.org"]),
        Some(2)
    );
    assert_eq!(code(&["config", "check"]), Some(0));
    assert_eq!(code(&["--help"]), Some(0));
}

#[test]
fn a_folder_without_a_store_is_refused_and_stays_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let output = run(&["user", "list"], &data);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        text(&output.stderr).contains("no store"),
        "{}",
        text(&output.stderr)
    );
    assert!(!data.exists());
}

#[test]
fn a_folder_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = made(&folder);
    std::fs::set_permissions(&data, PermissionsExt::from_mode(0o755)).expect("chmod");
    let output = run(&["user", "list"], &data);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("0700"), "{}", text(&output.stderr));
}

#[test]
fn what_is_kept_is_for_its_owner_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = made(&folder);
    assert!(run(&["user", "add", "ana"], &data).status.success());
    let mut folders = vec![data];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
            let about = entry.metadata().expect("it is there");
            assert_eq!(
                about.permissions().mode() & 0o077,
                0,
                "{}",
                entry.path().display()
            );
            if about.is_dir() {
                folders.push(entry.path());
            }
        }
    }
}

#[test]
fn json_is_all_that_is_printed_with_json() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = made(&folder);
    let app = [
        "app",
        "add",
        "App",
        "--redirect-uri",
        "https://app.example.org/callback",
        "--json",
    ];
    for arguments in [
        &["setup-link", "--json"][..],
        &app,
        &["app", "list", "--json"],
        &["user", "list", "--json"],
    ] {
        let output = run(arguments, &data);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(text(&output.stderr), "", "{arguments:?}");
        let printed: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert!(printed.is_object());
    }
    let apps = run(&["app", "list", "--json"], &data);
    let apps: serde_json::Value = serde_json::from_slice(&apps.stdout).expect("JSON");
    assert_eq!(
        apps["apps"][0]["redirect_uris"][0],
        "https://app.example.org/callback"
    );
}

#[test]
fn refuse_root() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    if !rustix::process::geteuid().is_root() {
        return; // nobody else is refused, as every other test here shows
    }
    let mut command = crate::doorward(&["serve", "--url", "http://localhost:1"], &data);
    let output = command
        .env_remove("DOORWARD_SERVER_RUN_AS_ROOT")
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("run_as_root"),
        "{}",
        text(&output.stderr)
    );
    assert!(!data.exists(), "nothing was made");
}

#[test]
fn no_core_dump() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = Running::over(&folder.path().join("data"));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", running.id())).expect("it runs");
    let core = limits.lines().find(|line| line.starts_with("Max core file size"));
    let core: Vec<&str> = core.unwrap_or_default().split_whitespace().collect();
    assert_eq!(core.get(4..6), Some(["0", "0"].as_slice()), "{limits}");
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn master_key_not_beside_data() {
    let folder = tempfile::tempdir().expect("a folder");
    let warned = |key: Option<&std::path::Path>, data: &str| {
        let data = folder.path().join(data);
        let (running, log) = Running::logging(&data, key);
        assert_eq!(running.stop(), Some(0));
        std::fs::read_to_string(log)
            .expect("a log")
            .contains("beside the data")
    };
    assert!(
        warned(None, "one"),
        "its own place is beside the data, and it says so"
    );
    let apart = folder.path().join("apart.key");
    assert!(!warned(Some(&apart), "two"));
    std::fs::set_permissions(&apart, PermissionsExt::from_mode(0o644)).expect("chmod");
    let output = crate::doorward(
        &["serve", "--url", "http://localhost:1"],
        &folder.path().join("two"),
    )
    .env("DOORWARD_STORAGE_SEAL_KEY", &apart)
    .output()
    .expect("the binary runs");
    assert!(!output.status.success(), "others can read the key");
}
