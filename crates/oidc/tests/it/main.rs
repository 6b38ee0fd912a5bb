//! What a user of the crate does, rule by rule. A module per specification; a test per rule, by its name.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test takes what it expects and fails for all else"
)]

mod authorization_answer;
mod authorization_request;
mod client_assertion;
mod client_authentication;
mod client_credentials;
mod client_metadata;
mod code;
mod decision;
mod device;
mod discovery;
mod dpop;
mod logout;
mod pushed;
mod refresh;
mod registration;
mod request_object;
mod resource_access;
mod seeds;
mod tokens;
mod userinfo;
mod world;
