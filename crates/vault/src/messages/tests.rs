//! What becomes of a message after it was recorded.

use super::*;
use crate::indexing;
use crate::testing::house::{House, code, on_both, say};
use crate::{Role, Scope};

struct Said {
    house: House,
    scope: Scope,
    conversation: ConversationId,
    incoming: MessageId,
    outgoing: MessageId,
}

async fn said() -> Said {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let (_, conversation) = house.contact(&scope, channel, "t").await;
    let incoming = house.does(&scope, move |tx| say(tx, conversation, Direction::Incoming, "hello")).await;
    let outgoing = house.does(&scope, move |tx| say(tx, conversation, Direction::Outgoing, "answer")).await;
    Said { house, scope, conversation, incoming, outgoing }
}

impl Said {
    async fn view(&self, id: MessageId) -> Message {
        self.house.sees(&self.scope, move |tx| view(tx, id)).await
    }

    async fn advances(&self, id: MessageId, to: State, failure: Option<(&'static str, &'static str)>) -> bool {
        self.house.does(&self.scope, move |tx| advance(tx, id, to, tx.now(), failure)).await
    }

    async fn edits(&self, id: MessageId, text: &'static str, at: Millis) -> bool {
        self.house.does(&self.scope, move |tx| edit(tx, id, &Personal::new(Body::text(text)), at)).await
    }
}

fn text(message: &Message) -> Option<&str> {
    message.body.as_ref().and_then(|body| body.reveal().text.as_deref())
}

#[tokio::test]
async fn order_is_the_conversations_own_counter() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let (_, one) = house.contact(&scope, channel, "one").await;
        let (_, two) = house.contact(&scope, channel, "two").await;
        for conversation in [one, two, one, two, one] {
            house.does(&scope, move |tx| say(tx, conversation, Direction::Incoming, "x")).await;
        }
        let places = |id| async move {
            house
                .sees(&scope.clone(), move |tx| list(tx, id, None, 9))
                .await
                .into_iter()
                .map(|m| m.seq)
                .collect::<Vec<_>>()
        };
        assert_eq!((places.clone()(one).await, places(two).await), (vec![1, 2, 3], vec![1, 2]));
    })
    .await;
}

#[tokio::test]
async fn pages_go_back_from_the_newest() {
    let Said { house, scope, conversation, .. } = said().await;
    for _ in 0..3 {
        house.does(&scope, move |tx| say(tx, conversation, Direction::Note, "x")).await;
    }
    let page = |before| house.sees(&scope, move |tx| list(tx, conversation, before, 2));
    let places = |page: Vec<Message>| page.into_iter().map(|message| message.seq).collect::<Vec<_>>();
    assert_eq!(places(page(None).await), [4, 5]);
    assert_eq!(places(page(Some(4)).await), [2, 3]);
    assert_eq!(places(page(Some(2)).await), [1]);
    assert!(page(Some(1)).await.is_empty());
}

#[tokio::test]
async fn an_edit_replaces_and_an_older_one_does_not() {
    let said = said().await;
    assert!(said.edits(said.incoming, "second", 2_000).await);
    assert!(!said.edits(said.incoming, "first", 1_000).await);
    assert!(said.edits(said.incoming, "second again", 2_000).await, "the same moment: the last one told wins");
    let seen = said.view(said.incoming).await;
    assert_eq!((text(&seen), seen.edited_at), (Some("second again"), Some(2_000)));
}

#[tokio::test]
async fn what_was_removed_says_nothing_any_more() {
    let said = said().await;
    let (id, removed_at) = (said.incoming, said.house.clock_now());
    assert!(said.house.does(&said.scope, move |tx| remove(tx, id, removed_at)).await);
    assert!(!said.house.does(&said.scope, move |tx| remove(tx, id, removed_at + 1)).await);
    assert!(!said.edits(id, "back", removed_at + 1).await);
    let seen = said.view(id).await;
    assert_eq!((text(&seen), seen.removed_at), (None, Some(removed_at)));
    assert!(said.house.sees(&said.scope, move |tx| body(tx, id)).await.is_none());
    let kept = said.house.sees(&said.scope, move |tx| list(tx, seen.conversation, None, 9)).await;
    assert_eq!(kept.len(), 2, "its place stays");
}

