//! Snoozing, waiting, what is unread, in which order lists run, and how much there is of everything.

use serde_json::json;

use super::*;
use crate::jobs::{self, JobKind};
use crate::{ChannelId, MemberId, labels, mentions, teams};

/// Six conversations with contacts who wrote one after the other, the first of them first.
async fn six(house: &House, scope: &Scope, channel: ChannelId) -> Vec<ConversationId> {
    let mut all = Vec::new();
    for name in ["a", "b", "c", "d", "e", "f"] {
        house.clock.advance(10);
        let (contact, id) = house.contact(scope, channel, name).await;
        house
            .does(scope, move |tx| {
                say(tx, id, Direction::Incoming, "hello")?;
                on_incoming(tx, id, contact, None)
            })
            .await;
        all.push(id);
    }
    all
}

async fn pages(house: &House, scope: &Scope, filter: Filter) -> Vec<ConversationId> {
    let (mut seen, mut after): (Vec<_>, Option<Cursor>) = (Vec::new(), None);
    loop {
        let filter = filter.clone();
        let page = house.sees(scope, move |tx| list(tx, &filter, after.as_ref(), 2)).await;
        seen.extend(page.data.into_iter().map(|conversation| conversation.id));
        after = page.next.map(|next| Cursor::decode(&next.encode()).unwrap());
        if after.is_none() {
            return seen;
        }
    }
}

#[tokio::test]
#[expect(clippy::many_single_char_names, reason = "six conversations in the order in which they were opened")]
async fn each_order_is_whole_over_all_pages() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let all = six(house, &scope, channel).await;
        let [a, b, c, d, e, f] = all[..] else { panic!("six") };
        let set = |priority: &str, status| Change { priority: Some(priority.into()), status, ..Change::default() };
        changes(house, &scope, b, set("urgent", None)).await.unwrap();
        changes(house, &scope, c, set("high", Some(Status::Pending))).await.unwrap();
        changes(house, &scope, e, set("low", None)).await.unwrap();
        changes(house, &scope, f, set("urgent", Some(Status::Snoozed))).await.unwrap();
        // Who was answered waits no more; a note is no answer; what is done with waits for nothing.
        house.clock.advance(10);
        house.does(&scope, move |tx| say(tx, a, Direction::Outgoing, "answer")).await;
        house.does(&scope, move |tx| say(tx, b, Direction::Note, "note")).await;
        changes(house, &scope, d, set("normal", Some(Status::Resolved))).await.unwrap();
        let by = |sort| Filter { sort, ..Filter::default() };
        assert_eq!(pages(house, &scope, by(Sort::Active)).await, [b, a, f, e, d, c]);
        assert_eq!(pages(house, &scope, by(Sort::Waiting)).await, [b, c, e, f, a, d]);
        assert_eq!(pages(house, &scope, by(Sort::Priority)).await, [b, f, c, a, d, e]);
        let some = Filter { statuses: vec![Status::Pending, Status::Open], ..by(Sort::Priority) };
        assert_eq!(pages(house, &scope, some).await, [b, c, a, e]);
        let urgent = Filter { priority: Some("urgent".into()), ..by(Sort::Active) };
        assert_eq!(pages(house, &scope, urgent).await, [b, f]);
    })
    .await;
}

