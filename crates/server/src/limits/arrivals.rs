//! How often one network may ask for what costs work, whoever asks there: so many times in a minute, in bounded memory.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::Wait;
use super::sign_in::{Key, network_key};

const MINUTE_MS: i64 = 60_000;
/// Networks counted apart within a minute; those that come after them count as one.
const CAPACITY: usize = 50_000;

/// Who asked how often in this minute.
pub struct Arrivals {
    per_minute: u32,
    capacity: usize,
    minute: i64,
    known: BTreeMap<Key, u32>,
    others: u32,
}

impl Arrivals {
    /// At most `per_minute` of one network, which is an address, or of IPv6 the /64 that one customer has.
    pub fn new(per_minute: u32) -> Self {
        Self { per_minute, capacity: CAPACITY, minute: 0, known: BTreeMap::new(), others: 0 }
    }

    /// Counts one, or refuses it. Of whom nobody knows the address nothing is counted.
    ///
    /// # Errors
    /// [`Wait`] until the next minute.
    pub fn take(&mut self, address: Option<IpAddr>, now_ms: i64) -> Result<(), Wait> {
        let Some(network) = address.map(network_key) else { return Ok(()) };
        let minute = now_ms.div_euclid(MINUTE_MS);
        if minute != self.minute {
            (self.minute, self.others) = (minute, 0);
            self.known.clear();
        }
        let full = self.known.len() >= self.capacity && !self.known.contains_key(&network);
        let count = if full { &mut self.others } else { self.known.entry(network).or_default() };
        if *count >= self.per_minute {
            let left = (minute + 1) * MINUTE_MS - now_ms;
            return Err(Wait { seconds: u64::try_from((left + 999) / 1_000).unwrap_or(1) });
        }
        *count += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: i64 = 1_700_000_040_000;

    fn address(n: u32) -> IpAddr {
        IpAddr::V4(n.into())
    }

    #[test]
    fn a_minute_of_a_network_holds_so_many_and_the_next_as_many_again() {
        let mut arrivals = Arrivals::new(2);
        for _ in 0..2 {
            assert_eq!(arrivals.take(Some(address(1)), T0), Ok(()));
        }
        assert_eq!(arrivals.take(Some(address(1)), T0 + 59_500), Err(Wait { seconds: 1 }));
        assert_eq!(arrivals.take(Some(address(2)), T0), Ok(()), "others are free");
        assert_eq!(arrivals.take(Some(address(1)), T0 + 60_000), Ok(()));
        for _ in 0..9 {
            assert_eq!(arrivals.take(None, T0), Ok(()));
        }
    }

    #[test]
    fn memory_is_bounded_and_whoever_fills_it_gains_nothing() {
        let mut arrivals = Arrivals { capacity: 10, ..Arrivals::new(2) };
        let taken = (0..100).filter(|n| arrivals.take(Some(address(*n)), T0).is_ok()).count();
        assert_eq!((taken, arrivals.known.len()), (12, 10));
        assert_eq!(arrivals.take(Some(address(3)), T0), Ok(()), "who was known before is counted apart");
    }
}
