//! A lost reply waits for the provider's word, at its place, and is never sent again.

use super::*;

const ECHO: Millis = 60_000;

/// A reply that was sent, of which nothing was heard.
async fn lost(house: &House, thread: &Thread) -> (OutboxId, MessageId) {
    let (id, message) = thread.replies(house).await;
    let row = thread.cleared(house, id).await;
    let until = house.clock_now() + ECHO;
    assert!(house.does(&thread.scope, move |tx| await_echo(tx, &row, until)).await);
    (id, message)
}

async fn head(house: &House, thread: &Thread, message: MessageId) -> messages::Head {
    house.sees(&thread.scope, move |tx| messages::head(tx, message)).await
}

#[tokio::test]
async fn nothing_overtakes_it_and_when_its_time_is_over_it_is_unknown() {
    on_both(async |house| {
        let thread = thread(house).await;
        let (first, message) = lost(house, &thread).await;
        let (second, _) = thread.replies(house).await;
        assert!(due_ids(house).await.is_empty());
        assert!(matches!(thread.claims(house, first).await, Verdict::Gone), "it is not sent again");
        assert_eq!(head(house, &thread, message).await.state, State::Queued);
        house.clock.advance(ECHO);
        assert!(matches!(thread.claims(house, first).await, Verdict::Unknown(of) if of == message));
        let after = head(house, &thread, message).await;
        assert_eq!((after.state, after.failure.as_deref()), (State::Failed, Some(OUTCOME_UNKNOWN)));
        assert_eq!(due_ids(house).await, [second]);
    })
    .await;
}

#[tokio::test]
async fn what_the_provider_has_is_settled_and_the_next_may_go() {
    on_both(async |house| {
        let thread = thread(house).await;
        let (_, message) = lost(house, &thread).await;
        let (second, _) = thread.replies(house).await;
        let conversation = thread.conversation;
        let settles = move |tx: &Tx<'_>| {
            messages::advance(tx, message, State::Sent, tx.now(), None)?;
            settle(tx, conversation, message)
        };
        assert!(house.does(&thread.scope, settles).await);
        assert_eq!(due_ids(house).await, [second]);
        assert!(!house.does(&thread.scope, move |tx| settle(tx, conversation, message)).await, "once");
        thread.cleared(house, second).await;
    })
    .await;
}

#[tokio::test]
async fn only_what_waits_to_be_sent_was_ordered_at_a_moment() {
    on_both(async |house| {
        let thread = thread(house).await;
        let ordered = async |message: MessageId| {
            let conversation = thread.conversation;
            house.sees(&thread.scope, move |tx| ordered_at(tx, conversation, message)).await
        };
        let (id, message) = thread.replies(house).await;
        assert_eq!(ordered(message).await, Some(house.clock_now()));
        thread.cleared(house, id).await;
        assert_eq!(ordered(message).await, None, "it is on its way");
    })
    .await;
}
