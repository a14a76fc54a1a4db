//! Accounts whose deliveries come here because they are subscribed to our app: what is lost there without a word is regained within a
//! day, and what is refused is told to members.

use serde_json::Value;
use simulator::faults::{CallFault, Order};

use crate::client::text_of;
use crate::house::{House, until};
use crate::number::Number;
use crate::page::Page;

const DAY_MS: i64 = 24 * 3_600_000;

both_engines!(a_lost_subscription_is_regained_within_a_day, one_that_is_refused_stops_the_channel_in_words);

async fn a_lost_subscription_is_regained_within_a_day(house: &House) {
    for kind in ["messenger", "instagram"] {
        let page = Page::connect(house, kind).await;
        let (anna, conversation) = page.talk("Anna Rossi", "Ci siete?").await;
        page.pages.end_subscriptions(&page.id);
        page.says(&anna, "Nessuno?");
        house.quiet().await;
        house.clock.advance(DAY_MS - 3_600_000);
        house.quiet().await;
        assert!(page.pages.subscribers(&page.id).is_empty(), "not before it is due");
        house.clock.advance(3_700_000);
        let regained = async || (page.pages.subscribers(&page.id) == [page.app.card.id.clone()]).then_some(());
        until("it is regained", regained).await;
        page.says(&anna, "Eccovi");
        page.arrived(&conversation, "Eccovi").await;
        // The next day as well, though Meta has troubles of its own at first.
        house.quiet().await;
        page.pages.end_subscriptions(&page.id);
        let trouble = Order::always(CallFault::ErrorBefore).times(1).only("POST subscribed_apps");
        page.app.graph.order_call_fault(&page.app.card.id, trouble).unwrap();
        house.clock.advance(DAY_MS + 60_000);
        until("it is regained again", async || {
            house.clock.advance(10_000);
            regained().await
        })
        .await;
        let shown = house.workspace.owner.get(&format!("/channels/{}", page.channel)).await;
        assert_eq!(shown["state"], "ready", "{shown}");
    }
    let number = Number::connect(house).await;
    number.whatsapp.end_subscriptions(&number.account);
    house.quiet().await;
    house.clock.advance(DAY_MS + 60_000);
    until("it is regained", async || {
        (number.whatsapp.subscribers(&number.account) == [number.app.card.id.clone()]).then_some(())
    })
    .await;
    number.talk("Bea Verdi", "Eccovi").await;
}

async fn one_that_is_refused_stops_the_channel_in_words(house: &House) {
    let owner = &house.workspace.owner;
    let state = async |channel: &str, expected: &str| -> Value {
        until(&format!("the channel is {expected}"), async || {
            let shown = owner.get(&format!("/channels/{channel}")).await;
            (shown["state"] == expected).then_some(shown)
        })
        .await
    };
    let page = Page::connect(house, "messenger").await;
    let number = Number::connect(house).await;
    let channels =
        [(&page.app, &page.channel, "pages_messaging"), (&number.app, &number.channel, "whatsapp_business_management")];
    house.quiet().await;
    for (app, _, permission) in channels {
        app.graph.set_permission(&app.token, permission, false);
    }
    house.clock.advance(DAY_MS + 60_000);
    for (_, channel, _) in channels {
        let shown = state(channel, "needs_attention").await;
        assert_eq!(shown["state_reason"], "permission_missing", "{shown}");
        assert!(text_of(&shown["state_detail"]).contains("permission"), "{shown}");
    }
    // What is given again is found out by itself.
    house.quiet().await;
    for (app, _, permission) in channels {
        app.graph.set_permission(&app.token, permission, true);
    }
    house.clock.advance(6 * 3_600_000 + 60_000);
    for (_, channel, _) in channels {
        state(channel, "ready").await;
    }
    page.app.graph.revoke_token(&page.app.token);
    house.quiet().await;
    house.clock.advance(DAY_MS + 60_000);
    assert_eq!(state(&page.channel, "needs_attention").await["state_reason"], "reauthorise");
}
