//! `[server]`

use std::net::SocketAddr;
use std::path::PathBuf;

use super::section::section;
use super::setting::{HostName, Network, PublicUrl};

section! {
    /// Where browsers find this instance, and where it listens.
    server: Server;

    /// The address that people type: scheme, host and port. Passkeys belong to its host name: after a change
    /// of the host the ones that exist cannot be used any more.
    url: PublicUrl = "http://localhost:8080";

    /// Where to listen. Empty: the loopback address at the port of `url`.
    listen: Option<SocketAddr> = "";

    /// The certificate chain in PEM, when this server speaks TLS itself. Read at start.
    tls_certificate: Option<PathBuf> = "";

    /// The private key that belongs to it, in PEM.
    tls_key: Option<PathBuf> = "";

    /// The proxies in front of this server: only from these addresses is `X-Forwarded-For` believed.
    trusted_proxies: Vec<Network> = "";

    /// Whether this may run as root, which it does not need: a low port can be given by the system.
    run_as_root: bool = "false";

    /// Whether the system may write the memory of this process to a file when it crashes. Keys are in it.
    core_dumps: bool = "false";

    /// Domains of mail addresses whose people sign in here: WebFinger names this provider for them, and for the
    /// host of `url`.
    webfinger_domains: Vec<HostName> = "";

    /// Connections at the same time.
    connections: u32 = "4096", from "16" to "65536";

    /// Connections at the same time from one address (IPv6: from one /64); proxies that are trusted have no limit.
    connections_per_address: u32 = "128", from "1" to "65536";
}
