//! Applications are told of sign-outs: at once where somebody signed out here, and what is due every few seconds.

use std::time::Duration;

use doorward_identity::Identity;
use tokio::sync::watch;
use tokio::task::JoinHandle;

const EVERY: Duration = Duration::from_secs(3);

/// Tells them until `stop` says so. What is left then stays in the store.
pub(crate) fn start(identity: Identity, mut stop: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = identity.somebody_signed_out() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
            if let Err(error) = identity.tell_applications().await {
                tracing::warn!(%error, "applications could not be told of sign-outs");
            }
        }
    })
}
