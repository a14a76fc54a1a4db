//! The answer to a SEARCH: a line as long as the mailbox is full, of which only the smallest ids are kept.

use std::collections::BinaryHeap;

/// Ids above a bound, the smallest of them.
#[derive(Debug)]
pub(super) struct Smallest {
    above: u32,
    most: usize,
    /// The largest of those kept comes out first.
    kept: BinaryHeap<u32>,
    /// More were found than are kept.
    overfull: bool,
    /// The number that the last piece ended in, if it did.
    open: Option<u64>,
}

impl Smallest {
    /// Keeps `most` ids, all greater than `above`.
    pub(super) fn new(above: u32, most: usize) -> Self {
        Self { above, most, kept: BinaryHeap::new(), overfull: false, open: None }
    }

    /// A piece of the line, after its first words.
    pub(super) fn feed(&mut self, piece: &[u8]) {
        for byte in piece {
            if byte.is_ascii_digit() {
                let before = self.open.unwrap_or(0);
                self.open = Some(before.saturating_mul(10).saturating_add(u64::from(byte - b'0')));
            } else {
                self.close();
            }
        }
    }

    /// The line ends.
    pub(super) fn close(&mut self) {
        let Some(found) = self.open.take().and_then(|id| u32::try_from(id).ok()) else { return };
        if found <= self.above {
            return;
        }
        self.kept.push(found);
        if self.kept.len() > self.most {
            self.kept.pop();
            self.overfull = true;
        }
    }

    /// The ids in ascending order, each once; and whether there were more.
    pub(super) fn finish(mut self) -> (Vec<u32>, bool) {
        self.close();
        let mut ids = self.kept.into_sorted_vec();
        ids.dedup();
        (ids, self.overfull)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(line: &str, above: u32, most: usize) -> (Vec<u32>, bool) {
        let mut smallest = Smallest::new(above, most);
        smallest.feed(line.as_bytes());
        smallest.finish()
    }

    #[test]
    fn only_what_was_asked_for_counts() {
        assert_eq!(found(" 7 5 5 6", 5, 9), (vec![6, 7], false));
        // `9:*` finds the last mail where there is none with 9 or more.
        assert_eq!(found(" 8", 8, 9), (vec![], false));
        assert_eq!(found("", 0, 9), (vec![], false));
        assert_eq!(found(" 99999999999 4 (MODSEQ 12)", 0, 9), (vec![4, 12], false));
    }

    proptest! {
        #[test]
        fn the_smallest_wherever_the_line_is_cut(
            ids in proptest::collection::btree_set(1_u32..500, 0..60),
            above in 0_u32..400,
            most in 1_usize..20,
            at in 0_usize..200,
        ) {
            let line: String = ids.iter().rev().map(|id| format!(" {id}")).collect::<Vec<_>>().concat();
            let (one, two) = line.as_bytes().split_at(at.min(line.len()));
            let mut smallest = Smallest::new(above, most);
            smallest.feed(one);
            smallest.feed(two);
            let expected: Vec<u32> = ids.into_iter().filter(|id| *id > above).collect();
            let overfull = expected.len() > most;
            let expected: Vec<u32> = expected.into_iter().take(most).collect();
            prop_assert_eq!(smallest.finish(), (expected, overfull));
        }
    }
}
