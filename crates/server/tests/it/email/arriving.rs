//! Mail that arrives: at once, none of what was there before, and once whatever happens to its ids.

use super::servers::Servers;
use super::{Shop, mail, settings, wake, with_mail_servers};
use crate::house::House;

with_mail_servers!(
    a_mail_is_seen_as_it_arrives,
    what_was_there_before_stays_where_it_is,
    new_ids_bring_nothing_twice_and_lose_nothing,
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
    shop.mailbox.forget_ids();
    deliver("three@anna.example", "three");
    shop.mailbox.forget_ids();
    wake(house, &shop.channel).await;
    shop.arrived("three").await;
    deliver("four@anna.example", "four");
    shop.arrived("four").await;
    house.quiet().await;
    assert_eq!(shop.texts().await, ["four", "one", "three", "two"]);
}

async fn whoever_is_not_let_in_is_told(house: &House, servers: &Servers) {
    let mailbox = servers.dovecot.mailbox();
    let mut wrong = settings(&mailbox, servers.dovecot.imap, servers.smtp);
    wrong["imap"]["password"] = "guessed".into();
    let order = serde_json::json!({ "kind": "email", "name": "Post", "settings": wrong });
    let channel = house.workspace.owner.post("/channels", order).await;
    assert_eq!((&channel["state"], &channel["state_reason"]), (&"needs_attention".into(), &"reading_denied".into()));
}
