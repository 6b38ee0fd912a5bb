//! Where a request comes from: the peer, or what a proxy that is trusted says of it.

use std::net::IpAddr;

use poem::http::HeaderMap;

use crate::config::Network;

/// The address of the browser. `X-Forwarded-For` of anybody but a trusted proxy is ignored; of a trusted one the
/// right-most address that is not itself a trusted proxy counts, since everything to its left is hearsay.
pub(crate) fn of(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[Network]) -> Option<IpAddr> {
    let peer = peer?.to_canonical();
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(peer) {
        return Some(peer);
    }
    let lines: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|line| line.to_str().ok())
        .collect();
    let mut nearest = peer;
    for hop in lines.join(",").rsplit(',') {
        let Ok(hop) = hop.trim().parse::<IpAddr>() else {
            break;
        };
        nearest = hop.to_canonical();
        if !is_trusted(nearest) {
            break;
        }
    }
    Some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Setting;

    fn seen(peer: &str, forwarded: &[&str]) -> String {
        let trusted = Vec::<Network>::parse("127.0.0.1, 10.0.0.0/8").expect("networks");
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().expect("a header"));
        }
        of(peer.parse().ok(), &headers, &trusted)
            .map(|address| address.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn a_stranger_cannot_say_who_they_are() {
        assert_eq!(seen("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
    }

    #[test]
    fn behind_trusted_proxies_the_rightmost_stranger_counts() {
        assert_eq!(seen("127.0.0.1", &["6.6.6.6, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(
            seen("127.0.0.1", &["6.6.6.6, 198.51.100.7, 10.0.0.3"]),
            "198.51.100.7"
        );
        assert_eq!(seen("127.0.0.1", &["6.6.6.6", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(seen("127.0.0.1", &["6.6.6.6, nonsense"]), "127.0.0.1");
        assert_eq!(seen("127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(seen("::ffff:127.0.0.1", &["2001:db8::1"]), "2001:db8::1");
    }
}