#[tokio::test]
async fn states_move_forward_and_a_failure_says_why() {
    let said = said().await;
    let id = said.outgoing;
    assert!(said.advances(id, State::Sent, None).await);
    assert!(!said.advances(id, State::Sent, None).await, "no news");
    assert!(said.advances(id, State::Failed, Some(("blocked", "Blocked by the contact."))).await);
    let (code, why) = said.view(id).await.failure.unwrap();
    assert_eq!((code.as_str(), why.reveal().as_str()), ("blocked", "Blocked by the contact."));
    assert!(!said.advances(id, State::Delivered, None).await, "a failure is final");
    assert!(!said.advances(said.incoming, State::Read, None).await, "what came in has no fate");
}

#[tokio::test]
async fn an_unknown_outcome_may_turn_out_well() {
    let said = said().await;
    let id = said.outgoing;
    said.advances(id, State::Failed, Some(("outcome_unknown", "?"))).await;
    assert!(said.advances(id, State::Read, None).await);
    let seen = said.view(id).await;
    assert!(seen.failure.is_none() && seen.state == State::Read);
}

#[tokio::test]
async fn only_what_failed_and_is_still_there_goes_back_into_the_queue() {
    let said = said().await;
    let again = |id| said.house.vault.write(&said.scope, move |tx| requeue(tx, id).map(|_| ()));
    for id in [said.incoming, said.outgoing] {
        assert_eq!(code(again(id).await), "not_failed");
    }
    let (id, now) = (said.outgoing, said.house.clock_now());
    said.advances(id, State::Failed, Some(("blocked", "Blocked."))).await;
    again(id).await.unwrap();
    let seen = said.view(id).await;
    assert!(seen.state == State::Queued && seen.failure.is_none());
    said.advances(id, State::Failed, Some(("blocked", "Blocked."))).await;
    said.house.does(&said.scope, move |tx| remove(tx, id, now)).await;
    assert_eq!(code(again(id).await), "removed");
}

#[tokio::test]
async fn unread_is_what_went_out_and_was_not_seen() {
    let said = said().await;
    let conversation = said.conversation;
    let second = said.house.does(&said.scope, move |tx| say(tx, conversation, Direction::Outgoing, "more")).await;
    let unread = |up_to| said.house.sees(&said.scope, move |tx| unread_outgoing(tx, conversation, up_to));
    assert!(unread(None).await.is_empty(), "what is queued cannot have been seen");
    for id in [said.outgoing, second] {
        said.advances(id, State::Sent, None).await;
    }
    assert_eq!(unread(Some(said.outgoing)).await, [said.outgoing]);
    assert_eq!(unread(None).await, [said.outgoing, second]);
}

#[tokio::test]
async fn an_author_has_a_name_where_one_is_known() {
    let said = said().await;
    let (member, _) = said.house.member(&said.scope, "m@example.org", Role::Agent).await;
    assert_eq!(said.view(said.incoming).await.author.name, Some(Personal::new("t".into())));
    assert_eq!(said.view(said.outgoing).await.author.name, None);
    let conversation = said.conversation;
    let write = move |tx: &Tx<'_>| {
        let head = crate::conversations::head(tx, conversation)?;
        let new = NewMessage {
            conversation,
            channel: head.channel,
            contact: head.contact,
            direction: Direction::Note,
            writer: Writer::Member(member),
            body: Personal::new(Body::text("note")),
            reply_to: None,
            state: State::Sent,
            written_at: 0,
        };
        record(tx, &new).map(|(id, _)| id)
    };
    let note = said.house.does(&said.scope, write).await;
    assert_eq!(said.view(note).await.author.name, Some(Personal::new("Ada Ahrens".into())));
}

#[tokio::test]
async fn a_change_within_the_same_millisecond_is_indexed_again() {
    let said = said().await;
    let id = said.incoming;
    let waiting = said.house.sees(&said.scope, |tx| indexing::pending(tx, 9)).await;
    let (_, mark) = *waiting.iter().find(|(message, _)| *message == id).unwrap();
    said.edits(id, "other", said.house.clock_now()).await;
    said.house.does(&said.scope, move |tx| indexing::clear(tx, id, mark)).await;
    let waiting = said.house.sees(&said.scope, |tx| indexing::pending(tx, 9)).await;
    assert!(waiting.iter().any(|(message, _)| *message == id));
}
