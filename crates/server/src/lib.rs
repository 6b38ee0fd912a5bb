//! A small identity provider that a team runs itself: the web surface, the pages, the command line.
//!
//! What is right is decided by `doorward-identity` and the protocol crates below it; here a request is taken apart,
//! one function is called, and what comes back is rendered. `http::routes` is the one list of addresses. This is a
//! binary; its library is for itself and its tests, and promises nothing.

mod app;
pub mod assets;
pub mod cli;
pub mod config;
mod control;
pub mod demo;
mod endpoints;
mod handlers;
mod http;
mod instance;
mod jobs;
mod outside;
pub mod pages;
