//! The built binary over HTTP, as browsers and applications use it.

mod endpoints;
mod provider;
