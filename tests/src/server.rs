//! The built binary as a child process, on a folder of its own.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    sync::watch,
};

use crate::root;

/// A running `doorward serve`, killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// `http://localhost:PORT`.
    pub origin: String,
    data: PathBuf,
    lines: watch::Receiver<Vec<String>>,
    /// Removed with the server, unless the folder was given.
    _folder: Option<tempfile::TempDir>,
}

/// A running `doorward demo`: provider and sample relying party.
#[derive(Debug)]
pub struct Demo {
    /// The provider.
    pub server: Server,
    /// The sample relying party.
    pub application: String,
}

/// A port that nobody listens on at this moment.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener
        .local_addr()
        .expect("a bound socket has an address")
        .port()
}

fn binary() -> PathBuf {
    std::env::var_os("DOORWARD_BIN").map_or_else(|| root().join("target/debug/doorward"), PathBuf::from)
}

/// The product's command, without the variables that speak to the tests: it refuses those it does not know.
fn product() -> Command {
    let mut command = Command::new(binary());
    // Containers of tests often are root.
    command.env("DOORWARD_SERVER_RUN_AS_ROOT", "true");
    for variable in [
        "DOORWARD_BIN",
        "DOORWARD_VECTORS",
        "DOORWARD_KILLS",
        "DOORWARD_SEED",
    ] {
        command.env_remove(variable);
    }
    command
}

impl Server {
    /// A fresh store, and a server that answers.
    pub async fn fresh() -> Self {
        Self::fresh_with(&[]).await
    }

    /// The same with more arguments.
    pub async fn fresh_with(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let data = folder.path().join("data");
        let mut server = Self::start(&data, free_port(), arguments).await;
        server._folder = Some(folder);
        server
    }

    /// A server on this folder and port.
    pub async fn start(data: &Path, port: u16, arguments: &[&str]) -> Self {
        let origin = format!("http://localhost:{port}");
        let listen = format!("127.0.0.1:{port}");
        let mut all = vec!["serve", "--url", &origin, "--listen", &listen, "--data"];
        let folder = data.to_string_lossy().into_owned();
        all.push(&folder);
        all.extend(arguments);
        let (child, lines) = spawn(&all);
        let mut server = Self {
            child,
            origin,
            data: data.to_owned(),
            lines,
            _folder: None,
        };
        server.ready().await;
        server
    }

    /// Waits until the store commits.
    async fn ready(&mut self) {
        let address = format!("{}/health/ready", self.origin);
        for _ in 0..600 {
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!(
                    "the server ended at its start ({status}):\n{}",
                    self.lines.borrow().join("\n")
                );
            }
            if reqwest::get(&address)
                .await
                .is_ok_and(|answer| answer.status().is_success())
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!(
            "the server did not become ready:\n{}",
            self.lines.borrow().join("\n")
        );
    }

    /// The folder that holds its state.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// What it printed so far, both streams.
    #[must_use]
    pub fn printed(&self) -> String {
        self.lines.borrow().join("\n")
    }

    /// The first line with this in it, waited for.
    pub async fn line_with(&self, part: &str) -> String {
        let mut lines = self.lines.clone();
        let found = tokio::time::timeout(Duration::from_secs(30), async {
            loop {
                let hit = lines
                    .borrow_and_update()
                    .iter()
                    .find(|line| line.contains(part))
                    .cloned();
                if let Some(line) = hit {
                    return line;
                }
                if lines.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        })
        .await;
        found.unwrap_or_else(|_| panic!("no line with {part:?} in:\n{}", self.printed()))
    }

    /// The one-time setup link that it printed.
    pub async fn setup_link(&self) -> String {
        let line = self.line_with("/setup/").await;
        let start = line.find("http").expect("the line carries an address");
        line.get(start..)
            .and_then(|rest| rest.split_whitespace().next())
            .expect("the address has an end")
            .to_owned()
    }

    /// Runs a command of the command line beside it, on the same folder.
    pub async fn command(&self, arguments: &[&str]) -> (i32, String) {
        let folder = self.data.to_string_lossy().into_owned();
        let output = product()
            .env_remove("DOORWARD_BIN")
            .args(arguments)
            .args(["--data", &folder])
            .output()
            .await
            .expect("the binary runs");
        let said = [output.stdout, output.stderr]
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .concat();
        (output.status.code().unwrap_or(-1), said)
    }

    /// SIGKILL, and waits until it is gone.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("the server can be killed");
    }
}

impl Demo {
    /// `doorward demo` on two free ports.
    pub async fn fresh() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let data = folder.path().join("demo");
        let (port, other) = (free_port(), free_port());
        let origin = format!("http://localhost:{port}");
        let application = format!("http://localhost:{other}");
        let listen = format!("127.0.0.1:{port}");
        let beside = format!("127.0.0.1:{other}");
        let text = data.to_string_lossy().into_owned();
        let (child, lines) = spawn(&[
            "demo",
            "--url",
            &origin,
            "--listen",
            &listen,
            "--data",
            &text,
            "--application-url",
            &application,
            "--application-listen",
            &beside,
        ]);
        let mut server = Server {
            child,
            origin,
            data,
            lines,
            _folder: Some(folder),
        };
        server.ready().await;
        Self { server, application }
    }
}

fn spawn(arguments: &[&str]) -> (Child, watch::Receiver<Vec<String>>) {
    let mut child = product()
        .args(arguments)
        .env("DOORWARD_LOG_FILTER", "info")
        .env_remove("DOORWARD_BIN")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("{} does not start: {error}", binary().display()));
    let (sender, lines) = watch::channel(Vec::new());
    collect(child.stdout.take(), sender.clone());
    collect(child.stderr.take(), sender);
    (child, lines)
}

fn collect(stream: Option<impl AsyncRead + Unpin + Send + 'static>, to: watch::Sender<Vec<String>>) {
    let Some(stream) = stream else { return };
    tokio::spawn(async move {
        let mut lines = BufReader::new(stream).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            to.send_modify(|all| all.push(line));
        }
    });
}
