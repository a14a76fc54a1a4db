//! What holds for every store and every sealed file.

use std::io::{Read, Write};
use std::sync::Arc;

use proptest::prelude::*;

use super::seal::{CHUNK, HEADER, SEALED_CHUNK};
use super::{BlobStore, DiskBlobs, MemoryBlobs, SealedFile, SealedWriter, check_name};
use crate::Error;
use crate::testing::stores::{conforms, put};

const KEY: [u8; 32] = [7; 32];
const SALT: [u8; 32] = [9; 32];

fn plain(size: usize) -> Vec<u8> {
    (0..size).map(|i| u8::try_from(i % 251).unwrap_or(0)).collect()
}

fn seal(blobs: &dyn BlobStore, name: &str, bytes: &[u8], step: usize) {
    let mut writer = SealedWriter::create(blobs, name, &KEY, SALT, None).expect("created");
    for part in bytes.chunks(step) {
        writer.append(part).expect("appended");
    }
    assert_eq!(writer.finish().expect("finished").size, bytes.len() as u64);
}

fn open(blobs: &MemoryBlobs, name: &str) -> crate::Result<Vec<u8>> {
    let file = SealedFile::open(Arc::new(blobs.clone()), name, &KEY)?;
    file.read(0..file.size())
}

fn sealed_bytes(blobs: &MemoryBlobs, name: &str) -> Vec<u8> {
    blobs.read(name, 0..u64::MAX).expect("read")
}

fn every_store(check: impl Fn(&dyn BlobStore)) {
    check(&MemoryBlobs::default());
    let folder = tempfile::tempdir().expect("folder");
    check(&DiskBlobs::open(folder.path()).expect("opened"));
}

#[test]
fn every_store_does_what_it_says() {
    every_store(conforms);
}

#[test]
fn a_blob_may_be_called_as_a_folder_is() {
    every_store(|blobs| {
        put(blobs, "a/b/one", b"1");
        put(blobs, "a/b", b"2");
        assert_eq!(blobs.list("a/b").expect("list"), ["a/b", "a/b/one"]);
        assert_eq!(blobs.read("a/b", 0..9).expect("read"), b"2");
    });
}

#[test]
fn leftovers_of_a_crash_are_swept_and_running_writes_are_not() {
    let folder = tempfile::tempdir().expect("folder");
    let tmp = folder.path().join("blobs/tmp");
    let blobs = DiskBlobs::open(folder.path()).expect("opened");
    let mut writer = blobs.create("running").expect("created");
    writer.write_all(b"whole").expect("written");
    std::fs::write(tmp.join("leftover"), b"half").expect("left");
    let second = DiskBlobs::open(folder.path()).expect("opened again");
    assert!(!tmp.join("leftover").exists());
    writer.finish().expect("finished");
    assert_eq!(second.read("running", 0..9).expect("read"), b"whole");
    assert_eq!(std::fs::read_dir(tmp).expect("listed").count(), 0);
}

#[test]
fn names_lead_nowhere_else() {
    for name in ["", "/", "a/", "/a", "../a", "a/../b", "a//b", ".", "a/.", "A", "a b", "a\\b", "ä", "=00/a", "a\0"] {
        assert!(check_name(name).is_err(), "{name:?}");
    }
    for name in ["a", "index/wsp_1/.managed.json", "a-b.c_d/e"] {
        check_name(name).expect(name);
    }
    assert!(check_name(&"a/".repeat(300)).is_err());
}

#[test]
fn more_than_the_limit_is_refused_and_leaves_nothing() {
    let blobs = MemoryBlobs::default();
    let mut writer = SealedWriter::create(&blobs, "one", &KEY, SALT, Some(10)).expect("created");
    writer.append(&[1; 10]).expect("fits");
    assert!(matches!(writer.append(&[1]), Err(Error::Conflict { code: "file_too_large", .. })));
    assert_eq!(writer.write(&[1]).expect_err("refused").kind(), std::io::ErrorKind::FileTooLarge);
    drop(writer);
    assert_eq!(blobs.list("").expect("list").len(), 0);
}

