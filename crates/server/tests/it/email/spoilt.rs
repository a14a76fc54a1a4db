//! Mail servers that fail in every way they can: nothing is lost, nothing doubled, and members see what goes on.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use simulator::faults::Order;
use simulator::mailhost::{ImapFault, MailHost, PASSWORD, Ports, SmtpFault};

use vault::Clock;

use super::{mail, wake};
use crate::client::{Client, text_of};
use crate::house::{Engine, House, until};

/// The shop's address.
const SHOP: &str = "shop@mail.test";
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// A house with a mailbox at servers that fail to order.
struct Spoilt {
    house: House,
    host: MailHost,
    channel: String,
    agent: Client,
}

impl Spoilt {
    async fn open(engine: Engine) -> Self {
        let host = MailHost::new(1);
        host.create(SHOP);
        let Ports { imap, smtp } = host.start().await.unwrap();
        let allow = [imap, smtp].map(|port| format!("127.0.0.1:{port}"));
        let house = House::open_with(engine, |settings| settings.allow_private.extend(allow)).await;
        let server = |port| json!({ "host": "127.0.0.1", "port": port, "tls": "none", "password": PASSWORD });
        let settings = json!({ "address": SHOP, "imap": server(imap), "smtp": server(smtp) });
        let order = json!({ "kind": "email", "name": "Post", "settings": settings });
        let channel = house.workspace.owner.post("/channels", order).await;
        assert_eq!(channel["state"], "ready", "{channel}");
        let agent = house.workspace.agent.clone();
        Self { channel: text_of(&channel["id"]), house, host, agent }
    }

    /// A mail of Anna's that says this; its id in the mailbox.
    fn writes(&self, text: &str) -> u32 {
        let raw = mail(&format!("{}@anna.example", text.replace(' ', "-")), "anna@anna.example", SHOP, text);
        self.host.deliver(SHOP, raw, self.house.clock.now()).unwrap()
    }

