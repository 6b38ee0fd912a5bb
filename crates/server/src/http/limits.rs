//! What a stranger may cost us at the border, each with its reason.

use std::time::Duration;

/// Bytes of a form or a small JSON body: the longest honest one is a consent form with its sealed request.
pub(crate) const SMALL_BODY: usize = 16 * 1024;
/// Bytes of an answer of an authenticator: attestations carry certificate chains.
pub(crate) const CEREMONY_BODY: usize = 64 * 1024;
/// Fields of a form or of a query.
pub(crate) const FIELDS: usize = 50;
/// Bytes of one value of a form or of a query.
pub(crate) const VALUE: usize = 8 * 1024;
/// Bytes of a request's headers.
pub(crate) const HEADERS: usize = 32 * 1024;
/// Bytes of one header, and of the address that is asked for.
pub(crate) const HEADER: usize = 8 * 1024;
/// Headers of a request.
pub(crate) const HEADER_COUNT: usize = 100;
/// Bytes of headers that are read at all: above [`HEADERS`] the answer is a page that can clear the cookies which
/// others have piled up (60 of 4 KiB), above this the connection ends.
pub(crate) const HEADERS_READ: usize = 256 * 1024;
/// Headers that are read at all.
pub(crate) const HEADERS_READ_COUNT: usize = 128;
/// A request's headers must have come after so long (a slow sender holds a connection).
pub(crate) const HEADER_DEADLINE: Duration = Duration::from_secs(10);
/// A request's body must have come after so long.
pub(crate) const BODY_DEADLINE: Duration = Duration::from_secs(20);
/// A request must be answered after so long.
pub(crate) const REQUEST_DEADLINE: Duration = Duration::from_secs(30);
/// A TLS handshake must be done after so long.
pub(crate) const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(10);
/// A connection with no traffic in either direction is closed after so long.
pub(crate) const IDLE: Duration = Duration::from_secs(60);
/// Streams at once on an HTTP/2 connection.
pub(crate) const STREAMS: u32 = 64;
/// Resets that an HTTP/2 peer may leave unanswered before it is sent away (rapid reset, CVE-2023-44487).
pub(crate) const PENDING_RESETS: usize = 20;
/// Requests in flight are given so long when the server stops.
pub(crate) const DRAIN: Duration = Duration::from_secs(10);
/// Interrupted requests of applications that one browser keeps; the oldest gives way.
pub(crate) const WAITING_REQUESTS: usize = 4;
/// Bytes of one cookie with its name and attributes: more is dropped by browsers (RFC 6265 §6.1).
pub(crate) const COOKIE: usize = 4096;
/// An interrupted request of an application waits so long.
pub(crate) const REQUEST_WAITS: Duration = Duration::from_secs(8 * 60 * 60);
/// A started sign-in is remembered so long.
pub(crate) const ATTEMPT: Duration = Duration::from_secs(10 * 60);
/// What was just done is shown on the next page, if that comes this soon.
pub(crate) const NOTICE: Duration = Duration::from_secs(60);
/// The address of a further page of a list counts so long.
pub(crate) const PLACE: Duration = Duration::from_secs(60 * 60);
/// Recovery codes wait so long for the page that shows them.
pub(crate) const CODES: Duration = Duration::from_secs(5 * 60);
/// A browser keeps its random name so long.
pub(crate) const BROWSER: Duration = Duration::from_secs(400 * 24 * 60 * 60);
