//! What is kept nearby, and what a root key says to what another kind of root key wrapped.

use std::io::Write;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use vault::Millis;
use vault::blobs::{BlobWriter, MemoryBlobs};

use super::*;
use crate::machine::SystemChance;

const SEGMENT: &str = "index/wsp_1/0af3.term";
const MINUTE: Millis = 60_000;

/// A store far away that notes what it is asked, and can be out of reach.
#[derive(Default)]
struct Far {
    blobs: MemoryBlobs,
    asked: Mutex<Vec<String>>,
    away: AtomicBool,
}

impl Far {
    fn note(&self, what: &str, name: &str) -> Result<(), Error> {
        self.asked.lock().unwrap().push(format!("{what} {name}"));
        if self.away.load(Ordering::SeqCst) { Err(Error::Outside("away".into())) } else { Ok(()) }
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

struct Shared(Arc<Far>);

impl BlobStore for Shared {
    fn create(&self, name: &str) -> Result<Box<dyn BlobWriter>, Error> {
        self.0.note("create", name)?;
        self.0.blobs.create(name)
    }

    fn size(&self, name: &str) -> Result<Option<u64>, Error> {
        self.0.note("size", name)?;
        self.0.blobs.size(name)
    }

    fn read(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>, Error> {
        self.0.note("read", name)?;
        self.0.blobs.read(name, range)
    }

    fn delete(&self, name: &str) -> Result<(), Error> {
        self.0.note("delete", name)?;
        self.0.blobs.delete(name)
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, Error> {
        self.0.blobs.list(prefix)
    }
}

#[derive(Default)]
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Millis {
        self.0.load(Ordering::SeqCst)
    }
}

struct Place {
    folder: tempfile::TempDir,
    far: Arc<Far>,
    clock: Arc<Hand>,
}

impl Place {
    fn new() -> Self {
        let clock = Arc::new(Hand(AtomicI64::new(1_000 * MINUTE)));
        Self { folder: tempfile::tempdir().unwrap(), far: Arc::default(), clock }
    }

    fn open(&self, most: u64) -> Nearby {
        let far = Arc::new(Shared(Arc::clone(&self.far)));
        Nearby::open(far, self.folder.path(), most, self.clock.clone()).unwrap()
    }

    fn copies(&self) -> usize {
        std::fs::read_dir(self.folder.path()).unwrap().count()
    }
}

fn put(blobs: &dyn BlobStore, name: &str, bytes: &[u8]) {
    let mut writer = blobs.create(name).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap();
}

#[test]
fn what_never_changes_is_asked_for_once() {
    let place = Place::new();
    put(&place.far.blobs, SEGMENT, b"0123456789");
    let near = place.open(1 << 20);
    assert_eq!(near.read(SEGMENT, 2..5).unwrap(), b"234");
    assert_eq!(place.far.asked(), [format!("size {SEGMENT}"), format!("read {SEGMENT}")]);
    assert_eq!(near.read(SEGMENT, 8..90).unwrap(), b"89");
    assert_eq!(near.size(SEGMENT).unwrap(), Some(10));
    assert!(place.far.asked().is_empty());
    drop(near);
    let near = place.open(1 << 20);
    assert_eq!(near.read(SEGMENT, 0..2).unwrap(), b"01");
    assert_eq!(
        place.far.asked(),
        [format!("size {SEGMENT}")],
        "an earlier run's copy is looked after, not fetched again"
    );
}

#[test]
fn what_was_written_here_is_not_fetched_and_what_changes_always_is() {
    let place = Place::new();
    let near = place.open(1 << 20);
    put(&near, SEGMENT, b"new");
    put(&near, "index/wsp_1/meta.json", b"one");
    place.far.asked();
    assert_eq!(near.read(SEGMENT, 0..9).unwrap(), b"new");
    assert!(place.far.asked().is_empty());
    put(&place.far.blobs, "index/wsp_1/meta.json", b"two");
    assert_eq!(near.read("index/wsp_1/meta.json", 0..9).unwrap(), b"two");
    put(&near, "att_1", b"x");
    assert_eq!(place.copies(), 1, "of files of messages nothing is kept");
    drop(near.create(SEGMENT).unwrap());
    assert_eq!(place.copies(), 0, "a writer that is given up leaves nothing");
}

#[test]
fn what_is_gone_there_goes_here() {
    let place = Place::new();
    let near = place.open(1 << 20);
    put(&near, SEGMENT, b"0123");
    place.far.blobs.delete(SEGMENT).unwrap();
    assert_eq!(near.read(SEGMENT, 0..1).unwrap(), b"0", "for some minutes");
    place.clock.0.fetch_add(11 * MINUTE, Ordering::SeqCst);
    assert!(matches!(near.read(SEGMENT, 0..1), Err(Error::NotFound(_))));
    assert_eq!(place.copies(), 0);
    put(&near, SEGMENT, b"0123");
    near.delete(SEGMENT).unwrap();
    assert!(matches!(near.read(SEGMENT, 0..1), Err(Error::NotFound(_))));
    assert_eq!((place.copies(), near.size(SEGMENT).unwrap()), (0, None));
}

#[test]
fn copies_serve_while_the_storage_is_away() {
    let place = Place::new();
    let near = place.open(1 << 20);
    put(&near, SEGMENT, b"0123");
    place.far.away.store(true, Ordering::SeqCst);
    place.clock.0.fetch_add(30 * MINUTE, Ordering::SeqCst);
    assert_eq!(near.read(SEGMENT, 1..3).unwrap(), b"12");
    assert!(near.read("index/wsp_1/other.term", 0..1).is_err());
}

#[test]
fn no_more_is_kept_than_may_be() {
    let place = Place::new();
    let near = place.open(100);
    for number in 0..20 {
        put(&near, &format!("index/wsp_1/{number}.idx"), &[7; 30]);
        place.clock.0.fetch_add(1, Ordering::SeqCst);
    }
    assert_eq!(place.copies(), 3);
    assert_eq!(near.read("index/wsp_1/0.idx", 0..99).unwrap(), [7; 30]);
    put(&place.far.blobs, SEGMENT, &[1; 60]);
    assert_eq!(near.read(SEGMENT, 0..99).unwrap(), [1; 60]);
    assert_eq!(place.copies(), 3, "what would push all others out stays where it is");
    std::fs::remove_dir_all(place.folder.path()).unwrap();
    assert_eq!(near.read("index/wsp_1/19.idx", 0..99).unwrap(), [7; 30], "without a folder the originals are read");
}

#[test]
fn a_wrong_kind_of_root_key_is_told_from_damage() {
    let chance: Arc<dyn Chance> = Arc::new(SystemChance);
    let file = root_key(&RootKeySource::Given([1; 32]), Arc::clone(&chance)).unwrap();
    try_root_key(&*file, &*chance).unwrap();
    let wrapped = file.wrap(b"c", &[2; 32], chance.draw()).unwrap();
    let (in_kms, in_transit) = (marked(kms::KIND, "a", b"x"), marked(transit::KIND, "a", b"x"));
    for (kind, wrapped, words) in [
        (kms::KIND, &in_transit, "root_key.source to transit"),
        (transit::KIND, &in_kms, "root_key.source to aws_kms"),
        (kms::KIND, &wrapped, "from a file or the environment"),
        (kms::KIND, &b"short".to_vec(), "malformed"),
    ] {
        let refused = unmarked(kind, wrapped).unwrap_err();
        assert!(matches!(refused, Error::Seal(said) if said.contains(words)), "{refused}");
    }
    assert_eq!(unmarked(kms::KIND, &in_kms).unwrap(), b"x");
    assert_ne!(marked(kms::KIND, "b", b"x"), in_kms, "two keys of a kind are told apart");
    assert!(matches!(file.unwrap(b"c", &in_kms), Err(Error::Seal(said)) if said.contains("not the root key")));
}
