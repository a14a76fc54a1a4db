//! What may be sent when, by whom, and in which order. Claims on both engines.

mod beyond;
mod echoes;

use super::*;
use crate::consents::{self, NewConsent};
use crate::messages::{self, Direction, State};
use crate::testing::house::{House, on_both, say};
use crate::{Scope, channels, conversations, identities, suppressions};

const LEASE: Millis = 60_000;

struct Thread {
    scope: Scope,
    channel: ChannelId,
    contact: ContactId,
    conversation: ConversationId,
}

async fn thread(house: &House) -> Thread {
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let (contact, conversation) = house.contact(&scope, channel, "t").await;
    Thread { scope, channel, contact, conversation }
}

impl Thread {
    async fn orders(&self, house: &House, act: Act, gate: Gate) -> (OutboxId, MessageId) {
        let (channel, contact, conversation) = (self.channel, self.contact, self.conversation);
        let order = move |tx: &Tx<'_>| {
            let message = say(tx, conversation, Direction::Outgoing, "answer")?;
            let detail = Some(Personal::new("detail".into()));
            let new =
                NewOutbox { channel, conversation, contact, message, act, detail, gate: Passed::unasked(gate.clone()) };
            Ok((enqueue(tx, &new)?, message))
        };
        house.does(&self.scope, order).await
    }

    async fn replies(&self, house: &House) -> (OutboxId, MessageId) {
        self.orders(house, Act::Message, Gate::reply(None)).await
    }

    async fn claims(&self, house: &House, id: OutboxId) -> Verdict {
        let claimed = house.vault.claim_outbox(self.scope.workspace(), vec![id], LEASE).await.unwrap();
        claimed.into_iter().next().unwrap().verdict
    }

    async fn cleared(&self, house: &House, id: OutboxId) -> Cleared<OutboxRow> {
        match self.claims(house, id).await {
            Verdict::Cleared(row) => *row,
            other => panic!("not cleared: {other:?}"),
        }
    }

    async fn stopped(&self, house: &House, gate: Gate) -> Option<Refusal> {
        let (id, message) = self.orders(house, Act::Message, gate).await;
        let verdict = self.claims(house, id).await;
        let state = house.sees(&self.scope, move |tx| messages::head(tx, message)).await.state;
        match verdict {
            Verdict::Stopped(of, refusal) => {
                assert_eq!((of, state), (message, State::Failed));
                Some(refusal)
            }
            Verdict::Cleared(row) => {
                house.does(&self.scope, move |tx| finish(tx, &row)).await;
                None
            }
            other => panic!("neither cleared nor stopped: {other:?}"),
        }
    }
}

async fn due_ids(house: &House) -> Vec<OutboxId> {
    house.vault.due_outbox(50).await.unwrap().into_iter().map(|due| due.id).collect()
}

#[tokio::test]
async fn only_the_oldest_of_a_conversation_may_go() {
    on_both(async |house| {
        let thread = thread(house).await;
        let (other, conversation) = house.contact(&thread.scope, thread.channel, "u").await;
        let beside = Thread { contact: other, conversation, scope: thread.scope.clone(), ..thread };
        let ((first, _), (second, _)) = (thread.replies(house).await, thread.replies(house).await);
        let (elsewhere, _) = beside.replies(house).await;
        assert_eq!(due_ids(house).await, [first, elsewhere]);
        assert!(matches!(thread.claims(house, second).await, Verdict::Gone));
        let row = thread.cleared(house, first).await;
        assert_eq!(row.detail, Some(Personal::new("detail".into())));
        assert!(matches!(thread.claims(house, second).await, Verdict::Gone), "while the first is being sent");
        assert!(house.does(&thread.scope, move |tx| finish(tx, &row)).await);
        assert_eq!(due_ids(house).await, [second, elsewhere]);
        thread.cleared(house, second).await;
    })
    .await;
}

#[tokio::test]
async fn of_many_claimers_one_has_it() {
    on_both(async |house| {
        let thread = thread(house).await;
        let (id, _) = thread.replies(house).await;
        let (a, b, c) = tokio::join!(thread.claims(house, id), thread.claims(house, id), thread.claims(house, id));
        let cleared = [a, b, c].iter().filter(|verdict| matches!(verdict, Verdict::Cleared(_))).count();
        assert_eq!(cleared, 1);
    })
    .await;
}

