//! Accounts whose deliveries come here because they are subscribed to our app: what is lost there without a word is regained within a
//! day, and what is refused is told to members.

use serde_json::{Value, json};
use simulator::faults::{CallFault, Order};
use simulator::telnyx::Profile;
use simulator::twilio::Account;

use crate::bot::Bot;
use crate::client::text_of;
use crate::house::{House, until};
use crate::number::Number;
use crate::page::Page;

const DAY_MS: i64 = 24 * 3_600_000;

both_engines!(
    a_lost_subscription_is_regained_within_a_day,
    one_that_is_refused_stops_the_channel_in_words,
    a_hook_that_was_lost_is_set_again_within_a_day,
    a_hook_that_was_moved_elsewhere_stays_there,
    a_hook_of_telegrams_is_set_as_it_was,
);

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

/// Sets where a provider delivers, or takes that away.
type Sets = Box<dyn Fn(Option<&str>)>;

/// A channel, and how somebody else sees and sets where its provider delivers.
struct Hooked {
    channel: String,
    hook: String,
    shown: Box<dyn Fn() -> Option<String>>,
    set: Sets,
}

async fn hooked(house: &House) -> Vec<Hooked> {
    let bot = Bot::connect(house).await;
    let (twilio, telnyx) = (house.simulator.twilio().clone(), house.simulator.telnyx().clone());
    let account = twilio.create_account(Account::default());
    let profile = telnyx.create_profile(Profile::default());
    let connect = async |kind: &str, settings: Value| -> (String, String) {
        let order = json!({ "kind": kind, "name": "Shop", "settings": settings });
        let channel = house.workspace.owner.post("/channels", order).await;
        assert_eq!(channel["state"], "ready", "{channel}");
        (text_of(&channel["id"]), text_of(&channel["hook_url"]))
    };
    let settings = json!({ "account_sid": account.sid, "auth_token": account.token, "number": account.number });
    let by_twilio = connect("sms_twilio", settings).await;
    let settings = json!({ "api_key": profile.key, "public_key": telnyx.public_key(), "number": profile.number });
    let by_telnyx = connect("sms_telnyx", settings).await;
    let telegram = {
        let (shown, set) = ((bot.telegram.clone(), bot.token.clone()), (bot.telegram.clone(), bot.token.clone()));
        Hooked {
            channel: bot.channel.clone(),
            hook: bot.hook_url.clone(),
            shown: Box::new(move || shown.0.hook(&shown.1).unwrap()),
            set: Box::new(move |url| {
                set.0.call(&set.1, "setWebhook", &[("url", url.unwrap_or_default())]).unwrap();
            }),
        }
    };
    let twilio = {
        let (shown, set, sid) = (twilio.clone(), twilio.clone(), account.sid.clone());
        Hooked {
            channel: by_twilio.0,
            hook: format!("{}#rc=5&rp=all", by_twilio.1),
            shown: Box::new(move || shown.hooks(&account.sid).0),
            set: Box::new(move |url| match url {
                Some(url) => set.set_hook(&sid, url),
                None => set.remove_hooks(&sid),
            }),
        }
    };
    let telnyx = {
        let (shown, set, id) = (telnyx.clone(), telnyx.clone(), profile.id.clone());
        Hooked {
            channel: by_telnyx.0,
            hook: by_telnyx.1,
            shown: Box::new(move || shown.hooks(&profile.id).0),
            set: Box::new(move |url| set.set_hooks(&id, url, None)),
        }
    };
    vec![telegram, twilio, telnyx]
}

async fn a_hook_that_was_lost_is_set_again_within_a_day(house: &House) {
    let all = hooked(house).await;
    house.quiet().await;
    for hooked in &all {
        assert_eq!((hooked.shown)().as_ref(), Some(&hooked.hook));
        (hooked.set)(None);
    }
    house.clock.advance(DAY_MS - 3_600_000);
    house.quiet().await;
    assert!(all.iter().all(|hooked| (hooked.shown)().is_none()), "not before it is due");
    house.clock.advance(3_700_000);
    for hooked in &all {
        until("it is set again", async || ((hooked.shown)().as_ref() == Some(&hooked.hook)).then_some(())).await;
    }
    // The address that this server had before is its own, too.
    house.quiet().await;
    for hooked in &all {
        (hooked.set)(Some(&format!("http://before.example/hooks/{}", hooked.channel)));
    }
    house.clock.advance(DAY_MS + 60_000);
    for hooked in &all {
        until("it is set again", async || ((hooked.shown)().as_ref() == Some(&hooked.hook)).then_some(())).await;
        let shown = house.workspace.owner.get(&format!("/channels/{}", hooked.channel)).await;
        assert_eq!(shown["state"], "ready", "{shown}");
    }
}

async fn a_hook_that_was_moved_elsewhere_stays_there(house: &House) {
    const OTHER: &str = "http://127.0.0.1:9/other/system";
    let owner = &house.workspace.owner;
    let all = hooked(house).await;
    house.quiet().await;
    for hooked in &all {
        (hooked.set)(Some(OTHER));
    }
    house.clock.advance(DAY_MS + 60_000);
    for hooked in &all {
        let path = format!("/channels/{}", hooked.channel);
        let shown = until("the channel says so", async || {
            let shown = owner.get(&path).await;
            (shown["state"] == "needs_attention").then_some(shown)
        })
        .await;
        assert_eq!(shown["state_reason"], "hook_moved", "{shown}");
        assert!(text_of(&shown["state_detail"]).contains("another system"), "{shown}");
    }
    // Nor later, until a member says so.
    for _ in 0..3 {
        house.quiet().await;
        house.clock.advance(DAY_MS + 60_000);
    }
    house.quiet().await;
    for hooked in &all {
        assert_eq!((hooked.shown)().as_deref(), Some(OTHER), "nothing is taken back by itself");
        let path = format!("/channels/{}", hooked.channel);
        assert_eq!(owner.get(&path).await["state_reason"], "hook_moved");
    }
    let (first, rest) = all.split_first().unwrap();
    for hooked in rest {
        let path = format!("/channels/{}/check", hooked.channel);
        let tested = owner.call(http::Method::POST, &path, None).await.json(200);
        assert_eq!(tested["state"], "ready", "{tested}");
        assert_eq!((hooked.shown)().as_ref(), Some(&hooked.hook));
    }
    // Disconnecting leaves it as well.
    owner.call(http::Method::DELETE, &format!("/channels/{}", first.channel), None).await.json(202);
    house.quiet().await;
    assert_eq!((first.shown)().as_deref(), Some(OTHER));
}

async fn a_hook_of_telegrams_is_set_as_it_was(house: &House) {
    let bot = Bot::connect(house).await;
    let anna = bot.person("Anna");
    house.quiet().await;
    // Another secret and fewer kinds of updates: what comes is refused here, and some of it does not come at all.
    let fewer = [("url", bot.hook_url.as_str()), ("secret_token", "another"), ("allowed_updates", "[\"message\"]")];
    bot.telegram.call(&bot.token, "setWebhook", &fewer).unwrap();
    bot.telegram.say_text(&bot.token, anna, "Mi sentite?").unwrap();
    house.clock.advance(DAY_MS + 60_000);
    until("what was refused comes now", async || {
        let found = house.workspace.agent.list("/conversations?limit=100").await;
        (found.len() == 1).then_some(())
    })
    .await;
    let info = bot.telegram.call(&bot.token, "getWebhookInfo", &[]).unwrap();
    assert!(
        info["allowed_updates"].as_array().is_some_and(|kinds| kinds.contains(&json!("message_reaction"))),
        "{info}"
    );
}
