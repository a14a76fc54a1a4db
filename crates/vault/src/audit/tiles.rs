//! The log as tiles: stretches of 256 hashes of the tree, and of 256 leaves, as <https://c2sp.org/tlog-tiles> writes them down.
//! A client of such logs can fetch them and prove whatever it wants.

use crate::merkle::{self, Hash, Tree};

/// Hashes in a full tile.
pub const WIDTH: u64 = 256;

/// Which tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tile {
    /// How many levels of tiles are below it; `None`: the leaves themselves.
    pub level: Option<u8>,
    /// Its place in the level, from 0.
    pub index: u64,
    /// How many hashes or leaves it has: from 1 to 256, fewer than that only at the right edge of a tree.
    pub width: u64,
}

impl Tile {
    /// Reads what follows `tile/`: `0/x001/234`, `entries/067.p/12`. `None`: there is no such tile in any tree.
    pub fn parse(path: &str) -> Option<Self> {
        let (path, width) = match path.split_once(".p/") {
            Some((path, width)) => (path, number(width).filter(|width| (1..WIDTH).contains(width))?),
            None => (path, WIDTH),
        };
        let (level, index) = path.split_once('/')?;
        let level = match level {
            "entries" => None,
            level => Some(u8::try_from(number(level)?).ok().filter(|level| *level < 64)?),
        };
        let parts: Vec<&str> = index.split('/').collect();
        let (last, before) = parts.split_last()?;
        let digits =
            before.iter().map(|part| part.strip_prefix('x')).chain([Some(*last)]).collect::<Option<Vec<_>>>()?;
        let plain = |part: &&str| part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits.iter().all(plain) || (digits.len() > 1 && digits[0] == "000") {
            return None;
        }
        Some(Self { level, index: digits.concat().parse().ok()?, width })
    }

    /// What follows `tile/`.
    pub fn path(&self) -> String {
        let mut digits = vec![format!("{:03}", self.index % 1_000)];
        let mut rest = self.index / 1_000;
        while rest > 0 {
            digits.push(format!("x{:03}", rest % 1_000));
            rest /= 1_000;
        }
        digits.reverse();
        let level = self.level.map_or_else(|| "entries".to_owned(), |level| level.to_string());
        let part = if self.width == WIDTH { String::new() } else { format!(".p/{}", self.width) };
        format!("{level}/{}{part}", digits.join("/"))
    }

    /// The leaves under each of its hashes, counted from 0; of the leaves themselves, each alone. `None`: more than any
    /// tree has.
    pub fn stretches(&self) -> Option<Vec<merkle::Stretch>> {
        let span = WIDTH.checked_pow(u32::from(self.level.unwrap_or(0)))?;
        let first = self.index.checked_mul(WIDTH)?;
        let stretch = |at: u64| Some((first + at).checked_mul(span)?..(first + at + 1).checked_mul(span)?);
        first.checked_add(WIDTH)?;
        (0..self.width).map(stretch).collect()
    }
}

/// A decimal number in its one form.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

/// A leaf as a bundle of leaves holds it: its length in two bytes, big endian, then its bytes.
pub fn bundled(leaf: &[u8]) -> Vec<u8> {
    let length = u16::try_from(leaf.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], leaf].concat()
}

/// Makes the tiles of a tree while its leaves go by.
#[derive(Debug, Default)]
pub struct Tiler {
    bundle: Growing,
    levels: Vec<Growing>,
}

/// The tile at the right edge of a level.
#[derive(Debug, Default)]
struct Growing {
    index: u64,
    width: u64,
    bytes: Vec<u8>,
    /// Over the hashes of this tile alone.
    tree: Tree,
}

impl Growing {
    fn add(&mut self, bytes: &[u8], hash: Hash) {
        self.bytes.extend_from_slice(bytes);
        self.tree.push_hash(hash);
        self.width += 1;
    }

    /// Takes the tile off, and begins the next.
    fn take(&mut self, level: Option<u8>) -> (Tile, Vec<u8>) {
        let tile = Tile { level, index: self.index, width: self.width };
        let next = Self { index: self.index + 1, ..Self::default() };
        (tile, std::mem::replace(self, next).bytes)
    }
}

