//! Which addresses may be called.
//!
//! A member can type any address as a webhook, and a provider can answer with any address of a file: neither may make
//! the server call into the network it stands in. Public addresses only, by the IANA special-purpose registries (RFC
//! 6890 and its successors); `host:port` that the operator named are exempt.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

/// Through which client a call leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Anyone's address: https, public addresses only.
    Public,
    /// The operator named this host and port.
    Named,
}

/// Why an address is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Neither http nor https, or no host.
    NotWeb,
    /// http to a host that the operator did not name.
    NotEncrypted,
    /// It is, or leads to, an address that is not public.
    NotPublic,
}

impl Refusal {
    /// The reason in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotWeb => "the address is neither http nor https",
            Self::NotEncrypted => "http is refused: use https, or let the operator name the host in the settings",
            Self::NotPublic => "the address is not a public one; the operator can name the host in the settings",
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.words())
    }
}

impl std::error::Error for Refusal {}

/// The rules with the operator's exceptions.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    named: BTreeSet<String>,
}

impl Guard {
    /// `named` are exact `host:port` pairs.
    pub fn new(named: &[String]) -> Self {
        Self { named: named.iter().map(|entry| entry.to_ascii_lowercase()).collect() }
    }

    /// Whether and how an address may be called. A host's name is looked up later, by the resolver of the public door.
    ///
    /// # Errors
    /// [`Refusal`] with the reason.
    pub fn admit(&self, url: &Url) -> Result<Door, Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::NotWeb);
        }
        let host = url.host_str().ok_or(Refusal::NotWeb)?;
        let port = url.port_or_known_default().ok_or(Refusal::NotWeb)?;
        if self.named.contains(&format!("{host}:{port}")) {
            return Ok(Door::Named);
        }
        // Odd forms (0x7f.1, 2130706433, 0177.0.0.1) were made plain by the URL parser, which is also the client's.
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        if literal.is_ok_and(|ip| !is_public(ip)) {
            return Err(Refusal::NotPublic);
        }
        if url.scheme() == "https" { Ok(Door::Public) } else { Err(Refusal::NotEncrypted) }
    }
}

/// The exempt form of a URL's host and port, or nothing if it has none.
pub fn host_and_port(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
}

/// The host alone, for traces.
pub(crate) fn host_of(url: &str) -> String {
    Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// Whether an address belongs to the public internet.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

/// Address blocks that are not public, with their length in bits and what they are.
const NOT_PUBLIC_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::UNSPECIFIED, 8),            // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),       // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),    // carrier-grade NAT
    (Ipv4Addr::new(127, 0, 0, 0), 8),      // loopback
    (Ipv4Addr::new(168, 63, 129, 16), 32), // Azure's host, reachable from inside its machines only
    (Ipv4Addr::new(169, 254, 0, 0), 16),   // link-local, cloud metadata among it
    (Ipv4Addr::new(172, 16, 0, 0), 12),    // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),     // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),     // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),   // 6to4 relays
    (Ipv4Addr::new(192, 168, 0, 0), 16),   // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),    // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24),  // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),   // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 3),      // multicast, reserved, broadcast
];

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let within = |(block, bits): &(Ipv4Addr, u32)| (ip.to_bits() ^ block.to_bits()).leading_zeros() >= *bits;
    !NOT_PUBLIC_V4.iter().any(within)
}

/// The same within 2000::/3.
const NOT_PUBLIC_V6: &[(Ipv6Addr, u32)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments: Teredo, benchmarks, ORCHID
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4, which can embed any IPv4 address
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48), // AS112 sinks
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(inner) = embedded_v4(ip) {
        return is_public_v4(inner);
    }
    let within = |(block, bits): &(Ipv6Addr, u32)| (ip.to_bits() ^ block.to_bits()).leading_zeros() >= *bits;
    // Global unicast is 2000::/3; all else is local, multicast or unassigned.
    within(&(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3)) && !NOT_PUBLIC_V6.iter().any(within)
}