#[tokio::test]
async fn whoever_took_it_and_was_not_heard_of_may_have_sent_it() {
    on_both(async |house| {
        let thread = thread(house).await;
        let (id, message) = thread.replies(house).await;
        let slow = thread.cleared(house, id).await;
        assert!(!slow.doubtful);
        house.clock.advance(LEASE);
        assert!(due_ids(house).await.is_empty());
        house.clock.advance(1);
        let next = thread.cleared(house, id).await;
        assert!(next.doubtful);
        let later = house.clock_now();
        assert!(!house.does(&thread.scope, move |tx| put_off(tx, &slow, later)).await, "the lease was lost");
        // Even a gate that closed meanwhile does not call refused what may have been sent.
        house.clock.advance(LEASE + 1);
        let (channel, contact) = (thread.channel, thread.contact);
        house
            .does(&thread.scope, move |tx| {
                let known = identities::of(tx, contact)?.remove(0);
                let identity = identities::NewIdentity { kind: known.kind, scope: String::new(), value: known.value };
                suppressions::set(tx, channel, &[identity], false, "contact")
            })
            .await;
        let last = thread.cleared(house, id).await;
        assert!(last.doubtful);
        let state = house.sees(&thread.scope, move |tx| messages::head(tx, message)).await.state;
        assert_eq!(state, State::Queued);
    })
    .await;
}

#[tokio::test]
async fn what_was_put_off_in_doubt_is_not_called_refused() {
    on_both(async |house| {
        let thread = thread(house).await;
        let (channel, until) = (thread.channel, house.clock_now());
        let (id, message) = thread.replies(house).await;
        let row = thread.cleared(house, id).await.doubted();
        house.does(&thread.scope, move |tx| put_off(tx, &row, until)).await;
        // However certain a later try is, the first one may have come through.
        let row = thread.cleared(house, id).await;
        assert_eq!((row.doubtful, row.may_be_sent()), (false, true));
        house.does(&thread.scope, move |tx| put_off(tx, &row, until)).await;
        let (other, conversation) = house.contact(&thread.scope, channel, "u").await;
        let beside = Thread { contact: other, conversation, scope: thread.scope.clone(), ..thread };
        let (certain, unsent) = beside.replies(house).await;
        house.does(&thread.scope, move |tx| channels::disconnect(tx, channel).map(|_| ())).await;
        for (row, message, code) in [(id, message, OUTCOME_UNKNOWN), (certain, unsent, "channel_off")] {
            assert!(
                matches!(thread.claims(house, row).await, Verdict::Stopped(of, Refusal::ChannelOff) if of == message)
            );
            let head = house.sees(&thread.scope, move |tx| messages::head(tx, message)).await;
            assert_eq!((head.state, head.failure.as_deref()), (State::Failed, Some(code)));
        }
    })
    .await;
}

#[tokio::test]
async fn while_a_channel_pauses_nothing_of_it_is_due_and_others_go_on() {
    on_both(async |house| {
        let paused = thread(house).await;
        let (id, _) = paused.replies(house).await;
        let other = thread(house).await;
        let (beside, _) = other.replies(house).await;
        let (channel, until) = (paused.channel, house.clock_now() + 500);
        house.does(&paused.scope, move |tx| pauses::pause_channel(tx, channel, until)).await;
        house.does(&paused.scope, move |tx| pauses::pause_channel(tx, channel, until - 400)).await;
        house.clock.advance(499);
        assert_eq!(due_ids(house).await, [beside], "the shorter pause ends nothing");
        house.clock.advance(1);
        assert_eq!(due_ids(house).await, [id, beside]);
    })
    .await;
}

#[tokio::test]
async fn what_was_put_off_waits_and_counts() {
    let house = House::open();
    let thread = thread(&house).await;
    let (id, _) = thread.replies(&house).await;
    let row = thread.cleared(&house, id).await;
    let until = house.clock_now() + 500;
    house.does(&thread.scope, move |tx| put_off(tx, &row, until)).await;
    assert!(due_ids(&house).await.is_empty());
    assert_eq!(house.vault.next_outbox_due().await.unwrap(), Some(until));
    assert!(matches!(thread.claims(&house, id).await, Verdict::Gone));
    house.clock.advance(500);
    let row = thread.cleared(&house, id).await;
    assert_eq!((row.attempts, row.doubtful), (1, false), "it was certainly not sent");
}

