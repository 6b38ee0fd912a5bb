//! A renewed certificate is taken up without a restart.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::http::tls::Certificate;

const EVERY: Duration = Duration::from_secs(30);

/// Looks at the files until `stop` says so. One that cannot be used changes nothing.
pub(crate) fn start(certificate: Arc<Certificate>, mut stop: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(EVERY) => {}
            }
            let read = Arc::clone(&certificate);
            match tokio::task::spawn_blocking(move || read.refresh()).await {
                Ok(Ok(false)) => {}
                Ok(Ok(true)) => tracing::info!("another certificate is used from now on"),
                Ok(Err(error)) => tracing::error!(%error, "the certificate stays as it was"),
                Err(error) => tracing::error!(%error, "the certificate could not be looked at"),
            }
        }
    })
}