#[test]
fn sizes_around_chunk_borders_come_back() {
    let blobs = MemoryBlobs::default();
    for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1, 17 * CHUNK + 5] {
        let bytes = plain(size);
        seal(&blobs, "one", &bytes, 10_007);
        assert_eq!(open(&blobs, "one").expect("opened"), bytes, "{size}");
        let mut streamed = Vec::new();
        let file = SealedFile::open(Arc::new(blobs.clone()), "one", &KEY).expect("opened");
        file.into_reader().read_to_end(&mut streamed).expect("streamed");
        assert_eq!(streamed, bytes, "{size}");
    }
}

#[test]
fn chunks_stay_where_they_were_written() {
    let blobs = MemoryBlobs::default();
    seal(&blobs, "one", &plain(3 * CHUNK), CHUNK);
    let whole = sealed_bytes(&blobs, "one");
    let (first, second) = (HEADER..HEADER + SEALED_CHUNK, HEADER + SEALED_CHUNK..HEADER + 2 * SEALED_CHUNK);

    let mut swapped = whole.clone();
    swapped[first.clone()].copy_from_slice(&whole[second.clone()]);
    swapped[second].copy_from_slice(&whole[first.clone()]);
    put(&blobs, "one", &swapped);
    assert!(open(&blobs, "one").is_err(), "swapped");

    let mut dropped = whole.clone();
    dropped.drain(first);
    put(&blobs, "one", &dropped);
    assert!(SealedFile::open(Arc::new(blobs.clone()), "one", &KEY).is_err(), "dropped");

    put(&blobs, "two", &whole);
    assert!(open(&blobs, "two").is_err(), "another name");
    put(&blobs, "one", &whole);
    assert!(SealedFile::open(Arc::new(blobs.clone()), "one", &[8; 32]).is_err(), "another key");
    assert!(open(&blobs, "one").is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn ranges_equal_slices(size in 1..5 * CHUNK, step in 1..3 * CHUNK, a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
        let blobs = MemoryBlobs::default();
        let bytes = plain(size);
        seal(&blobs, "one", &bytes, step);
        let (a, b) = (a.index(size + 1), b.index(size + 1));
        let (from, to) = (a.min(b), a.max(b));
        let file = SealedFile::open(Arc::new(blobs), "one", &KEY).expect("opened");
        prop_assert_eq!(file.read(from as u64..to as u64).expect("read"), &bytes[from..to]);
        prop_assert!(file.read(0..size as u64 + 1).is_err());
    }

    #[test]
    fn a_flipped_bit_and_a_cut_are_refused(size in 0..3 * CHUNK, at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let blobs = MemoryBlobs::default();
        seal(&blobs, "one", &plain(size), CHUNK);
        let whole = sealed_bytes(&blobs, "one");
        let at = at.index(whole.len());
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << bit;
        put(&blobs, "one", &flipped);
        prop_assert!(open(&blobs, "one").is_err());
        put(&blobs, "one", &whole[..at]);
        prop_assert!(SealedFile::open(Arc::new(blobs.clone()), "one", &KEY).is_err());
    }
}

#[test]
fn nothing_plain_touches_the_disk() {
    let folder = tempfile::tempdir().expect("folder");
    let blobs = DiskBlobs::open(folder.path()).expect("opened");
    let mut writer = SealedWriter::create(&blobs, "att/one", &KEY, SALT, None).expect("created");
    writer.append("canary-of-anna ".repeat(10_000).as_bytes()).expect("appended");
    let half = std::fs::read_dir(folder.path().join("blobs/tmp")).expect("listed").next().expect("one").expect("entry");
    assert!(!contains(&std::fs::read(half.path()).expect("read"), b"canary"));
    assert_eq!(writer.finish().expect("finished").content_type, "text/plain; charset=utf-8");
    assert!(!contains(&blobs.read("att/one", 0..u64::MAX).expect("read"), b"canary"));
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
