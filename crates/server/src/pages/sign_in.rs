//! The ways in: name, passkey, password, code, recovery code, and the list of them.

use askama::Template;

use super::{Layout, moment::Until};

/// The first page: a name, or a passkey with nothing typed.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// The frame.
    pub layout: Layout,
    /// `Sign in`, or `Sign in to {application}`.
    pub heading: String,
    /// The application that asked.
    pub client: Option<ClientView>,
    /// What is filled in.
    pub name: String,
    /// Whether this browser last used a passkey, which then stands first.
    pub passkey_first: bool,
    /// Whether a password opens anything here; else the field for the name stands behind `Use your user name`.
    pub passwords: bool,
}

/// An application as its users see it.
#[derive(Debug, Clone)]
pub struct ClientView {
    /// Its name.
    pub name: String,
    /// The host that people would recognise.
    pub host: String,
    /// Address of its privacy policy.
    pub policy: Option<String>,
    /// Address of its terms.
    pub terms: Option<String>,
}

/// `Use your passkey`.
#[derive(Debug, Template)]
#[template(path = "passkey.html")]
pub struct PasskeyPage {
    /// The frame.
    pub layout: Layout,
    /// As typed; empty when none was.
    pub name: String,
    /// Whether `Stay signed in on this device` is offered.
    pub offer_stay: bool,
}

/// Something was wrong with a proof, or it came too soon.
#[derive(Debug, Clone)]
pub struct Trouble {
    /// A sentence.
    pub words: String,
    /// When it may be tried again.
    pub until: Option<Until>,
}

/// `Enter your password`.
#[derive(Debug, Template)]
#[template(path = "password.html")]
pub struct PasswordPage {
    /// The frame.
    pub layout: Layout,
    /// As typed.
    pub name: String,
    /// Whether `Stay signed in on this device` is offered.
    pub offer_stay: bool,
    /// What went wrong before.
    pub trouble: Option<Trouble>,
    /// What to do about a forgotten password.
    pub forgotten: String,
}

/// `Enter the code from your authenticator app`.
#[derive(Debug, Template)]
#[template(path = "code.html")]
pub struct CodePage {
    /// The frame.
    pub layout: Layout,
    /// What went wrong before.
    pub trouble: Option<Trouble>,
}

/// `Use a recovery code`.
#[derive(Debug, Template)]
#[template(path = "recovery.html")]
pub struct RecoveryPage {
    /// The frame.
    pub layout: Layout,
    /// What went wrong before.
    pub trouble: Option<Trouble>,
}

/// `Use another method`.
#[derive(Debug, Template)]
#[template(path = "methods.html")]
pub struct MethodsPage {
    /// The frame.
    pub layout: Layout,
    /// As typed.
    pub name: String,
    /// Every method that the account could have, in their order.
    pub methods: Vec<MethodView>,
    /// Whom to ask when nothing is left.
    pub contact: String,
}

/// One way in.
#[derive(Debug, Clone)]
pub struct MethodView {
    /// Where it is.
    pub path: &'static str,
    /// `Passkey`.
    pub name: &'static str,
    /// What it needs.
    pub about: &'static str,
}
