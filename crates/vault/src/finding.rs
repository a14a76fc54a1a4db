//! Finding messages and contacts by what is in them: the index is brought up to date by a job, and every hit is checked
//! against the database before it is opened and shown.

mod gathering;
pub(crate) mod place;
mod repair;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::Arc;

use gathering::{Batch, gather};
use place::Place;
use repair::Condition;
pub(crate) use repair::begin_anew;

use crate::contacts::{self, Contact};
use crate::conversations::{self, Conversation};
use crate::keys::Family;
use crate::messages::{self, Message};
use crate::search::{Hit, Kind, Query, WorkspaceIndex, highlight};
use crate::{ContactId, Error, MessageId, Personal, Result, Scope, Tx, Vault, indexing, merges, rotation};

/// How many marks are taken off in one transaction.
const CLEARED: usize = 500;
/// How many hits are looked at for each that is asked for: some may be gone from the database.
const SPARE: usize = 2;

/// A message that was found.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct FoundMessage {
    pub message: Message,
    pub conversation: Conversation,
    /// The text that matched.
    pub text: Personal<String>,
    /// Start and end of each match in it, in characters.
    pub spans: Vec<(usize, usize)>,
}

impl Vault {
    /// Takes what waits into a workspace's index; whether there is more. An index that is damaged is begun anew.
    ///
    /// # Errors
    /// Whatever stopped it: the job tries again, and finds what waits by itself.
    pub async fn index_step(&self, scope: &Scope) -> Result<bool> {
        if let Some(moving) = self.read(scope, rotation::moving).await? {
            self.move_index(scope, moving).await?;
        }
        let look = |tx: &Tx<'_>| Ok::<_, Error>((gather(tx)?, place::now(tx)?, repair::condition(tx)?));
        let (mut batch, at, condition) = self.read(scope, look).await?;
        let full = batch.is_full();
        if condition != Condition::Sound {
            // Everything is marked again.
            batch.docs.append(&mut batch.new);
        }
        let done = match condition {
            Condition::Suspected => match self.check_index(scope, at).await {
                Ok(()) => self.take_in(scope, at, batch).await,
                damage => damage,
            },
            Condition::Sound | Condition::Filling => self.take_in(scope, at, batch).await,
        };
        match done {
            Ok(()) => Ok(full || (condition == Condition::Filling && self.fill_index(scope).await?)),
            Err(damage) if repair::is_damage(&damage) => {
                self.rebuild_index(scope, at, None, damage).await?;
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }

    /// Writes a batch into the index, then takes the marks off.
    async fn take_in(&self, scope: &Scope, at: Place, batch: Batch) -> Result<()> {
        let Batch { new, docs, deletes, messages, contacts, forgotten, damaged } = batch;
        let erased = !forgotten.is_empty();
        let workspace = scope.workspace();
        if damaged > 0 {
            tracing::warn!(%workspace, cells = damaged, "cells that were altered cannot be found by searching");
        }
        let index = self
            .off_thread(move |vault| {
                let index = vault.index(workspace, at)?;
                index.write_with(&new, &docs, &deletes)?;
                // What was erased leaves the files too, before its erasure may call itself done.
                if erased {
                    index.merge_away()?;
                }
                Ok(index)
            })
            .await?;
        if erased {
            self.drop_idle_folders(scope).await?;
        }
        for messages in messages.chunks(CLEARED).map(<[_]>::to_vec) {
            let clear =
                move |tx: &Tx<'_>| messages.iter().try_for_each(|(message, mark)| indexing::clear(tx, *message, *mark));
            if !self.clear_marks(scope, at, clear).await? {
                return Ok(());
            }
        }
        let rest = move |tx: &Tx<'_>| -> Result<()> {
            contacts.iter().try_for_each(|(contact, mark)| indexing::clear_contact(tx, *contact, *mark))?;
            forgotten.iter().try_for_each(|contact| indexing::forgotten(tx, *contact))
        };
        if self.clear_marks(scope, at, rest).await? {
            index.settle();
        }
        Ok(())
    }

    /// Takes marks off, unless a folder was begun since the index was written: that one may be without what was written.
    /// Whether it did.
    async fn clear_marks(
        &self,
        scope: &Scope,
        at: Place,
        clear: impl Fn(&Tx<'_>) -> Result<()> + Send + 'static,
    ) -> Result<bool> {
        let unless_moved = move |tx: &Tx<'_>| Ok(place::now(tx)? == at && clear(tx).map(|()| true)?);
        self.write(scope, unless_moved).await
    }

    fn index(&self, workspace: crate::WorkspaceId, at: Place) -> Result<Arc<WorkspaceIndex>> {
        let (_, key) = self.keys().family_key(workspace, Family::Index, at.generation)?;
        Ok(self.search().open_folder(workspace, (at.folder, key.bytes()), self.clock().now()))
    }

    /// Closes indexes that nobody used for `idle_ms`.
    pub fn close_idle_indexes(&self, idle_ms: i64) -> usize {
        self.search().close_idle(self.clock().now() - idle_ms)
    }

    async fn hits(&self, scope: &Scope, query: Query) -> Result<Vec<Hit>> {
        let at = self.read(scope, place::now).await?;
        match self.hits_in(scope, at, query.clone()).await {
            Err(damage) if repair::is_damage(&damage) => {
                // What is damaged may be a folder that was left meanwhile.
                let now = self.read(scope, place::now).await?;
                if now != at {
                    return self.hits_in(scope, now, query).await;
                }
                self.write(scope, repair::suspect).await?;
                Err(damage)
            }
            hits => hits,
        }
    }

    async fn hits_in(&self, scope: &Scope, at: Place, query: Query) -> Result<Vec<Hit>> {
        let workspace = scope.workspace();
        self.off_thread(move |vault| Ok(vault.index(workspace, at)?.search(&query)?.hits)).await
    }

    /// Messages that match, the best first. A hit that is no longer in the database is not shown.
    pub async fn find_messages(&self, scope: &Scope, mut query: Query) -> Result<Vec<FoundMessage>> {
        let wanted = query.limit;
        query.limit = wanted.saturating_mul(SPARE).min(Query::MOST);
        query.now = self.clock().now();
        let text = query.text.clone();
        query.filter.contacts = self.families(scope, query.filter.contacts).await?;
        let hits = self.hits(scope, query).await?;
        self.read(scope, move |tx| {
            let mut found = Vec::new();
            for hit in &hits {
                found.extend(checked(tx, hit, &text)?);
                if found.len() == wanted {
                    break;
                }
            }
            Ok(found)
        })
        .await
    }

    /// Documents bear the ids of the contacts whose they are; who asks for one of them asks for all who are one with it.
    async fn families(&self, scope: &Scope, contacts: Vec<String>) -> Result<Vec<String>> {
        let named: Vec<ContactId> = contacts.iter().filter_map(|id| id.parse().ok()).collect();
        if named.is_empty() {
            return Ok(contacts);
        }
        let read = move |tx: &Tx<'_>| -> Result<Vec<String>> {
            let mut all = Vec::new();
            for contact in &named {
                all.extend(merges::family(tx, *contact)?.iter().map(ToString::to_string));
            }
            Ok(all)
        };
        self.read(scope, read).await
    }

    /// Contacts whose name matches, or that of somebody who was merged into them, the best first, each once.
    pub async fn find_contacts(&self, scope: &Scope, mut query: Query) -> Result<Vec<Contact>> {
        query.filter.kinds = vec![Kind::Contact];
        query.now = self.clock().now();
        let hits = self.hits(scope, query).await?;
        self.read(scope, move |tx| {
            let (mut people, mut seen) = (Vec::new(), HashSet::new());
            for id in hits.iter().filter_map(|hit| hit.contact.parse().ok()) {
                if seen.insert(merges::standing(tx, id)?) {
                    people.extend(found(contacts::view(tx, id)).transpose()?);
                }
            }
            Ok(people)
        })
        .await
    }
}

/// What is gone is no error here, nor is what was altered: the other hits are shown.
fn found<T>(result: Result<T>) -> Option<Result<T>> {
    match result {
        Err(Error::NotFound(_) | Error::Erased | Error::Seal(_)) => None,
        other => Some(other),
    }
}

fn checked(tx: &Tx<'_>, hit: &Hit, query: &str) -> Result<Option<FoundMessage>> {
    let Ok(id) = hit.message.parse::<MessageId>() else { return Ok(None) };
    let Some(message) = found(messages::view(tx, id)).transpose()? else { return Ok(None) };
    let Some(body) = &message.body else { return Ok(None) };
    let text = body.reveal().readable();
    let spans = highlight(query, &text, None);
    let Some(conversation) = found(conversations::view(tx, message.conversation)).transpose()? else { return Ok(None) };
    Ok(Some(FoundMessage { message, conversation, text: text.into(), spans }))
}
