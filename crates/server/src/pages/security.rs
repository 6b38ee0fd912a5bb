//! `User Settings`: passkeys, TOTP, preferred method, recovery codes, password, and the dialogs over them.
//!
//! A dialog is a state of the page: it is rendered here, and script only makes it modal. So every dialog works
//! without script, survives a reload, and has one set of words.

use askama::Template;

use super::{Layout, Moment};

/// The Security page.
#[derive(Debug, Template)]
#[template(path = "security.html")]
pub struct SecurityPage {
    /// The frame.
    pub layout: Layout,
    /// For password managers.
    pub user_name: String,
    /// What is on.
    pub banner: Banner,
    /// The person's passkeys, Primary first.
    pub passkeys: Vec<PasskeyCard>,
    /// The authenticator app.
    pub totp: TotpSection,
    /// The choice, when there is one.
    pub preferred: Option<Preferred>,
    /// Recovery codes.
    pub recovery: Section,
    /// The password.
    pub password: PasswordSection,
    /// The dialog that is open.
    pub dialog: Option<Dialog>,
    /// What password managers are told.
    pub signals: Signals,
}

/// `Two-Factor Authentication`.
#[derive(Debug, Clone)]
pub struct Banner {
    /// Whether at least one is on.
    pub on: bool,
    /// `Not set up`, `Passkey`, `TOTP`, or `Passkey and TOTP`.
    pub state: &'static str,
    /// What the other would give.
    pub advice: &'static str,
}

/// One passkey.
#[derive(Debug, Clone)]
pub struct PasskeyCard {
    /// Its id in addresses.
    pub id: String,
    /// The person's name for it.
    pub name: String,
    /// Who keeps it, as far as the AAGUID tells.
    pub provider: String,
    /// When it was registered.
    pub registered: Moment,
    /// When it was last used.
    pub last_used: Option<Moment>,
    /// `Synced` or `This device only`.
    pub kept: &'static str,
    /// Whether it is Primary.
    pub primary: bool,
    /// Whether it has not been used for six months.
    pub idle: bool,
    /// Whether it was just added, and takes the focus.
    pub is_new: bool,
}

/// `TOTP Authentication`.
#[derive(Debug, Clone, Default)]
pub struct TotpSection {
    /// Since when it has been on.
    pub since: Option<Moment>,
    /// Whether its codes open nothing yet, because they follow a password and there is none.
    pub needs_password: bool,
    /// Whether no code is ever asked here, because no password is taken.
    pub off: bool,
}

/// `Preferred method`.
#[derive(Debug, Clone)]
pub struct Preferred {
    /// Whether the passkey is preferred; the authenticator app otherwise.
    pub passkey: bool,
    /// What will be asked first.
    pub says: String,
}

/// `Recovery codes`: a section with one button.
#[derive(Debug, Clone)]
pub struct Section {
    /// How things stand.
    pub says: String,
    /// The words on the button.
    pub action: Option<&'static str>,
    /// Whether a password comes first.
    pub wants_password: bool,
}

/// `Password`.
#[derive(Debug, Clone)]
pub struct PasswordSection {
    /// How things stand.
    pub says: &'static str,
    /// The words on the button; `None`: no password is taken here.
    pub action: Option<&'static str>,
    /// Whether it may be removed.
    pub removable: bool,
}

/// The dialog over the page. Some hold secrets, which no log may show.
#[derive(Clone)]
pub enum Dialog {
    /// `Register Passkey`.
    AddPasskey {
        /// A guess, selected so that typing replaces it.
        name: String,
        /// What was wrong with it.
        error: Option<String>,
    },
    /// `Rename`.
    RenamePasskey {
        /// Which.
        id: String,
        /// Its name now.
        name: String,
        /// What was wrong with the new one.
        error: Option<String>,
    },
    /// `Remove "My Laptop"?`
    RemovePasskey {
        /// Which.
        id: String,
        /// Its name.
        name: String,
        /// When it was last used, who keeps a copy, what remains.
        says: Vec<String>,
    },
    /// The last way in stays.
    CannotRemove {
        /// Its name.
        name: String,
    },
    /// Recovery codes, offered after the authenticator app.
    OfferCodes,
    /// `Turn On 2-Step Verification`.
    TotpQr {
        /// The QR code as a `data:` address.
        image: String,
        /// The `otpauth:` address.
        uri: String,
        /// The secret in groups of four.
        groups: Vec<String>,
        /// The secret without spaces, for the copy button.
        secret: String,
        /// The account's name in the app.
        account: String,
        /// The issuer's name in the app.
        issuer: String,
    },
    /// `Verify Authentication Code`.
    TotpCode {
        /// What was wrong with the last code.
        error: Option<String>,
    },
    /// The codes, shown once.
    RecoveryCodes {
        /// Ten, in groups of four.
        codes: Vec<String>,
        /// The file as a `data:` address.
        download: String,
        /// The file's name.
        file: String,
        /// The instance's address.
        address: String,
        /// Whose they are.
        user_name: String,
        /// When they were made.
        date: String,
    },
    /// A new password.
    Password {
        /// Whether there is one now.
        has: bool,
        /// The fewest characters allowed.
        shortest: usize,
        /// What was wrong with the last try.
        error: Option<String>,
    },
}

impl core::fmt::Debug for Dialog {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Dialog")
    }
}

/// What the signal methods tell password managers.
#[derive(Debug, Clone)]
pub struct Signals {
    /// The user handle, base64url.
    pub user: String,
    /// The accepted credential ids: a JSON array of base64url strings.
    pub credentials: String,
    /// The user name.
    pub name: String,
    /// The display name.
    pub display_name: String,
}
