//! `[outgoing]`

use std::path::PathBuf;
use std::time::Duration;

use super::section::section;
use super::setting::HostName;

section! {
    /// Requests of this server to addresses that applications named: keys, request objects, sign-outs.
    outgoing: Outgoing;

    /// Hosts that may have a private address and speak plain http. All others are reached by https at public
    /// addresses alone.
    exceptions: Vec<HostName> = "";

    /// Certificates in PEM of authorities that are believed beside those of the system. Read at start.
    extra_ca: Option<PathBuf> = "";

    /// How long one request may take from its beginning to its end.
    timeout: Duration = "5s", from "1s" to "30s";
}
