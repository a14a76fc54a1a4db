//! What a mailbox brings once more: never what was erased or has ended here, and what only now comes into the inbox at once.

use http::Method;
use serde_json::json;
use simulator::faults::{CallFault, Order};

use super::{KINDS, Mailbox, OWN, at, letter};
use crate::client::text_of;
use crate::house::{House, until};

both_engines!(what_was_erased_or_has_ended_is_not_brought_again, what_gmail_held_is_brought_once_it_is_let_in,);

/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

impl Mailbox<'_> {
    /// Everything that is shown of the channel.
    async fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for found in self.agent.list(&format!("/conversations?channel={}&limit=100", self.channel)).await {
            texts.extend(self.agent.texts(&text_of(&found["id"])).await);
        }
        texts.sort_unstable();
        texts
    }

    /// Days go by with their sweeps, and nothing is heard of the mailbox.
    async fn days_go_by(&self, days: i64) {
        for _ in 0..days {
            self.house.clock.advance(DAY);
            self.house.app.vault.note_time().await.unwrap();
        }
        assert!(self.house.app.vault.sweep_all(&self.operator).await.unwrap());
    }
}

/// For so long that nobody knows the mails' ids any more, so they would be taken for new ones.
async fn what_was_erased_or_has_ended_is_not_brought_again(house: &House) {
    for kind in KINDS {
        let mailbox = Mailbox::open(house, kind, json!({})).await;
        let order = json!({ "terms": { "messages": 10 } });
        mailbox.owner.call(Method::PUT, "/retention", Some(&order)).await.json(200);
        mailbox.writes("will be erased");
        let erased = mailbox.conversation("will be erased").await;
        let other =
            simulator::mailbox::Letter { from: "bea@example.org".to_owned(), text: "will end".to_owned(), ..letter() };
        mailbox.brings(&other);
        mailbox.conversation("will end").await;
        let contact = text_of(&mailbox.agent.get(&format!("/conversations/{erased}")).await["contact"]["id"]);
        house.clock.advance(2_000);
        mailbox.owner.call(Method::POST, &format!("/contacts/{contact}/erasure"), None).await.json(202);
        house.quiet().await;
        // Nothing can be asked for weeks, and then nothing is known there of the last time.
        let operation = if kind == "gmail" { "history" } else { "delta" };
        at!(mailbox, order_call_fault(Order::always(CallFault::ErrorBefore).only(operation).times(8)));
        mailbox.days_go_by(25).await;
        assert_eq!(mailbox.texts().await, [""; 0], "{kind}: both have gone");
        at!(mailbox, forget());
        if kind == "gmail" {
            house.simulator.google().refile(OWN);
        }
        mailbox.writes("I am back");
        until("the mailbox is asked again", async || {
            // It is asked after growing pauses, which are shorter than a worker's lease.
            house.clock.advance(60_000);
            (!mailbox.texts().await.is_empty()).then_some(())
        })
        .await;
        mailbox.conversation("I am back").await;
        house.quiet().await;
        assert_eq!(mailbox.texts().await, ["I am back"], "{kind}");
    }
}

async fn what_gmail_held_is_brought_once_it_is_let_in(house: &House) {
    let google = house.simulator.google();
    let mailbox = Mailbox::new(house, "gmail", json!({})).await;
    google.hold(OWN, &simulator::mailbox::Letter { text: "from long before".to_owned(), ..letter() });
    house.clock.advance(DAY);
    mailbox.sign_in().await;
    mailbox.was_asked().await;
    google.hold(OWN, &simulator::mailbox::Letter { text: "no spam at all".to_owned(), ..letter() });
    mailbox.writes("hello");
    mailbox.conversation("hello").await;
    house.quiet().await;
    assert_eq!(mailbox.texts().await, ["hello"], "what is held stays there");
    google.refile(OWN);
    mailbox.conversation("no spam at all").await;
    house.quiet().await;
    assert_eq!(mailbox.texts().await, ["hello", "no spam at all"], "each once, and nothing from before the channel");
}
