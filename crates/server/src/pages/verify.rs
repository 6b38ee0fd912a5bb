//! `Verification Required`: the one step-up, the same everywhere.

use askama::Template;

use super::{Layout, sign_in::Trouble};

/// A pending change and the proof that it asks for.
#[derive(Debug, Template)]
#[template(path = "verify.html")]
pub struct VerifyPage {
    /// The frame.
    pub layout: Layout,
    /// The pending change.
    pub change: String,
    /// `to turn on 2-step verification`.
    pub purpose: String,
    /// What is asked.
    pub ask: Ask,
    /// The passkey that is expected, by its name.
    pub device: Option<String>,
    /// For password managers.
    pub user_name: String,
    /// What went wrong before.
    pub trouble: Option<Trouble>,
    /// The credential id of a new passkey that nothing would hold if this were cancelled.
    pub orphan: Option<String>,
}

/// Which proofs the page shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ask {
    /// The passkey button.
    pub passkey: bool,
    /// Whether another method can be had beside the passkey.
    pub other: bool,
    /// The password field.
    pub password: bool,
    /// The code field.
    pub code: bool,
    /// Whether a passkey could be used in place of what is asked.
    pub has_passkey: bool,
}
