//! Reading what the index has yet to take in: only what a document needs, so that many fit into one commit of the index.

use crate::messages::Direction;
use crate::messages::indexed::{self, Content, Written};
use crate::search::{DeleteBy, Doc, Kind};
use crate::{ContactId, Error, MessageId, Personal, Result, Tx, contacts, indexing};

/// How many rows of each kind one step of the index job takes. Each commit of the index writes files and costs the same
/// for one document and for a thousand; what comes while one is written waits for it.
pub(super) const STEP: i64 = if cfg!(test) { 200 } else { 5_000 };

/// What the index has to take in.
pub(super) struct Batch {
    /// Messages that are taken in for the first time.
    pub(super) new: Vec<Doc>,
    pub(super) docs: Vec<Doc>,
    pub(super) deletes: Vec<DeleteBy>,
    pub(super) messages: Vec<(MessageId, i64)>,
    pub(super) contacts: Vec<(ContactId, i64)>,
    pub(super) forgotten: Vec<ContactId>,
    /// How many messages and names do not open: they were altered, and cannot be found.
    pub(super) damaged: usize,
}

impl Batch {
    /// Whether there may be more.
    pub(super) fn is_full(&self) -> bool {
        [self.messages.len(), self.contacts.len(), self.forgotten.len()].contains(&usize::try_from(STEP).unwrap_or(0))
    }
}

pub(super) fn gather(tx: &Tx<'_>) -> Result<Batch> {
    let forgotten = indexing::to_forget(tx, STEP)?;
    let deletes = forgotten.iter().map(|id| DeleteBy::Contact(id.to_string())).collect();
    let (new, docs, messages, contacts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut batch = Batch { new, docs, deletes, messages, contacts, forgotten, damaged: 0 };
    for waiting in indexed::waiting(tx, STEP)? {
        batch.messages.push((waiting.id, waiting.mark));
        match waiting.content {
            Content::Written(written) => {
                let docs = if written.unchanged { &mut batch.new } else { &mut batch.docs };
                docs.push(document(waiting.id, &written));
            }
            Content::Nothing => batch.without(&waiting.id),
            Content::Damaged => batch.without_damaged(&waiting.id),
        }
    }
    batch.contacts = indexing::pending_contacts(tx, STEP)?;
    for (id, _) in batch.contacts.clone() {
        match contacts::name(tx, id) {
            Ok(Some(name)) => batch.docs.push(contact_document(tx, id, name)),
            Ok(None) => batch.without(&id),
            Err(Error::Seal(_)) => batch.without_damaged(&id),
            Err(error) => return Err(error),
        }
    }
    Ok(batch)
}

impl Batch {
    /// There is nothing (left) to find.
    fn without(&mut self, id: &impl ToString) {
        self.deletes.push(DeleteBy::Message(id.to_string()));
    }

    fn without_damaged(&mut self, id: &impl ToString) {
        self.damaged += 1;
        self.without(id);
    }
}

fn document(id: MessageId, written: &Written) -> Doc {
    let names: Vec<&str> = written.names.iter().map(|name| name.reveal().as_str()).collect();
    Doc {
        message: id.to_string(),
        conversation: written.conversation.to_string(),
        contact: written.contact.to_string(),
        channel: written.channel.to_string(),
        at: written.created_at,
        kind: if written.direction == Direction::Note { Kind::Note } else { Kind::Message },
        text: written.body.reveal().readable(),
        name: (!names.is_empty()).then(|| names.join(" ")),
        language: None,
    }
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
