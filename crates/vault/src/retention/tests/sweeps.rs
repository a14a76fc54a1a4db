//! What a sweep takes, with everything of it, and what it leaves.

use super::*;
use crate::keys::Deed;
use crate::sites::{self, Banner, NewChoice, Said, SiteSettings, Way};
use crate::{holds, remotes};

#[tokio::test]
async fn a_message_goes_with_everything_of_it_on_the_millisecond() {
    on_both(async |house| {
        let talk = talk(house).await;
        let message = talk.says(house, "Hello").await;
        let (channel, contact) = (talk.channel, talk.contact);
        house
            .does(&talk.scope, move |tx| remotes::tie(tx, message, contact, channel, &["r-1".into()]).map(|_| ()))
            .await;
        house.does(&talk.scope, move |tx| attach(tx, message, contact, channel)).await;
        talk.keeps_messages(house, 2).await;
        house.clock.advance(2 * DAY_MS - 1);
        assert!(talk.sweep(house).await);
        assert_eq!(counted(house, &talk.scope, rows_of!("messages")).await, 1, "not a millisecond early");
        house.clock.advance(1);
        assert!(talk.sweep(house).await);
        for (what, statement) in [
            ("messages", rows_of!("messages")),
            ("attachments", rows_of!("attachments")),
            ("remotes", rows_of!("remotes")),
            ("conversations", rows_of!("conversations")),
        ] {
            assert_eq!(counted(house, &talk.scope, statement).await, 0, "{what}");
        }
        let dropped = sql!("SELECT COUNT(*) FROM jobs WHERE workspace_id = $1 AND kind = 'drop_file'");
        assert_eq!(counted(house, &talk.scope, dropped).await, 1, "its file goes by a job");
        let fetched = sql!("SELECT COUNT(*) FROM jobs WHERE workspace_id = $1 AND kind = 'fetch_file'");
        assert_eq!(counted(house, &talk.scope, fetched).await, 0, "and is not fetched any more");
        let marked = sql!("SELECT COUNT(*) FROM index_pending WHERE workspace_id = $1 AND act = 'write'");
        assert_eq!(counted(house, &talk.scope, marked).await, 1, "the index is told");
        let known = house.sees(&talk.scope, move |tx| remotes::is_known(tx, channel, "r-1")).await;
        assert!(known, "a provider that brings it once more does not bring it back");
        let (last, _) = house.sees(&talk.scope, last).await;
        let last = last.unwrap();
        assert_eq!(last.state, SweepState::Done);
        assert_eq!(last.removed.get("messages"), Some(&4), "message, file, remote id, conversation");
    })
    .await;
}

#[tokio::test]
async fn what_has_gone_is_known_when_a_mailbox_brings_it_again_and_what_is_new_stays() {
    on_both(async |house| {
        let talk = talk(house).await;
        let gone =
            |written, lies_since| house.sees(&talk.scope, move |tx| Ok((has_gone(tx, written, lies_since)?, tx.now())));
        talk.says(house, "Hello").await;
        let (_, said) = gone(0, 1).await;
        talk.keeps_messages(house, 20).await;
        days_later(house, 20).await;
        assert!(!gone(said, said).await.0, "no sweep took it yet");
        assert!(talk.sweep(house).await);
        assert!(gone(said, said).await.0);
        assert!(!gone(said + 1, said + 1).await.0, "not due");
        assert!(!gone(said, said + 15 * DAY_MS).await.0, "it came late, and its id would be known had it been here");
        talk.keeps_messages(house, 700).await;
        days_later(house, 1).await;
        assert!(talk.sweep(house).await);
        assert!(gone(said, said).await.0, "a longer term brings nothing back");
        let other = house.workspace().await;
        assert!(!house.sees(&other, move |tx| has_gone(tx, said, said)).await, "another workspace has its own");
    })
    .await;
}

