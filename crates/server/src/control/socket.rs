//! The socket: a line in, a line out.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

use super::SOCKET;
use super::commands::{Answer, Command, perform};
use crate::app::App;

/// Bytes of a command or an answer: a page of people fits.
const LINE: u64 = 1024 * 1024;
/// A command is answered after so long, or not at all.
const DEADLINE: Duration = Duration::from_secs(30);

/// Serves commands until `stop` says so. The lock of the store is held, so a socket that lies there is a dead one's.
pub(crate) fn listen(
    app: App,
    data: &Path,
    mut stop: watch::Receiver<bool>,
) -> io::Result<tokio::task::JoinHandle<()>> {
    let path = data.join(SOCKET);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(tokio::spawn(async move {
        loop {
            let stream = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                accepted = listener.accept() => accepted,
            };
            match stream {
                Ok((stream, _)) if is_owner(&stream) => {
                    let app = app.clone();
                    tokio::spawn(async move {
                        if tokio::time::timeout(DEADLINE, serve(app, stream)).await.is_err() {
                            tracing::warn!("a command took too long");
                        }
                    });
                }
                Ok(_) => tracing::warn!("somebody else than the owner came to the control socket"),
                Err(error) => {
                    tracing::warn!(%error, "the control socket failed");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        if let Err(error) = std::fs::remove_file(&path) {
            tracing::debug!(%error, "the control socket could not be removed");
        }
    }))
}

fn is_owner(stream: &UnixStream) -> bool {
    stream
        .peer_cred()
        .is_ok_and(|peer| peer.uid() == rustix::process::geteuid().as_raw())
}

async fn serve(app: App, stream: UnixStream) {
    let (reading, mut writing) = stream.into_split();
    let mut line = String::new();
    let answer = match BufReader::new(reading.take(LINE)).read_line(&mut line).await {
        Ok(_) => match serde_json::from_str::<Command>(&line) {
            Ok(command) => perform(app.identity(), app.origin(), command).await,
            Err(error) => Answer::Refused {
                message: format!("this server does not know that command: {error}"),
            },
        },
        Err(error) => Answer::Refused {
            message: error.to_string(),
        },
    };
    let Ok(mut text) = serde_json::to_string(&answer) else {
        return;
    };
    text.push('\n');
    if let Err(error) = writing.write_all(text.as_bytes()).await {
        tracing::debug!(%error, "an answer to a command was not taken");
    }
}

/// Whether a server runs over `data`.
pub(crate) async fn is_running(data: &Path) -> io::Result<bool> {
    match UnixStream::connect(data.join(SOCKET)).await {
        Ok(_) => Ok(true),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
            ) =>
        {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Asks the server that runs over `data`.
pub(crate) async fn ask(data: &Path, command: &Command) -> io::Result<Answer> {
    let mut stream = UnixStream::connect(data.join(SOCKET)).await?;
    let mut line = serde_json::to_string(command)?;
    line.push('\n');
    stream.write_all(line.as_bytes()).await?;
    let mut answer = String::new();
    let reading = async { BufReader::new(stream.take(LINE)).read_line(&mut answer).await };
    tokio::time::timeout(DEADLINE, reading)
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    Ok(serde_json::from_str(&answer)?)
}
