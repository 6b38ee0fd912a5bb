//! The web surface below the pages: the table of routes and what it enforces.
//!
//! `routes` is the one list; `border` holds each request against its row before the handler sees it, and puts the
//! fixed headers on what comes back. The rest are the parts of that: cookies, forgery, limits, errors.

pub(crate) mod address;
pub(crate) mod answer;
mod border;
pub(crate) mod cookies;
mod csrf;
pub(crate) mod errors;
mod fields;
pub(crate) mod headers;
#[cfg(test)]
mod hostile;
mod limits;
pub(crate) mod routes;
pub(crate) mod sealed;
pub(crate) mod serve;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod tls;
mod user_agent;
pub(crate) mod visit;
pub(crate) mod waiting;
#[cfg(test)]
mod wire;
mod words;

pub(crate) use self::fields::Fields;
pub(crate) use self::limits::{ATTEMPT, CODES, NOTICE};
