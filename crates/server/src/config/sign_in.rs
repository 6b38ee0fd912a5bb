//! `[sign_in]`

use std::time::Duration;

use super::section::section;

section! {
    /// How people sign in, and for how long.
    sign_in: SignIn;

    /// How long a browser stays signed in while nobody uses it.
    idle_lifetime: Duration = "8h", from "5m" to "30d";

    /// How long a browser stays signed in at most.
    lifetime: Duration = "7d", from "5m" to "90d";

    /// The same after `Stay signed in on this device`.
    stay_lifetime: Duration = "30d", from "5m" to "365d";

    /// Whether `Stay signed in on this device` is offered.
    offer_stay: bool = "true";
}
