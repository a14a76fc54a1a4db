//! What is forgotten, and what the files hold.

use tantivy::schema::Type;

use super::*;
use crate::blobs::DiskBlobs;

/// Every term of text in every segment, deleted documents' too.
fn terms(index: &WorkspaceIndex) -> Vec<String> {
    let (opened, _) = index.open_index().expect("opened").expect("there");
    let mut terms = Vec::new();
    for segment in opened.searchable_segments().expect("segments") {
        let reader = tantivy::SegmentReader::open(&segment).expect("reader");
        for (field, _) in opened.schema().fields().filter(|(_, entry)| entry.field_type().value_type() == Type::Str) {
            let inverted = reader.inverted_index(field).expect("inverted");
            let mut stream = inverted.terms().stream().expect("stream");
            while stream.advance() {
                terms.push(String::from_utf8_lossy(stream.key()).into_owned());
            }
        }
    }
    terms
}

fn holds(index: &WorkspaceIndex, term: &str) -> bool {
    terms(index).iter().any(|found| found.contains(term))
}

fn contacts(index: &WorkspaceIndex) {
    for round in 0..3 {
        let docs: Vec<_> = ["anna", "bela", "cleo"]
            .iter()
            .map(|name| doc(&format!("{name}{round}"), &format!("con_{name}"), &format!("secretof{name}s and more")))
            .collect();
        index.write(&docs, &[]).expect("written");
    }
}

#[test]
fn the_deleted_are_invisible_at_once_and_gone_after_merging() {
    let (blobs, index) = fresh();
    contacts(&index);
    assert_eq!(found(&index, "secretofanna"), "anna0 anna1 anna2");
    index.write(&[], &[DeleteBy::Contact("con_anna".into())]).expect("deleted");
    assert_eq!(found(&index, "secretofanna"), "");
    assert!(holds(&index, "secretofanna") && index.state().expect("state").deleted == 3, "not yet merged away");

    let before = blobs.list("").expect("list");
    index.merge_away().expect("merged");
    assert!(!holds(&index, "anna"));
    assert_eq!(found(&index, "secretofbela secretofcleo"), "");
    assert_eq!(found(&index, "secretofbela"), "bela0 bela1 bela2");
    let state = index.state().expect("state");
    assert_eq!((state.documents, state.deleted, state.segments), (6, 0, 1));
    let after = blobs.list("").expect("list");
    assert!(after.iter().all(|name| name.ends_with("meta.json") || !before.contains(name)), "old files are gone");
}

#[test]
fn the_last_document_leaves_nothing() {
    let (blobs, index) = fresh();
    index.write(&[doc("a", "con_a", "only one")], &[]).expect("written");
    index.write(&[], &[DeleteBy::Message("a".into())]).expect("deleted");
    index.merge_away().expect("merged");
    assert_eq!(blobs.list("").expect("list"), [format!("index/{}/meta.json", workspace(1))]);
    assert_eq!(found(&index, ""), "");
}

#[test]
fn deletions_reach_what_they_name_and_win_over_additions() {
    let (_, index) = fresh();
    let mut docs: Vec<_> = (0..6).map(|i| doc(&format!("m{i}"), &format!("con_{}", i % 3), "hello")).collect();
    docs[3].channel = "chn_2".into();
    docs[4].conversation = "cnv_x".into();
    index.write(&docs, &[]).expect("written");
    index.write(&[], &[DeleteBy::ContactOn("con_0".into(), "chn_1".into())]).expect("deleted");
    assert_eq!(found(&index, "hello"), "m1 m2 m3 m4 m5");
    index.write(&[], &[DeleteBy::Conversation("cnv_x".into()), DeleteBy::Message("m2".into())]).expect("deleted");
    assert_eq!(found(&index, "hello"), "m1 m3 m5");
    index.write(&[doc("m9", "con_1", "hello")], &[DeleteBy::Contact("con_1".into())]).expect("deleted");
    assert_eq!(found(&index, "hello"), "m3 m5");
    index.write(&[], &[DeleteBy::Channel("chn_2".into())]).expect("deleted");
    assert_eq!(found(&index, "hello"), "m5");
}

#[test]
fn nothing_on_the_disk_can_be_read() {
    let folder = tempfile::tempdir().expect("folder");
    let blobs = Arc::new(DiskBlobs::open(folder.path()).expect("opened"));
    let index = indexes(blobs).open(workspace(1), &KEY, NOW);
    let mut docs = vec![doc("msg_canaryid", "con_canarycontact", "canaryword ".repeat(500).as_str())];
    docs.push(Doc { kind: Kind::Contact, name: Some("canaryname".into()), ..doc("con_2", "con_2", "") });
    index.write(&docs, &[]).expect("written");
    assert_eq!(found(&index, "canaryword"), "msg_canaryid");
    let mut files = 0;
    let mut folders = vec![folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("listed").map(|entry| entry.expect("entry")) {
            assert!(!entry.file_name().to_string_lossy().contains("canary"));
            if entry.file_type().expect("type").is_dir() {
                folders.push(entry.path());
            } else {
                files += 1;
                let bytes = std::fs::read(entry.path()).expect("read");
                let readable = ["canary", "segment", "schema"]
                    .iter()
                    .any(|word| bytes.windows(word.len()).any(|w| w == word.as_bytes()));
                assert!(!readable, "{:?}", entry.path());
            }
        }
    }
    assert!(files > 4);
}

#[test]
fn removing_a_folder_leaves_the_others() {
    let blobs = MemoryBlobs::default();
    let all = indexes(Arc::new(blobs.clone()));
    let (one, two) = (all.open(workspace(1), &KEY, NOW), all.open(workspace(2), &KEY, NOW));
    contacts(&one);
    contacts(&two);
    all.remove(workspace(1), 0).expect("removed");
    assert!(blobs.list("").expect("list").iter().all(|name| name.starts_with(&format!("index/{}/", workspace(2)))));
    assert_eq!(found(&two, "secretofanna"), "anna0 anna1 anna2");
}
