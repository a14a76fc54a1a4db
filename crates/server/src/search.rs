//! Looking things up by what is in them, as the API asks for it.

use vault::contacts::Contact;
use vault::conversations::{Conversation, Filter as ConversationFilter};
use vault::search::{Filter, Order, Query};
use vault::{ChannelId, ContactId, ConversationId, Personal, Scope, audit};

use crate::app::Shared;
use crate::problem::ApiError;

/// A message that matches.
pub type Hit = vault::finding::FoundMessage;

/// What a search is narrowed to.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "plain ids")]
pub struct Narrow {
    pub contact: Option<ContactId>,
    pub channel: Option<ChannelId>,
    pub conversation: Option<ConversationId>,
}

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
        ..Filter::default()
    };
    let query = query(words, filter, limit)?;
    noted(app, scope, "messages.searched").await?;
    if has_words(words) { Ok(app.vault.find_messages(scope, query).await?) } else { Ok(Vec::new()) }
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
    let narrow = Narrow { contact: filter.contact, channel: filter.channel, conversation: None };
    let hits = messages(app, scope, words, &narrow, 100).await?;
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
    filter.status.is_none_or(|status| status == conversation.status)
        && filter.assignee.is_none_or(|assignee| assignee == conversation.assignee)
        && filter.team.is_none_or(|team| Some(team) == conversation.team)
        && filter.label.as_ref().is_none_or(label)
}