    /// Has the mailbox asked now, and waits until it was.
    async fn ask(&self) {
        let before = self.host.said("EXAMINE");
        wake(&self.house, &self.channel).await;
        for _ in 0..50 {
            if self.host.said("EXAMINE") > before {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // What it says is kept before the clock is moved.
        tokio::time::sleep(Duration::from_millis(150)).await;
        self.house.quiet().await;
    }

    async fn messages(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for conversation in self.agent.list(&format!("/conversations?channel={}&limit=100", self.channel)).await {
            all.extend(self.agent.messages(&text_of(&conversation["id"])).await);
        }
        all
    }

    /// What is there, in order of the alphabet; what cannot be shown in brackets.
    async fn seen(&self) -> Vec<String> {
        let shown = |message: &Value| match message["text"].as_str() {
            Some(text) => text.to_owned(),
            None => format!("[{}]", message["unsupported"].as_str().unwrap_or_default()),
        };
        let mut seen: Vec<String> = self.messages().await.iter().map(shown).collect();
        seen.sort();
        seen
    }

    async fn arrives(&self, text: &str) -> String {
        until(&format!("a mail that says {text}"), async || {
            let all = self.messages().await;
            let found = all.iter().find(|message| message["text"] == text)?;
            Some(text_of(&found["conversation_id"]))
        })
        .await
    }

    async fn state(&self) -> (String, Value) {
        let channel = self.house.workspace.owner.get(&format!("/channels/{}", self.channel)).await;
        (text_of(&channel["state"]), channel["state_reason"].clone())
    }

    /// How often a mail with these words was taken.
    fn taken(&self, words: &str) -> usize {
        let has = |raw: &[u8]| raw.windows(words.len()).any(|part| part == words.as_bytes());
        self.host.taken().iter().filter(|taken| has(&taken.raw)).count()
    }
}

macro_rules! on_both {
    ($($name:ident),* $(,)?) => { $(
        mod $name {
            use crate::house::Engine;

            async fn on(engine: Engine) {
                let spoilt = super::Spoilt::open(engine).await;
                super::$name(&spoilt).await;
                spoilt.host.clear_faults();
                spoilt.house.close().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                on(Engine::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                on(Engine::Postgres).await;
            }
        }
    )* };
}

on_both!(
    a_mail_that_is_never_given_is_told_and_the_mailbox_goes_on,
    a_server_that_gives_no_mail_at_all_passes_none_over,
    whatever_happens_once_while_reading_each_mail_comes_once,
    no_mail_that_cannot_be_read_stops_the_mailbox,
    what_is_refused_for_now_is_sent_once_later,
    what_is_refused_for_good_fails_with_its_reason,
    a_mail_that_may_have_been_taken_is_not_sent_again,
    a_server_that_breaks_before_the_end_of_a_mail_gets_it_once,
    what_waits_for_a_stopped_channel_goes_out_or_ends_after_seven_days,
);

fn no(words: &str) -> ImapFault {
    ImapFault::No { words: words.to_owned() }
}

fn says(words: &str) -> SmtpFault {
    SmtpFault::Says { words: words.to_owned() }
}

async fn a_mail_that_is_never_given_is_told_and_the_mailbox_goes_on(spoilt: &Spoilt) {
    spoilt.writes("first");
    spoilt.arrives("first").await;
    spoilt.host.order_imap_fault(Order::always(no("[SERVERBUG] cannot")).only("BODY:2"));
    assert_eq!(spoilt.writes("never given"), 2);
    spoilt.writes("behind it");
    spoilt.ask().await;
    assert_eq!(spoilt.seen().await, ["first"], "nothing is passed over at once");
    until("it goes on", async || {
        spoilt.house.clock.advance(5 * MINUTE);
        spoilt.ask().await;
        (spoilt.seen().await.len() > 1).then_some(())
    })
    .await;
    spoilt.arrives("behind it").await;
    spoilt.house.quiet().await;
    assert_eq!(spoilt.seen().await, ["[withheld_mail]", "behind it", "first"]);
    let told = spoilt.messages().await.into_iter().find(|message| message["unsupported"] == "withheld_mail").unwrap();
    let conversation = spoilt.agent.get(&format!("/conversations/{}", text_of(&told["conversation_id"]))).await;
    let contact = spoilt.agent.get(&format!("/contacts/{}", text_of(&conversation["contact"]["id"]))).await;
    assert_eq!(contact["identities"][0]["value"], SHOP, "it is told by the mailbox itself: {contact}");
    assert_eq!(spoilt.state().await.0, "ready");
    let asked = spoilt.host.said("BODY:2");
    assert!((5..=20).contains(&asked), "it was asked for {asked} times");
    // All mails have new ids, and now it is given: it is there as any other, and the rest once.
    spoilt.host.clear_faults();
    spoilt.host.renumber(SHOP);
    spoilt.ask().await;
    spoilt.arrives("never given").await;
    spoilt.house.quiet().await;
    assert_eq!(spoilt.seen().await, ["[withheld_mail]", "behind it", "first", "never given"]);
}

async fn a_server_that_gives_no_mail_at_all_passes_none_over(spoilt: &Spoilt) {
    spoilt.writes("first");
    spoilt.arrives("first").await;
    for uid in 1..=3 {
        spoilt.host.order_imap_fault(Order::always(no("[UNAVAILABLE] not now")).only(&format!("BODY:{uid}")));
    }
    spoilt.writes("second");
    spoilt.writes("third");
    until("members are told", async || {
        spoilt.house.clock.advance(MINUTE);
        tokio::time::sleep(Duration::from_millis(150)).await;
        (spoilt.state().await.0 == "needs_attention").then_some(())
    })
    .await;
    assert_eq!(spoilt.seen().await, ["first"]);
    spoilt.host.clear_faults();
    spoilt.house.clock.advance(6 * MINUTE);
    spoilt.arrives("third").await;
    until("it works again", async || (spoilt.state().await.0 == "ready").then_some(())).await;
    assert_eq!(spoilt.seen().await, ["first", "second", "third"]);
}

async fn whatever_happens_once_while_reading_each_mail_comes_once(spoilt: &Spoilt) {
    let faults = [
        ImapFault::Half,
        ImapFault::Cut,
        ImapFault::Nothing,
        no("later"),
        ImapFault::Bad { words: "what".to_owned() },
        ImapFault::Slow { ms: 300 },
    ];
    let mut written = Vec::new();
    for (number, fault) in faults.into_iter().enumerate() {
        let uid = u32::try_from(number + 1).unwrap();
        for name in ["ABOUT", "BODY"] {
            spoilt.host.order_imap_fault(Order::once(fault.clone()).only(&format!("{name}:{uid}")));
        }
        let text = format!("mail {uid}");
        assert_eq!(spoilt.writes(&text), uid);
        until(&format!("{text} arrives"), async || {
            spoilt.ask().await;
            spoilt.house.clock.advance(MINUTE);
            spoilt.seen().await.contains(&text).then_some(())
        })
        .await;
        written.push(text);
    }
    spoilt.host.renumber(SHOP);
    spoilt.writes("the last");
    spoilt.ask().await;
    spoilt.arrives("the last").await;
    spoilt.house.quiet().await;
    written.push("the last".to_owned());
    written.sort();
    assert_eq!(spoilt.seen().await, written);
}

async fn no_mail_that_cannot_be_read_stops_the_mailbox(spoilt: &Spoilt) {
    let odd: [&[u8]; 5] = [
        b"\0\xff\xfe\x80",
        b"From: \r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b\r\n--b",
        b"From: a@a.example\r\nContent-Type: text/plain; charset=\"\xff\"\r\nContent-Transfer-Encoding: base64\r\n\r\n====",
        b"\r\n\r\n\r\n",
    ];
    for raw in odd {
        spoilt.host.deliver(SHOP, raw, spoilt.house.clock.now()).unwrap();
    }
    spoilt.writes("behind them");
    spoilt.arrives("behind them").await;
}

/// A conversation with Anna, who asked something.
async fn asked(spoilt: &Spoilt) -> String {
    spoilt.writes("Avete pane");
    spoilt.arrives("Avete pane").await
}

async fn what_is_refused_for_now_is_sent_once_later(spoilt: &Spoilt) {
    let conversation = asked(spoilt).await;
    for stage in ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "END"] {
        let words = if stage == "RCPT" { "450 4.7.1 greylisted, come again" } else { "451 4.3.0 later" };
        spoilt.host.order_smtp_fault(Order::once(says(words)).only(stage).times(2));
        let text = format!("answer at {stage}");
        let answer = spoilt.agent.say(&conversation, &text).await;
        let id = text_of(&answer["id"]);
        until("members see why it waits", async || {
            let now = spoilt.agent.message(&conversation, &id).await;
            spoilt.house.clock.advance(MINUTE);
            (now["state"] == "queued" && !now["failure"].is_null()).then_some(())
        })
        .await;
        until("it is sent", async || {
            let now = spoilt.agent.message(&conversation, &id).await;
            assert_ne!(now["state"], "failed", "{now}");
            spoilt.house.clock.advance(MINUTE);
            (now["state"] == "sent").then_some(())
        })
        .await;
        assert_eq!(spoilt.taken(&text), 1, "at {stage}");
    }
}

async fn what_is_refused_for_good_fails_with_its_reason(spoilt: &Spoilt) {
    let conversation = asked(spoilt).await;
    for (stage, words, code) in [
        ("MAIL", "552 5.3.4 too large", "message_too_large"),
        ("RCPT", "550 5.1.1 nobody", "mailbox_unknown"),
        ("DATA", "554 5.7.1 spam", "refused_by_policy"),
        ("END", "554 5.6.0 odd", "content_refused"),
    ] {
        spoilt.host.order_smtp_fault(Order::once(says(words)).only(stage));
        let text = format!("answer at {stage}");
        let answer = spoilt.agent.say(&conversation, &text).await;
        let failed = spoilt.agent.reaches(&conversation, &answer, "failed").await;
        assert_eq!(failed["failure"]["code"], code, "{failed}");
        assert!(!text_of(&failed["failure"]["detail"]).is_empty(), "{failed}");
        spoilt.house.clock.advance(60 * MINUTE);
        spoilt.house.quiet().await;
        assert_eq!(spoilt.taken(&text), 0, "at {stage}");
    }
    let answer = spoilt.agent.say(&conversation, "and well").await;
    spoilt.agent.reaches(&conversation, &answer, "sent").await;
}

async fn a_mail_that_may_have_been_taken_is_not_sent_again(spoilt: &Spoilt) {
    let conversation = asked(spoilt).await;
    for (fault, text, taken) in [(SmtpFault::CutAfter, "it was taken", 1), (SmtpFault::CutBefore, "it was not", 0)] {
        spoilt.host.order_smtp_fault(Order::once(fault).only("END"));
        let answer = spoilt.agent.say(&conversation, text).await;
        let failed = spoilt.agent.reaches(&conversation, &answer, "failed").await;
        assert_eq!(failed["failure"]["code"], "outcome_unknown", "{failed}");
        for _ in 0..3 {
            spoilt.house.clock.advance(60 * MINUTE);
            spoilt.house.quiet().await;
        }
        assert_eq!(spoilt.taken(text), taken);
    }
}

async fn a_server_that_breaks_before_the_end_of_a_mail_gets_it_once(spoilt: &Spoilt) {
    let conversation = asked(spoilt).await;
    for stage in ["GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"] {
        spoilt.host.order_smtp_fault(Order::once(SmtpFault::CutBefore).only(stage));
        let text = format!("answer at {stage}");
        let answer = spoilt.agent.say(&conversation, &text).await;
        let id = text_of(&answer["id"]);
        until("it is sent", async || {
            spoilt.house.clock.advance(MINUTE);
            let now = spoilt.agent.message(&conversation, &id).await;
            assert_ne!(now["state"], "failed", "{now}");
            (now["state"] == "sent").then_some(())
        })
        .await;
        assert_eq!(spoilt.taken(&text), 1, "at {stage}");
    }
}

async fn what_waits_for_a_stopped_channel_goes_out_or_ends_after_seven_days(spoilt: &Spoilt) {
    let (conversation, other) = (asked(spoilt).await, {
        let raw = mail("bea@bea.example", "bea@bea.example", SHOP, "Avete vino");
        spoilt.host.deliver(SHOP, raw, spoilt.house.clock.now()).unwrap();
        spoilt.arrives("Avete vino").await
    });
    spoilt.house.quiet().await;
    spoilt.host.order_smtp_fault(Order::always(says("535 5.7.8 another password")).only("AUTH"));
    let first = text_of(&spoilt.agent.say(&conversation, "ordered at first").await["id"]);
    until("the channel stops", async || (spoilt.state().await.0 == "needs_attention").then_some(())).await;
    let told = spoilt.agent.message(&conversation, &first).await;
    assert_eq!((&told["state"], &told["failure"]["code"]), (&json!("queued"), &json!("channel_waits")), "{told}");
    let mut second = String::new();
    for day in 1..=6 {
        spoilt.house.clock.advance(DAY);
        spoilt.house.app.vault.note_time().await.unwrap();
        if day == 3 {
            second = text_of(&spoilt.agent.say(&other, "ordered later").await["id"]);
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        let now = spoilt.agent.message(&conversation, &first).await;
        assert_eq!(now["state"], "queued", "on day {day}: {now}");
    }
    spoilt.house.clock.advance(DAY + MINUTE);
    spoilt.house.app.vault.note_time().await.unwrap();
    let failed = spoilt.agent.reaches(&conversation, &json!({ "id": first }), "failed").await;
    assert_eq!(failed["failure"]["code"], "expired", "{failed}");
    assert_eq!(spoilt.agent.message(&other, &second).await["state"], "queued");
    assert_eq!(spoilt.state().await.0, "needs_attention");
    // The password is right again.
    spoilt.host.clear_faults();
    let path = format!("/channels/{}/check", spoilt.channel);
    spoilt.house.workspace.owner.call(Method::POST, &path, None).await.json(200);
    spoilt.agent.reaches(&other, &json!({ "id": second }), "sent").await;
    spoilt.house.quiet().await;
    assert_eq!((spoilt.taken("ordered at first"), spoilt.taken("ordered later")), (0, 1));
    assert_eq!(spoilt.state().await.0, "ready");
}
