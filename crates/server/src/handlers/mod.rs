//! A handler takes a request apart, calls one function of `identity`, and renders what comes back. What a request
//! must be stands in its row (`http::routes`), what is right stands in `identity`, what people see in `pages`.

pub(crate) mod account;
mod arrive;
pub(crate) mod assets;
pub(crate) mod health;
pub(crate) mod home;
mod options;
pub(crate) mod security;
pub(crate) mod sessions;
pub(crate) mod setup;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
#[cfg(test)]
mod tests;
pub(crate) mod verify;
mod words;