fn attach(tx: &Tx<'_>, message: MessageId, contact: ContactId, channel: ChannelId) -> Result<()> {
    let id: crate::AttachmentId = tx.id();
    tx.run(
        sql!(
            "INSERT INTO attachments (workspace_id, id, message_id, contact_id, channel_id, position, state, role, content_type, \
             size, created_at) VALUES ($1, $2, $3, $4, $5, 0, 'pending', 'file', 'text/plain', 1, $6)"
        ),
        params![id, message, contact, channel, tx.now()],
    )?;
    jobs::enqueue(tx, JobKind::FetchFile, &id.to_string(), tx.now())
}

#[tokio::test]
async fn what_is_left_of_a_conversation_is_told_rightly() {
    on_both(async |house| {
        let talk = talk(house).await;
        talk.keeps_messages(house, 3).await;
        let (conversation, contact) = (talk.conversation, talk.contact);
        talk.says(house, "Old").await;
        days_later(house, 2).await;
        let new = talk.says(house, "New").await;
        let unread = move |tx: &Tx<'_>| {
            crate::conversations::on_incoming(tx, conversation, contact, None)?;
            crate::conversations::on_incoming(tx, conversation, contact, None)
        };
        house.does(&talk.scope, unread).await;
        days_later(house, 1).await;
        assert!(talk.sweep(house).await);
        let seen = house.sees(&talk.scope, move |tx| crate::conversations::view(tx, conversation)).await;
        assert_eq!((seen.unread_count, seen.last_message.map(|last| last.id)), (1, Some(new)));
        days_later(house, 2).await;
        assert!(talk.sweep(house).await);
        let gone = house.vault.read(&talk.scope, move |tx| crate::conversations::view(tx, conversation)).await;
        assert_eq!(code(gone), "not_found");
    })
    .await;
}

