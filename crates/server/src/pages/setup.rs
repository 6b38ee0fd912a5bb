//! First run, invitations and reset links: name, then a passkey or a password.

use askama::Template;

use super::Layout;

/// The form that makes an account from a one-time link.
#[derive(Debug, Template)]
#[template(path = "setup.html")]
pub struct SetupPage {
    /// The frame.
    pub layout: Layout,
    /// `Welcome to Doorward`.
    pub heading: String,
    /// What the page is for.
    pub introduction: String,
    /// `/setup/{token}`, without a slash at the end.
    pub action: String,
    /// Whether display name and address are asked for.
    pub names: bool,
    /// Whether the user name was chosen by who invited, and stays.
    pub keeps_name: bool,
    /// The same of the address.
    pub keeps_email: bool,
    /// As typed.
    pub user_name: String,
    /// As typed.
    pub display_name: String,
    /// As typed.
    pub email: String,
    /// Whether an account may begin with a password.
    pub passwords: bool,
    /// Whether the password field is shown in place of the passkey button.
    pub with_password: bool,
    /// What was wrong, a field each.
    pub errors: Vec<FieldError>,
}

/// What was wrong with one field.
#[derive(Debug, Clone)]
pub struct FieldError {
    /// The field's name, which is its `id` too.
    pub field: &'static str,
    /// A sentence.
    pub message: String,
}

impl SetupPage {
    fn error(&self, field: &str) -> Option<&str> {
        self.errors
            .iter()
            .find(|error| error.field == field)
            .map(|error| error.message.as_str())
    }
}
