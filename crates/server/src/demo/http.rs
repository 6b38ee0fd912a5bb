//! Outgoing requests of the sample application: the one seam between `openidconnect` and the HTTP client.
//!
//! The demo speaks to a provider on the same machine over plain HTTP, so this client has no TLS. It follows no
//! redirects (RFC 9700 §4.12 has the reason) and uses no proxy.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, http};

/// A whole exchange may take this long; the provider is next door.
const DEADLINE: Duration = Duration::from_secs(10);
/// No honest answer of a provider is longer.
const ANSWER_MAX: usize = 256 * 1024;

/// The client, cheap to share.
#[derive(Debug)]
pub(super) struct Http(reqwest::Client);

/// Why a request got no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The connection failed, or the deadline passed.
    #[error("no answer")]
    NoAnswer(#[from] reqwest::Error),
    /// The answer was longer than any honest one.
    #[error("the answer is longer than {ANSWER_MAX} bytes")]
    TooLong,
    /// The answer was not HTTP as we know it.
    #[error("not an HTTP answer")]
    Malformed(#[from] http::Error),
}

impl Http {
    pub(super) fn new() -> Result<Self, HttpError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(DEADLINE)
            .build()?;
        Ok(Self(client))
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut answer = self.0.execute(request.try_into()?).await?;
        let mut builder = http::Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            builder = builder.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len().saturating_add(chunk.len()) > ANSWER_MAX {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(builder.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.exchange(request))
    }
}
