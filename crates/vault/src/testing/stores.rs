//! What holds for every store of blobs, wherever it is: the stores of this crate and those of others are held against it.

use std::io::Write;

use crate::Error;
use crate::blobs::BlobStore;

/// Checks an empty store. Panics where it does not do what [`BlobStore`] says.
pub fn conforms(blobs: &dyn BlobStore) {
    keeps_replaces_lists_and_forgets(blobs);
    shows_whole_blobs_only(blobs);
    reads_any_range(blobs);
    refuses_what_is_no_name(blobs);
}

/// Writes a blob whole.
pub fn put(blobs: &dyn BlobStore, name: &str, bytes: &[u8]) {
    let mut writer = blobs.create(name).expect("created");
    writer.write_all(bytes).expect("written");
    writer.finish().expect("finished");
}

fn keeps_replaces_lists_and_forgets(blobs: &dyn BlobStore) {
    let names = ["a/b/one", "a/b/two", "a/bc", "a/d.e/f", "z"];
    for name in names {
        put(blobs, name, name.as_bytes());
    }
    assert_eq!(blobs.list("a/b").expect("list"), ["a/b/one", "a/b/two", "a/bc"]);
    assert_eq!(blobs.list("a/b/").expect("list"), ["a/b/one", "a/b/two"]);
    assert_eq!(blobs.list("").expect("list"), names);
    assert_eq!(blobs.list("none/").expect("list").len(), 0);
    put(blobs, "z", b"new");
    assert_eq!(blobs.read("z", 0..9).expect("read"), b"new");
    assert_eq!((blobs.size("z").expect("size"), blobs.size("y").expect("size")), (Some(3), None));
    for name in names {
        blobs.delete(name).expect("deleted");
        blobs.delete(name).expect("deleted again");
        assert_eq!(blobs.size(name).expect("size"), None);
    }
    assert!(matches!(blobs.read("z", 0..1), Err(Error::NotFound(_))));
    assert!(matches!(blobs.read("z", 1..1), Err(Error::NotFound(_))));
    assert_eq!(blobs.list("").expect("list").len(), 0);
}

fn shows_whole_blobs_only(blobs: &dyn BlobStore) {
    put(blobs, "one", b"old");
    let mut writer = blobs.create("one").expect("created");
    writer.write_all(b"half").expect("written");
    assert_eq!(blobs.read("one", 0..9).expect("read"), b"old");
    drop(writer);
    assert_eq!(blobs.read("one", 0..9).expect("read"), b"old");
    let mut writer = blobs.create("two").expect("created");
    writer.write_all(b"half").expect("written");
    assert_eq!(blobs.list("").expect("list"), ["one"]);
    writer.finish().expect("finished");
    assert_eq!(blobs.list("").expect("list"), ["one", "two"]);
    blobs.delete("one").expect("deleted");
    blobs.delete("two").expect("deleted");
}

fn reads_any_range(blobs: &dyn BlobStore) {
    put(blobs, "a/one", b"0123456789");
    for (range, part) in [
        (2..5, &b"234"[..]),
        (0..1, b"0"),
        (9..10, b"9"),
        (7..90, b"789"),
        (0..u64::MAX, b"0123456789"),
        (4..4, b""),
        (10..11, b""),
        (500..600, b""),
    ] {
        assert_eq!(blobs.read("a/one", range.clone()).expect("read"), part, "{range:?}");
    }
    put(blobs, "a/empty", b"");
    assert_eq!(blobs.size("a/empty").expect("size"), Some(0));
    assert_eq!(blobs.read("a/empty", 0..u64::MAX).expect("read"), b"");
    blobs.delete("a/one").expect("deleted");
    blobs.delete("a/empty").expect("deleted");
}

fn refuses_what_is_no_name(blobs: &dyn BlobStore) {
    for name in ["", "/", "a/", "/a", "../a", "a/../b", "a//b", ".", "a/.", "A", "a b", "a\\b", "ä", "=00/a", "a\0"] {
        assert!(blobs.create(name).is_err(), "{name:?}");
    }
}
