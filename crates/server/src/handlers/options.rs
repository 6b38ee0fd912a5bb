//! What the scripts of a ceremony send and get, the same for every page.

use poem::Response;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::http::answer::json;
use crate::http::errors::Problem;

/// The start of a ceremony: the options for the browser, and the state that comes back with the answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Begun<'a, T> {
    public_key: &'a T,
    state: &'a str,
}

/// What the script hands to the browser.
pub(super) fn begun<T: Serialize>(
    options: &T,
    state: &doorward_identity::Sealed,
) -> Result<Response, Problem> {
    json(&Begun {
        public_key: options,
        state: state.as_str(),
    })
}

/// The browser's answer, with the fields of the form around the button.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answered {
    /// What the start of the ceremony gave.
    pub(super) state: String,
    /// The browser's answer, as it wrote it.
    pub(super) response: Box<RawValue>,
    /// `Stay signed in on this device`.
    #[serde(default)]
    pub(super) stay: String,
    /// Where the sign-in leads.
    #[serde(default)]
    pub(super) then: String,
    /// The pending change that is proved.
    #[serde(default)]
    pub(super) change: String,
    // Fields of the forms that the start of the ceremony has read already.
    #[serde(default, rename = "named")]
    _named: String,
    #[serde(default, rename = "name")]
    _name: String,
    #[serde(default, rename = "user_name")]
    _user_name: String,
    #[serde(default, rename = "display_name")]
    _display_name: String,
    #[serde(default, rename = "email")]
    _email: String,
}

impl Answered {
    /// The state, sealed as it came.
    pub(super) fn sealed(&self) -> doorward_identity::Sealed {
        doorward_identity::Sealed::from_text(self.state.as_str())
    }

    /// The browser's answer.
    pub(super) fn response(&self) -> &[u8] {
        self.response.get().as_bytes()
    }
}
