//! A real headless Chromium, driven through its DevTools protocol as a person would drive it: controls are found
//! by role and accessible name, pressed with the mouse or the keyboard, and pages are looked at.

mod authenticator;
mod cdp;
mod page;
mod stage;

use std::{path::Path, process::Stdio, time::Duration};

use cdp::Connection;
use serde_json::json;
use tokio::process::{Child, Command};

pub use authenticator::{Authenticator, Credential};
pub use page::Page;

/// A browser with a profile of its own, ended when dropped.
#[derive(Debug)]
pub struct Browser {
    _process: Child,
    _profile: tempfile::TempDir,
    connection: Connection,
}

impl Browser {
    /// Starts Chromium.
    pub async fn launch() -> Self {
        let profile = tempfile::tempdir().expect("a folder can be made");
        let program = std::env::var("CHROMIUM").unwrap_or_else(|_| "chromium".into());
        let process = Command::new(&program)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--lang=en-GB",
                "--remote-debugging-port=0",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{program} does not start: {error}; tests/run installs it"));
        let address = devtools(profile.path()).await;
        let connection = Connection::open(&address).await;
        Self {
            _process: process,
            _profile: profile,
            connection,
        }
    }

    /// A new tab in a browser context of its own: no cookies, nothing shared with other pages.
    pub async fn page(&self) -> Page {
        let context = self
            .connection
            .call(None, "Target.createBrowserContext", json!({}))
            .await
            .expect("a context");
        let context = context["browserContextId"]
            .as_str()
            .expect("a context has an id")
            .to_owned();
        self.page_in(&context).await
    }

    async fn page_in(&self, context: &str) -> Page {
        let target = self
            .connection
            .call(
                None,
                "Target.createTarget",
                json!({ "url": "about:blank", "browserContextId": context }),
            )
            .await
            .expect("a tab opens");
        let attached = self
            .connection
            .call(
                None,
                "Target.attachToTarget",
                json!({ "targetId": target["targetId"], "flatten": true }),
            )
            .await
            .expect("a tab can be driven");
        let session = attached["sessionId"]
            .as_str()
            .expect("a driven tab has a session")
            .to_owned();
        Page::prepare(self.connection.clone(), session).await
    }
}

/// The address of the protocol, which Chromium writes into its profile once it listens.
async fn devtools(profile: &Path) -> String {
    let file = profile.join("DevToolsActivePort");
    for _ in 0..600 {
        if let Ok(text) = tokio::fs::read_to_string(&file).await {
            let mut lines = text.lines();
            if let (Some(port), Some(path)) = (lines.next(), lines.next()) {
                return format!("ws://127.0.0.1:{port}{path}");
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("Chromium did not say where it listens");
}
