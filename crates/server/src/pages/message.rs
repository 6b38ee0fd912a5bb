//! A page that says one thing: an error, that something is done, what to do next.

use askama::Template;

use super::Layout;

/// A heading, sentences, and where to go.
#[derive(Debug, Template)]
#[template(path = "message.html")]
pub struct MessagePage {
    /// The frame.
    pub layout: Layout,
    /// What happened.
    pub heading: String,
    /// What it means and what the person can do.
    pub paragraphs: Vec<String>,
    /// Where to go, the likeliest first.
    pub actions: Vec<Link>,
    /// What the log calls this, for whoever helps.
    pub event: Option<String>,
}

/// A place to go.
#[derive(Debug, Clone)]
pub struct Link {
    /// Its address.
    pub path: String,
    /// Its words.
    pub name: String,
}

impl Link {
    /// A link with these words.
    #[must_use]
    pub fn new(path: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            name: name.into(),
        }
    }
}
