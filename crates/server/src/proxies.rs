//! Who is behind the connection: the peer itself, or whoever a proxy that we trust names in `X-Forwarded-For`.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use http::HeaderMap;

use crate::outbound::guard::is_public;

/// The header in which proxies say for whom they ask, each adding its peer on the right.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// An address, or all that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Whether an address belongs to it.
    pub fn contains(&self, ip: IpAddr) -> bool {
        let differing = match (self.address, ip.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros(),
            (IpAddr::V6(own), IpAddr::V6(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros(),
            _ => return false,
        };
        differing >= self.bits
    }
}

impl FromStr for Network {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| ())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(width), str::parse).map_err(|_| ())?;
        if bits <= width { Ok(Self { address, bits }) } else { Err(()) }
    }
}

/// Whose request it is; `None` if nobody can tell, because it comes out of a private network without a trusted word
/// about its origin: there many people share one address.
pub fn client(trusted: &[Network], peer: SocketAddr, headers: &HeaderMap) -> Option<IpAddr> {
    let peer = peer.ip().to_canonical();
    let named = if is_trusted(trusted, peer) { forwarded_for(trusted, headers) } else { None };
    named.or_else(|| is_public(peer).then_some(peer))
}

/// The right-most address that is no trusted proxy's own: what stands left of it is the client's own word.
fn forwarded_for(trusted: &[Network], headers: &HeaderMap) -> Option<IpAddr> {
    let lines: Vec<&str> =
        headers.get_all(FORWARDED_FOR).iter().map(|line| line.to_str().unwrap_or_default()).collect();
    for entry in lines.join(",").rsplit(',') {
        let address = address(entry.trim())?;
        if !is_trusted(trusted, address) {
            return Some(address);
        }
    }
    None
}

/// An address as proxies write it: with a port perhaps, of IPv6 in brackets then.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let parsed = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()));
    parsed.map(|ip: IpAddr| ip.to_canonical())
}

fn is_trusted(trusted: &[Network], ip: IpAddr) -> bool {
    trusted.iter().any(|network| network.contains(ip))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACK: [&str; 2] = ["127.0.0.1", "::1"];

    fn client_of(trusted: &[&str], peer: &str, lines: &[&str]) -> Option<String> {
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        client(&trusted, SocketAddr::new(peer.parse().unwrap(), 5), &headers).map(|ip| ip.to_string())
    }

    #[test]
    fn a_trusted_proxy_names_the_client_and_the_client_cannot_name_another() {
        let named = |lines: &[&str]| client_of(&LOOPBACK, "127.0.0.1", lines);
        assert_eq!(named(&["8.8.4.4"]).as_deref(), Some("8.8.4.4"));
        assert_eq!(named(&["1.1.1.1, 8.8.4.4"]).as_deref(), Some("8.8.4.4"), "the left one is the client's own word");
        assert_eq!(named(&["1.1.1.1", "8.8.4.4"]).as_deref(), Some("8.8.4.4"), "lines go on where the last ended");
        assert_eq!(named(&["8.8.4.4, 127.0.0.1"]).as_deref(), Some("8.8.4.4"), "a proxy behind a proxy");
        assert_eq!(named(&["[2001:4860::1]:443"]).as_deref(), Some("2001:4860::1"));
        assert_eq!(named(&["8.8.4.4:443"]).as_deref(), Some("8.8.4.4"));
        assert_eq!(client_of(&LOOPBACK, "::ffff:127.0.0.1", &["8.8.4.4"]).as_deref(), Some("8.8.4.4"));
        assert_eq!(client_of(&["10.0.0.0/8"], "10.9.9.9", &["8.8.4.4, 10.1.2.3"]).as_deref(), Some("8.8.4.4"));
    }

    #[test]
    fn strangers_are_not_believed() {
        assert_eq!(client_of(&LOOPBACK, "8.8.8.8", &["1.1.1.1"]).as_deref(), Some("8.8.8.8"));
        assert_eq!(client_of(&[], "127.0.0.1", &["1.1.1.1"]), None);
    }

    #[test]
    fn a_private_network_without_a_word_about_its_clients_is_nobody() {
        for peer in ["127.0.0.1", "::1", "10.0.0.5", "192.168.1.1", "fd00::1"] {
            assert_eq!(client_of(&LOOPBACK, peer, &[]), None, "{peer}");
        }
        for unreadable in ["unknown", "", "127.0.0.1", "8.8.4.4, _hidden"] {
            assert_eq!(client_of(&LOOPBACK, "127.0.0.1", &[unreadable]), None, "{unreadable}");
        }
        assert_eq!(client_of(&LOOPBACK, "8.8.8.8", &[]).as_deref(), Some("8.8.8.8"));
    }

    #[test]
    fn networks_are_read_strictly() {
        let network: Network = "172.16.0.0/12".parse().unwrap();
        assert!(
            network.contains("172.31.255.255".parse().unwrap()) && !network.contains("172.32.0.0".parse().unwrap())
        );
        assert!("0.0.0.0/0".parse::<Network>().unwrap().contains("9.9.9.9".parse().unwrap()));
        assert!("fd00::/8".parse::<Network>().unwrap().contains("fd12::1".parse().unwrap()));
        for wrong in ["", "localhost", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.1:80"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
