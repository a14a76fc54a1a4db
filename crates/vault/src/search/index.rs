//! One workspace's index: searching it, and keeping what searching needs in memory.

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::collector::TopDocs;
use tantivy::query::Query as Plan;
use tantivy::schema::TantivyDocument;
use tantivy::{DocAddress, DocId, Index, IndexReader, ReloadPolicy, Score, Searcher, SegmentReader};

use super::directory::{IndexFiles, SealedDirectory};
use super::failure::{Noted, SearchError};
use super::plan::plan;
use super::schema::{AT, Fields};
use super::{Found, Order, Query};
use crate::Millis;

/// How often a search is tried: another node may merge its files away.
const TRIES: usize = 3;
/// The files that every segment has.
const PARTS: [&str; 6] = ["idx", "pos", "term", "store", "fast", "fieldnorm"];
/// Blocks of stored ids kept per segment, 16 KiB each.
const STORED_BLOCKS: usize = 8;
/// The time after which a hit's bonus for being new has halved, in milliseconds: thirty days.
const MONTH: f32 = 30.0 * 24.0 * 60.0 * 60.0 * 1_000.0;

/// The index of one workspace.
pub struct WorkspaceIndex {
    pub(super) files: Arc<IndexFiles>,
    pub(super) fields: Fields,
    /// One writer at a time; on other nodes the job's lease sees to it.
    pub(super) writing: Mutex<()>,
    pub(super) stamp: Mutex<Stamp>,
    reader: Mutex<Option<Arc<Open>>>,
    pub(super) used: AtomicI64,
}

/// How large an index is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IndexState {
    /// Parts that a search walks through.
    pub segments: usize,
    /// Documents that can be found.
    pub documents: u64,
    /// Documents that cannot be found any more but whose words are still in the files
    /// ([`WorkspaceIndex::merge_away`]).
    pub deleted: u64,
}

/// Stamps of commits.
#[derive(Default)]
pub(super) struct Stamp {
    /// Of the last one here.
    pub(super) written: Option<u64>,
    /// Of one after which nothing is written again as new.
    pub(super) settled: Option<u64>,
}

struct Open {
    reader: IndexReader,
    noted: Noted,
}

impl WorkspaceIndex {
    pub(super) fn new(files: IndexFiles, now: Millis) -> Self {
        Self {
            files: Arc::new(files),
            fields: Fields::new(),
            writing: Mutex::default(),
            stamp: Mutex::default(),
            reader: Mutex::default(),
            used: AtomicI64::new(now),
        }
    }

    /// Searches. An index that was never written has no hits.
    pub fn search(&self, query: &Query) -> Result<Found, SearchError> {
        self.used.fetch_max(query.now, Ordering::Relaxed);
        let plan = plan(&self.fields, query);
        for _ in 1..TRIES {
            match self.try_search(&*plan, query) {
                Err(error) if error.is_missing() => self.close_reader(),
                result => return result,
            }
        }
        self.try_search(&*plan, query)
    }

    fn try_search(&self, plan: &dyn Plan, query: &Query) -> Result<Found, SearchError> {
        let Some(open) = self.open_reader()? else { return Ok(Found::default()) };
        open.noted.guard(|| self.run(&open.reader.searcher(), plan, query)).inspect_err(|_| self.close_reader())
    }

    /// Reads every file that is needed from its first byte to its last.
    ///
    /// # Errors
    /// [`SearchError::MustRebuild`] if one is missing or damaged, [`SearchError::Store`] if that cannot be told now.
    pub fn check(&self) -> Result<(), SearchError> {
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((index, noted)) = self.open_index()? else { return Ok(()) };
        // The engine takes some files that are missing for empty ones.
        let names = self.files.names()?;
        for segment in noted.guard(|| index.searchable_segment_metas())? {
            for part in PARTS {
                let name = self.files.name(Path::new(&format!("{}.{part}", segment.id().uuid_string())))?;
                names.binary_search(&name).map_err(|_| SearchError::MustRebuild("a file is missing"))?;
            }
        }
        if !noted.guard(|| index.validate_checksum())?.is_empty() {
            return Err(SearchError::MustRebuild("a file is damaged"));
        }
        self.close_reader();
        self.try_search(&*plan(&self.fields, &Query::default()), &Query::default()).map(|_| ())
    }