#[tokio::test]
async fn a_busy_channel_hides_nobody_elses_rows() {
    on_both(async |house| {
        let busy = thread(house).await;
        let (channel, contact) = (busy.channel, busy.contact);
        for _ in 0..PER_CHANNEL + 8 {
            let open = move |tx: &Tx<'_>| conversations::open(tx, channel, contact, None);
            let conversation = house.does(&busy.scope, open).await.id;
            let thread = Thread { scope: busy.scope.clone(), channel, contact, conversation };
            thread.replies(house).await;
        }
        let quiet = thread(house).await;
        let (id, _) = quiet.replies(house).await;
        let due = house.vault.due_outbox(16).await.unwrap();
        assert!(due.iter().any(|row| row.id == id), "the quiet workspace's only row is not among the first");
        let all = house.vault.due_outbox(1_000).await.unwrap();
        assert_eq!(all.len(), usize::try_from(PER_CHANNEL).unwrap() + 1, "so many of a channel at a time");
    })
    .await;
}

#[tokio::test]
async fn what_was_perhaps_sent_on_a_channel_that_is_gone_stays_unknown_and_blocks_nothing() {
    let house = House::open();
    let thread = thread(&house).await;
    let (id, message) = thread.replies(&house).await;
    thread.cleared(&house, id).await;
    let channel = thread.channel;
    house.does(&thread.scope, move |tx| channels::disconnect(tx, channel).map(|_| ())).await;
    house.clock.advance(LEASE + 1);
    assert!(matches!(thread.claims(&house, id).await, Verdict::Stopped(_, Refusal::ChannelOff)));
    let head = house.sees(&thread.scope, move |tx| messages::head(tx, message)).await;
    assert_eq!((head.state, head.failure.as_deref()), (State::Failed, Some(OUTCOME_UNKNOWN)));
    assert!(matches!(thread.claims(&house, id).await, Verdict::Gone));
}

#[tokio::test]
async fn who_opted_out_gets_nothing() {
    let house = House::open();
    let thread = thread(&house).await;
    let (channel, contact) = (thread.channel, thread.contact);
    let other = house.channel(&thread.scope, "telegram").await;
    let answer = |channel, accepts| {
        house.does(&thread.scope, move |tx| {
            let known = identities::of(tx, contact)?.remove(0);
            let identity = identities::NewIdentity { kind: known.kind, scope: String::new(), value: known.value };
            suppressions::set(tx, channel, &[identity], accepts, "contact")
        })
    };
    answer(other, false).await;
    assert_eq!(thread.stopped(&house, Gate::reply(None)).await, None, "another channel's refusal");
    answer(channel, false).await;
    assert_eq!(thread.stopped(&house, Gate::reply(None)).await, Some(Refusal::OptedOut));
    answer(channel, true).await;
    assert_eq!(thread.stopped(&house, Gate::reply(None)).await, None);
}

#[tokio::test]
async fn a_purpose_needs_its_consent() {
    let house = House::open();
    let thread = thread(&house).await;
    let marketing = || Gate { purpose: "marketing", ..Gate::reply(None) };
    assert_eq!(thread.stopped(&house, marketing()).await, Some(Refusal::NoConsent));
    let (contact, given_at) = (thread.contact, house.clock_now());
    let consent = NewConsent {
        contact,
        purpose: "marketing".into(),
        channel: "telegram".into(),
        ground: "consent".into(),
        text_version: "1".into(),
        collected_by: "form".into(),
        text: None,
        evidence: None,
        given_at,
    };
    let id = house.does(&thread.scope, move |tx| consents::give(tx, &consent)).await;
    assert_eq!(thread.stopped(&house, marketing()).await, None);
    house.does(&thread.scope, move |tx| consents::withdraw(tx, id)).await;
    assert_eq!(thread.stopped(&house, marketing()).await, Some(Refusal::NoConsent));
    assert_eq!(thread.stopped(&house, Gate::reply(None)).await, None, "a reply needs none");
}

#[tokio::test]
async fn restriction_stops_what_no_member_wrote() {
    let house = House::open();
    let thread = thread(&house).await;
    let contact = thread.contact;
    let restrict = move |tx: &Tx<'_>| {
        tx.run(sql!("UPDATE contacts SET restricted_at = 1 WHERE workspace_id = $1 AND id = $2"), params![contact])
    };
    house.does(&thread.scope, restrict).await;
    let automatic = Gate { automatic: true, ..Gate::reply(None) };
    assert_eq!(thread.stopped(&house, automatic).await, Some(Refusal::Restricted));
    assert_eq!(thread.stopped(&house, Gate::reply(None)).await, None);
}

#[tokio::test]
async fn a_window_is_open_to_its_last_millisecond() {
    let house = House::open();
    let thread = thread(&house).await;
    let now = house.clock_now();
    assert_eq!(thread.stopped(&house, Gate::reply(Some(now))).await, None, "to the last millisecond");
    assert_eq!(thread.stopped(&house, Gate::reply(Some(now - 1))).await, Some(Refusal::WindowClosed));
}

