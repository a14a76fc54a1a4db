//! Everything left to chance, and all of it from one seed, so that a bad run can be had again.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// A stream of decisions that follows from its seed.
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    pub(crate) fn from_seed(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number from 0 up to, not including, `bound`; 0 for a bound of 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.0.next_u64() % bound }
    }

    /// Whether something that happens with this probability (0 to 1) happens now.
    pub(crate) fn hits(&mut self, probability: f64) -> bool {
        f64::from(self.0.next_u32()) < probability * (f64::from(u32::MAX) + 1.0)
    }

    /// Every order equally likely (Fisher–Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = usize::try_from(self.below(last as u64 + 1)).unwrap_or(0);
            items.swap(last, other);
        }
    }

    /// That many lowercase letters and digits.
    pub(crate) fn word(&mut self, length: usize) -> String {
        const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let letter = |n: u64| LETTERS[usize::try_from(n).unwrap_or(0)] as char;
        (0..length).map(|_| letter(self.below(LETTERS.len() as u64))).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_same_seed_decides_the_same(seed: u64) {
            let (mut one, mut two) = (Chance::from_seed(seed), Chance::from_seed(seed));
            prop_assert_eq!(one.word(20), two.word(20));
            prop_assert_eq!(one.below(1_000), two.below(1_000));
            prop_assert_eq!(one.hits(0.5), two.hits(0.5));
        }

        #[test]
        fn a_shuffle_loses_nothing(seed: u64, mut items: Vec<u8>) {
            let mut shuffled = items.clone();
            Chance::from_seed(seed).shuffle(&mut shuffled);
            shuffled.sort_unstable();
            items.sort_unstable();
            prop_assert_eq!(shuffled, items);
        }

        #[test]
        fn certainty_and_impossibility(seed: u64) {
            let mut chance = Chance::from_seed(seed);
            prop_assert!(chance.hits(1.0));
            prop_assert!(!chance.hits(0.0));
        }
    }
}
