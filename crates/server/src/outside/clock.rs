//! The wall clock.

use std::time::{SystemTime, UNIX_EPOCH};

use doorward_crypto::Timestamp;
use doorward_identity::outside::Clock;

/// The system's wall clock. Before 1970 it is 1970.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}
