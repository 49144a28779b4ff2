//! The client address of a request, according to trusted proxies.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use actix_web::HttpRequest;
use ipnet::IpNet;

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The networks of the proxies whose `X-Forwarded-For` is trusted.
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Trusts these networks.
    #[must_use]
    pub const fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// The client's address: the last one in the chain of proxies that is not a trusted proxy.
    /// Each proxy appends the address that it saw, so only entries that trusted proxies appended count.
    #[must_use]
    pub fn client_of(&self, request: &HttpRequest) -> IpAddr {
        let peer = request
            .peer_addr()
            .map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |address| {
                address.ip().to_canonical()
            });
        let forwarded: Vec<&str> = request
            .headers()
            .get_all(X_FORWARDED_FOR)
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        self.client(peer, &forwarded)
    }

    fn client(&self, peer: IpAddr, forwarded: &[&str]) -> IpAddr {
        let mut client = peer;
        for entry in forwarded.iter().rev() {
            if !self.trusts(client) {
                break;
            }
            // A trusted proxy writes only addresses.
            let Some(address) = read(entry.trim()) else {
                break;
            };
            client = address.to_canonical();
        }
        client
    }

    /// Whether this is the address of a trusted proxy.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Reads an address with or without a port. An IPv6 address with a port is in brackets.
fn read(entry: &str) -> Option<IpAddr> {
    if let Some(address) = entry
        .strip_prefix('[')
        .and_then(|entry| entry.strip_suffix(']'))
    {
        return address.parse().map(IpAddr::V6).ok();
    }
    let with_port = || entry.parse::<SocketAddr>().map(|address| address.ip());
    entry.parse().or_else(|_| with_port()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn behind(networks: &[&str]) -> TrustedProxies {
        TrustedProxies::new(
            networks
                .iter()
                .map(|network| network.parse().unwrap())
                .collect(),
        )
    }

    #[test]
    fn a_header_from_an_untrusted_peer_is_ignored() {
        let client = behind(&[]).client(ip("192.0.2.1"), &["198.51.100.7"]);
        assert_eq!(client, ip("192.0.2.1"));
    }

    #[test]
    fn the_entry_of_the_trusted_proxy_counts_and_what_the_client_wrote_does_not() {
        let proxies = behind(&["10.0.0.0/8"]);
        let client = proxies.client(ip("10.0.0.1"), &["203.0.113.9", " 198.51.100.7"]);
        assert_eq!(client, ip("198.51.100.7"));
    }

    #[test]
    fn a_chain_of_trusted_proxies_is_followed() {
        let proxies = behind(&["10.0.0.0/8", "fd00::/8"]);
        let client = proxies.client(ip("10.0.0.1"), &["198.51.100.7", "fd00::2", "10.1.1.1"]);
        assert_eq!(client, ip("198.51.100.7"));
    }

    #[test]
    fn the_port_of_an_entry_is_left_out() {
        let proxies = behind(&["10.0.0.0/8", "fd00::/8"]);
        for (entry, address) in [
            ("198.51.100.9:51000", "198.51.100.9"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[::ffff:198.51.100.9]:1", "198.51.100.9"),
        ] {
            assert_eq!(proxies.client(ip("10.0.0.1"), &[entry]), ip(address));
        }
        let chain = ["198.51.100.7:1", "[fd00::2]:443", "10.1.1.1:8080"];
        assert_eq!(proxies.client(ip("10.0.0.1"), &chain), ip("198.51.100.7"));
    }

    #[test]
    fn a_malformed_address_with_a_port_ends_the_chain() {
        let proxies = behind(&["10.0.0.0/8"]);
        for entry in [
            "198.51.100.9:",
            "198.51.100.9:65536",
            "198.51.100.9:x",
            "[198.51.100.9]",
            "[2001:db8::1",
            "[2001:db8::1]:",
            "[]:1",
            ":1",
        ] {
            assert_eq!(proxies.client(ip("10.0.0.1"), &[entry]), ip("10.0.0.1"));
        }
    }

    #[test]
    fn an_entry_that_is_no_address_ends_the_chain() {
        let client = behind(&["10.0.0.0/8"]).client(ip("10.0.0.1"), &["198.51.100.7", "unknown"]);
        assert_eq!(client, ip("10.0.0.1"));
    }
}