/// The IPv4 address that an IPv6 address stands for: mapped (`::ffff:a.b.c.d`) or through NAT64 (`64:ff9b::a.b.c.d`).
fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    match ip.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_public_addresses_are_public() {
        let refused = "0.0.0.0 10.1.2.3 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 169.254.169.254 168.63.129.16 \
            172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 \
            198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 \
            ::ffff:10.0.0.1 ::127.0.0.1 ::8.8.8.8 64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b:1::8.8.8.8 \
            100::1 2001::1 2001:2::1 2001:10::1 2001:db8::1 2002:7f00:1::1 2002:808:808::1 3fff::1 5f00::1 \
            fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 ::ffff:0:8.8.8.8";
        for text in refused.split_whitespace() {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        let taken = "1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1 168.63.129.17 169.253.0.1 \
            172.15.0.1 172.32.0.1 192.167.0.1 198.17.0.1 198.20.0.1 223.255.255.255 149.154.167.220 \
            ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2001:67c:4e8::1 2001:4860:4860::8888 2606:4700::1111 2a03:2880::1";
        for text in taken.split_whitespace() {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    fn admitted(guard: &Guard, url: &str) -> Result<Door, Refusal> {
        guard.admit(&Url::parse(url).unwrap())
    }

    #[test]
    fn odd_spellings_are_seen_through() {
        let guard = Guard::default();
        let hosts = "127.0.0.1 127.1 0x7f.1 0177.0.0.1 2130706433 0x7f000001 127.0.0.1. 0 [::1] [::ffff:127.0.0.1] \
            [::ffff:7f00:1] [0:0:0:0:0:0:0:1] １２７.0.0.1 169.254.169.254 0xa9fea9fe";
        for host in hosts.split_whitespace() {
            assert_eq!(admitted(&guard, &format!("https://{host}/x")), Err(Refusal::NotPublic), "{host}");
            assert_eq!(
                admitted(&guard, &format!("https://user:pass@{host}:8443/x")),
                Err(Refusal::NotPublic),
                "{host}"
            );
        }
    }

    #[test]
    fn the_operator_names_hosts_with_their_ports() {
        let guard = Guard::new(&["127.0.0.1:8081".into(), "N8N.lan:443".into()]);
        assert_eq!(admitted(&guard, "http://127.0.0.1:8081/bot"), Ok(Door::Named));
        assert_eq!(admitted(&guard, "http://127.1:8081/bot"), Ok(Door::Named), "the same address");
        assert_eq!(admitted(&guard, "https://n8n.lan/x"), Ok(Door::Named));
        assert_eq!(admitted(&guard, "http://127.0.0.1:8082/"), Err(Refusal::NotPublic));
        assert_eq!(admitted(&guard, "http://127.0.0.1/"), Err(Refusal::NotPublic));
        assert_eq!(admitted(&guard, "http://n8n.lan/x"), Err(Refusal::NotEncrypted), "another port");
        assert_eq!(
            admitted(&guard, "https://127.0.0.1:8081@evil.example/"),
            Ok(Door::Public),
            "looked up, not trusted"
        );
    }

    #[test]
    fn only_the_web_and_only_encrypted() {
        let guard = Guard::default();
        assert_eq!(admitted(&guard, "https://api.telegram.org/bot"), Ok(Door::Public));
        assert_eq!(admitted(&guard, "http://api.telegram.org/bot"), Err(Refusal::NotEncrypted));
        for url in ["ftp://a/", "file:///etc/passwd", "gopher://a/", "data:text/plain,x"] {
            assert_eq!(admitted(&guard, url), Err(Refusal::NotWeb), "{url}");
        }
        assert_eq!(host_and_port("https://Graph.example/v1").as_deref(), Some("graph.example:443"));
    }

    proptest! {
        #[test]
        fn wrapping_a_local_address_never_makes_it_public(bits: u32) {
            let v4 = Ipv4Addr::from_bits(bits);
            let [a, b, c, d] = v4.octets();
            let mapped = v4.to_ipv6_mapped();
            prop_assert_eq!(is_public(mapped.into()), is_public_v4(v4));
            let high = u16::from(a) << 8 | u16::from(b);
            let low = u16::from(c) << 8 | u16::from(d);
            prop_assert!(!is_public(Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low).into()));
            prop_assert!(!is_public(Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1).into()));
            let std_local = v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_multicast()
                || v4.is_unspecified() || v4.is_broadcast() || v4.is_documentation();
            prop_assert!(!(std_local && is_public_v4(v4)));
        }
    }
}
