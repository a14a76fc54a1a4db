//! Which subtrees prove that a leaf is in a tree (RFC 6962, section 2.1.1), and that one tree is the beginning of another
//! (section 2.1.2). Here they are named by the leaves that they span; whoever has the leaves has their hashes.

use std::ops::Range;

/// Leaves in order, counted from 0: the first, and the one after the last.
pub type Stretch = Range<u64>;

/// The subtrees that prove a leaf, from its neighbour up. None if there is no such leaf.
pub fn inclusion(index: u64, size: u64) -> Vec<Stretch> {
    if index >= size {
        return Vec::new();
    }
    let (mut tree, mut path) = (0..size, Vec::new());
    while tree.end - tree.start > 1 {
        let (left, right) = halves(&tree);
        let (inside, beside) = if index < left.end { (left, right) } else { (right, left) };
        path.push(beside);
        tree = inside;
    }
    path.reverse();
    path
}

/// The subtrees that prove that a tree of `old` leaves is the beginning of one of `new`. None if that needs no proof, or is
/// not so.
pub fn consistency(old: u64, new: u64) -> Vec<Stretch> {
    if old == 0 || old >= new {
        return Vec::new();
    }
    let (mut tree, mut path, mut whole) = (0..new, Vec::new(), true);
    while tree.end != old {
        let (left, right) = halves(&tree);
        if old <= left.end {
            path.push(right);
            tree = left;
        } else {
            path.push(left);
            tree = right;
            whole = false;
        }
    }
    if !whole {
        path.push(tree);
    }
    path.reverse();
    path
}

/// A tree's two subtrees: the left one is the largest full one that is not all of it.
fn halves(tree: &Stretch) -> (Stretch, Stretch) {
    let middle = tree.start + (tree.end - tree.start).next_power_of_two() / 2;
    (tree.start..middle, middle..tree.end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::merkle::{Hash, leaf_hash, node_hash, tree_root};

    fn hashes(leaves: &[Vec<u8>], stretches: Vec<Stretch>) -> Vec<Hash> {
        let root = |range: Stretch| {
            tree_root(&leaves[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()])
        };
        stretches.into_iter().map(root).collect()
    }

    /// RFC 9162, section 2.1.3.2: another way to say the same, written down by others.
    fn included(index: u64, size: u64, leaf: &[u8], proof: &[Hash]) -> Option<Hash> {
        let (mut at, mut last, mut root) = (index, size - 1, leaf_hash(leaf));
        for node in proof {
            if last == 0 {
                return None;
            }
            if at % 2 == 1 || at == last {
                root = node_hash(node, &root);
                while at % 2 == 0 && at != 0 {
                    (at, last) = (at >> 1, last >> 1);
                }
            } else {
                root = node_hash(&root, node);
            }
            (at, last) = (at >> 1, last >> 1);
        }
        (last == 0).then_some(root)
    }

    /// RFC 9162, section 2.1.4.2.
    fn consistent(old: u64, new: u64, before: Hash, proof: &[Hash]) -> Option<(Hash, Hash)> {
        let mut path = proof.to_vec();
        if old.is_power_of_two() {
            path.insert(0, before);
        }
        let (mut at, mut last) = (old - 1, new - 1);
        while at % 2 == 1 {
            (at, last) = (at >> 1, last >> 1);
        }
        let (first, rest) = path.split_first()?;
        let (mut earlier, mut later) = (*first, *first);
        for node in rest {
            if last == 0 {
                return None;
            }
            if at % 2 == 1 || at == last {
                (earlier, later) = (node_hash(node, &earlier), node_hash(node, &later));
                while at % 2 == 0 && at != 0 {
                    (at, last) = (at >> 1, last >> 1);
                }
            } else {
                later = node_hash(&later, node);
            }
            (at, last) = (at >> 1, last >> 1);
        }
        (last == 0).then_some((earlier, later))
    }

    proptest! {
        #[test]
        fn every_leaf_is_proven(leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..4), 1..70)) {
            let size = leaves.len() as u64;
            for (index, leaf) in (0..size).zip(&leaves) {
                let proof = hashes(&leaves, inclusion(index, size));
                prop_assert_eq!(included(index, size, leaf, &proof), Some(tree_root(&leaves)));
            }
            prop_assert!(inclusion(size, size).is_empty());
        }

        #[test]
        fn every_beginning_is_proven(leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..4), 2..70)) {
            let new = leaves.len() as u64;
            for old in 1..new {
                let before = tree_root(&leaves[..usize::try_from(old).unwrap()]);
                let proof = hashes(&leaves, consistency(old, new));
                prop_assert_eq!(consistent(old, new, before, &proof), Some((before, tree_root(&leaves))));
            }
            prop_assert!(consistency(0, new).is_empty() && consistency(new, new).is_empty());
        }
    }
}
