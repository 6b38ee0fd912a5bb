//! What identity needs from outside, named here and fulfilled by whoever runs it.
//!
//! Time and randomness are values that come in: nothing below reads a clock or a global source.

use core::fmt;
use core::future::Future;
use core::pin::Pin;

pub use doorward_crypto::Random;
use doorward_crypto::Timestamp;

/// The moment that it is now.
///
/// An implementer must not go backwards by more than the clocks of two instances may differ (60 s): expiry is
/// decided by this value, and a clock that jumps back makes ended things live again.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Requests to addresses that applications named: their keys, their request objects, their logout endpoints.
///
/// Whoever fulfils it decides which addresses may be reached at all: what an application names must not lead into
/// the operator's own network. It follows no redirects, and it is slow at most as long as it says.
pub trait Outgoing: fmt::Debug + Send + Sync {
    /// Sends one request and reads the whole answer, whatever its status.
    fn send<'a>(&'a self, request: OutgoingRequest<'a>) -> Answered<'a>;
}

/// The answer that is under way.
pub type Answered<'a> = Pin<Box<dyn Future<Output = Result<OutgoingAnswer, OutgoingError>> + Send + 'a>>;

/// A request.
#[derive(Clone, Copy, Debug)]
pub struct OutgoingRequest<'a> {
    /// The whole address. A fragment is not sent.
    pub address: &'a str,
    /// What is sent.
    pub message: Message<'a>,
    /// Bytes of the answer's body at the most.
    pub largest: usize,
}

/// What is sent.
#[derive(Clone, Copy)]
pub enum Message<'a> {
    /// A GET that would like this type.
    Get {
        /// For the header `Accept`.
        accept: &'a str,
    },
    /// A POST of this form.
    Form(&'a str),
}

/// Without the form, which may hold a token.
impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Get { accept } => f.debug_struct("Get").field("accept", accept).finish(),
            Self::Form(_) => f.write_str("Form(…)"),
        }
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingAnswer {
    /// The status.
    pub status: u16,
    /// The media type in lower case, without parameters; empty when there is none.
    pub media_type: String,
    /// The body.
    pub body: Vec<u8>,
}

impl OutgoingAnswer {
    /// Whether the status is one of success.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }
}

/// Why nothing came back. Who named the address is told no more than that: the rest would tell about the operator's
/// network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutgoingError {
    /// The address is none that may be reached.
    #[error("the address may not be reached: {0}")]
    Refused(&'static str),
    /// Nobody there, no trust in who is there, or no answer in HTTP.
    #[error("no answer: {0}")]
    Failed(String),
    /// The answer is larger than was asked for.
    #[error("the answer is too large")]
    TooLarge,
    /// It did not come in time.
    #[error("the answer did not come in time")]
    TooSlow,
}

/// Reaches nobody: for whoever runs without a network.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unreachable;

impl Outgoing for Unreachable {
    fn send<'a>(&'a self, _: OutgoingRequest<'a>) -> Answered<'a> {
        Box::pin(async { Err(OutgoingError::Refused("there is no network")) })
    }
}