/// Whichever filter leads, the others are checked too.
#[tokio::test]
async fn filters_narrow_each_other() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let (one, two) = (house.channel(&scope, "telegram").await, house.channel(&scope, "web").await);
        let all = six(house, &scope, one).await;
        let (contact, other) = house.contact(&scope, two, "g").await;
        let (member, own) = house.member(&scope, "m@example.org", Role::Agent).await;
        let team = house.does(&scope, |tx| teams::create(tx, &Personal::new("T".into()), &[])).await;
        let (first, second) = (all[0], all[1]);
        let taken = Change {
            assignee: Some(Some(member)),
            team: Some(Some(team)),
            labels: Some(vec!["vip".into()]),
            priority: Some("high".into()),
            ..Change::default()
        };
        changes(house, &scope, first, taken.clone()).await.unwrap();
        changes(house, &scope, other, Change { read: true, ..taken }).await.unwrap();
        house.does(&scope, move |tx| name_in(tx, first, member)).await;
        let whole = Filter {
            statuses: vec![Status::Open],
            assignee: Some(Some(member)),
            team: Some(Some(team)),
            label: Some("vip".into()),
            priority: Some("high".into()),
            ..Filter::default()
        };
        assert_eq!(ids(house, &scope, whole.clone()).await, [other, first]);
        for (filter, expected) in [
            (Filter { channel: Some(one), ..whole.clone() }, vec![first]),
            (Filter { unread: true, ..whole.clone() }, vec![first]),
            (Filter { mentioned: Some(member), ..whole.clone() }, vec![first]),
            (Filter { contact: Some(contact), ..whole.clone() }, vec![other]),
            (Filter { sort: Sort::Waiting, unread: true, ..whole.clone() }, vec![first]),
            (Filter { sort: Sort::Priority, channel: Some(two), ..whole.clone() }, vec![other]),
            (Filter { statuses: vec![Status::Resolved], ..whole.clone() }, vec![]),
            (Filter { priority: Some("low".into()), ..whole.clone() }, vec![]),
            (Filter { assignee: Some(None), team: Some(None), channel: Some(two), ..Filter::default() }, vec![]),
            (Filter { mentioned: Some(member), channel: Some(two), ..Filter::default() }, vec![]),
        ] {
            assert_eq!(ids(house, &scope, filter.clone()).await, expected, "{filter:?}");
        }
        let nobodys = Filter { assignee: Some(None), team: Some(None), ..Filter::default() };
        let seen = ids(house, &scope, nobodys).await;
        assert!(seen.len() == 5 && seen.contains(&second) && !seen.contains(&first), "{seen:?}");
        let shown = house.sees(&own, move |tx| Ok((view(tx, first)?, view(tx, second)?))).await;
        assert_eq!((shown.0.mentioned, shown.0.mention_unseen, shown.1.mentioned), (true, true, false));
    })
    .await;
}

fn name_in(tx: &Tx<'_>, id: ConversationId, member: MemberId) -> Result<MessageId> {
    let note = say(tx, id, Direction::Note, "look at this")?;
    mentions::name(tx, note, (id, head(tx, id)?.contact), &[member, member])?;
    Ok(note)
}

