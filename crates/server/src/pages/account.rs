//! Sessions, connected applications, activity, profile.

use askama::Template;

use super::{Layout, Moment};

/// `Sessions`.
#[derive(Debug, Template)]
#[template(path = "sessions.html")]
pub struct SessionsPage {
    /// The frame.
    pub layout: Layout,
    /// This one first.
    pub sessions: Vec<SessionCard>,
    /// Whether there are others.
    pub others: bool,
}

/// One session.
#[derive(Debug, Clone)]
pub struct SessionCard {
    /// Its id.
    pub id: String,
    /// Device and browser in words.
    pub device: String,
    /// `with a passkey`.
    pub how: String,
    /// When it began.
    pub began: Moment,
    /// When it was last seen.
    pub active: Moment,
    /// From where; empty when that is not kept.
    pub address: String,
    /// Whether it is this one.
    pub this: bool,
}

/// `Connected applications`.
#[derive(Debug, Template)]
#[template(path = "apps.html")]
pub struct AppsPage {
    /// The frame.
    pub layout: Layout,
    /// Those with access.
    pub apps: Vec<AppCard>,
}

/// One application with access.
#[derive(Debug, Clone)]
pub struct AppCard {
    /// Its client id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its host.
    pub host: String,
    /// Since when.
    pub since: Moment,
    /// `your name and e-mail`.
    pub sees: String,
}

/// `Activity`.
#[derive(Debug, Template)]
#[template(path = "activity.html")]
pub struct ActivityPage {
    /// The frame.
    pub layout: Layout,
    /// Newest first.
    pub events: Vec<EventRow>,
    /// Where older ones begin.
    pub next: Option<String>,
}

/// One event.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// `Signed in with passkey "My Laptop"`.
    pub words: String,
    /// When.
    pub at: Moment,
    /// From where; empty when that is not kept.
    pub address: String,
}

/// `Profile`.
#[derive(Debug, Template)]
#[template(path = "profile.html")]
pub struct ProfilePage {
    /// The frame.
    pub layout: Layout,
    /// Read only here.
    pub user_name: String,
    /// Can be changed.
    pub display_name: String,
    /// Read only here.
    pub email: String,
    /// What was wrong with the display name.
    pub error: Option<String>,
    /// What applications may be told, if the person lets them.
    pub claims: Vec<ProfileField>,
}

/// A claim that the person may fill in.
#[derive(Debug, Clone)]
pub struct ProfileField {
    /// The claim.
    pub name: &'static str,
    /// In words.
    pub label: &'static str,
    /// What the browser may fill in.
    pub autocomplete: &'static str,
    /// As typed or stored.
    pub value: String,
    /// It has several lines.
    pub lines: bool,
    /// What is wrong with it.
    pub error: Option<String>,
}
