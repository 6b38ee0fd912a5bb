//! State that travels with the browser: sealed, bound to what it is for, whose browser it is, and until when.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core::fmt;
use doorward_crypto::Timestamp;
use doorward_storage::Purpose;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Identity;
use crate::error::Error;

/// Something that only we can read, in text that goes through a page and comes back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// Takes back what the page kept. Whether it is ours shows when it is opened.
    #[must_use]
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text to be kept: base64url.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

/// It is not ours, or of another purpose or browser, or too old: who sends it learns no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stale;

#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    until: u64,
    content: T,
}

impl Identity {
    /// Seals `content` for one purpose and one binding (the browser, the session), until a moment.
    pub(crate) fn seal<T: Serialize>(
        &self,
        purpose: Purpose,
        binding: &[u8],
        until: Timestamp,
        content: T,
    ) -> Result<Sealed, Error> {
        let plain = serde_json::to_vec(&Envelope {
            until: until.millis(),
            content,
        })
        .map_err(|error| Error::Internal("sealing", error.to_string()))?;
        let sealed = self
            .sealer()
            .seal(purpose, binding, &plain, self.random().as_ref())?;
        Ok(Sealed(URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// Opens what [`Identity::seal`] made for the same purpose and binding, while its time lasts.
    pub(crate) fn unseal<T: DeserializeOwned>(
        &self,
        purpose: Purpose,
        binding: &[u8],
        sealed: &Sealed,
    ) -> Result<T, Stale> {
        let bytes = URL_SAFE_NO_PAD.decode(&sealed.0).map_err(|_| Stale)?;
        let plain = self.sealer().open(purpose, binding, &bytes).map_err(|_| Stale)?;
        let envelope: Envelope<T> = serde_json::from_slice(&plain).map_err(|_| Stale)?;
        if self.now().millis() >= envelope.until {
            return Err(Stale);
        }
        Ok(envelope.content)
    }
}
