//! One reaction per author and message; the last one counts.

use super::*;
use crate::messages::Direction;
use crate::testing::house::{House, on_both, say};

#[tokio::test]
async fn the_newest_of_each_author_stands() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let (contact, conversation) = house.contact(&scope, channel, "t").await;
        let message = house.does(&scope, move |tx| say(tx, conversation, Direction::Outgoing, "x")).await;
        let react = |author: (&'static str, &'static str), emoji: Option<&'static str>, at| {
            house.does(&scope, move |tx| {
                let emoji = emoji.map(|emoji| Personal::new(emoji.to_owned()));
                set(tx, message, author, contact, emoji.as_ref(), at)
            })
        };
        let shown = || async {
            let found = house.sees(&scope, move |tx| of(tx, message)).await;
            found.into_iter().map(|one| one.emoji.into_revealed()).collect::<Vec<_>>().join(" ")
        };
        let (ada, agent) = (("contact", "con_a"), ("member", "mbr_a"));
        react(ada, Some("👍"), 10).await;
        react(agent, Some("🎉"), 11).await;
        assert_eq!(shown().await, "👍 🎉");
        react(ada, Some("❤️"), 20).await;
        react(ada, Some("👍"), 10).await;
        assert_eq!(shown().await, "🎉 ❤️", "one that came late changes nothing");
        react(ada, None, 15).await;
        assert_eq!(shown().await, "🎉 ❤️");
        react(ada, None, 25).await;
        react(agent, None, 26).await;
        assert_eq!(shown().await, "");
        react(ada, Some("👍"), 24).await;
        assert_eq!(shown().await, "", "one that was taken back does not come back");
        react(ada, Some("🎉"), 27).await;
        assert_eq!(shown().await, "🎉");
    })
    .await;
}

#[tokio::test]
async fn a_reaction_is_news_of_its_message() {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let (contact, conversation) = house.contact(&scope, channel, "t").await;
    let message = house.does(&scope, move |tx| say(tx, conversation, Direction::Incoming, "x")).await;
    let before = house.sees(&scope, crate::facts::head).await;
    let emoji = Personal::new("👍".to_owned());
    house.does(&scope, move |tx| set(tx, message, ("contact", "con_a"), contact, Some(&emoji), 1)).await;
    let news = house.sees(&scope, move |tx| crate::facts::since(tx, before, 9)).await.unwrap();
    assert_eq!(news[0].about.message, Some(message));
}
