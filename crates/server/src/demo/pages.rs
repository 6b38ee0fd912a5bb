//! The pages of the sample application. Templates lie in `templates/demo/`, the style in `demo.css` beside this file.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::Timestamp;
use openidconnect::core::CoreIdToken;
use serde_json::Value;

use super::browsers::{Notice, Visitor};
use crate::pages::Moment;

/// Nobody is signed in.
#[derive(Template)]
#[template(path = "demo/home.html")]
pub(super) struct Home<'a> {
    pub(super) issuer: &'a str,
}

/// Somebody is: who, and how that was found out.
#[derive(Template)]
#[template(path = "demo/visitor.html")]
pub(super) struct SignedIn<'a> {
    issuer: &'a str,
    name: String,
    refreshed: bool,
    can_refresh: bool,
    refreshes: u32,
    acr: String,
    amr: String,
    auth_time: Moment,
    id_token: Vec<(String, String)>,
    user_info: Vec<(String, String)>,
}

/// The provider sent the browser back after sign-out.
#[derive(Template)]
#[template(path = "demo/signed_out.html")]
pub(super) struct SignedOut<'a> {
    pub(super) issuer: &'a str,
}

/// Something went wrong: what, in a sentence for people and one for developers.
#[derive(Template)]
#[template(path = "demo/fault.html")]
pub(super) struct Failed<'a> {
    pub(super) issuer: &'a str,
    pub(super) sentence: &'a str,
    pub(super) detail: String,
}

impl<'a> SignedIn<'a> {
    pub(super) fn new(issuer: &'a str, visitor: &Visitor, notice: Option<Notice>) -> Self {
        let id_token = rows(&payload(&visitor.id_token));
        let user_info = rows(&serde_json::to_value(&visitor.user_info).unwrap_or_default());
        let named = |wanted: &str| {
            user_info
                .iter()
                .find(|(claim, _)| claim == wanted)
                .map(|(_, value)| value.clone())
        };
        Self {
            issuer,
            name: named("name")
                .or_else(|| named("preferred_username"))
                .unwrap_or_else(|| visitor.claims.subject().as_str().to_owned()),
            refreshed: notice == Some(Notice::Refreshed),
            can_refresh: visitor.refresh_token.is_some(),
            refreshes: visitor.refreshed,
            acr: visitor
                .claims
                .auth_context_ref()
                .map(|acr| acr.as_str().to_owned())
                .unwrap_or_default(),
            amr: visitor
                .claims
                .auth_method_refs()
                .map(|amr| {
                    amr.iter()
                        .map(|method| method.as_str())
                        .collect::<Vec<_>>()
                        .join(" ")
                })
                .unwrap_or_default(),
            auth_time: Moment::dated(auth_time(visitor)),
            id_token,
            user_info,
        }
    }
}

/// When the visitor last proved something to the provider.
fn auth_time(visitor: &Visitor) -> Timestamp {
    let seconds = visitor.claims.auth_time().map(|at| at.timestamp());
    Timestamp::from_seconds(
        seconds
            .and_then(|seconds| u64::try_from(seconds).ok())
            .unwrap_or_default(),
    )
}

/// What the ID token says, to the letter. Its signature was checked when it came.
fn payload(id_token: &CoreIdToken) -> Value {
    let text = id_token.to_string();
    let middle = text.split('.').nth(1).unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(middle).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// The members of a claims object, as words: strings without quotes, everything else as JSON.
fn rows(claims: &Value) -> Vec<(String, String)> {
    let Some(members) = claims.as_object() else {
        return Vec::new();
    };
    members
        .iter()
        .map(|(name, value)| {
            let words = value
                .as_str()
                .map_or_else(|| value.to_string(), ToOwned::to_owned);
            (name.clone(), words)
        })
        .collect()
}
