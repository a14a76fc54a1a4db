//! Threads, the state of work, and lists of them.

mod plans;
mod work;

use super::*;
use crate::messages::Direction;
use crate::testing::house::{House, code, on_both, say};
use crate::{Cursor, Role, Scope, erase, members, teams};

async fn ids(house: &House, scope: &Scope, filter: Filter) -> Vec<ConversationId> {
    let page = house.sees(scope, move |tx| list(tx, &filter, None, 50)).await;
    page.data.into_iter().map(|conversation| conversation.id).collect()
}

async fn changes(house: &House, scope: &Scope, id: ConversationId, to: Change) -> Result<()> {
    house.vault.write(scope, move |tx| change(tx, id, &to)).await
}

#[tokio::test]
async fn a_thread_is_one_conversation_per_channel() {
    let house = House::open();
    let scope = house.workspace().await;
    let (one, two) = (house.channel(&scope, "telegram").await, house.channel(&scope, "web").await);
    let (contact, id) = house.contact(&scope, one, "t").await;
    let (found, opened) = house.does(&scope, move |tx| of_thread(tx, one, contact, "t")).await;
    assert_eq!((found.id, opened), (id, false));
    let (other, opened) = house.does(&scope, move |tx| of_thread(tx, two, contact, "t")).await;
    assert!(opened && other.id != id);
    assert_eq!(house.sees(&scope, move |tx| with_thread(tx, two, "t")).await, Some(other.id));
    assert_eq!(house.sees(&scope, move |tx| thread(tx, id)).await.as_deref(), Some("t"));
    assert_eq!(house.sees(&scope, move |tx| with_thread(tx, one, "u")).await, None);
}

#[tokio::test]
async fn who_was_erased_and_writes_again_is_somebody_new() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let (erased, before) = house.contact(&scope, channel, "t").await;
        house.does(&scope, move |tx| erase::begin(tx, erased)).await;
        let (contact, after) = house.contact(&scope, channel, "t").await;
        assert!(contact != erased && after != before);
        assert_eq!(house.sees(&scope, move |tx| with_thread(tx, channel, "t")).await, Some(after));
        assert_eq!(ids(house, &scope, Filter::default()).await, [after]);
    })
    .await;
}

#[tokio::test]
async fn a_provider_names_a_thread_once_and_takes_nobodys() {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let (contact, taken) = house.contact(&scope, channel, "t").await;
    let id = house.does(&scope, move |tx| open(tx, channel, contact, None)).await.id;
    for (name, now) in [("t", None), ("u", Some("u")), ("v", Some("u"))] {
        house.does(&scope, move |tx| name_thread(tx, id, name)).await;
        assert_eq!(house.sees(&scope, move |tx| thread(tx, id)).await.as_deref(), now, "{name}");
    }
    assert_eq!(house.sees(&scope, move |tx| with_thread(tx, channel, "t")).await, Some(taken));
}

