//! Which addresses an outgoing request may go to.
//!
//! Whoever registers an application names addresses that this server then calls: without a rule they would name the
//! operator's router, the database beside us, or the cloud's metadata service. So only addresses of the public
//! internet are reached. An operator may name hosts that have private ones; what no application can sensibly have
//! (link-local addresses, metadata services, multicast) stays closed even then.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of address it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Of the public internet.
    Public,
    /// This machine or a private network: only for hosts that the operator named.
    Private,
    /// Never.
    Never,
}

/// The kind of an address.
pub(super) fn reach(address: IpAddr) -> Reach {
    let (rows, number) = match address {
        IpAddr::V4(v4) => (V4, u128::from(u32::from(v4)) << 96),
        IpAddr::V6(v6) => (V6, u128::from(v6)),
    };
    let inside = |row: &&Row| {
        let from = match row.0 {
            IpAddr::V4(v4) => u128::from(u32::from(v4)) << 96,
            IpAddr::V6(v6) => u128::from(v6),
        };
        let shift = 128_u32.saturating_sub(row.1);
        number.checked_shr(shift) == from.checked_shr(shift)
    };
    let last = if address.is_ipv4() {
        Reach::Public
    } else {
        Reach::Never // outside 2000::/3 nothing is given to anybody
    };
    rows.iter().find(inside).map_or(last, |row| row.2)
}

/// Network, bits, kind. The first row that holds the address counts.
type Row = (IpAddr, u32, Reach);

const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u32, reach: Reach) -> Row {
    (IpAddr::V4(Ipv4Addr::new(a, b, c, d)), bits, reach)
}

const fn v6(a: u16, b: u16, c: u16, d: u16, bits: u32, reach: Reach) -> Row {
    (IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)), bits, reach)
}

/// IANA IPv4 Special-Purpose Address Registry, and the metadata services that lie elsewhere.
const V4: &[Row] = &[
    v4(100, 100, 100, 200, 32, Reach::Never), // a cloud's metadata
    v4(168, 63, 129, 16, 32, Reach::Never),   // a cloud's metadata, at a public address
    v4(192, 0, 0, 0, 24, Reach::Never),       // protocol assignments, a cloud's metadata among them
    v4(0, 0, 0, 0, 8, Reach::Never),          // this network: some systems take it for themselves
    v4(169, 254, 0, 0, 16, Reach::Never),     // link-local, most clouds' metadata
    v4(10, 0, 0, 0, 8, Reach::Private),
    v4(127, 0, 0, 0, 8, Reach::Private),
    v4(172, 16, 0, 0, 12, Reach::Private),
    v4(192, 168, 0, 0, 16, Reach::Private),
    v4(100, 64, 0, 0, 10, Reach::Private), // carriers' NAT
    v4(192, 0, 2, 0, 24, Reach::Never),    // documentation
    v4(198, 51, 100, 0, 24, Reach::Never),
    v4(203, 0, 113, 0, 24, Reach::Never),
    v4(192, 88, 99, 0, 24, Reach::Never), // 6to4 relays
    v4(198, 18, 0, 0, 15, Reach::Never),  // benchmarking
    v4(224, 0, 0, 0, 4, Reach::Never),    // multicast
    v4(240, 0, 0, 0, 4, Reach::Never),    // reserved, broadcast
];

/// IANA IPv6 Special-Purpose Address Registry. What embeds an IPv4 address is closed: it would lead around the
/// table above.
const V6: &[Row] = &[
    (IpAddr::V6(Ipv6Addr::LOCALHOST), 128, Reach::Private),
    (
        IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
        128,
        Reach::Never, // a cloud's metadata
    ),
    v6(0xfc00, 0, 0, 0, 7, Reach::Private),    // unique local
    v6(0x2001, 0, 0, 0, 23, Reach::Never),     // protocol assignments, Teredo among them
    v6(0x2001, 0xdb8, 0, 0, 32, Reach::Never), // documentation
    v6(0x2002, 0, 0, 0, 16, Reach::Never),     // 6to4
    v6(0x3fff, 0, 0, 0, 20, Reach::Never),     // documentation
    v6(0x2000, 0, 0, 0, 3, Reach::Public),     // what is given out
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fetch_guard_private_ranges() {
        for (kind, addresses) in [
            (
                Reach::Private,
                &[
                    "127.0.0.1",
                    "127.255.255.254",
                    "::1",
                    "10.0.0.1",
                    "172.16.0.1",
                    "172.31.255.255",
                    "192.168.1.1",
                    "100.64.0.1",
                    "100.127.255.255",
                    "fc00::1",
                    "fdff::1",
                ][..],
            ),
            (
                Reach::Never,
                &[
                    "0.0.0.0",
                    "0.1.2.3",
                    "::",
                    "169.254.169.254",
                    "169.254.0.1",
                    "fe80::1",
                    "224.0.0.1",
                    "239.255.255.255",
                    "255.255.255.255",
                    "240.0.0.1",
                    "ff02::1",
                    "::ffff:127.0.0.1",
                    "::ffff:10.0.0.1",
                    "::ffff:8.8.8.8",
                    "::127.0.0.1",
                    "64:ff9b::7f00:1",
                    "64:ff9b::808:808",
                    "64:ff9b:1::1",
                    "2002:7f00:1::",
                    "2001::1",
                    "2001:db8::1",
                    "3fff::1",
                    "198.18.0.1",
                    "192.0.2.1",
                    "198.51.100.1",
                    "203.0.113.1",
                    "192.0.0.192",
                    "168.63.129.16",
                    "100.100.100.200",
                    "fd00:ec2::254",
                    "100::1",
                    "fec0::1",
                ][..],
            ),
            (
                Reach::Public,
                &[
                    "1.1.1.1",
                    "8.8.8.8",
                    "172.32.0.1",
                    "172.15.0.1",
                    "100.128.0.1",
                    "2606:4700::1111",
                    "2a00::1",
                ][..],
            ),
        ] {
            for address in addresses {
                assert_eq!(reach(address.parse().expect("an address")), kind, "{address}");
            }
        }
    }
}
