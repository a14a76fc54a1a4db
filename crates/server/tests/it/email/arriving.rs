//! Mail that arrives: at once, none of what was there before, and once whatever happens to its ids.

use http::Method;
use serde_json::json;
use vault::Clock;

use super::servers::Servers;
use super::{Shop, mail, settings, wake, with_mail_servers};
use crate::client::text_of;
use crate::house::House;

/// A day, in milliseconds.
const DAY_MS: i64 = 86_400_000;

with_mail_servers!(
    a_mail_is_seen_as_it_arrives,
    what_was_there_before_stays_where_it_is,
    new_ids_bring_nothing_twice_and_lose_nothing,
    new_ids_bring_nothing_that_was_erased_or_has_ended,
    new_ids_of_ten_thousand_mails_cost_no_more_than_those_that_are_new,
    whoever_is_not_let_in_is_told,
);

/// The mailbox is asked by itself every five minutes: what comes before was waited for.
async fn a_mail_is_seen_as_it_arrives(house: &House, servers: &Servers) {
    let shop = Shop::connect(house, servers).await;
    for number in 1..=3 {
        let text = format!("Mail {number}, è vero?");
        shop.mailbox.deliver(&mail(
            &format!("m{number}@anna.example"),
            "anna@anna.example",
            &shop.mailbox.address,
            &text,
        ));
        shop.arrived(&text).await;
    }
    house.quiet().await;
    assert_eq!(shop.texts().await.len(), 3);
    let unread = shop.mailbox.mails("").len();
    assert_eq!(unread, 3, "they are still there");
    let marked = std::fs::read_dir(shop.mailbox.folder.join("cur")).unwrap().flatten();
    assert!(marked.map(|file| file.file_name()).all(|name| !name.to_string_lossy().contains('S')), "and unread");
}

async fn what_was_there_before_stays_where_it_is(house: &House, servers: &Servers) {
    let mailbox = servers.dovecot.mailbox();
    for number in 0..10_000 {
        let old = mail(&format!("old{number}@anna.example"), "anna@anna.example", &mailbox.address, "old");
        let name = format!("{number}.old.tests:2,S");
        std::fs::write(mailbox.folder.join("cur").join(name), old).unwrap();
    }
    let settings = settings(&mailbox, servers.dovecot.imap, servers.smtp);
    let shop = Shop::of(house, mailbox, settings).await;
    shop.mailbox.deliver(&mail("new@anna.example", "anna@anna.example", &shop.mailbox.address, "new"));
    shop.arrived("new").await;
    house.quiet().await;
    assert_eq!(shop.texts().await, ["new"]);
    std::fs::remove_dir_all(&shop.mailbox.folder).ok();
}

async fn new_ids_bring_nothing_twice_and_lose_nothing(house: &House, servers: &Servers) {
    let shop = Shop::connect(house, servers).await;
    let deliver = |id: &str, text: &str| {
        shop.mailbox.deliver(&mail(id, "anna@anna.example", &shop.mailbox.address, text));
    };
    deliver("one@anna.example", "one");
    deliver("two@anna.example", "two");
    shop.arrived("one").await;
    shop.arrived("two").await;
    house.quiet().await;
    // While nobody asks, a mail comes and everything gets another id.
    shop.mailbox.forget_ids().await;
    deliver("three@anna.example", "three");
    shop.mailbox.forget_ids().await;
    wake(house, &shop.channel).await;
    shop.arrived("three").await;
    deliver("four@anna.example", "four");
    shop.arrived("four").await;
    house.quiet().await;
    assert_eq!(shop.texts().await, ["four", "one", "three", "two"]);
}

async fn new_ids_bring_nothing_that_was_erased_or_has_ended(house: &House, servers: &Servers) {
    let (shop, owner) = (Shop::connect(house, servers).await, &house.workspace.owner);
    let to = &shop.mailbox.address;
    owner.call(Method::PUT, "/retention", Some(&json!({ "terms": { "messages": 10 } }))).await.json(200);
    shop.mailbox.deliver(&mail("one@anna.example", "anna@anna.example", to, "will be erased"));
    shop.mailbox.deliver(&mail("two@bea.example", "bea@bea.example", to, "will end"));
    let (erased, _) = shop.arrived("will be erased").await;
    shop.arrived("will end").await;
    let contact = text_of(&shop.agent.get(&format!("/conversations/{erased}")).await["contact"]["id"]);
    house.clock.advance(2_000);
    let kept: Vec<String> = shop.mailbox.mails("");
    owner.call(Method::POST, &format!("/contacts/{contact}/erasure"), None).await.json(202);
    house.quiet().await;
    for _ in 0..25 {
        house.clock.advance(DAY_MS);
        house.app.vault.note_time().await.unwrap();
    }
    assert!(house.app.vault.sweep_all(&house.workspace.operator).await.unwrap());
    assert_eq!(shop.texts().await, [""; 0], "both have gone");
    shop.mailbox.forget_ids().await;
    // As whoever keeps a copy of the mailbox puts it back.
    let there = shop.mailbox.mails("");
    kept.iter().filter(|mail| !there.contains(mail)).for_each(|mail| shop.mailbox.deliver(mail.as_bytes()));
    let back = format!("From: anna@anna.example\r\nTo: {to}\r\nMessage-ID: <three@anna.example>\r\n\r\nI am back\r\n");
    shop.mailbox.deliver_at(back.as_bytes(), house.clock.now());
    shop.mailbox.forget_ids().await;
    wake(house, &shop.channel).await;
    shop.arrived("I am back").await;
    house.quiet().await;
    assert_eq!(shop.texts().await, ["I am back"]);
}

async fn new_ids_of_ten_thousand_mails_cost_no_more_than_those_that_are_new(house: &House, servers: &Servers) {
    let mailbox = servers.dovecot.mailbox();
    let (old, to) = (house.clock.now() - 3 * DAY_MS, mailbox.address.clone());
    for number in 0..10_000 {
        mailbox.deliver_at(&mail(&format!("old{number}@anna.example"), "anna@anna.example", &to, "old"), old);
    }
    let own = settings(&mailbox, servers.dovecot.imap, servers.smtp);
    let shop = Shop::of(house, mailbox, own).await;
    let name = |number: u32| format!("new {number:02}");
    let deliver = |number: u32| {
        shop.mailbox.deliver(&mail(&format!("new{number}@anna.example"), "anna@anna.example", &to, &name(number)));
    };
    (0..60).for_each(&deliver);
    shop.arrived(&name(59)).await;
    house.quiet().await;
    shop.mailbox.forget_ids().await;
    deliver(60);
    shop.mailbox.forget_ids().await;
    wake(house, &shop.channel).await;
    shop.arrived(&name(60)).await;
    house.quiet().await;
    assert_eq!(shop.texts().await, (0..61).map(name).collect::<Vec<_>>(), "each once, and none of the old ones");
}

async fn whoever_is_not_let_in_is_told(house: &House, servers: &Servers) {
    let mailbox = servers.dovecot.mailbox();
    let mut wrong = settings(&mailbox, servers.dovecot.imap, servers.smtp);
    wrong["imap"]["password"] = "guessed".into();
    let order = serde_json::json!({ "kind": "email", "name": "Post", "settings": wrong });
    let channel = house.workspace.owner.post("/channels", order).await;
    assert_eq!((&channel["state"], &channel["state_reason"]), (&"needs_attention".into(), &"reading_denied".into()));
}
