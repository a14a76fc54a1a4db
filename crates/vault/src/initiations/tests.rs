//! How many may be written to first within a day.

use super::{SPAN, begin, sweep};
use crate::channels;
use crate::testing::house::on_both;
use crate::{ChannelId, ContactId, Millis, Scope};

#[tokio::test]
async fn who_is_beyond_the_bound_waits_until_the_first_has_left_the_day() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let mut people = Vec::new();
        for name in ["a", "b", "c"] {
            people.push(house.contact(&scope, channel, name).await.0);
        }
        let begins = async |scope: &Scope, channel: ChannelId, who: ContactId| -> Option<Millis> {
            house.does(scope, move |tx| begin(tx, channel, who)).await
        };
        house.does(&scope, move |tx| channels::note_news(tx, channel, None, Some(2), tx.now())).await;
        assert_eq!(begins(&scope, channel, people[0]).await, None);
        let first = house.clock_now();
        house.clock.advance(1_000);
        assert_eq!(begins(&scope, channel, people[1]).await, None);
        assert_eq!(begins(&scope, channel, people[2]).await, Some(first + SPAN));
        assert_eq!(begins(&scope, channel, people[0]).await, None, "who was written to already takes no room");
        house.clock.advance(SPAN - 1_000);
        assert_eq!(begins(&scope, channel, people[2]).await, None, "the first has left the day");
        assert_eq!(begins(&scope, channel, people[0]).await, Some(first + 1_000 + SPAN));
        house.does(&scope, move |tx| channels::note_news(tx, channel, None, Some(0), tx.now())).await;
        assert_eq!(begins(&scope, channel, people[0]).await, None, "without bound");
        house.clock.advance(3 * SPAN);
        assert_eq!(house.does(&scope, sweep).await, 3);
    })
    .await;
}

#[tokio::test]
async fn channels_of_one_portfolio_share_its_bound_and_others_do_not() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let (one, two, other) = (
            house.channel(&scope, "whatsapp").await,
            house.channel(&scope, "whatsapp").await,
            house.channel(&scope, "whatsapp").await,
        );
        for (channel, portfolio) in [(one, "500"), (two, "500"), (other, "600")] {
            house.does(&scope, move |tx| channels::set_portfolio(tx, channel, Some(portfolio))).await;
            house.does(&scope, move |tx| channels::note_news(tx, channel, None, Some(2), tx.now())).await;
        }
        let mut people = Vec::new();
        for name in ["a", "b", "c"] {
            people.push(house.contact(&scope, one, name).await.0);
        }
        let begins = async |channel: ChannelId, who: usize| -> Option<Millis> {
            let who: ContactId = people[who];
            house.does(&scope, move |tx| begin(tx, channel, who)).await
        };
        let first = house.clock_now();
        assert_eq!(begins(one, 0).await, None);
        house.clock.advance(1_000);
        assert_eq!(begins(two, 1).await, None);
        assert_eq!(begins(one, 2).await, Some(first + SPAN), "the other channel has used what was left");
        assert_eq!(begins(two, 0).await, None, "who was written to by the other takes no room");
        assert_eq!(begins(one, 2).await, Some(first + 1_000 + SPAN), "and was written to last by that one");
        assert_eq!((begins(other, 2).await, begins(other, 0).await), (None, None), "another portfolio");

        let stranger = house.workspace().await;
        let theirs = house.channel(&stranger, "whatsapp").await;
        house.does(&stranger, move |tx| channels::set_portfolio(tx, theirs, Some("500"))).await;
        house.does(&stranger, move |tx| channels::note_news(tx, theirs, None, Some(1), tx.now())).await;
        let (contact, _) = house.contact(&stranger, theirs, "d").await;
        assert_eq!(house.does(&stranger, move |tx| begin(tx, theirs, contact)).await, None, "another workspace");
    })
    .await;
}
