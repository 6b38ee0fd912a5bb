//! Small values that travel in cookies: sealed for one purpose, bound to one browser, with an end.
//!
//! Until the first proof of a sign-in is right nothing is stored for it; what must be remembered goes to the
//! browser and comes back. A value that was sealed for another purpose or browser, or has ended, is no value.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::{Random, Timestamp};
use doorward_identity::Browser;
use doorward_storage::{Purpose, Sealer};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::errors::Problem;

/// What is sealed into cookies, one purpose each.
pub(crate) const ATTEMPT: Purpose = Purpose::new("sign-in attempt");
/// What was just done, for the next page.
pub(crate) const NOTICE: Purpose = Purpose::new("notice");
/// A place in a list.
pub(crate) const PLACE: Purpose = Purpose::new("place in a list");
/// Recovery codes on their way to the page.
pub(crate) const CODES: Purpose = Purpose::new("shown recovery codes");

#[derive(Serialize, Deserialize)]
struct Ending<T> {
    ends: u64,
    value: T,
}

/// Seals and opens for one browser at one time.
#[derive(Clone, Copy)]
pub(crate) struct Envelope<'a> {
    pub(crate) sealer: &'a Sealer,
    pub(crate) random: &'a dyn Random,
    pub(crate) browser: &'a Browser,
    pub(crate) now: Timestamp,
}

impl Envelope<'_> {
    pub(crate) fn seal<T: Serialize>(
        &self,
        purpose: Purpose,
        value: T,
        lives: Duration,
    ) -> Result<String, Problem> {
        let ending = Ending {
            ends: self.now.plus(lives).millis(),
            value,
        };
        let text = serde_json::to_vec(&ending).map_err(Problem::internal)?;
        let binding = self.browser.digest().as_bytes();
        let sealed = self
            .sealer
            .seal(purpose, binding, &text, self.random)
            .map_err(Problem::internal)?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    pub(crate) fn open<T: DeserializeOwned>(&self, purpose: Purpose, sealed: &str) -> Option<T> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let text = self
            .sealer
            .open(purpose, self.browser.digest().as_bytes(), &sealed)
            .ok()?;
        let ending: Ending<T> = serde_json::from_slice(&text).ok()?;
        (ending.ends > self.now.millis()).then_some(ending.value)
    }
}