#[tokio::test]
async fn what_is_snoozed_wakes_at_its_time_or_when_the_contact_writes() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let (contact, id) = house.contact(&scope, channel, "t").await;
        let begin = house.clock_now();
        let until = |at| Change { snoozed_until: Some(at), ..Change::default() };
        let seen = async || house.sees(&scope, move |tx| view(tx, id)).await;
        changes(house, &scope, id, until(Some(begin + 1_000))).await.unwrap();
        let asleep = seen().await;
        assert_eq!((asleep.status, asleep.snoozed_until), (Status::Snoozed, Some(begin + 1_000)));
        // It sleeps longer now: the job comes too early, and is told so.
        changes(house, &scope, id, until(Some(begin + 5_000))).await.unwrap();
        house.clock.advance(1_000);
        assert_eq!(house.does(&scope, move |tx| wake(tx, id)).await, Some(begin + 5_000));
        house.clock.advance(4_000);
        let due = house.vault.claim_jobs(10, 1_000).await.unwrap();
        let (kind, subject) = (JobKind::WakeConversation, id.to_string());
        assert!(due.iter().any(|job| (job.kind, &job.subject) == (kind, &subject)), "{due:?}");
        assert_eq!(house.does(&scope, move |tx| wake(tx, id)).await, None);
        let awake = seen().await;
        assert_eq!((awake.status, awake.snoozed_until, awake.unread_count), (Status::Open, None, 1));
        assert_eq!(awake.active_at, begin + 5_000, "it is the most recent of all");
        assert_eq!(house.does(&scope, move |tx| wake(tx, id)).await, None, "waking twice is waking once");
        for (change, status) in [
            (until(Some(begin + 9_000)), Status::Snoozed),
            (until(None), Status::Open),
            (until(Some(begin + 9_000)), Status::Snoozed),
            (Change { status: Some(Status::Resolved), ..Change::default() }, Status::Resolved),
            (until(None), Status::Resolved),
            (Change { status: Some(Status::Snoozed), ..Change::default() }, Status::Snoozed),
        ] {
            changes(house, &scope, id, change).await.unwrap();
            assert_eq!(seen().await.status, status);
        }
        assert_eq!((seen().await.snoozed_until, seen().await.waiting_since), (None, None));
        house.does(&scope, move |tx| on_incoming(tx, id, contact, None)).await;
        let back = seen().await;
        assert_eq!((back.status, back.waiting_since), (Status::Open, Some(house.clock_now())));
        let far = until(Some(house.clock_now() + AHEAD_MAX + 1));
        assert_eq!(code(changes(house, &scope, id, far).await), "invalid");
        let both = Change { status: Some(Status::Open), ..until(Some(begin + 9_000)) };
        assert_eq!(code(changes(house, &scope, id, both).await), "invalid");
    })
    .await;
}

#[tokio::test]
async fn what_is_marked_unread_was_seen_all_the_same() {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let (contact, id) = house.contact(&scope, channel, "t").await;
    let unread = || Change { unread: true, ..Change::default() };
    let state = async || house.sees(&scope, move |tx| Ok((view(tx, id)?.unread_count, unseen(tx, id)?))).await;
    house
        .does(&scope, move |tx| {
            for text in ["one", "two"] {
                say(tx, id, Direction::Incoming, text)?;
                on_incoming(tx, id, contact, None)?;
            }
            Ok(())
        })
        .await;
    assert_eq!(state().await, (2, true));
    changes(&house, &scope, id, unread()).await.unwrap();
    assert_eq!(state().await, (2, true), "it is no more unread than it was");
    changes(&house, &scope, id, Change { read: true, ..Change::default() }).await.unwrap();
    assert_eq!(state().await, (0, false));
    changes(&house, &scope, id, unread()).await.unwrap();
    assert_eq!(state().await, (1, false));
    let both = Change { read: true, ..unread() };
    assert_eq!(code(changes(&house, &scope, id, both).await), "invalid");
}

#[tokio::test]
async fn a_conversations_own_fields_and_all_else_are_told_as_they_were() {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let (_, id) = house.contact(&scope, channel, "t").await;
    let fields = json!({ "order": "4711", "paid": true }).as_object().unwrap().clone();
    let attributes = Some(Personal::new(fields.clone()));
    changes(&house, &scope, id, Change { attributes, ..Change::default() }).await.unwrap();
    assert_eq!(house.sees(&scope, move |tx| view(tx, id)).await.attributes, Personal::new(fields.clone()));
    let before = house.sees(&scope, move |tx| work(tx, id)).await;
    assert_eq!(before.reveal().attributes, fields);
    let labels = Some(vec!["vip".into()]);
    changes(&house, &scope, id, Change { labels, unread: true, ..Change::default() }).await.unwrap();
    let after = house.sees(&scope, move |tx| work(tx, id)).await;
    assert!(after != before && after.reveal().unread && after.reveal().labels == ["vip"]);
    let much = json!({ "x": "y".repeat(20_000) }).as_object().unwrap().clone();
    let much = Change { attributes: Some(Personal::new(much)), ..Change::default() };
    assert_eq!(code(changes(&house, &scope, id, much).await), "invalid");
}

