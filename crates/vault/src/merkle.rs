//! The Merkle tree over the audit log, hashed as RFC 6962 (section 2.1) says, so that any verifier of transparency
//! logs can check a checkpoint off-line.

mod proof;

pub use proof::{Stretch, consistency, inclusion};

use sha2::{Digest, Sha256};

/// A node of the tree.
pub type Hash = [u8; 32];

/// A tree that grows by its right edge. It holds one hash per set bit of its size, so it can be kept between runs of
/// the job that extends it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// Roots of the full subtrees, largest first.
    peaks: Vec<Hash>,
}

impl Tree {
    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Roots of its full subtrees, largest first: all it takes to go on growing it.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// A tree of which size and peaks were kept; `None` if they do not fit each other.
    pub fn resume(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: &[u8]) {
        self.push_hash(leaf_hash(leaf));
    }

    /// Appends a leaf of which the hash is known, or, in a tree of subtrees, a full subtree.
    pub fn push_hash(&mut self, mut node: Hash) {
        // Each trailing one bit of the size is a full subtree that this leaf completes into a larger one.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The tree's root. Of an empty tree: the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return Sha256::digest([]).into() };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// The root of a tree over leaves in order.
pub fn tree_root<L: AsRef<[u8]>>(leaves: impl IntoIterator<Item = L>) -> Hash {
    let mut tree = Tree::default();
    leaves.into_iter().for_each(|leaf| tree.push(leaf.as_ref()));
    tree.root()
}

/// What stands at the bottom of the tree for a leaf.
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new_with_prefix([0]).chain_update(leaf).finalize().into()
}

/// What stands above two nodes.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new_with_prefix([1]).chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition of RFC 6962, word for word.
    fn defined(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => leaf_hash(leaf),
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                node_hash(&defined(&leaves[..split]), &defined(&leaves[split..]))
            }
        }
    }

    #[test]
    fn roots_are_those_of_the_published_vectors() {
        let leaves =
            ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let leaves: Vec<_> = leaves.iter().map(|leaf| hex::decode(leaf).unwrap()).collect();
        for (size, root) in (1..).zip(roots) {
            assert_eq!(hex::encode(tree_root(&leaves[..size])), root);
        }
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hex::encode(Tree::default().root()), empty);
    }

    proptest! {
        #[test]
        fn growing_a_tree_is_the_definition(leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..8), 0..70)) {
            prop_assert_eq!(tree_root(&leaves), defined(&leaves));
        }

        #[test]
        fn a_tree_goes_on_from_what_was_kept(leaves in prop::collection::vec(any::<[u8; 4]>(), 1..70), at in any::<prop::sample::Index>()) {
            let (first, rest) = leaves.split_at(at.index(leaves.len()));
            let mut tree = Tree::default();
            for leaf in first {
                tree.push(leaf);
            }
            let mut resumed = Tree::resume(tree.size(), tree.peaks().to_vec()).unwrap();
            let too_many = [tree.peaks(), &[[0; 32]]].concat();
            prop_assert!(Tree::resume(tree.size(), too_many).is_none());
            for leaf in rest {
                resumed.push(leaf);
            }
            prop_assert_eq!(resumed.root(), tree_root(&leaves));
        }

        #[test]
        fn another_leaf_is_another_root(
            mut leaves in prop::collection::vec(prop::array::uniform4(any::<u8>()), 1..40),
            at in any::<prop::sample::Index>(),
        ) {
            let before = tree_root(&leaves);
            let at = at.index(leaves.len());
            leaves[at][0] ^= 1;
            prop_assert_ne!(tree_root(&leaves), before);
        }
    }
}