#[tokio::test]
async fn who_was_silent_for_a_term_and_is_kept_by_nothing_is_erased() {
    on_both(async |house| {
        let talk = talk(house).await;
        let kept = house.contact(&talk.scope, talk.channel, "Bruno").await.0;
        let consent = move |tx: &Tx<'_>| {
            let new = crate::consents::NewConsent {
                contact: kept,
                purpose: "marketing".into(),
                channel: "any".into(),
                ground: "consent".into(),
                text_version: "1".into(),
                collected_by: "form".into(),
                text: None,
                evidence: None,
                given_at: tx.now(),
            };
            crate::consents::give(tx, &new).map(|_| ())
        };
        house.does(&talk.scope, consent).await;
        talk.says(house, "Hello").await;
        days_later(house, 731).await;
        assert!(talk.sweep(house).await);
        let erased = sql!("SELECT COUNT(*) FROM contacts WHERE workspace_id = $1 AND erased_at IS NOT NULL");
        assert_eq!(counted(house, &talk.scope, erased).await, 1);
        let contact = talk.contact;
        let gone = house.vault.read(&talk.scope, move |tx| crate::contacts::view(tx, contact)).await;
        assert_eq!(code(gone), "not_found", "conversation and messages went before, in the same sweep");
        assert!(house.vault.read(&talk.scope, move |tx| crate::contacts::view(tx, kept)).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn entries_of_the_log_lose_their_words_after_a_year_and_their_leaf_stays() {
    let house = House::open();
    let talk = talk(&house).await;
    let worded = sql!("SELECT COUNT(*) FROM audit WHERE workspace_id = $1 AND salt IS NOT NULL");
    let before = counted(&house, &talk.scope, worded).await;
    days_later(&house, 364).await;
    assert!(talk.sweep(&house).await);
    assert_eq!(counted(&house, &talk.scope, worded).await, before);
    days_later(&house, 1).await;
    assert!(talk.sweep(&house).await);
    assert_eq!(counted(&house, &talk.scope, worded).await, 0);
    assert!(counted(&house, &talk.scope, rows_of!("audit")).await >= before);
}

#[tokio::test]
async fn ten_thousand_rows_go_in_batches_of_five_hundred_at_most() {
    const ROWS: i64 = 10_000;
    let house = House::open();
    let talk = talk(&house).await;
    let fill = |tx: &Tx<'_>| {
        for _ in 0..ROWS {
            tx.run(
                sql!(
                    "INSERT INTO deliveries (workspace_id, id, webhook_id, seq, kind, state, attempts, created_at, began_at) \
                     VALUES ($1, $2, 'whk_1', 1, 'message.created', 'sent', 1, $3, $3)"
                ),
                params![tx.id::<crate::DeliveryId>(), tx.now()],
            )?;
        }
        Ok(())
    };
    house.does(&talk.scope, fill).await;
    days_later(&house, 7).await;
    let scope = platform(&talk.scope);
    let mut sweep = house.vault.begin_sweep(&scope).await.unwrap().unwrap();
    let (mut left, mut batches) = (ROWS, 0);
    while house.vault.carry_on_sweep(&scope, &mut sweep).await.unwrap() {
        let now = counted(&house, &talk.scope, rows_of!("deliveries")).await;
        assert!(left - now <= 500, "{left} became {now} in one transaction");
        batches += i64::from(now < left);
        left = now;
    }
    assert_eq!((left, batches), (0, ROWS / 500));
    let lines = house.vault.keys().ledger(talk.scope.workspace(), 0, 1_000).unwrap();
    let swept = lines.iter().filter(|(_, line)| line.deed == Deed::Swept && line.detail.starts_with("deliveries "));
    assert_eq!(swept.count(), usize::try_from(ROWS / 500).unwrap(), "a line of the ledger for each batch");
}

#[tokio::test]
async fn a_restored_database_is_swept_again_up_to_where_it_was() {
    on_both(async |house| {
        let talk = talk(house).await;
        talk.keeps_messages(house, 2).await;
        talk.says(house, "Swept").await;
        days_later(house, 2).await;
        assert!(talk.sweep(house).await);
        // What a restore brings back, and what came since; the term is a longer one by now.
        talk.keeps_messages(house, 700).await;
        let (channel, contact) = (talk.channel, talk.contact);
        let again = move |tx: &Tx<'_>| crate::conversations::of_thread(tx, channel, contact, "Anna").map(|it| it.0.id);
        let conversation = house.does(&talk.scope, again).await;
        house.clock.advance(-3 * DAY_MS);
        house.does(&talk.scope, move |tx| say(tx, conversation, Direction::Incoming, "Swept")).await;
        house.clock.advance(3 * DAY_MS);
        house.does(&talk.scope, move |tx| say(tx, conversation, Direction::Incoming, "New")).await;
        assert_eq!(counted(house, &talk.scope, rows_of!("messages")).await, 2);
        house.vault.reapply_ledger(&talk.scope).await.unwrap();
        assert_eq!(counted(house, &talk.scope, rows_of!("messages")).await, 1);
    })
    .await;
}

#[tokio::test]
async fn every_workspace_has_one_sweep_before_it_and_no_more() {
    let house = House::open();
    let (one, other) = (house.workspace().await, house.workspace().await);
    for _ in 0..3 {
        house.vault.plan_sweeps().await.unwrap();
    }
    let waiting = sql!("SELECT COUNT(*) FROM jobs WHERE workspace_id = $1 AND kind = 'sweep'");
    for scope in [&one, &other] {
        assert_eq!(counted(&house, scope, waiting).await, 1);
        let slot = next_slot(scope.workspace(), house.clock_now());
        let (_, next) = house.sees(scope, last).await;
        assert_eq!(next, Some(slot));
        assert!((0..6 * 3_600_000).contains(&(slot % DAY_MS)) && slot > house.clock_now());
        assert!(slot - house.clock_now() <= DAY_MS + 6 * 3_600_000);
    }
}

#[tokio::test]
async fn what_comes_is_told_before_it_goes() {
    on_both(async |house| {
        let talk = talk(house).await;
        talk.says(house, "Hello").await;
        let ahead = |days, would: &[(Category, u32)]| {
            let would = would.iter().copied().collect();
            let scope = talk.scope.clone();
            async move { house.sees(&scope, move |tx| preview(tx, days, &would)).await }
        };
        assert_eq!(ahead(30, &[]).await, []);
        let coming = ahead(30, &[(Category::Messages, 10)]).await;
        let messages = coming.iter().find(|coming| coming.what == "messages").unwrap();
        assert_eq!((messages.rows, messages.first_at), (1, house.clock_now() + 10 * DAY_MS));
        assert_eq!(ahead(9, &[(Category::Messages, 10)]).await, []);
        days_later(house, 701).await;
        assert!(ahead(30, &[]).await.iter().any(|coming| coming.what == "messages"));
    })
    .await;
}

#[tokio::test]
async fn what_a_legal_hold_covers_stays_until_it_is_lifted() {
    on_both(async |house| {
        let talk = talk(house).await;
        talk.keeps_messages(house, 2).await;
        talk.says(house, "Held").await;
        let free = house.contact(&talk.scope, talk.channel, "Bruno").await.1;
        house.does(&talk.scope, move |tx| say(tx, free, Direction::Incoming, "Free")).await;
        let on = [
            holds::Subject::Conversation(talk.conversation),
            holds::Subject::Contact(talk.contact),
            holds::Subject::Workspace,
        ];
        days_later(house, 2).await;
        for (on, left) in on.into_iter().zip([1, 1, 1]) {
            let set = move |tx: &Tx<'_>| {
                let new = holds::NewHold { on, reason: Personal::new("A case".into()), ends_at: None };
                holds::set(tx, &new)
            };
            let hold = house.does(&talk.scope, set).await;
            assert!(talk.sweep(house).await);
            assert_eq!(counted(house, &talk.scope, rows_of!("messages")).await, left, "{on:?}");
            house.does(&talk.scope, move |tx| holds::lift(tx, hold)).await;
        }
        assert!(talk.sweep(house).await);
        assert_eq!(counted(house, &talk.scope, rows_of!("messages")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_banners_text_goes_once_it_is_neither_shown_nor_agreed_to() {
    on_both(async |house| {
        let talk = talk(house).await;
        let shown = |version: &str| Banner { version: version.into(), purposes: "p".into(), text: "{}".into() };
        let settings = || SiteSettings {
            name: "Shop".into(),
            origins: vec!["https://shop.example".into()],
            privacy_url: None,
            analytics: false,
            text: Said::new(),
            cookies: Vec::new(),
        };
        let site = house.does(&talk.scope, move |tx| sites::create(tx, &settings(), &shown("agreed"))).await;
        let new = move || NewChoice {
            site,
            version: "agreed".into(),
            way: Way::Reject,
            categories: Vec::new(),
            signal: false,
            visitor: "drawn by lot".into(),
        };
        house.does(&talk.scope, move |tx| sites::choose(tx, &new())).await;
        for version in ["passed over", "shown"] {
            house.does(&talk.scope, move |tx| sites::set(tx, site, &settings(), &shown(version))).await;
        }
        let kept = async || {
            let mut kept = Vec::new();
            for version in ["agreed", "passed over", "shown"] {
                let found = house.vault.read(&talk.scope, move |tx| sites::banner(tx, site, version)).await;
                kept.extend(found.ok().map(|banner| banner.version));
            }
            kept
        };
        days_later(house, 1_826).await;
        talk.sweep(house).await;
        assert_eq!(kept().await, ["agreed", "passed over", "shown"]);
        days_later(house, 2).await;
        talk.sweep(house).await;
        assert_eq!(kept().await, ["agreed", "shown"]);
        days_later(house, 3 * 365).await;
        // The choice goes, then what was chosen.
        talk.sweep(house).await;
        talk.sweep(house).await;
        assert_eq!(kept().await, ["shown"]);
    })
    .await;
}
