//! Slowing down whoever guesses passwords: per e-mail address and per network, exponentially, in bounded memory.
//!
//! An attempt is counted before its password is looked at, so a hundred guesses at once are a hundred guesses.
//! E-mail addresses are kept as keyed hashes only.

use std::collections::BTreeMap;
use std::net::IpAddr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Wrong passwords for one e-mail address before it has to wait.
const FREE_PER_EMAIL: u32 = 5;
/// The same for a network, where a whole office may sit behind one address.
const FREE_PER_NETWORK: u32 = 20;
/// The longest wait, in milliseconds.
const LONGEST_MS: i64 = 15 * 60_000;
/// After this long without an attempt all is forgotten, in milliseconds.
const FORGET_MS: i64 = 60 * 60_000;
const MINUTE_MS: i64 = 60_000;
/// E-mail addresses and networks remembered, each.
const CAPACITY: usize = 50_000;

pub(super) type Key = [u8; 16];

/// How long to wait before the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// Whole seconds, at least one: the value of `Retry-After`.
    pub seconds: u64,
}

/// Who tried to sign in how often.
pub struct SignInThrottle {
    key: [u8; 32],
    per_minute: u32,
    emails: Gates,
    networks: Gates,
}

struct Gates {
    free: u32,
    capacity: usize,
    known: BTreeMap<Key, Gate>,
}

#[derive(Clone, Copy, Default)]
struct Gate {
    misses: u32,
    open_at: i64,
    last: i64,
    minute: i64,
    in_minute: u32,
}

impl SignInThrottle {
    /// `key` is 32 random bytes of this process; `per_minute` bounds the attempts of one network, right or wrong.
    pub fn new(key: [u8; 32], per_minute: u32) -> Self {
        Self::with_capacity(key, per_minute, CAPACITY)
    }

    fn with_capacity(key: [u8; 32], per_minute: u32, capacity: usize) -> Self {
        let gates = |free| Gates { free, capacity: capacity.max(10), known: BTreeMap::new() };
        Self { key, per_minute, emails: gates(FREE_PER_EMAIL), networks: gates(FREE_PER_NETWORK) }
    }

    /// Asks for one attempt and counts it. A refused attempt is not counted. Without an address, because nobody knows
    /// whose it is, only the e-mail address counts.
    ///
    /// # Errors
    /// [`Wait`] if the e-mail address or the network has to wait.
    pub fn attempt(&mut self, email: &str, address: impl Into<Option<IpAddr>>, now_ms: i64) -> Result<(), Wait> {
        let (email, network) = (self.email_key(email), address.into().map(network_key));
        let crowded = network.map(|network| {
            let minute = self.networks.minute_over_at(&network, self.per_minute, now_ms);
            self.networks.open_at(&network, now_ms).max(minute)
        });
        let open_at = self.emails.open_at(&email, now_ms).max(crowded.unwrap_or(i64::MIN));
        if open_at > now_ms {
            return Err(Wait { seconds: u64::try_from((open_at - now_ms + 999) / 1_000).unwrap_or(1) });
        }
        self.emails.count(email, now_ms);
        if let Some(network) = network {
            self.networks.count(network, now_ms);
        }
        Ok(())
    }

    /// The last attempt was right: the e-mail address starts anew, the network gets this one attempt back.
    pub fn succeeded(&mut self, email: &str, address: impl Into<Option<IpAddr>>) {
        let email = self.email_key(email);
        self.emails.known.remove(&email);
        let network = address.into().map(network_key);
        if let Some(gate) = network.and_then(|network| self.networks.known.get_mut(&network)) {
            gate.misses = gate.misses.saturating_sub(1);
        }
    }

    fn email_key(&self, email: &str) -> Key {
        // HMAC pads a short key with zeros to its block (RFC 2104); doing so here leaves nothing that could fail.
        let mut block = [0; 64];
        block.iter_mut().zip(self.key).for_each(|(to, from)| *to = from);
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
        mac.update(email.trim().to_lowercase().as_bytes());
        first_half(&mac.finalize().into_bytes())
    }
}

