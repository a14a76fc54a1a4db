//! Writing: one commit per call, then merging where there are many segments.
//!
//! The writer exists only for the call (its memory is the engine's least, 15 MB), on an index opened for it, so that
//! it knows every file in the store and collects those that no segment has any more.

use std::sync::PoisonError;

use tantivy::index::SegmentId;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy, MergePolicy, NoMergePolicy};
use tantivy::{Index, IndexWriter, Term};

use super::directory::SealedDirectory;
use super::failure::{Noted, SearchError};
use super::index::WorkspaceIndex;
use super::plan::deletion;
use super::schema::{Documents, Fields};
use super::{DeleteBy, Doc};

/// The writer's memory in bytes: the least the engine works with.
const MEMORY: usize = 15_000_000;
/// Segments of like size before they are merged.
const ALIKE: usize = 6;

impl WorkspaceIndex {
    /// Adds documents, each in place of the one with its id, and removes others, in one commit: after an error all of
    /// it has happened or nothing, and the same call may be made again. Removals win over documents of the same call;
    /// what they name is not found any more when it returns.
    pub fn write(&self, docs: &[Doc], deletes: &[DeleteBy]) -> Result<(), SearchError> {
        self.write_with(&[], docs, deletes)
    }

    /// The same, with documents that were never written before, unless by a call after which nobody said [`Self::settle`].
    /// To look for each in every segment costs more than to add it, so they are looked for only after such a call.
    pub(crate) fn write_with(&self, new: &[Doc], docs: &[Doc], deletes: &[DeleteBy]) -> Result<(), SearchError> {
        let nothing_to_add = new.is_empty() && docs.is_empty();
        if nothing_to_add && deletes.is_empty() {
            return Ok(());
        }
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let settled = self.stamp.lock().unwrap_or_else(PoisonError::into_inner).settled.take();
        let (index, noted) = match self.open_index()? {
            Some(open) => open,
            None if nothing_to_add => return Ok(()),
            None => self.create_index()?,
        };
        let written = noted.guard(|| {
            let all_is_settled = settled == Some(index.load_metas()?.opstamp);
            let mut writer = writer(&index)?;
            let mut documents = Documents::new(&self.fields);
            for (doc, may_be_there) in
                new.iter().map(|doc| (doc, !all_is_settled)).chain(docs.iter().map(|doc| (doc, true)))
            {
                if may_be_there {
                    writer.delete_term(Term::from_field_text(self.fields.message, &doc.message));
                }
                writer.add_document(documents.make(doc))?;
            }
            for by in deletes {
                writer.delete_query(deletion(&self.fields, by))?;
            }
            writer.commit()?;
            merge_alike(&index, &mut writer)?;
            Ok(index.load_metas()?.opstamp)
        })?;
        self.stamp.lock().unwrap_or_else(PoisonError::into_inner).written = Some(written);
        self.refresh()
    }

    /// What was written last will not be written again as new. Whether anybody else wrote since is told by the commit's stamp,
    /// which rises with each.
    pub(crate) fn settle(&self) {
        let mut stamp = self.stamp.lock().unwrap_or_else(PoisonError::into_inner);
        stamp.settled = stamp.written;
    }

    /// Writes every segment that holds removed documents anew without them, and removes the old files: after it no
    /// file of the index holds a word that only removed documents had.
    pub fn merge_away(&self) -> Result<(), SearchError> {
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((index, noted)) = self.open_index()? else { return Ok(()) };
        noted.guard(|| {
            let mut writer = writer(&index)?;
            let marked = with_deletes(&index)?;
            if !marked.is_empty() {
                writer.merge(&marked).wait()?;
            }
            let collected = writer.garbage_collect_files().wait()?;
            if collected.failed_to_delete_files.is_empty() {
                return Ok(());
            }
            Err(tantivy::TantivyError::InternalError("files were left over".into()))
        })?;
        self.refresh()
    }

    fn create_index(&self) -> Result<(Index, Noted), SearchError> {
        let directory = SealedDirectory::new(&self.files);
        let noted = directory.noted();
        let index = noted.guard(|| Index::create(directory, self.fields.schema.clone(), Fields::settings()))?;
        Ok((index, noted))
    }
}

fn writer(index: &Index) -> tantivy::Result<IndexWriter> {
    let options = IndexWriterOptions::builder()
        .memory_budget_per_thread(MEMORY)
        .num_worker_threads(1)
        .num_merge_threads(1)
        .build();
    let writer = index.writer_with_options(options)?;
    // Merges run here and not behind our back, where their errors would be lost.
    writer.set_merge_policy(Box::new(NoMergePolicy));
    Ok(writer)
}

/// The segments that hold removed documents. (The engine keeps a segment's files as long as anyone holds its entry,
/// so ids alone leave this function.)
fn with_deletes(index: &Index) -> tantivy::Result<Vec<SegmentId>> {
    let segments = index.searchable_segment_metas()?;
    Ok(segments.iter().filter(|segment| segment.num_deleted_docs() > 0).map(tantivy::SegmentMeta::id).collect())
}

fn merge_alike(index: &Index, writer: &mut IndexWriter) -> tantivy::Result<()> {
    let mut policy = LogMergePolicy::default();
    policy.set_min_num_segments(ALIKE);
    let candidates = policy.compute_merge_candidates(&index.searchable_segment_metas()?);
    for candidate in candidates {
        writer.merge(&candidate.0).wait()?;
    }
    Ok(())
}
