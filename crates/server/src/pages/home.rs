//! `My apps`, and what is worth doing next.

use askama::Template;

use super::{Layout, message::Link, security::Signals};

/// The home page of a signed-in person.
#[derive(Debug, Template)]
#[template(path = "home.html")]
pub struct HomePage {
    /// The frame.
    pub layout: Layout,
    /// `Finish setting up`, for the first operator.
    pub checklist: Vec<Link>,
    /// Calm offers, one card each.
    pub cards: Vec<Card>,
    /// What the person may open.
    pub apps: Vec<Tile>,
    /// What password managers are told after a sign-in.
    pub signals: Option<Signals>,
    /// Whether the browser may make a passkey in the background now.
    pub quiet_passkey: bool,
}

/// One offer.
#[derive(Debug, Clone)]
pub struct Card {
    /// What it is.
    pub heading: String,
    /// Why.
    pub text: String,
    /// Where.
    pub path: String,
    /// The words on the button.
    pub action: String,
}

/// One application.
#[derive(Debug, Clone)]
pub struct Tile {
    /// Where it starts.
    pub path: String,
    /// Its name.
    pub name: String,
    /// Its host.
    pub host: String,
}
