//! Two contacts in one thread, of whom one is erased.

use super::erase;
use crate::contacts::{self, Profile};
use crate::messages::{self, Body, Direction, NewMessage, State, Writer};
use crate::statement::sql;
use crate::testing::house::{House, on_both, say};
use crate::value::params;
use crate::{ChannelId, ContactId, ConversationId, MessageId, Personal, Scope, Tx, conversations};

struct Thread {
    scope: Scope,
    channel: ChannelId,
    conversation: ConversationId,
    first: ContactId,
    second: ContactId,
    said: MessageId,
}

/// The first contact's thread, in which the second has written, and the first again.
async fn thread(house: &House) -> Thread {
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "api").await;
    let (first, conversation) = house.contact(&scope, channel, "shared").await;
    let joins = move |tx: &Tx<'_>| {
        say(tx, conversation, Direction::Incoming, "from the first")?;
        let second = contacts::create(tx, &Profile::default())?;
        let new = NewMessage {
            conversation,
            channel,
            contact: second,
            direction: Direction::Incoming,
            writer: Writer::Contact(second),
            body: Personal::new(Body::text("from the second")),
            reply_to: None,
            state: State::Received,
            written_at: tx.now(),
        };
        let (said, _) = messages::record(tx, &new)?;
        say(tx, conversation, Direction::Incoming, "the first again")?;
        Ok::<_, crate::Error>((second, said))
    };
    let (second, said) = house.does(&scope, joins).await;
    Thread { scope, channel, conversation, first, second, said }
}

#[tokio::test]
async fn a_shared_conversation_stays_with_whoever_is_still_there() {
    on_both(async |house| {
        let Thread { scope, channel, conversation, first, second, said } = thread(house).await;
        erase(house, &scope, first).await;
        let look = move |tx: &Tx<'_>| {
            let listed = messages::list(tx, conversation, None, 100)?;
            assert_eq!(listed.iter().map(|message| message.id).collect::<Vec<_>>(), [said]);
            let view = conversations::view(tx, conversation)?;
            assert_eq!((view.contact, view.last_message.map(|last| last.id)), (second, Some(said)));
            assert_eq!(conversations::thread(tx, conversation)?.as_deref(), Some("shared"));
            assert_eq!(conversations::with_thread(tx, channel, "shared")?, Some(conversation));
            Ok(())
        };
        house.sees(&scope, look).await;
        erase(house, &scope, second).await;
        let gone = house.sees(&scope, move |tx| conversations::with_thread(tx, channel, "shared")).await;
        assert_eq!(gone, None, "with the last of them it goes");
    })
    .await;
}

#[tokio::test]
async fn a_damaged_thread_keeps_nobody_from_being_erased() {
    on_both(async |house| {
        let Thread { scope, conversation, first, said, .. } = thread(house).await;
        let damage = move |tx: &Tx<'_>| {
            tx.run(
                sql!("UPDATE conversations SET thread_sealed = $3 WHERE workspace_id = $1 AND id = $2"),
                params![conversation, b"damaged".as_slice()],
            )
        };
        house.does(&scope, damage).await;
        erase(house, &scope, first).await;
        let listed = house.sees(&scope, move |tx| messages::list(tx, conversation, None, 100)).await;
        assert_eq!(listed.iter().map(|message| message.id).collect::<Vec<_>>(), [said]);
    })
    .await;
}
