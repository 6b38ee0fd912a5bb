//! `doorward serve`.

use std::io::Write as _;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

use super::arguments::Place;
use super::{Ended, process};
use crate::app::App;
use crate::config::{Config, LogFormat, Shown};
use crate::instance::{Instance, StartError};

pub(super) fn run(config: &Config, shown: &[Shown], place: &Place) -> Ended {
    log(config);
    if let Err(refusal) = process::guard(config) {
        eprintln!("{refusal}");
        return Ended::Refused;
    }
    for one in shown {
        tracing::debug!(
            key = one.key,
            value = one.value,
            from = one.origin.word(),
            "configuration"
        );
    }
    let file = place
        .config
        .as_ref()
        .map_or_else(|| "none".to_owned(), |file| file.display().to_string());
    let again = place.data.as_ref().map_or_else(
        || "doorward setup-link".to_owned(),
        |data| format!("doorward setup-link --data {data}"),
    );
    finish(runtime().and_then(|runtime| runtime.block_on(serve(config, &file, &again)).map_err(Box::from)))
}

pub(super) type Fault = Box<dyn std::error::Error + Send + Sync>;

pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Fault> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

pub(super) fn finish(ended: Result<(), Fault>) -> Ended {
    match ended {
        Ok(()) => Ended::Done,
        Err(error) => {
            eprintln!("{error}");
            Ended::Unreachable
        }
    }
}

async fn serve(config: &Config, file: &str, again: &str) -> Result<(), StartError> {
    let listener = Instance::bind(config).await?;
    let instance = Instance::open(config, None).await?;
    tracing::info!(
        address = %config.server.url.origin(),
        listening = ?listener.local_addr().ok(),
        data = %instance.data().display(),
        configuration = file,
        "Doorward runs"
    );
    announce(instance.app(), Some(again)).await;
    instance.serve(config, listener, until_told()).await
}

/// On an empty store: one line apart from the log, with the link that makes the first account; and `again`, how to
/// have another.
pub(super) async fn announce(app: &App, again: Option<&str>) {
    match app.identity().setup_link().await {
        Ok(None) => {}
        Ok(Some(token)) => {
            let link = format!("{}/setup/{}", app.origin(), token.encode());
            let again = again
                .map(|again| format!("  Another link: {again}\n"))
                .unwrap_or_default();
            let lines = format!("\n  Set up this instance, once, within an hour: {link}\n{again}\n");
            let mut out = std::io::stdout();
            if out
                .write_all(lines.as_bytes())
                .and_then(|()| out.flush())
                .is_err()
            {
                tracing::warn!("the setup link could not be printed; doorward setup-link makes another");
            }
        }
        Err(error) => tracing::error!(%error, "no setup link could be made"),
    }
}

/// Becomes true at SIGTERM or SIGINT.
pub(super) fn until_told() -> watch::Receiver<bool> {
    let (tell, stop) = watch::channel(false);
    // Heard from here on, and not from when the task first runs: whoever sees us listening may stop us.
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    tokio::spawn(async move {
        let (Ok(mut term), Ok(mut int)) = signals else {
            tracing::warn!("signals cannot be heard: stop this process by killing it");
            return std::future::pending().await;
        };
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
        tracing::info!("stopping");
        tell.send_replace(true);
    });
    stop
}

/// The log goes to the standard error stream.
pub(super) fn log(config: &Config) {
    let filter = EnvFilter::try_new(&config.log.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let set = match config.log.format {
        LogFormat::Text => builder
            .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
            .try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    if let Err(error) = set {
        eprintln!("the log could not be set up: {error}");
    }
}
