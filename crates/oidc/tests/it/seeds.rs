//! The seeds of the fuzz targets, on stable: each is judged as its name says, and its neighbours break nothing.

use doorward_oidc::fuzzing;
use doorward_seeds::{replay, text};

#[test]
fn parameters() {
    replay("oidc_params", fuzzing::params);
}

#[test]
fn redirect_uris() {
    replay("oidc_redirect_uri", text(fuzzing::redirect_uri));
}

#[test]
fn claims_requests() {
    replay("oidc_claims", text(fuzzing::claims));
}

#[test]
fn client_metadata() {
    replay("oidc_client_metadata", fuzzing::client_metadata);
}
