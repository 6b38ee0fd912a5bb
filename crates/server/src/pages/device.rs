//! `Code from your device`, and what the device asks for.

use askama::Template;

use super::consent::Claim;
use super::sign_in::ClientView;
use super::{Layout, Moment};

/// Where the code is typed.
#[derive(Debug, Template)]
#[template(path = "device.html")]
pub struct DevicePage {
    /// The frame.
    pub layout: Layout,
    /// What was typed before.
    pub typed: String,
    /// What was wrong with it.
    pub trouble: Option<&'static str>,
}

/// What asks, and for what.
#[derive(Debug, Template)]
#[template(path = "device_ask.html")]
pub struct DeviceAskPage {
    /// The frame.
    pub layout: Layout,
    /// The application.
    pub client: ClientView,
    /// The code, as the device shows it.
    pub code: String,
    /// From which address it asked.
    pub address: Option<String>,
    /// When.
    pub asked_at: Moment,
    /// What it will see, with the values.
    pub claims: Vec<Claim>,
    /// Whether it keeps its access while the person is away.
    pub offline: bool,
    /// Whose account it is.
    pub display_name: String,
}
