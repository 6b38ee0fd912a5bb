//! `[sign_in]`

use std::time::Duration;

use doorward_identity::policy::{Fallback, Passwords};

use super::section::section;
use super::setting::{Setting, Shape};

section! {
    /// How people sign in, and for how long.
    sign_in: SignIn;

    /// What a password opens. "allowed": a session, alone where the account has no second factor.
    /// "with-second-factor": a session together with an authenticator app, a passkey or a recovery code, and nothing
    /// alone. "off": nothing; people sign in with passkeys only.
    passwords: Passwords = "allowed";

    /// What password and authenticator app (or a recovery code) may change where the account has a passkey.
    /// "add": they add at once and take nothing away. "all": everything at once. "none": nothing.
    step_up_fallback: Fallback = "add";

    /// A passkey that was added in that way is worth no more than they are for so long.
    step_up_delay: Duration = "24h", from "1h" to "30d";

    /// How long a browser stays signed in while nobody uses it.
    idle_lifetime: Duration = "8h", from "5m" to "30d";

    /// How long a browser stays signed in at most.
    lifetime: Duration = "7d", from "5m" to "90d";

    /// The same after `Stay signed in on this device`.
    stay_lifetime: Duration = "30d", from "5m" to "365d";

    /// Whether `Stay signed in on this device` is offered.
    offer_stay: bool = "true";

    /// Failed passwords from one address in ten minutes (IPv6: from one /64); after that passwords wait there.
    /// Passkeys do not, nor do browsers in which the person signed in before.
    failures_per_address: u32 = "30", from "5" to "10000";

    /// The same for one IPv6 /48.
    failures_per_network: u32 = "150", from "5" to "60000";
}

impl Setting for Passwords {
    const SHAPE: Shape = Shape::Text;
    const FORM: &'static str = "\"allowed\", \"with-second-factor\" or \"off\"";

    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "allowed" => Ok(Self::Allowed),
            "with-second-factor" => Ok(Self::WithSecondFactor),
            "off" => Ok(Self::Off),
            _ => Err(format!("must be {}", Self::FORM)),
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Allowed => "allowed".into(),
            Self::WithSecondFactor => "with-second-factor".into(),
            Self::Off => "off".into(),
        }
    }
}

impl Setting for Fallback {
    const SHAPE: Shape = Shape::Text;
    const FORM: &'static str = "\"add\", \"all\" or \"none\"";

    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "add" => Ok(Self::Add),
            "all" => Ok(Self::All),
            "none" => Ok(Self::None),
            _ => Err(format!("must be {}", Self::FORM)),
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Add => "add".into(),
            Self::All => "all".into(),
            Self::None => "none".into(),
        }
    }
}