    /// Looks at what was committed by others. After writing here it happens by itself.
    pub fn refresh(&self) -> Result<(), SearchError> {
        let open = self.reader.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(open) = open else { return Ok(()) };
        let reloaded = open.noted.guard(|| open.reader.reload()).inspect_err(|_| self.close_reader());
        // Files merged away under it: the next search opens what is there then.
        reloaded.or_else(|error| if error.is_missing() { Ok(()) } else { Err(error) })
    }

    /// How large the index is.
    pub fn state(&self) -> Result<IndexState, SearchError> {
        let Some((index, noted)) = self.open_index()? else { return Ok(IndexState::default()) };
        let segments = noted.guard(|| index.searchable_segment_metas())?;
        Ok(IndexState {
            segments: segments.len(),
            documents: segments.iter().map(|segment| u64::from(segment.num_docs())).sum(),
            deleted: segments.iter().map(|segment| u64::from(segment.num_deleted_docs())).sum(),
        })
    }

    /// The index as it was last committed; `None` if it was never written.
    pub(super) fn open_index(&self) -> Result<Option<(Index, Noted)>, SearchError> {
        if let Some(open) = self.open_listed()? {
            return Ok(Some(open));
        }
        if self.files.names().map_err(SearchError::Store)?.is_empty() {
            return Ok(None);
        }
        // Its list of parts, which is its first file, may have come between the two looks.
        self.open_listed()?.map(Some).ok_or(SearchError::MustRebuild("its list of parts is missing"))
    }

    /// The index, if there is a list of its parts.
    fn open_listed(&self) -> Result<Option<(Index, Noted)>, SearchError> {
        let directory = SealedDirectory::new(&self.files);
        let noted = directory.noted();
        if !noted.guard(|| Ok(Index::exists(&directory)?))? {
            return Ok(None);
        }
        let index = noted.guard(|| Index::open(directory))?;
        if index.schema() != self.fields.schema {
            return Err(SearchError::MustRebuild("another version made it"));
        }
        Ok(Some((index, noted)))
    }

    pub(super) fn close_reader(&self) {
        *self.reader.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn open_reader(&self) -> Result<Option<Arc<Open>>, SearchError> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        if reader.is_none()
            && let Some((index, noted)) = self.open_index()?
        {
            let builder =
                index.reader_builder().reload_policy(ReloadPolicy::Manual).doc_store_cache_num_blocks(STORED_BLOCKS);
            *reader = Some(Arc::new(Open { reader: noted.guard(|| builder.try_into())?, noted }));
        }
        Ok(reader.clone())
    }

    fn run(&self, searcher: &Searcher, plan: &dyn Plan, query: &Query) -> tantivy::Result<Found> {
        let limit = query.limit.clamp(1, Query::MOST);
        if query.offset >= Query::DEEPEST {
            return Ok(Found::default());
        }
        let mut best = best(searcher, plan, query, limit + 1)?;
        let more = best.len() > limit;
        best.truncate(limit);
        let mut hits = Vec::with_capacity(best.len());
        for (score, address) in best {
            let stored: TantivyDocument = searcher.doc(address)?;
            let broken = || tantivy::TantivyError::InternalError("a document is none of ours".into());
            hits.push(self.fields.hit(&stored, score).ok_or_else(broken)?);
        }
        let next = Some(query.offset + limit).filter(|next| more && *next < Query::DEEPEST);
        Ok(Found { hits, next })
    }
}

fn best(
    searcher: &Searcher,
    plan: &dyn Plan,
    query: &Query,
    limit: usize,
) -> tantivy::Result<Vec<(Score, DocAddress)>> {
    let top = TopDocs::with_limit(limit).and_offset(query.offset);
    match query.order {
        Order::Newest => {
            let newest = searcher.search(plan, &top.order_by_fast_field::<i64>(AT, tantivy::Order::Desc))?;
            Ok(newest.into_iter().map(|(_, address)| (0.0, address)).collect())
        }
        Order::Relevance => {
            let now = query.now;
            searcher.search(plan, &top.tweak_score(move |segment: &SegmentReader| newness(segment, now)))
        }
    }
}

/// Scores of a segment's documents with their bonus for being new. Without a word to score, the bonus alone decides.
fn newness(segment: &SegmentReader, now: Millis) -> impl Fn(DocId, Score) -> Score + use<> {
    let times = segment.fast_fields().i64(AT).ok();
    move |doc, score| {
        let at = times.as_ref().and_then(|times| times.first(doc)).unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "an age may be a minute off")]
        let age = now.saturating_sub(at).max(0) as f32;
        score.max(0.001) * (1.0 + 1.0 / (1.0 + age / MONTH))
    }
}
