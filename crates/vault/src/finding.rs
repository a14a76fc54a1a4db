//! Finding messages and contacts by what is in them: the index is brought up to date by a job, and every hit is checked
//! against the database before it is opened and shown.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::contacts::{self, Contact};
use crate::conversations::{self, Conversation};
use crate::messages::{self, Direction, Message};
use crate::search::{DeleteBy, Doc, Hit, Kind, Query, WorkspaceIndex, highlight};
use crate::{ContactId, ConversationId, Error, MessageId, Personal, Result, Scope, Tx, Vault, indexing};

/// How many rows one step of the index job takes.
const STEP: i64 = 200;
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

/// What the index has to take in.
struct Batch {
    docs: Vec<Doc>,
    deletes: Vec<DeleteBy>,
    messages: Vec<(MessageId, i64)>,
    contacts: Vec<(ContactId, i64)>,
    forgotten: Vec<ContactId>,
}

impl Vault {
    /// Takes what waits into a workspace's index; whether there is more.
    pub async fn index_step(&self, scope: &Scope) -> Result<bool> {
        let batch = self.read(scope, gather).await?;
        let more = [batch.messages.len(), batch.contacts.len(), batch.forgotten.len()]
            .contains(&usize::try_from(STEP).unwrap_or(0));
        let Batch { docs, deletes, messages, contacts, forgotten } = batch;
        let erased = !forgotten.is_empty();
        let workspace = scope.workspace();
        self.off_thread(move |vault| {
            let index = vault.index(workspace)?;
            index.write(&docs, &deletes)?;
            // What was erased leaves the files too, before its erasure may call itself done.
            if erased { Ok(index.merge_away()?) } else { Ok(()) }
        })
        .await?;
        self.write(scope, move |tx| -> Result<()> {
            messages.iter().try_for_each(|(message, mark)| indexing::clear(tx, *message, *mark))?;
            contacts.iter().try_for_each(|(contact, mark)| indexing::clear_contact(tx, *contact, *mark))?;
            forgotten.iter().try_for_each(|contact| indexing::forgotten(tx, *contact))
        })
        .await?;
        Ok(more)
    }

    fn index(&self, workspace: crate::WorkspaceId) -> Result<Arc<WorkspaceIndex>> {
        let key = self.keys().index_key(workspace)?;
        Ok(self.search().open(workspace, key.bytes(), self.clock().now()))
    }

    /// Closes indexes that nobody used for `idle_ms`.
    pub fn close_idle_indexes(&self, idle_ms: i64) -> usize {
        self.search().close_idle(self.clock().now() - idle_ms)
    }

    async fn hits(&self, scope: &Scope, query: Query) -> Result<Vec<Hit>> {
        let workspace = scope.workspace();
        self.off_thread(move |vault| Ok(vault.index(workspace)?.search(&query)?.hits)).await
    }

    /// Messages that match, the best first. A hit that is no longer in the database is not shown.
    pub async fn find_messages(&self, scope: &Scope, mut query: Query) -> Result<Vec<FoundMessage>> {
        let wanted = query.limit;
        query.limit = wanted.saturating_mul(SPARE).min(Query::MOST);
        query.now = self.clock().now();
        let text = query.text.clone();
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

    /// Contacts whose name matches, the best first.
    pub async fn find_contacts(&self, scope: &Scope, mut query: Query) -> Result<Vec<Contact>> {
        query.filter.kinds = vec![Kind::Contact];
        query.now = self.clock().now();
        let hits = self.hits(scope, query).await?;
        self.read(scope, move |tx| {
            let contacts = hits.iter().filter_map(|hit| hit.contact.parse().ok());
            contacts.filter_map(|id| found(contacts::view(tx, id))).collect()
        })
        .await
    }
}

/// What is gone is no error here.
fn found<T>(result: Result<T>) -> Option<Result<T>> {
    match result {
        Err(Error::NotFound(_) | Error::Erased) => None,
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

fn gather(tx: &Tx<'_>) -> Result<Batch> {
    let forgotten = indexing::to_forget(tx, STEP)?;
    let (messages, contacts) = (indexing::pending(tx, STEP)?, indexing::pending_contacts(tx, STEP)?);
    let mut deletes: Vec<DeleteBy> = forgotten.iter().map(|id| DeleteBy::Contact(id.to_string())).collect();
    let mut docs = Vec::with_capacity(messages.len() + contacts.len());
    for (id, _) in &messages {
        match document(tx, *id)? {
            Some(doc) => docs.push(doc),
            None => deletes.push(DeleteBy::Message(id.to_string())),
        }
    }
    for (id, _) in &contacts {
        match contacts::name(tx, *id)? {
            Some(name) => docs.push(contact_document(tx, *id, name)),
            None => deletes.push(DeleteBy::Message(id.to_string())),
        }
    }
    Ok(Batch { docs, deletes, messages, contacts, forgotten })
}

/// A message as the index takes it; `None` if there is nothing (left) to find.
fn document(tx: &Tx<'_>, id: MessageId) -> Result<Option<Doc>> {
    let Some(message) = found(messages::view(tx, id)).transpose()? else { return Ok(None) };
    let Some(body) = message.body else { return Ok(None) };
    let head = messages::head(tx, id)?;
    let files = message.attachments.iter().filter_map(|file| file.name.as_ref().map(|name| name.reveal().as_str()));
    let names: Vec<&str> = files.collect();
    let conversation: ConversationId = message.conversation;
    Ok(Some(Doc {
        message: id.to_string(),
        conversation: conversation.to_string(),
        contact: head.contact.to_string(),
        channel: head.channel.to_string(),
        at: message.created_at,
        kind: if message.direction == Direction::Note { Kind::Note } else { Kind::Message },
        text: body.reveal().readable(),
        name: (!names.is_empty()).then(|| names.join(" ")),
        language: None,
    }))
}

fn contact_document(tx: &Tx<'_>, id: ContactId, name: Personal<String>) -> Doc {
    Doc {
        message: id.to_string(),
        conversation: String::new(),
        contact: id.to_string(),
        channel: String::new(),
        at: tx.now(),
        kind: Kind::Contact,
        text: String::new(),
        name: Some(name.into_revealed()),
        language: None,
    }
}
