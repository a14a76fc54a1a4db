//! A draft is its member's alone, goes with its contact, and keeps its files.

use super::*;
use crate::attachments::Stored;
use crate::testing::house::{House, code, on_both};
use crate::{Role, Scope, erase, merges};

const DAY_MS: Millis = 24 * 3_600_000;

fn begun(text: &str) -> Begun {
    Begun { text: text.to_owned(), ..Begun::default() }
}

async fn keeps(house: &House, scope: &Scope, at: (ConversationId, MemberId), begun: Begun) -> Result<()> {
    let begun = Personal::new(begun);
    house.vault.write(scope, move |tx| keep(tx, at.0, at.1, &begun)).await
}

async fn upload(house: &House, scope: &Scope) -> AttachmentId {
    house
        .does(scope, |tx| {
            let (id, stored) = (tx.id(), Stored { size: 3, content_type: "image/png".into(), key: [7; 32].into() });
            attachments::uploaded(tx, id, &Personal::new("a.png".into()), &stored)?;
            Ok(id)
        })
        .await
}

#[tokio::test]
async fn each_member_has_one_per_conversation() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let (_, first) = house.contact(&scope, channel, "a").await;
        let (_, second) = house.contact(&scope, channel, "b").await;
        let (ada, _) = house.member(&scope, "a@example.org", Role::Agent).await;
        let (bob, _) = house.member(&scope, "b@example.org", Role::Agent).await;
        for (at, text) in
            [((first, ada), "one"), ((first, ada), "two"), ((first, bob), "three"), ((second, ada), "four")]
        {
            house.clock.advance(5);
            keeps(house, &scope, at, begun(text)).await.unwrap();
        }
        let text = |draft: &Draft| draft.begun.reveal().text.clone();
        let seen = async |at: (ConversationId, MemberId)| house.sees(&scope, move |tx| of(tx, at.0, at.1)).await;
        assert_eq!(seen((first, ada)).await.as_ref().map(text).as_deref(), Some("two"));
        assert_eq!(seen((first, bob)).await.as_ref().map(text).as_deref(), Some("three"));
        let page = house.sees(&scope, move |tx| list(tx, ada, None, 1)).await;
        assert_eq!(page.data.iter().map(text).collect::<Vec<_>>(), ["four"]);
        let rest = house.sees(&scope, move |tx| list(tx, ada, page.next.as_ref(), 1)).await;
        assert_eq!((rest.data.iter().map(text).collect::<Vec<_>>(), rest.next), (vec!["two".to_owned()], None));
        // What was written takes its own draft along, and no other.
        house.does(&scope, move |tx| written(tx, first, ada, true)).await;
        assert!(seen((first, ada)).await.is_some(), "a note was written, and this was no note");
        house.does(&scope, move |tx| written(tx, first, ada, false)).await;
        assert!(seen((first, ada)).await.is_none() && seen((first, bob)).await.is_some());
        let about = Begun { subject: Some("Order 7".to_owned()), ..Begun::default() };
        keeps(house, &scope, (second, ada), about.clone()).await.unwrap();
        let kept = seen((second, ada)).await.map(|draft| draft.begun.into_revealed());
        assert!(kept == Some(about), "what it is about is begun, too");
        keeps(house, &scope, (second, ada), Begun::default()).await.unwrap();
        assert!(seen((second, ada)).await.is_none(), "nothing begun is no draft");
        assert_eq!(code(keeps(house, &scope, (first, ada), begun(&"x".repeat(100_001))).await), "invalid");
    })
    .await;
}

#[tokio::test]
async fn its_files_wait_as_long_as_it_does() {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let (contact, conversation) = house.contact(&scope, channel, "a").await;
    let (ada, _) = house.member(&scope, "a@example.org", Role::Agent).await;
    let (kept, dropped) = (upload(&house, &scope).await, upload(&house, &scope).await);
    let with = |files: Vec<AttachmentId>| Begun { attachments: files, ..begun("look") };
    keeps(&house, &scope, (conversation, ada), with(vec![kept, dropped])).await.unwrap();
    keeps(&house, &scope, (conversation, ada), with(vec![kept])).await.unwrap();
    house.clock.advance(DAY_MS + 1);
    house.does(&scope, attachments::sweep).await;
    let is_there = async |id| house.vault.read(&scope, move |tx| attachments::view(tx, id)).await.is_ok();
    assert!(is_there(kept).await && !is_there(dropped).await);
    assert_eq!(house.sees(&scope, move |tx| attachments::view(tx, kept)).await.contact, Some(contact));
    house.does(&scope, move |tx| drop_draft(tx, conversation, ada)).await;
    house.does(&scope, attachments::sweep).await;
    assert!(is_there(kept).await, "it has a day from now on");
    house.clock.advance(DAY_MS + 1);
    house.does(&scope, attachments::sweep).await;
    assert!(!is_there(kept).await);
    let gone = keeps(&house, &scope, (conversation, ada), with(vec![kept])).await;
    assert_eq!(code(gone), "not_found");
}

#[tokio::test]
async fn it_follows_its_conversation_through_merges_and_goes_with_its_contact() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let (stays, _) = house.contact(&scope, channel, "a").await;
        let (merged, conversation) = house.contact(&scope, channel, "b").await;
        let (ada, _) = house.member(&scope, "a@example.org", Role::Agent).await;
        keeps(house, &scope, (conversation, ada), begun("before")).await.unwrap();
        let (merge, _) = house.does(&scope, move |tx| merges::merge(tx, stays, merged)).await;
        let text = async || {
            let draft = house.sees(&scope, move |tx| of(tx, conversation, ada)).await;
            draft.map(|draft| draft.begun.into_revealed().text)
        };
        assert_eq!(text().await.as_deref(), Some("before"));
        keeps(house, &scope, (conversation, ada), begun("while merged")).await.unwrap();
        house.does(&scope, move |tx| merges::split(tx, stays, merge)).await;
        assert_eq!(text().await.as_deref(), Some("while merged"));
        house.does(&scope, move |tx| erase::begin(tx, merged)).await;
        assert!(house.sees(&scope, move |tx| list(tx, ada, None, 10)).await.data.is_empty());
        let count = sql!("SELECT COUNT(*) FROM drafts WHERE workspace_id = $1");
        assert_eq!(house.sees(&scope, move |tx| tx.maybe(count, &[], |row| row.get::<i64>(0))).await, Some(0));
    })
    .await;
}
