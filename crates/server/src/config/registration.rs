//! `[registration]`

use std::time::Duration;

use super::section::section;
use super::setting::{Door, Pkce};

section! {
    /// Applications that register themselves (RFC 7591). Closed, there is no such endpoint.
    registration: Registration;

    /// Who may: `closed` (only the operator adds applications), `token` (whoever has an initial access token made
    /// with `doorward app token`), or `open` (everybody: PKCE is required of these, they get no access while the
    /// person is away, and they end when nobody uses them).
    door: Door = "closed";

    /// Whether applications with a token must use PKCE: `required`, or `optional`, which is weaker. Public ones
    /// always must.
    pkce: Pkce = "required";

    /// Applications that may have registered themselves, in all.
    most: u32 = "200", from "1" to "100000";

    /// Registrations without a token from one address in an hour.
    per_hour: u32 = "20", from "1" to "100000";

    /// One that came without a token ends after so long, when nobody signed in to it.
    unused: Duration = "24h", from "10m" to "90d";

    /// Whether request objects are fetched from the addresses that an application registered for them (OpenID
    /// Connect Core, section 6.2). Those that are pushed (RFC 9126) need no such thing.
    request_uris: bool = "false";
}
