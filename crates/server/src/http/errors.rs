//! What can be wrong with a request, once, and the one place that turns it into an answer.
//!
//! People get a sentence, programs get JSON, the log gets the rest; the event id joins the three.

use std::error::Error as StdError;

use doorward_crypto::Timestamp;
use poem::error::ResponseError;
use poem::http::StatusCode;

/// Why a request is not answered as it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// There is no such page, or not for this person.
    #[error("not found")]
    NotFound,
    /// The page exists, the method does not.
    #[error("method not allowed")]
    Method(String),
    /// Not of the form that this address takes.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// It came from another site, or its token is not this browser's.
    #[error("the request did not come from a page of this browser")]
    Forged,
    /// Larger than this address takes.
    #[error("body too large")]
    TooLarge,
    /// More or longer headers than are taken.
    #[error("headers too large")]
    HeadersTooLarge,
    /// Another content type than this address takes.
    #[error("unsupported media type")]
    MediaType,
    /// It did not arrive in time.
    #[error("the body did not arrive in time")]
    TooSlow,
    /// The page was opened under another name than the configured one.
    #[error("wrong host: {0}")]
    WrongHost(String),
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    SignInFirst(String),
    /// What the page was about has ended.
    #[error("this page waited too long")]
    Expired,
    /// Too many tries.
    #[error("too many tries")]
    SlowDown(Timestamp),
    /// Not now.
    #[error("too busy")]
    Busy,
    /// A refusal that a scripted page shows as it is.
    #[error("refused: {}", .0.code)]
    Refused(Box<Refusal>),
    /// Our own fault.
    #[error("internal: {0}")]
    Internal(Box<dyn StdError + Send + Sync>),
}

/// What a script is told when a ceremony is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The status of the answer.
    pub(crate) status: StatusCode,
    /// For the script.
    pub(crate) code: &'static str,
    /// For the person.
    pub(crate) message: String,
    /// For whoever reads the log.
    pub(crate) event: Option<String>,
    /// The credential that the browser's password manager shall forget.
    pub(crate) signal_unknown: Option<String>,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code,
            message: message.into(),
            event: None,
            signal_unknown: None,
        }
    }

    pub(crate) fn event(mut self, event: &impl ToString) -> Self {
        self.event = Some(event.to_string());
        self
    }

    pub(crate) fn unknown(mut self, credential: String) -> Self {
        self.signal_unknown = Some(credential);
        self
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl Problem {
    pub(crate) fn internal(error: impl StdError + Send + Sync + 'static) -> Self {
        Self::Internal(Box::new(error))
    }

    /// The status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Forged => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::WrongHost(_) => StatusCode::MISDIRECTED_REQUEST,
            Self::SignInFirst(_) => StatusCode::UNAUTHORIZED,
            Self::Expired => StatusCode::GONE,
            Self::SlowDown(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Refused(refusal) => refusal.status,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// For scripts.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Method(_) => "method",
            Self::Malformed(_) => "malformed",
            Self::Forged => "forged",
            Self::TooLarge => "too_large",
            Self::HeadersTooLarge => "headers_too_large",
            Self::MediaType => "media_type",
            Self::TooSlow => "too_slow",
            Self::WrongHost(_) => "wrong_host",
            Self::SignInFirst(_) => "sign_in_first",
            Self::Expired => "stale",
            Self::SlowDown(_) => "slow_down",
            Self::Busy => "busy",
            Self::Refused(refusal) => refusal.code,
            Self::Internal(_) => "internal",
        }
    }
}

impl ResponseError for Problem {
    fn status(&self) -> StatusCode {
        self.status()
    }
}