impl std::fmt::Debug for SignInThrottle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignInThrottle({} e-mails, {} networks)", self.emails.known.len(), self.networks.known.len())
    }
}

impl Gates {
    fn open_at(&self, key: &Key, now_ms: i64) -> i64 {
        // A clock that was set back must not lock anyone out for longer than the longest wait.
        self.known.get(key).map_or(i64::MIN, |gate| gate.open_at.min(now_ms + LONGEST_MS))
    }

    fn minute_over_at(&self, key: &Key, per_minute: u32, now_ms: i64) -> i64 {
        match self.known.get(key) {
            Some(gate) if gate.minute == now_ms.div_euclid(MINUTE_MS) && gate.in_minute >= per_minute => {
                (gate.minute + 1) * MINUTE_MS
            }
            _ => i64::MIN,
        }
    }

    fn count(&mut self, key: Key, now_ms: i64) {
        if !self.known.contains_key(&key) && self.known.len() >= self.capacity {
            self.make_room(now_ms);
        }
        let gate = self.known.entry(key).or_default();
        if now_ms - gate.last > FORGET_MS {
            *gate = Gate::default();
        }
        let minute = now_ms.div_euclid(MINUTE_MS);
        gate.in_minute = if gate.minute == minute { gate.in_minute + 1 } else { 1 };
        gate.minute = minute;
        gate.last = now_ms;
        gate.misses = gate.misses.saturating_add(1);
        gate.open_at = now_ms + penalty_ms(gate.misses, self.free);
    }

    /// Forgets the old, and if that is not enough the tenth that has missed least: who is being guessed at stays.
    fn make_room(&mut self, now_ms: i64) {
        self.known.retain(|_, gate| now_ms - gate.last <= FORGET_MS);
        if self.known.len() < self.capacity {
            return;
        }
        let mut by_misses: Vec<(u32, i64, Key)> =
            self.known.iter().map(|(key, gate)| (gate.misses, gate.last, *key)).collect();
        by_misses.sort_unstable();
        for (_, _, key) in by_misses.iter().take(self.capacity.div_ceil(10)) {
            self.known.remove(key);
        }
    }
}

/// Nothing for the first `free` misses, then 1 s, 2 s, 4 s … up to the longest wait.
fn penalty_ms(misses: u32, free: u32) -> i64 {
    match misses.checked_sub(free) {
        None => 0,
        Some(over) => (1_000_i64 << over.min(20)).min(LONGEST_MS),
    }
}

/// The address, or of IPv6 the /64 that one customer has to himself.
pub(super) fn network_key(address: IpAddr) -> Key {
    match address.to_canonical() {
        IpAddr::V4(v4) => first_half(&[[0; 10].as_slice(), &[0xff, 0xff], &v4.octets()].concat()),
        IpAddr::V6(v6) => first_half(&[&v6.octets()[..8], [0; 8].as_slice()].concat()),
    }
}

