//! What a process with secrets in its memory owes its operator: not to be root, and to leave no memory behind.

use rustix::process::{DumpableBehavior, Resource, Rlimit, geteuid, set_dumpable_behavior, setrlimit};

use crate::config::Config;

/// Why it does not run.
#[derive(Debug, thiserror::Error)]
#[error(
    "Doorward does not run as root: give it a user of its own, and a low port by the system. If it must, set \
     server.run_as_root (DOORWARD_SERVER_RUN_AS_ROOT=true)."
)]
pub(super) struct AsRoot;

/// Refuses root, and forbids core dumps, unless the configuration says otherwise.
pub(super) fn guard(config: &Config) -> Result<(), AsRoot> {
    if geteuid().is_root() && !config.server.run_as_root {
        return Err(AsRoot);
    }
    if !config.server.core_dumps {
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        let guarded = setrlimit(Resource::Core, none)
            .and_then(|()| set_dumpable_behavior(DumpableBehavior::NotDumpable));
        if let Err(error) = guarded {
            tracing::warn!(%error, "core dumps could not be forbidden: after a crash keys may lie on the disk");
        }
    }
    Ok(())
}
