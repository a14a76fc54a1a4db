//! Looking things up by what is in them, as the API asks for it.

use vault::contacts::Contact;
use vault::conversations::{Conversation, Filter as ConversationFilter};
use vault::search::{Filter, Kind, Order, Query};
use vault::{ChannelId, ContactId, ConversationId, Millis, Personal, Scope, audit};

use crate::app::Shared;
use crate::problem::ApiError;

/// A message that matches.
pub type Hit = vault::finding::FoundMessage;

/// What a search is narrowed to.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "plain words")]
pub struct Narrow {
    pub contact: Option<ContactId>,
    pub channel: Option<ChannelId>,
    pub conversation: Option<ConversationId>,
    /// A label's name, which the conversation bears.
    pub label: Option<String>,
    /// From this moment on.
    pub since: Option<Millis>,
    /// Before this moment.
    pub until: Option<Millis>,
}

/// How many hits are looked at where a label has to be checked on each.
const LABELLED: i64 = 200;

fn query(words: &str, filter: Filter, limit: i64) -> Result<Query, ApiError> {
    if words.trim().is_empty() || words.chars().count() > 500 {
        return Err(ApiError::field("q", "1 to 500 characters"));
    }
    let limit = usize::try_from(limit).unwrap_or(1);
    Ok(Query { text: words.to_owned(), filter, order: Order::Relevance, limit, ..Query::default() })
}

/// Whether there is any word in it: quotation marks alone, as one begins to type a phrase, find nothing.
fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

async fn noted(app: &Shared, scope: &Scope, act: &'static str) -> Result<(), ApiError> {
    app.vault.write(scope, move |tx| audit::record(tx, act, "search").map(|_| ())).await?;
    Ok(())
}

/// Messages that match.
pub async fn messages(
    app: &Shared,
    scope: &Scope,
    words: &str,
    narrow: &Narrow,
    limit: i64,
) -> Result<Vec<Hit>, ApiError> {
    let filter = Filter {
        contacts: narrow.contact.iter().map(ToString::to_string).collect(),
        channels: narrow.channel.iter().map(ToString::to_string).collect(),
        conversations: narrow.conversation.iter().map(ToString::to_string).collect(),
        kinds: vec![Kind::Message, Kind::Note],
        since: narrow.since,
        until: narrow.until,
    };
    let looked_at = if narrow.label.is_some() { LABELLED } else { limit };
    let query = query(words, filter, looked_at)?;
    noted(app, scope, "messages.searched").await?;
    let mut hits = if has_words(words) { app.vault.find_messages(scope, query).await? } else { Vec::new() };
    if let Some(label) = &narrow.label {
        hits.retain(|hit| hit.conversation.labels.iter().any(|borne| borne.reveal() == label));
    }
    hits.truncate(usize::try_from(limit).unwrap_or(1));
    Ok(hits)
}

/// Contacts whose name matches.
pub async fn contacts(app: &Shared, scope: &Scope, words: &str, limit: i64) -> Result<Vec<Contact>, ApiError> {
    let query = query(words, Filter::default(), limit)?;
    noted(app, scope, "contacts.searched").await?;
    if has_words(words) { Ok(app.vault.find_contacts(scope, query).await?) } else { Ok(Vec::new()) }
}

/// Conversations in which a message matches, each once, that also pass a filter.
pub async fn conversations(
    app: &Shared,
    scope: &Scope,
    words: &str,
    filter: &ConversationFilter,
    limit: i64,
) -> Result<Vec<Conversation>, ApiError> {
    let narrow = Narrow { contact: filter.contact, channel: filter.channel, ..Narrow::default() };
    let hits = messages(app, scope, words, &narrow, LABELLED).await?;
    let mut found: Vec<Conversation> = Vec::new();
    for hit in hits {
        let conversation = hit.conversation;
        if !found.iter().any(|seen| seen.id == conversation.id) && passes(filter, &conversation) {
            found.push(conversation);
        }
    }
    found.truncate(usize::try_from(limit).unwrap_or(1));
    Ok(found)
}

fn passes(filter: &ConversationFilter, conversation: &Conversation) -> bool {
    let label = |name: &String| conversation.labels.iter().any(|label: &Personal<String>| label.reveal() == name);
    (filter.statuses.is_empty() || filter.statuses.contains(&conversation.status))
        && filter.assignee.is_none_or(|assignee| assignee == conversation.assignee)
        && filter.team.is_none_or(|team| team == conversation.team)
        && filter.priority.as_ref().is_none_or(|priority| *priority == conversation.priority)
        && (!filter.unread || conversation.unread_count > 0)
        && (filter.mentioned.is_none() || conversation.mentioned)
        && filter.label.as_ref().is_none_or(label)
}