#[tokio::test]
async fn each_filter_leaves_out_what_it_should() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let (one, two) = (house.channel(&scope, "telegram").await, house.channel(&scope, "web").await);
        let (ada, first) = house.contact(&scope, one, "a").await;
        let (_, second) = house.contact(&scope, two, "b").await;
        let (member, _) = house.member(&scope, "m@example.org", Role::Agent).await;
        let team = house.does(&scope, |tx| teams::create(tx, &Personal::new("T".into()), &[])).await;
        let worked = Change {
            status: Some(Status::Pending),
            assignee: Some(Some(member)),
            team: Some(Some(team)),
            labels: Some(vec!["VIP".into(), "bill".into()]),
            ..Change::default()
        };
        changes(house, &scope, first, worked).await.unwrap();
        let filter = Filter::default;
        for (filter, expected) in [
            (Filter { statuses: vec![Status::Pending], ..filter() }, vec![first]),
            (Filter { statuses: vec![Status::Open], ..filter() }, vec![second]),
            (Filter { assignee: Some(Some(member)), ..filter() }, vec![first]),
            (Filter { assignee: Some(None), ..filter() }, vec![second]),
            (Filter { team: Some(Some(team)), ..filter() }, vec![first]),
            (Filter { label: Some("vip".into()), ..filter() }, vec![first]),
            (Filter { label: Some("nobody's".into()), ..filter() }, vec![]),
            (Filter { channel: Some(two), ..filter() }, vec![second]),
            (Filter { contact: Some(ada), ..filter() }, vec![first]),
            (Filter { contact: Some(ada), channel: Some(two), ..filter() }, vec![]),
        ] {
            assert_eq!(ids(house, &scope, filter.clone()).await, expected, "{filter:?}");
        }
        assert_eq!(ids(house, &scope, filter()).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn pages_run_from_the_most_recently_active() {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let mut opened = Vec::new();
    for name in ["a", "b", "c", "d", "e"] {
        opened.push(house.contact(&scope, channel, name).await.1);
    }
    house.clock.advance(1);
    let first = opened[0];
    house.does(&scope, move |tx| say(tx, first, Direction::Incoming, "hello")).await;
    let (mut seen, mut after): (Vec<_>, Option<Cursor>) = (Vec::new(), None);
    loop {
        let page = house.sees(&scope, move |tx| list(tx, &Filter::default(), after.as_ref(), 2)).await;
        seen.extend(page.data.iter().map(|conversation| conversation.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((seen.len(), seen[0]), (5, first));
    seen.sort();
    opened.sort();
    assert_eq!(seen, opened);
}

#[tokio::test]
async fn what_comes_in_is_unread_opens_again_and_moves_the_window_forward_only() {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let (contact, id) = house.contact(&scope, channel, "t").await;
    changes(&house, &scope, id, Change { status: Some(Status::Resolved), ..Change::default() }).await.unwrap();
    for (window, now) in [(Some(500), Some(500)), (Some(300), Some(500)), (None, Some(500)), (Some(900), Some(900))] {
        house.does(&scope, move |tx| on_incoming(tx, id, contact, window)).await;
        let seen = house.sees(&scope, move |tx| view(tx, id)).await;
        assert_eq!((seen.window_until, seen.status), (now, Status::Open));
    }
    assert_eq!(house.sees(&scope, move |tx| view(tx, id)).await.unread_count, 4);
    changes(&house, &scope, id, Change { read: true, ..Change::default() }).await.unwrap();
    assert_eq!(house.sees(&scope, move |tx| view(tx, id)).await.unread_count, 0);
}

#[tokio::test]
async fn what_cannot_be_is_refused_whole() {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let (_, id) = house.contact(&scope, channel, "t").await;
    let stranger = house.sees(&scope, |tx| Ok(tx.id())).await;
    let done = Some(Status::Resolved);
    let priority = Change { status: done, priority: Some("soon".into()), ..Change::default() };
    assert_eq!(code(changes(&house, &scope, id, priority).await), "invalid");
    for labels in [vec![" ".to_owned()], vec!["x".repeat(61)], vec!["x".to_owned(); 51]] {
        let labels = Change { status: done, labels: Some(labels), ..Change::default() };
        assert_eq!(code(changes(&house, &scope, id, labels).await), "invalid");
    }
    let assignee = Change { status: done, assignee: Some(Some(stranger)), ..Change::default() };
    assert_eq!(code(changes(&house, &scope, id, assignee).await), "not_found");
    assert!(house.sees(&scope, move |tx| members::name(tx, stranger)).await.is_none());
    assert_eq!(house.sees(&scope, move |tx| view(tx, id)).await.status, Status::Open, "nothing of it was done");
}

#[tokio::test]
async fn labels_are_replaced_and_told_apart_by_their_letters_alone() {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let (_, id) = house.contact(&scope, channel, "t").await;
    for (set, shown) in
        [(vec!["VIP", "vip ", "bill"], vec!["VIP", "bill"]), (vec!["bill"], vec!["bill"]), (vec![], vec![])]
    {
        let labels = Some(set.into_iter().map(str::to_owned).collect());
        changes(&house, &scope, id, Change { labels, ..Change::default() }).await.unwrap();
        let mut seen: Vec<_> =
            house.sees(&scope, move |tx| view(tx, id)).await.labels.into_iter().map(Personal::into_revealed).collect();
        seen.sort();
        assert_eq!(seen, shown);
    }
}
