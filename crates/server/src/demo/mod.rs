//! The sample relying party of `doorward demo`: an application that lets Doorward sign its visitors in.
//!
//! It stands on a port of its own and knows the provider only by its issuer, as any application would: it reads
//! the discovery document, sends the browser there (authorization code, PKCE S256, nonce, state), and believes
//! nothing that the `openidconnect` crate, which is somebody else's client, did not check. What it remembers of its
//! visitors lives in memory, is bounded, and is gone when the process ends.
//!
//! It shows everything it learned, tokens excepted, and says on every page that it is a demo.

mod browsers;
mod handlers;
mod http;
mod pages;
mod relying_party;

use std::sync::Arc;

use doorward_crypto::Random;
use poem::Endpoint;
use url::Url;

pub use self::http::HttpError;
pub use self::relying_party::Fault;

/// What the sample application is told before it starts.
#[derive(Clone)]
pub struct Settings {
    /// The provider, exactly as its discovery document says it.
    pub issuer: String,
    /// Where browsers find the sample application, such as `http://localhost:8081`.
    pub origin: Url,
    /// The name under which it is registered.
    pub client_id: String,
    /// Its secret, shown once when it was registered.
    pub client_secret: String,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("issuer", &self.issuer)
            .field("origin", &self.origin.as_str())
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// The redirect URI to register for a sample application at `origin`.
    #[must_use]
    pub fn redirect_uri(origin: &Url) -> String {
        at(origin, "/callback")
    }

    /// Where the provider sends the browser after sign-out; to be registered too.
    #[must_use]
    pub fn post_logout_redirect_uri(origin: &Url) -> String {
        at(origin, "/signed-out")
    }
}

/// The whole sample application as one endpoint; the caller gives it a listener.
///
/// # Errors
/// [`Fault::Http`] when the client for outgoing requests cannot be made.
pub fn app(settings: Settings, random: Arc<dyn Random>) -> Result<impl Endpoint, Fault> {
    handlers::routes(settings, random)
}

fn at(origin: &Url, path: &str) -> String {
    format!("{}{path}", origin.as_str().trim_end_matches('/'))
}
