//! What an index finds, forgets, and leaves on the disk.

mod faults;
mod finding;
mod forgetting;

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use super::{DeleteBy, Doc, Filter, Kind, Limits, Order, Query, SearchError, SearchIndexes, WorkspaceIndex};
use crate::blobs::{BlobStore, MemoryBlobs};
use crate::{Chance, WorkspaceId};

const KEY: [u8; 32] = [3; 32];
const DAY: i64 = 86_400_000;
const NOW: i64 = 1_000 * DAY;

struct Counting(AtomicU8);

impl Chance for Counting {
    fn draw(&self) -> [u8; 32] {
        [self.0.fetch_add(1, Ordering::Relaxed); 32]
    }
}

fn workspace(n: u8) -> WorkspaceId {
    format!("wsp_{n:032x}").parse().expect("an id")
}

fn indexes(blobs: Arc<dyn BlobStore>) -> SearchIndexes {
    SearchIndexes::new(blobs, Arc::new(Counting(AtomicU8::new(0))), Limits { open: 2, cache: 1 << 20 })
}

fn fresh() -> (MemoryBlobs, Arc<WorkspaceIndex>) {
    let blobs = MemoryBlobs::default();
    let index = indexes(Arc::new(blobs.clone())).open(workspace(1), &KEY, NOW);
    (blobs, index)
}

fn doc(message: &str, contact: &str, text: &str) -> Doc {
    Doc {
        message: message.into(),
        conversation: format!("cnv_{contact}"),
        contact: contact.into(),
        channel: "chn_1".into(),
        at: NOW - DAY,
        kind: Kind::Message,
        text: text.into(),
        name: None,
        language: None,
    }
}

fn query(text: &str) -> Query {
    Query { text: text.into(), limit: 50, now: NOW, ..Query::default() }
}

fn ids(index: &WorkspaceIndex, query: &Query) -> Vec<String> {
    index.search(query).expect("searched").hits.into_iter().map(|hit| hit.message).collect()
}

/// The ids found, sorted, in one line.
fn found(index: &WorkspaceIndex, text: &str) -> String {
    let mut ids = ids(index, &query(text));
    ids.sort();
    ids.join(" ")
}