impl Tiler {
    /// Adds a leaf; the tiles that this filled.
    pub fn push(&mut self, leaf: &[u8]) -> Vec<(Tile, Vec<u8>)> {
        let mut full = Vec::new();
        let mut hash = merkle::leaf_hash(leaf);
        self.bundle.add(&bundled(leaf), hash);
        if self.bundle.width == WIDTH {
            full.push(self.bundle.take(None));
        }
        for level in 0_u8.. {
            let at = usize::from(level);
            if self.levels.len() == at {
                self.levels.push(Growing::default());
            }
            let tile = &mut self.levels[at];
            tile.add(&hash.clone(), hash);
            if tile.width < WIDTH {
                break;
            }
            hash = tile.tree.root();
            full.push(tile.take(Some(level)));
        }
        full
    }

    /// The tiles at the right edge that are not full.
    pub fn rest(mut self) -> Vec<(Tile, Vec<u8>)> {
        let mut rest = Vec::new();
        if self.bundle.width > 0 {
            rest.push(self.bundle.take(None));
        }
        for (level, tile) in (0_u8..).zip(&mut self.levels) {
            if tile.width > 0 {
                rest.push(tile.take(Some(level)));
            }
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::merkle::tree_root;

    #[test]
    fn paths_are_those_of_the_specification() {
        for (path, level, index, width) in [
            ("0/x001/x234/067", Some(0), 1_234_067, 256),
            ("5/000", Some(5), 0, 256),
            ("0/000.p/112", Some(0), 0, 112),
            ("entries/x001/000.p/1", None, 1_000, 1),
            ("63/999", Some(63), 999, 256),
        ] {
            let tile = Tile { level, index, width };
            assert_eq!((Tile::parse(path), tile.path()), (Some(tile), path.to_owned()));
        }
        for path in [
            "",
            "0",
            "0/",
            "0/0",
            "00/000",
            "64/000",
            "-1/000",
            "+1/000",
            "0/1234",
            "0/001/234",
            "0/x000/001",
            "0/x001",
            "0/000.p/0",
            "0/000.p/256",
            "0/000.p/012",
            "0/000.p/",
            "0/000.p/1.p/1",
            "x/000",
            "0/0a0",
            "0/000/",
        ] {
            assert_eq!(Tile::parse(path), None, "{path}");
        }
    }

    #[test]
    fn a_tree_has_the_tiles_that_the_specification_counts() {
        let mut tiler = Tiler::default();
        let full: Vec<Tile> =
            (0..70_000_u32).flat_map(|leaf| tiler.push(&leaf.to_be_bytes())).map(|(tile, _)| tile).collect();
        let at = |level| full.iter().filter(|tile| tile.level == level).count();
        assert_eq!((at(None), at(Some(0)), at(Some(1)), at(Some(2))), (273, 273, 1, 0));
        let rest: Vec<_> = tiler.rest().iter().map(|(tile, _)| tile.path()).collect();
        assert_eq!(rest, ["entries/273.p/112", "0/273.p/112", "1/001.p/17", "2/000.p/1"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]
        #[test]
        fn a_tile_holds_the_roots_of_its_stretches(size in 1_u64..1_400) {
            let leaves: Vec<Vec<u8>> = (0..size).map(|leaf| leaf.to_be_bytes().to_vec()).collect();
            let mut tiler = Tiler::default();
            let mut tiles: Vec<_> = leaves.iter().flat_map(|leaf| tiler.push(leaf)).collect();
            tiles.extend(tiler.rest());
            for (tile, bytes) in tiles {
                prop_assert_eq!(Tile::parse(&tile.path()), Some(tile));
                let stretch = |range: merkle::Stretch| &leaves[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
                let stretches = tile.stretches().unwrap().into_iter();
                let expected: Vec<u8> = match tile.level {
                    None => stretches.flat_map(|range| bundled(&stretch(range)[0])).collect(),
                    Some(_) => stretches.flat_map(|range| tree_root(stretch(range))).collect(),
                };
                prop_assert_eq!(bytes, expected);
            }
        }
    }
}
