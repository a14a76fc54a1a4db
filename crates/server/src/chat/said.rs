//! What was said so far, and what is said now.

use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::HeaderMap;
use serde_json::{Value, json};
use vault::messages::{self, Direction, State as Standing};
use vault::{ConversationId, MessageId, remotes, visitors};

use super::room::Room;
use crate::app::Shared;
use crate::hooks;
use crate::problem::ApiError;
use crate::views::MessageView;

/// The most messages a visitor's page gets at once.
const HISTORY: i64 = 100;

/// Takes what a visitor writes as the channel's hook does; this path also answers the pages of other websites.
pub(super) async fn say(
    State(app): State<Shared>,
    Path(channel): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    Room::enter(&app, &channel).await?;
    Ok(hooks::answer(&app, &channel, String::new(), request).await)
}

/// What was said so far, newest last.
pub(super) async fn history(
    State(app): State<Shared>,
    Path(channel): Path<String>,
    headers: HeaderMap,
) -> Result<axum::Json<Value>, ApiError> {
    let room = Room::enter(&app, &channel).await?;
    let visitor = room.visitor(&app, &headers)?;
    let (data, read) = match room.conversation(&app, &visitor).await? {
        Some(conversation) => {
            let shown = move |tx: &vault::Tx<'_>| shown(tx, conversation, &channel);
            app.vault.read(&room.hook.scope, shown).await?
        }
        None => (Vec::new(), None),
    };
    Ok(axum::Json(json!({ "data": data, "next": null, "read_up_to": read.map(|id| id.to_string()) })))
}

/// What was said in a conversation, and up to which message members have read it.
fn shown(
    tx: &vault::Tx<'_>,
    conversation: ConversationId,
    channel: &str,
) -> vault::Result<(Vec<Value>, Option<MessageId>)> {
    let said = messages::list(tx, conversation, None, HISTORY)?.into_iter();
    let shown = said.filter(|message| is_shown(message.direction, message.state));
    let data: vault::Result<Vec<Value>> = shown.map(|message| visible(tx, message, channel)).collect();
    Ok((data?, visitors::read_up_to(tx, conversation)?))
}

/// Whether a message is the visitor's to see: no note ever, and what a member wrote only once it was sent. What the gate
/// stopped stays with the members.
pub(super) fn is_shown(direction: Direction, state: Standing) -> bool {
    match direction {
        Direction::Incoming => true,
        Direction::Outgoing => matches!(state, Standing::Sent | Standing::Delivered | Standing::Read),
        Direction::Note => false,
    }
}

/// A message as its contact may see it: the member's name, but no ids of members or contacts and no inner states; nor the name
/// that members have for the contact, which may be another's who is taken for the same person.
pub(super) fn visible(tx: &vault::Tx<'_>, message: messages::Message, channel: &str) -> vault::Result<Value> {
    let client_id = client_id(tx, &message)?;
    let view = MessageView::from(message);
    let files: Vec<Value> = view
        .attachments
        .iter()
        .map(|file| {
            json!({ "id": file.id, "name": file.name, "content_type": file.content_type, "size": file.size,
                    "role": file.role, "state": file.state, "url": format!("/chat/{channel}/attachments/{}", file.id) })
        })
        .collect();
    let reactions: Vec<Value> = view
        .reactions
        .iter()
        .map(|reaction| json!({ "author": { "kind": reaction.author_kind }, "emoji": reaction.emoji }))
        .collect();
    let name = view.author.name.filter(|_| view.author.kind != "contact");
    Ok(json!({
        "id": view.id, "client_id": client_id, "direction": view.direction, "author": { "kind": view.author.kind, "name": name },
        "text": view.text, "attachments": files, "place": view.place, "buttons": view.buttons,
        "reply_to": view.reply_to, "reactions": reactions, "edited_at": view.edited_at,
        "removed_at": view.removed_at, "created_at": view.created_at,
    }))
}

/// The id that the visitor's own client gave a message, by which it knows it again.
fn client_id(tx: &vault::Tx<'_>, message: &messages::Message) -> vault::Result<Option<String>> {
    if message.direction != Direction::Incoming {
        return Ok(None);
    }
    let named = remotes::of(tx, message.id)?.into_iter().next();
    Ok(named.and_then(|remote| remote.rsplit_once(':').map(|(_, id)| id.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_sees_what_was_sent_and_nothing_that_was_held_back() {
        for state in [Standing::Sent, Standing::Delivered, Standing::Read] {
            assert!(is_shown(Direction::Outgoing, state));
            assert!(!is_shown(Direction::Note, state));
        }
        assert!(!is_shown(Direction::Outgoing, Standing::Queued) && !is_shown(Direction::Outgoing, Standing::Failed));
        assert!(is_shown(Direction::Incoming, Standing::Received));
    }
}