fn first_half(bytes: &[u8]) -> Key {
    let mut key = Key::default();
    key.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: i64 = 1_700_000_040_000;
    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 7));

    fn address(n: u32) -> IpAddr {
        IpAddr::V4(n.into())
    }

    #[test]
    fn guessing_one_mailbox_from_everywhere_gets_slow() {
        let mut throttle = SignInThrottle::new([7; 32], 1_000);
        for n in 0..5 {
            assert_eq!(throttle.attempt("Ann@example.org", address(n), T0), Ok(()), "attempt {n}");
        }
        assert_eq!(throttle.attempt("ann@example.org ", address(99), T0), Err(Wait { seconds: 1 }));
        assert_eq!(throttle.attempt("ann@example.org", address(99), T0 + 1_000), Ok(()));
        assert_eq!(throttle.attempt("ann@example.org", address(98), T0 + 1_000), Err(Wait { seconds: 2 }));
        assert_eq!(throttle.attempt("bob@example.org", address(98), T0 + 1_000), Ok(()), "others are free");
    }

    #[test]
    fn the_wait_has_an_end() {
        let mut throttle = SignInThrottle::new([7; 32], 1_000);
        let mut now = T0;
        for n in 0..60 {
            if let Err(wait) = throttle.attempt("ann@example.org", address(n), now) {
                assert!(wait.seconds <= 900);
                now += i64::try_from(wait.seconds).unwrap() * 1_000;
            }
        }
        assert_eq!(throttle.attempt("ann@example.org", HERE, now + FORGET_MS + 1), Ok(()));
        assert_eq!(throttle.attempt("ann@example.org", HERE, now + FORGET_MS + 1), Ok(()), "counted anew");
    }

    #[test]
    fn one_network_guessing_many_mailboxes_gets_slow() {
        let mut throttle = SignInThrottle::new([7; 32], 1_000);
        for n in 0..20 {
            assert_eq!(throttle.attempt(&format!("{n}@example.org"), HERE, T0), Ok(()));
        }
        assert_eq!(throttle.attempt("x@example.org", HERE, T0), Err(Wait { seconds: 1 }));
        let same_64 = ["2001:4860::1", "2001:4860::ffff"].map(|text| text.parse::<IpAddr>().unwrap());
        assert_eq!(network_key(same_64[0]), network_key(same_64[1]));
        assert_ne!(network_key(same_64[0]), network_key("2001:4860:0:1::1".parse().unwrap()));
        assert_eq!(network_key(HERE), network_key("::ffff:203.0.113.7".parse().unwrap()));
        assert_ne!(network_key(HERE), network_key(address(0x0808_0808)));
    }

    #[test]
    fn who_has_no_address_is_slowed_down_by_mailbox_alone() {
        let mut throttle = SignInThrottle::new([7; 32], 3);
        for n in 0..100 {
            assert_eq!(throttle.attempt(&format!("{n}@example.org"), None, T0), Ok(()));
        }
        for _ in 0..5 {
            throttle.attempt("ann@example.org", None, T0).unwrap();
        }
        assert_eq!(throttle.attempt("ann@example.org", None, T0), Err(Wait { seconds: 1 }));
    }

    #[test]
    fn success_frees_the_mailbox_but_not_the_network() {
        let mut throttle = SignInThrottle::new([7; 32], 1_000);
        for _ in 0..4 {
            throttle.attempt("ann@example.org", HERE, T0).unwrap();
        }
        throttle.succeeded("ann@example.org", HERE);
        for _ in 0..5 {
            assert_eq!(throttle.attempt("ann@example.org", HERE, T0), Ok(()));
        }
        let network = throttle.networks.known.get(&network_key(HERE)).unwrap();
        assert_eq!(network.misses, 8, "only the right attempt was taken back");
    }

    #[test]
    fn a_minute_holds_no_more_attempts_than_set() {
        let mut throttle = SignInThrottle::new([7; 32], 3);
        for n in 0..3 {
            assert_eq!(throttle.attempt(&format!("{n}@example.org"), HERE, T0), Ok(()));
            throttle.succeeded(&format!("{n}@example.org"), HERE);
        }
        let refused = throttle.attempt("9@example.org", HERE, T0 + 1_000);
        assert!(matches!(refused, Err(Wait { seconds: 1..=60 })), "{refused:?}");
        assert_eq!(throttle.attempt("9@example.org", HERE, T0 + 60_000), Ok(()));
    }

    #[test]
    fn memory_is_bounded_and_a_guessed_mailbox_is_not_pushed_out() {
        let mut throttle = SignInThrottle::with_capacity([7; 32], 1_000, 100);
        for n in 0..5 {
            throttle.attempt("ann@example.org", address(n), T0).unwrap();
        }
        for n in 0..1_000 {
            throttle.attempt(&format!("{n}@example.org"), address(n), T0).unwrap();
        }
        assert!(throttle.emails.known.len() <= 100 && throttle.networks.known.len() <= 100);
        assert!(throttle.attempt("ann@example.org", address(7), T0).is_err());
    }

    #[test]
    fn nothing_of_an_address_is_printed() {
        let mut throttle = SignInThrottle::new([7; 32], 3);
        throttle.attempt("ann@example.org", HERE, T0).unwrap();
        assert_eq!(format!("{throttle:?}"), "SignInThrottle(1 e-mails, 1 networks)");
    }
}
