//! Commands while a server runs: they go through its socket, and what they do is there at once.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use crate::{doorward, run, text};

pub(crate) struct Running(Child);

impl Running {
    /// A server that has printed its setup link, and so listens.
    pub(crate) fn over(data: &Path) -> Self {
        Self::logging(data, None).0
    }

    /// The same with its seal key elsewhere, and the file of its log.
    pub(crate) fn logging(data: &Path, key: Option<&Path>) -> (Self, PathBuf) {
        let free = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a port");
        let url = format!("http://localhost:{}", free.port());
        let log = data.with_extension("log");
        let file = std::fs::File::create(&log).expect("a log");
        let mut command = doorward(&["serve", "--url", &url], data);
        if let Some(key) = key {
            command.env("DOORWARD_STORAGE_SEAL_KEY", key);
        }
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(file)
            .spawn()
            .expect("the binary runs");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let link = lines.map_while(Result::ok).find(|line| line.contains("/setup/"));
        assert!(link.is_some_and(|link| link.contains(&url)));
        while !data.join("control.sock").exists() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        (Self(child), log)
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn stop(mut self) -> Option<i32> {
        let id = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("it runs");
        self.0.wait().expect("it ends").code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Only what a failed test left behind still runs.
        let _ = self.0.kill();
    }
}

#[test]
fn commands_work_beside_it_and_it_stops_cleanly() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let server = Running::over(&data);
    let socket = std::fs::metadata(data.join("control.sock")).expect("a socket");
    assert_eq!(socket.permissions().mode() & 0o777, 0o600);
    let added = run(&["user", "add", "ana", "--json"], &data);
    assert!(added.status.success(), "{}", text(&added.stderr));
    let listed = run(&["user", "list", "--json"], &data);
    let people: serde_json::Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    assert_eq!(people["people"][0]["user_name"], "ana");
    assert_eq!(
        run(&["setup-link"], &data).status.code(),
        Some(1),
        "refused by the server's own rules"
    );

    let other = doorward(&["serve", "--url", "http://localhost:1"], &data)
        .output()
        .expect("the binary runs");
    assert_eq!(other.status.code(), Some(3), "the store has one owner");

    assert_eq!(server.stop(), Some(0));
    assert!(!data.join("control.sock").exists());
    let listed = run(&["user", "list", "--json"], &data);
    let people: serde_json::Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    assert_eq!(
        people["people"][0]["user_name"], "ana",
        "what was done through the socket is kept"
    );
}
