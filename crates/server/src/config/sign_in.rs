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

    /// Failed passwords from one address in ten minutes (IPv6: from one /64); after that passwords wait there.
    /// Passkeys do not, nor do browsers in which the person signed in before.
    failures_per_address: u32 = "30", from "5" to "10000";

    /// The same for one IPv6 /48.
    failures_per_network: u32 = "150", from "5" to "60000";
}
