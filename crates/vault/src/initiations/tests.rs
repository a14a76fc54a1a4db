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
        house.does(&scope, move |tx| channels::note_news(tx, channel, None, Some(2))).await;
        assert_eq!(begins(&scope, channel, people[0]).await, None);
        let first = house.clock_now();
        house.clock.advance(1_000);
        assert_eq!(begins(&scope, channel, people[1]).await, None);
        assert_eq!(begins(&scope, channel, people[2]).await, Some(first + SPAN));
        assert_eq!(begins(&scope, channel, people[0]).await, None, "who was written to already takes no room");
        house.clock.advance(SPAN - 1_000);
        assert_eq!(begins(&scope, channel, people[2]).await, None, "the first has left the day");
        assert_eq!(begins(&scope, channel, people[0]).await, Some(first + 1_000 + SPAN));
        house.does(&scope, move |tx| channels::note_news(tx, channel, None, Some(0))).await;
        assert_eq!(begins(&scope, channel, people[0]).await, None, "without bound");
        house.clock.advance(3 * SPAN);
        assert_eq!(house.does(&scope, sweep).await, 3);
    })
    .await;
}
