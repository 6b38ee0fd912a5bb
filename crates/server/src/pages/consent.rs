//! Pages of the protocol: consent, sign-out, the answer by form.

use askama::Template;

use super::{Layout, sign_in::ClientView};
use crate::assets::Assets;

/// `{application} wants to use your account`.
#[derive(Debug, Template)]
#[template(path = "consent.html")]
pub struct ConsentPage {
    /// The frame.
    pub layout: Layout,
    /// The application.
    pub client: ClientView,
    /// The sealed request.
    pub request: String,
    /// What it will see, with the values.
    pub claims: Vec<Claim>,
    /// Whether it keeps its access while the person is away.
    pub offline: bool,
    /// Whether it is being written, which the page says.
    pub development: bool,
    /// Scopes that may be left out.
    pub optional: Vec<OptionalScope>,
    /// Whose account it is.
    pub display_name: String,
}

/// One thing that the application will see.
#[derive(Debug, Clone)]
pub struct Claim {
    /// `your e-mail`.
    pub sentence: String,
    /// The value itself.
    pub value: String,
}

/// A scope that the person may give or not.
#[derive(Debug, Clone)]
pub struct OptionalScope {
    /// The scope.
    pub name: String,
    /// What it allows.
    pub sentence: String,
}

/// `Sign out of {instance}?`
#[derive(Debug, Template)]
#[template(path = "sign_out.html")]
pub struct SignOutPage {
    /// The frame.
    pub layout: Layout,
    /// The application that asks, where it is known.
    pub client: Option<String>,
    /// The sealed request.
    pub request: String,
}

/// The answer to an application that asked for `response_mode=form_post`.
#[derive(Debug, Template)]
#[template(path = "form_post.html")]
pub struct FormPostPage {
    /// BCP 47 tag of the page's language.
    pub lang: &'static str,
    /// Addresses of style and script.
    pub assets: &'static Assets,
    /// The application's name.
    pub name: String,
    /// The redirect URI.
    pub action: String,
    /// The parameters of the answer.
    pub fields: Vec<(String, String)>,
}