#[tokio::test]
async fn what_waited_seven_days_is_not_sent_any_more() {
    let house = House::open();
    let thread = thread(&house).await;
    let (id, message) = thread.replies(&house).await;
    house.clock.advance(KEPT_FOR + 1);
    assert!(matches!(thread.claims(&house, id).await, Verdict::Stopped(of, Refusal::Expired) if of == message));
    assert_eq!(house.vault.depths().await.unwrap().outbox, 0);
}

#[tokio::test]
async fn a_disconnected_channel_fails_what_waits_and_one_in_need_keeps_it() {
    let house = House::open();
    let thread = thread(&house).await;
    let (channel, (id, _)) = (thread.channel, thread.replies(&house).await);
    let need = move |tx: &Tx<'_>| {
        channels::set_state(tx, channel, channels::ChannelState::NeedsAttention, Some("reauthorise"))
    };
    house.does(&thread.scope, need).await;
    assert!(due_ids(&house).await.is_empty());
    house.does(&thread.scope, move |tx| channels::disconnect(tx, channel)).await;
    assert_eq!(due_ids(&house).await, [id], "the gate has to stop it");
    assert!(matches!(thread.claims(&house, id).await, Verdict::Stopped(_, Refusal::ChannelOff)));
}

#[tokio::test]
async fn an_acknowledgement_says_nothing_to_the_contact_and_needs_only_the_channel() {
    let house = House::open();
    let thread = thread(&house).await;
    let closed = Gate { purpose: "marketing", automatic: true, ..Gate::reply(Some(0)) };
    for act in [Act::AnswerChoice, Act::Seen, Act::Remove] {
        let (id, _) = thread.orders(&house, act, closed.clone()).await;
        let row = thread.cleared(&house, id).await;
        house.does(&thread.scope, move |tx| finish(tx, &row)).await;
    }
    for act in [Act::Edit, Act::Reaction] {
        let (id, message) = thread.orders(&house, act, closed.clone()).await;
        assert!(matches!(thread.claims(&house, id).await, Verdict::Stopped(..)));
        let state = house.sees(&thread.scope, move |tx| messages::head(tx, message)).await.state;
        assert_eq!(state, State::Queued, "the message itself has not failed");
    }
}

#[tokio::test]
async fn since_when_something_may_have_been_sent_is_known() {
    on_both(async |house| {
        let thread = thread(house).await;
        let (id, _) = thread.replies(house).await;
        let begin = house.clock_now();
        let sure = thread.cleared(house, id).await;
        assert_eq!(sure.in_doubt_since(), None);
        let later = begin + 1_000;
        house.does(&thread.scope, move |tx| put_off(tx, &sure, later)).await;
        house.clock.advance(5_000);
        let first_doubt = house.clock_now();
        let doubted = thread.cleared(house, id).await.doubted();
        assert_eq!(doubted.in_doubt_since(), None, "it is in doubt from now on");
        let later = first_doubt + 1_000;
        house.does(&thread.scope, move |tx| put_off(tx, &doubted, later)).await;
        for _ in 0..2 {
            house.clock.advance(60_000);
            let again = thread.cleared(house, id).await;
            assert_eq!(
                again.in_doubt_since(),
                Some(first_doubt),
                "not since it was certainly not sent, nor since the last try"
            );
            let later = house.clock_now() + 1_000;
            house.does(&thread.scope, move |tx| put_off(tx, &again, later)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn leave_is_good_for_exactly_what_the_gate_was_asked_about() {
    let house = House::open();
    let thread = thread(&house).await;
    let (other, elsewhere) = house.contact(&thread.scope, thread.channel, "u").await;
    let Thread { channel, contact, conversation, .. } = thread;
    let order = move |whose: ContactId, act: Act, acknowledges: bool| {
        move |tx: &Tx<'_>| {
            let message = say(tx, if whose == contact { conversation } else { elsewhere }, Direction::Outgoing, "x")?;
            let gate = if acknowledges {
                Passed::acknowledging(Gate::reply(None))
            } else {
                pass(tx, channel, contact, Gate::reply(None))?.expect("it is open")
            };
            enqueue(tx, &NewOutbox { channel, conversation, contact: whose, message, act, detail: None, gate })
                .map(drop)
        }
    };
    house.does(&thread.scope, order(contact, Act::Message, false)).await;
    house.does(&thread.scope, order(contact, Act::Seen, true)).await;
    for wrong in
        [order(other, Act::Message, false), order(contact, Act::Message, true), order(contact, Act::Edit, true)]
    {
        assert_eq!(crate::testing::house::code(house.vault.write(&thread.scope, wrong).await), "forbidden");
    }
}
