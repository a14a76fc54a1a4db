//! Reading what the index has yet to take in: only what a document needs, so that many fit into one commit of the index.

use super::found;
use crate::messages::{self, Direction};
use crate::search::{DeleteBy, Doc, Kind};
use crate::{ContactId, MessageId, Personal, Result, Tx, attachments, contacts, indexing};

/// How many rows of each kind one step of the index job takes. Each commit of the index writes files and costs the same
/// for one document and for a thousand.
pub(super) const STEP: i64 = 2_000;

/// What the index has to take in.
pub(super) struct Batch {
    pub(super) docs: Vec<Doc>,
    pub(super) deletes: Vec<DeleteBy>,
    pub(super) messages: Vec<(MessageId, i64)>,
    pub(super) contacts: Vec<(ContactId, i64)>,
    pub(super) forgotten: Vec<ContactId>,
}

impl Batch {
    /// Whether there may be more.
    pub(super) fn is_full(&self) -> bool {
        [self.messages.len(), self.contacts.len(), self.forgotten.len()].contains(&usize::try_from(STEP).unwrap_or(0))
    }
}

pub(super) fn gather(tx: &Tx<'_>) -> Result<Batch> {
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
    let Some((head, created_at, body)) = found(messages::indexed(tx, id)).transpose()? else { return Ok(None) };
    let Some(body) = body else { return Ok(None) };
    let files = attachments::of(tx, id)?;
    let names: Vec<&str> =
        files.iter().filter_map(|file| file.name.as_ref()).map(|name| name.reveal().as_str()).collect();
    Ok(Some(Doc {
        message: id.to_string(),
        conversation: head.conversation.to_string(),
        contact: head.contact.to_string(),
        channel: head.channel.to_string(),
        at: created_at,
        kind: if head.direction == Direction::Note { Kind::Note } else { Kind::Message },
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
