//! Housekeeping: records whose time is over are deleted, signing keys are tended. Nothing is decided by it: what has
//! expired reads as absent whether or not it has been swept.

use std::time::Duration;

use doorward_identity::{Identity, records};
use doorward_storage::{StoreError, Sweep};
use tokio::sync::watch;
use tokio::task::JoinHandle;

const EVERY: Duration = Duration::from_secs(60);

/// Sweeps every minute until `stop` says so.
pub(crate) fn start(identity: Identity, mut stop: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut sweep = Sweep::new(records::EXPIRING);
        loop {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(EVERY) => {}
            }
            if let Err(error) = round(&identity, &mut sweep).await {
                tracing::warn!(%error, "sweeping failed");
            }
            if let Err(error) = identity.tend_keys().await {
                tracing::warn!(%error, "the signing keys could not be tended");
            }
        }
    })
}

/// One round through all that can expire, a page at a time, so that requests come in between.
async fn round(identity: &Identity, sweep: &mut Sweep) -> Result<(), StoreError> {
    let mut removed = 0_usize;
    loop {
        let swept = identity.store().sweep(sweep, identity.now()).await?;
        removed = removed.saturating_add(swept.removed);
        if swept.damaged > 0 {
            tracing::error!(
                records = swept.damaged,
                "the store holds records that no version of this program wrote"
            );
        }
        if swept.round_done {
            break;
        }
        tokio::task::yield_now().await;
    }
    if removed > 0 {
        tracing::debug!(removed, "expired records were deleted");
    }
    Ok(())
}