#[tokio::test]
async fn everything_is_counted_once() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let (one, two) = (house.channel(&scope, "telegram").await, house.channel(&scope, "web").await);
        let all = six(house, &scope, one).await;
        let (member, _) = house.member(&scope, "m@example.org", Role::Agent).await;
        let team = house.does(&scope, |tx| teams::create(tx, &Personal::new("T".into()), &[])).await;
        let mine = Change {
            assignee: Some(Some(member)),
            team: Some(Some(team)),
            labels: Some(vec!["vip".into()]),
            ..Change::default()
        };
        changes(house, &scope, all[0], mine.clone()).await.unwrap();
        changes(house, &scope, all[1], Change { read: true, ..mine }).await.unwrap();
        for (id, status) in [(all[2], Status::Resolved), (all[3], Status::Snoozed), (all[4], Status::Pending)] {
            changes(house, &scope, id, Change { status: Some(status), read: true, ..Change::default() }).await.unwrap();
        }
        let (seen, unseen) = (all[4], all[5]);
        house.does(&scope, move |tx| name_in(tx, seen, member)).await;
        house.does(&scope, move |tx| name_in(tx, unseen, member)).await;
        assert!(house.does(&scope, move |tx| mentions::saw(tx, seen, member)).await);
        assert!(!house.does(&scope, move |tx| mentions::saw(tx, seen, member)).await);
        let label = house.sees(&scope, |tx| labels::find(tx, &Personal::new("vip".into()))).await.unwrap();
        let counted = house.sees(&scope, move |tx| counts(tx, member)).await;
        let count = |all, unread| Count { all, unread };
        assert_eq!((counted.mine, counted.unassigned), (count(2, 1), count(1, 1)));
        assert_eq!((counted.open, counted.all), (count(3, 2), count(6, 2)));
        assert_eq!((counted.snoozed, counted.mentions), (count(1, 0), count(2, 1)));
        let mut expected = vec![(one, count(3, 2)), (two, count(0, 0))];
        expected.sort_by_key(|(id, _)| *id);
        assert_eq!(counted.channels, expected);
        assert_eq!((counted.teams, counted.labels), (vec![(team, count(2, 1))], vec![(label, count(2, 1))]));
    })
    .await;
}

#[tokio::test]
async fn what_became_of_many_is_kept_for_a_day() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let (contact, id) = house.contact(&scope, channel, "t").await;
        let stranger = house.sees(&scope, |tx| Ok(tx.id())).await;
        let made = house
            .does(&scope, move |tx| {
                let made = tx.id();
                let before = Some(work(tx, id)?);
                keep(tx, made, 0, &Outcome { conversation: id, changed: true, problem: None, before })?;
                let problem = Some("not_found".to_owned());
                keep(tx, made, 1, &Outcome { conversation: stranger, changed: false, problem, before: None })?;
                Ok(made)
            })
            .await;
        let told = house.sees(&scope, move |tx| outcomes(tx, made)).await;
        let before = house.sees(&scope, move |tx| work(tx, id)).await;
        assert_eq!((told[0].conversation, told[0].changed, told[0].before.as_ref()), (id, true, Some(&before)));
        assert_eq!((told[1].conversation, told[1].problem.as_deref()), (stranger, Some("not_found")));
        house.does(&scope, move |tx| erase::begin(tx, contact)).await;
        assert_eq!(house.sees(&scope, move |tx| outcomes(tx, made)).await.len(), 1, "what was of the contact went");
        house.clock.advance(crate::idempotency::KEPT_MS);
        assert_eq!(house.does(&scope, |tx| sweep(tx, 10)).await, 1);
        // A job of a contact who is gone finds nothing to do.
        house.does(&scope, move |tx| jobs::enqueue(tx, JobKind::WakeConversation, &id.to_string(), 0)).await;
        assert_eq!(house.does(&scope, move |tx| wake(tx, id)).await, None);
    })
    .await;
}
