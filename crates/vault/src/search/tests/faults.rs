//! Crashes, damage, several readers.

use std::ops::Range;
use std::sync::Mutex;

use super::*;
use crate::Result;
use crate::blobs::BlobWriter;

/// A store that fails from its n-th change on, as if the machine had stopped there.
struct Failing {
    blobs: MemoryBlobs,
    left: Arc<Mutex<u32>>,
}

struct FailingWriter(Box<dyn BlobWriter>, Arc<Mutex<u32>>);

fn step(left: &Mutex<u32>) -> Result<()> {
    let mut left = left.lock().expect("lock");
    *left = left.checked_sub(1).ok_or_else(|| std::io::Error::from(std::io::ErrorKind::StorageFull))?;
    Ok(())
}

impl BlobStore for Failing {
    fn create(&self, name: &str) -> Result<Box<dyn BlobWriter>> {
        Ok(Box::new(FailingWriter(self.blobs.create(name)?, Arc::clone(&self.left))))
    }
    fn size(&self, name: &str) -> Result<Option<u64>> {
        self.blobs.size(name)
    }
    fn read(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>> {
        self.blobs.read(name, range)
    }
    fn delete(&self, name: &str) -> Result<()> {
        step(&self.left)?;
        self.blobs.delete(name)
    }
    fn list(&self, prefix: &str) -> Result<Vec<String>> {
        self.blobs.list(prefix)
    }
}

impl std::io::Write for FailingWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

impl BlobWriter for FailingWriter {
    fn finish(self: Box<Self>) -> Result<()> {
        step(&self.1)?;
        self.0.finish()
    }
}

fn copy(from: &MemoryBlobs) -> MemoryBlobs {
    let to = MemoryBlobs::default();
    for name in from.list("").expect("list") {
        let mut writer = to.create(&name).expect("created");
        std::io::Write::write_all(&mut writer, &from.read(&name, 0..u64::MAX).expect("read")).expect("written");
        writer.finish().expect("finished");
    }
    to
}

#[test]
fn a_crash_anywhere_leaves_a_commit() {
    let (first, index) = fresh();
    for i in 0..5 {
        index.write(&[doc(&format!("m{i}"), "con_1", "hello")], &[]).expect("written");
    }
    let (mut failed, mut succeeded) = (0, 0);
    for changes in 0..36 {
        let blobs = copy(&first);
        let failing = Failing { blobs: blobs.clone(), left: Arc::new(Mutex::new(changes)) };
        let crashing = indexes(Arc::new(failing)).open(workspace(1), &KEY, NOW);
        // The sixth segment makes it merge, too.
        let written = crashing.write(&[doc("m5", "con_1", "hello")], &[DeleteBy::Message("m0".into())]);
        let again = indexes(Arc::new(blobs.clone())).open(workspace(1), &KEY, NOW);
        let seen = found(&again, "hello");
        match written {
            Ok(()) => {
                succeeded += 1;
                assert_eq!(seen, "m1 m2 m3 m4 m5", "after {changes}");
            }
            Err(error) => {
                failed += 1;
                assert!(matches!(error, SearchError::Store(_)), "{error:?}");
                assert!(["m0 m1 m2 m3 m4", "m1 m2 m3 m4 m5"].contains(&seen.as_str()), "{seen} after {changes}");
            }
        }
        again
            .write(&[doc("m5", "con_1", "hello")], &[DeleteBy::Message("m0".into())])
            .expect("written after the crash");
        again.merge_away().expect("merged");
        assert_eq!(found(&again, "hello"), "m1 m2 m3 m4 m5");
        let segments: std::collections::HashSet<_> =
            blobs.list("").expect("list").iter().map(|name| name.split('.').next().unwrap_or("").to_owned()).collect();
        assert!(segments.len() <= again.state().expect("state").segments + 1, "leftovers are collected");
    }
    assert!(failed > 5 && succeeded > 5, "{failed} failed, {succeeded} succeeded");
}

#[test]
fn readers_on_two_nodes_follow_each_other() {
    let (blobs, writer) = fresh();
    writer.write(&[doc("a", "con_1", "hello")], &[]).expect("written");
    let reader = indexes(Arc::new(blobs.clone())).open(workspace(1), &KEY, NOW);
    assert_eq!(found(&reader, "hello"), "a");
    writer.write(&[doc("b", "con_2", "hello")], &[]).expect("written");
    assert_eq!(found(&writer, "hello"), "a b");
    reader.refresh().expect("refreshed");
    assert_eq!(found(&reader, "hello"), "a b");
    // The files go from under the second reader, which finds the new ones by itself.
    for round in 0..4 {
        writer.write(&[doc("a", "con_1", &format!("hello {round}"))], &[]).expect("written");
        writer.merge_away().expect("merged");
        assert_eq!(found(&reader, "hello b*"), "");
        assert!(reader.search(&query("hello")).is_ok());
    }
    reader.refresh().expect("refreshed");
    assert_eq!(found(&reader, "hello 3"), "a");
    // The other node writes now, and collects the files of the first.
    reader.write(&[], &[DeleteBy::Contact("con_1".into())]).expect("written");
    reader.merge_away().expect("merged");
    assert_eq!(found(&reader, "hello"), "b");
    writer.refresh().expect("refreshed");
    assert_eq!(found(&writer, "hello"), "b");
}

#[test]
fn a_reopened_index_is_the_same_and_idle_ones_close() {
    let blobs = MemoryBlobs::default();
    let all = indexes(Arc::new(blobs));
    all.open(workspace(1), &KEY, NOW).write(&[doc("a", "con_1", "hello")], &[]).expect("written");
    let held = all.open(workspace(2), &KEY, NOW + 1);
    assert!(Arc::ptr_eq(&held, &all.open(workspace(2), &KEY, NOW + 2)));
    assert_eq!(all.close_idle(NOW + 100), 1, "the first; the second is held");
    assert_eq!(found(&all.open(workspace(1), &KEY, NOW + 200), "hello"), "a");
    all.open(workspace(3), &KEY, NOW + 300);
    assert!(Arc::ptr_eq(&held, &all.open(workspace(2), &KEY, NOW + 400)), "the oldest idle one went instead");
}

#[test]
fn searching_while_writing() {
    let (_, index) = fresh();
    index.write(&[doc("always", "con_1", "hello")], &[]).expect("written");
    std::thread::scope(|threads| {
        let readers: Vec<_> =
            (0..2).map(|_| threads.spawn(|| (0..100).all(|_| found(&index, "hello").contains("always")))).collect();
        for i in 0..20 {
            index.write(&[doc(&format!("m{}", i % 3), "con_2", "hello")], &[]).expect("written");
        }
        assert!(readers.into_iter().all(|reader| reader.join().expect("joined")));
    });
}

/// Whoever opens an index finds it whole, also while another begins it and replaces the list of its parts.
#[test]
fn opening_while_writing() {
    for round in 0..20 {
        let blobs = MemoryBlobs::default();
        let writer = indexes(Arc::new(blobs.clone())).open(workspace(1), &KEY, NOW);
        std::thread::scope(|scope| {
            let writing = scope.spawn(move || {
                for n in 0..6 {
                    writer.write(&[doc(&format!("m{n}"), "a", "pane")], &[]).expect("written");
                }
            });
            while !writing.is_finished() {
                let reader = indexes(Arc::new(blobs.clone())).open(workspace(1), &KEY, NOW);
                reader.search(&query("pane")).unwrap_or_else(|error| panic!("round {round}: {error}"));
            }
        });
    }
}

#[test]
fn damage_says_that_it_must_be_rebuilt() {
    let (whole, index) = fresh();
    for i in 0..2 {
        index.write(&[doc(&format!("m{i}"), "con_1", "hello")], &[]).expect("written");
    }
    index.check().expect("sound");
    for name in whole.list("").expect("list") {
        for flip in [true, false] {
            let blobs = copy(&whole);
            let mut bytes = blobs.read(&name, 0..u64::MAX).expect("read");
            blobs.delete(&name).expect("deleted");
            if flip {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                let mut writer = blobs.create(&name).expect("created");
                std::io::Write::write_all(&mut writer, &bytes).expect("written");
                writer.finish().expect("finished");
            }
            let all = indexes(Arc::new(blobs));
            let damaged = all.open(workspace(1), &KEY, NOW);
            let searched = damaged.search(&query("hello"));
            assert!(matches!(searched, Err(SearchError::MustRebuild(_))), "{name} {flip}: {searched:?}");
            assert!(matches!(
                damaged.merge_away().and_then(|()| damaged.search(&query("hello"))),
                Err(SearchError::MustRebuild(_))
            ));
            assert!(matches!(damaged.check(), Err(SearchError::MustRebuild(_))), "{name} {flip}");
            let anew = all.open_folder(workspace(1), (1, &KEY), NOW);
            anew.write(&[doc("new", "con_1", "hello")], &[]).expect("written");
            assert_eq!(found(&anew, "hello"), "new");
            all.remove(workspace(1), 0).expect("removed");
            assert_eq!(found(&anew, "hello"), "new");
        }
    }
    let wrong = indexes(Arc::new(whole)).open(workspace(1), &[4; 32], NOW);
    assert!(matches!(wrong.search(&query("hello")), Err(SearchError::MustRebuild(_))));
    assert!(matches!(
        crate::Error::from(wrong.write(&[], &[DeleteBy::Message("a".into())]).expect_err("refused")),
        crate::Error::Conflict { code: "index_damaged", .. }
    ));
}
