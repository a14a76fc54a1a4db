//! Mailboxes whose owners sign in at the provider, Google's and Microsoft's alike: opened, read, answered, and what becomes of them
//! when tokens end, consent is taken back, or the provider forgets where it was.

mod again;
mod large_files;
mod sending;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use simulator::faults::{CallFault, Order};
use simulator::mailbox::{Attachment, Credentials, Letter};
use vault::Scope;

use crate::client::{Answer, Client, text_of};
use crate::house::{House, Workspace, until};

both_engines!(
    a_mailbox_is_opened_by_its_owner_alone,
    a_mail_is_answered_in_its_thread,
    files_go_both_ways,
    tokens_are_renewed_before_they_end_and_when_they_do,
    tokens_that_are_not_taken_however_new_are_left_to_a_member,
    consent_that_is_taken_back_is_given_again,
    a_lost_history_brings_what_came_since_and_nothing_older,
    many_mails_told_twice_are_there_once_in_their_order,
    a_lost_reply_is_looked_for_before_anything_is_said,
    a_throttle_makes_the_account_wait,
    an_erasure_does_there_what_was_allowed,
);

pub(crate) const OWN: &str = "info@shop.example";
const ANNA: &str = "anna@example.org";
pub(crate) const KINDS: [&str; 2] = ["gmail", "outlook"];

/// Calls the provider of this kind.
macro_rules! at {
    ($box:expr, $name:ident($($argument:expr),*)) => {
        if $box.kind == "gmail" {
            $box.house.simulator.google().$name(OWN $(, $argument)*)
        } else {
            $box.house.simulator.microsoft().$name(OWN $(, $argument)*)
        }
    };
}
pub(crate) use at;

/// A mailbox and its channel.
pub(crate) struct Mailbox<'a> {
    pub house: &'a House,
    pub kind: &'static str,
    pub channel: String,
    credentials: Credentials,
    pub operator: Scope,
    pub owner: Client,
    pub agent: Client,
}

impl<'a> Mailbox<'a> {
    /// A channel that nobody has signed in for.
    pub(crate) async fn new(house: &'a House, kind: &'static str, more: Value) -> Self {
        Self::new_in(house, kind, house.another_workspace().await, more).await
    }

    async fn new_in(house: &'a House, kind: &'static str, workspace: Workspace, more: Value) -> Self {
        let credentials = if kind == "gmail" {
            house.simulator.google().create(OWN)
        } else {
            house.simulator.microsoft().create(OWN)
        };
        let mut settings = json!({ "client_id": credentials.client_id, "client_secret": credentials.client_secret });
        settings.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        let order = json!({ "kind": kind, "name": "Post", "settings": settings });
        let channel = workspace.owner.post("/channels", order).await;
        assert_eq!(
            (&channel["state"], &channel["state_reason"]),
            (&json!("needs_attention"), &json!("not_authorised"))
        );
        assert!(!channel.to_string().contains(&credentials.client_secret), "a secret is never returned");
        let channel = text_of(&channel["id"]);
        let Workspace { operator, owner, agent, .. } = workspace;
        Self { house, kind, channel, credentials, operator, owner, agent }
    }

    pub(crate) async fn open(house: &'a House, kind: &'static str, more: Value) -> Self {
        Self::open_in(house, kind, house.another_workspace().await, more).await
    }

    pub(crate) async fn open_in(house: &'a House, kind: &'static str, workspace: Workspace, more: Value) -> Self {
        let mailbox = Self::new_in(house, kind, workspace, more).await;
        mailbox.sign_in().await;
        assert_eq!(mailbox.shown().await["state"], "ready", "{}", mailbox.shown().await);
        mailbox.was_asked().await;
        mailbox
    }

    pub(crate) async fn shown(&self) -> Value {
        self.owner.get(&format!("/channels/{}", self.channel)).await
    }

    /// Where the owner's browser is sent, and the cookie that goes with it.
    async fn begin(&self) -> (String, String) {
        let path = text_of(&self.shown().await["authorization"]);
        let begun = self.owner.call(Method::POST, &path, None).await;
        let cookie = cookie_of(&begun);
        let url = text_of(&begun.json(201)["url"]);
        assert!(!url.contains(&self.credentials.client_secret), "no secret in an address");
        (url, cookie)
    }

    /// The owner allows it on the provider's page; where the browser is sent back to.
    async fn allows(&self, url: &str) -> String {
        let page = self.house.nobody().at("").call(Method::GET, url, None).await;
        text_of(&json!(page.headers["location"].to_str().unwrap()))
    }

    async fn back(&self, url: &str, cookie: &str) -> Answer {
        self.house.nobody().at("").with("cookie", cookie).call(Method::GET, url, None).await
    }

    pub(crate) async fn sign_in(&self) {
        let (url, cookie) = self.begin().await;
        let back = self.back(&self.allows(&url).await, &cookie).await;
        assert_eq!(back.status.as_u16(), 303, "{}", back.text());
        let page = back.headers["location"].to_str().unwrap();
        assert!(page.ends_with(&format!("/#/settings/channels/{}", self.channel)), "{page}");
    }

    /// The first asking says from when on mails are brought.
    pub(crate) async fn was_asked(&self) {
        let operation = if self.kind == "gmail" { "profile" } else { "delta" };
        until("the mailbox was asked", async || {
            (self.calls(operation) >= if self.kind == "gmail" { 2 } else { 1 }).then_some(())
        })
        .await;
        self.house.quiet().await;
    }

    pub(crate) fn calls(&self, operation: &str) -> u64 {
        at!(self, calls(operation))
    }

    fn sent(&self) -> Vec<(String, String)> {
        let sent = at!(self, sent());
        sent.into_iter().map(|(raw, thread)| (String::from_utf8(raw.to_vec()).unwrap(), thread)).collect()
    }

    /// Somebody writes; the Message-ID.
    pub(crate) fn writes(&self, text: &str) -> String {
        self.brings(&Letter { text: text.to_owned(), ..letter() })
    }

    fn brings(&self, letter: &Letter) -> String {
        at!(self, deliver(letter)).unwrap()
    }

    /// The conversation in which this text is, once it is there: the mailbox is asked every quarter of a minute.
    pub(crate) async fn conversation(&self, text: &str) -> String {
        let path = format!("/conversations?channel={}&limit=100", self.channel);
        until(&format!("a conversation with {text:?}"), async || {
            self.house.clock.advance(4_000);
            for found in self.agent.list(&path).await {
                let id = text_of(&found["id"]);
                if self.agent.texts(&id).await.iter().any(|known| known == text) {
                    return Some(id);
                }
            }
            None
        })
        .await
    }

    /// Waits for a state of a message while time goes by.
    async fn reaches(&self, conversation: &str, message: &Value, state: &str) -> Value {
        let id = text_of(&message["id"]);
        until(state, async || {
            self.house.clock.advance(2_000);
            let shown = self.agent.message(conversation, &id).await;
            (shown["state"] == state).then_some(shown)
        })
        .await
    }

    pub(crate) async fn state(&self, state: &str) -> Value {
        until(state, async || {
            self.house.clock.advance(2_000);
            let shown = self.shown().await;
            (shown["state"] == state).then_some(shown)
        })
        .await
    }
}

fn letter() -> Letter {
    Letter { from: ANNA.to_owned(), name: "Anna".to_owned(), subject: "Bread".to_owned(), ..Letter::default() }
}

fn cookie_of(answer: &Answer) -> String {
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/oauth"),
        "{cookie}"
    );
    cookie.split(';').next().unwrap().to_owned()
}

async fn a_mailbox_is_opened_by_its_owner_alone(house: &House) {
    for kind in KINDS {
        let mailbox = Mailbox::new(house, kind, json!({})).await;
        let path = format!("/channels/{}/authorization", mailbox.channel);
        mailbox.agent.call(Method::POST, &path, None).await.problem(403, "forbidden");
        house.workspace.owner.call(Method::POST, &path, None).await.problem(404, "not_found");
        let (url, cookie) = mailbox.begin().await;
        let (_, other_cookie) = mailbox.begin().await;
        let back = mailbox.allows(&url).await;
        for (url, cookie) in [
            (back.as_str(), "parloir_authorization="),
            (&back, &other_cookie),
            (&back.replace("state=", "state=x"), &cookie),
            (&back.replace("wsp_", "chn_"), &cookie),
        ] {
            mailbox.back(url, cookie).await.problem(403, "forbidden");
        }
        assert_eq!(mailbox.calls("token"), 0, "nothing was asked for");
        at!(mailbox, refuse(true));
        let refused = mailbox.allows(&url).await;
        assert_eq!(mailbox.back(&refused, &cookie).await.status.as_u16(), 303);
        assert_eq!(mailbox.shown().await["state_reason"], "not_allowed");
        at!(mailbox, refuse(false));
        assert_eq!(mailbox.back(&back, &cookie).await.status.as_u16(), 303);
        let shown = mailbox.shown().await;
        assert_eq!((&shown["state"], &shown["account"]["label"]), (&json!("ready"), &json!(OWN)));
        assert!(!shown.to_string().contains("access-") && !shown.to_string().contains("refresh-"), "{shown}");
        assert_eq!(mailbox.back(&back, &cookie).await.status.as_u16(), 303, "a code is good once");
        assert_eq!(mailbox.shown().await["state"], "ready", "which changes nothing");
        house.clock.advance(vault::authorizations::GOOD_MS);
        mailbox.back(&back, &cookie).await.problem(403, "forbidden");
    }
}

async fn a_mail_is_answered_in_its_thread(house: &House) {
    for kind in KINDS {
        let mailbox = Mailbox::new(house, kind, json!({ "name": "Shop" })).await;
        mailbox.writes("from before");
        mailbox.sign_in().await;
        mailbox.was_asked().await;
        if kind == "gmail" {
            at!(mailbox, rename_sent());
        }
        let asked = mailbox.writes("Is there bread?");
        let conversation = mailbox.conversation("Is there bread?").await;
        let reply = mailbox.agent.say(&conversation, "Yes, until six.").await;
        mailbox.reaches(&conversation, &reply, "sent").await;
        let (raw, thread) = mailbox.sent().remove(0);
        for expected in [
            &format!("In-Reply-To: <{asked}>"),
            "Subject: Re: Bread",
            "From: \"Shop\" <info@shop.example>",
            &format!("To: {ANNA}"),
        ] {
            let unfolded = raw.replace("\r\n ", " ");
            assert!(unfolded.contains(expected), "{expected} in {unfolded}");
        }
        let id = raw.lines().find_map(|line| line.to_lowercase().starts_with("message-id:").then(|| line.to_owned()));
        let id = id.map(|line| line[11..].trim().trim_matches(['<', '>']).to_owned()).unwrap_or_default();
        let id = if id.is_empty() {
            raw.split("Message-ID:\r\n <").nth(1).unwrap().split('>').next().unwrap().to_owned()
        } else {
            id
        };
        mailbox.brings(&Letter { text: "Thank you!".to_owned(), answers: Some(id), ..letter() });
        assert_eq!(mailbox.conversation("Thank you!").await, conversation, "an answer finds its conversation");
        assert!(!thread.is_empty());
        let texts = mailbox.agent.texts(&conversation).await;
        assert_eq!(texts, ["Is there bread?", "Yes, until six.", "Thank you!"], "and nothing from before");
        assert_eq!(mailbox.agent.list("/contacts").await.len(), 1);
    }
}

async fn files_go_both_ways(house: &House) {
    for kind in KINDS {
        let mailbox = Mailbox::open(house, kind, json!({})).await;
        let photo: Vec<u8> =
            [b"\x89PNG\r\n\x1a\n".to_vec(), (0..200_000_u32).map(|at| (at % 253) as u8).collect()].concat();
        let file = |name: &str, content: &[u8]| Attachment {
            name: name.to_owned(),
            mime: "application/octet-stream".to_owned(),
            content: Bytes::copy_from_slice(content),
        };
        let attachments = vec![file("a.bin", b"first"), file("photo.png", &photo), file("a.bin", b"second")];
        mailbox.brings(&Letter { text: "Three files".to_owned(), attachments, ..letter() });
        let conversation = mailbox.conversation("Three files").await;
        let files = until("the files are stored", async || {
            let message = mailbox.agent.messages(&conversation).await.into_iter().next()?;
            let files = message["attachments"].as_array()?.clone();
            files.iter().all(|file| file["state"] == "stored").then_some(files)
        })
        .await;
        for (file, expected) in files.iter().zip([&b"first"[..], &photo, b"second"]) {
            let path = format!("/attachments/{}/content", text_of(&file["id"]));
            assert!(mailbox.agent.bytes(&path).await == expected, "{kind} {}", file["name"]);
        }
        let pdf = mailbox.agent.upload("list.pdf", &[b"%PDF-1.7 ".to_vec(), vec![7; 100_001]].concat()).await;
        let path = format!("/conversations/{conversation}/messages");
        let order = json!({ "text": "Here is the list", "attachments": [pdf] });
        let message = mailbox.agent.post(&path, order).await;
        mailbox.reaches(&conversation, &message, "sent").await;
        let (raw, _) = mailbox.sent().pop().unwrap();
        let encoded = raw.split("JVBERi0xLjcg").nth(1).expect("the file in base64");
        let letters = encoded.split("\r\n--").next().unwrap().chars().filter(|c| !c.is_whitespace()).count();
        assert_eq!((letters + 12) / 4, 100_010_usize.div_ceil(3), "all of it");
        assert!(raw.contains("list.pdf") && raw.trim_end().ends_with("--"), "the mail is whole");
    }
}

async fn tokens_are_renewed_before_they_end_and_when_they_do(house: &House) {
    for kind in KINDS {
        let mailbox = Mailbox::open(house, kind, json!({})).await;
        assert_eq!(mailbox.calls("token"), 1);
        for round in 2..=4 {
            house.clock.advance(56 * 60_000);
            until("they are renewed", async || (mailbox.calls("token") >= round).then_some(())).await;
            // Whoever has the job is not taken for dead when time goes on.
            house.quiet().await;
        }
        mailbox.writes("after hours");
        let conversation = mailbox.conversation("after hours").await;
        // They end before their time: what was to be sent goes out once they are renewed.
        at!(mailbox, expire());
        let message = mailbox.agent.say(&conversation, "still here").await;
        mailbox.reaches(&conversation, &message, "sent").await;
        mailbox.state("ready").await;
        assert_eq!(mailbox.sent().len(), 1);
    }
}

async fn tokens_that_are_not_taken_however_new_are_left_to_a_member(house: &House) {
    for kind in KINDS {
        // When it is proven that the account works, or only when it is asked what came.
        for denied in [["profile", "profile"], ["history", "delta"]] {
            let mailbox = Mailbox::open(house, kind, json!({})).await;
            assert_eq!(mailbox.calls("token"), 1);
            at!(mailbox, expire());
            at!(mailbox, deny(&denied));
            house.clock.advance(20_000);
            until("they are renewed", async || (mailbox.calls("token") >= 2).then_some(())).await;
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            assert!(mailbox.calls("token") <= 3, "{kind}, {denied:?}: {} times at once", mailbox.calls("token"));
            for _ in 0..12 {
                house.clock.advance(3 * 60_000);
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            let shown = mailbox.state("needs_attention").await;
            assert_eq!(shown["state_reason"], "reauthorise", "{shown}");
            assert!(mailbox.calls("token") <= 6, "{kind}, {denied:?}: {} times", mailbox.calls("token"));
            at!(mailbox, deny(&[]));
            mailbox.sign_in().await;
            mailbox.state("ready").await;
        }
    }
}

async fn consent_that_is_taken_back_is_given_again(house: &House) {
    for kind in KINDS {
        let mailbox = Mailbox::open(house, kind, json!({})).await;
        mailbox.writes("hello");
        let conversation = mailbox.conversation("hello").await;
        at!(mailbox, withdraw());
        let message = mailbox.agent.say(&conversation, "waits").await;
        let shown = mailbox.state("needs_attention").await;
        assert_eq!(shown["state_reason"], "reauthorise", "{shown}");
        assert!(shown["state_detail"].as_str().unwrap().contains("Sign in"), "{shown}");
        mailbox.writes("meanwhile");
        assert_eq!(mailbox.agent.message(&conversation, &text_of(&message["id"])).await["state"], "queued");
        mailbox.sign_in().await;
        mailbox.reaches(&conversation, &message, "sent").await;
        mailbox.conversation("meanwhile").await;
        assert_eq!(mailbox.sent().len(), 1, "it went out once");
    }
}

async fn a_lost_history_brings_what_came_since_and_nothing_older(house: &House) {
    for kind in KINDS {
        let mailbox = Mailbox::new(house, kind, json!({})).await;
        mailbox.writes("from before");
        house.clock.advance(60_000);
        mailbox.sign_in().await;
        mailbox.was_asked().await;
        mailbox.writes("one");
        mailbox.conversation("one").await;
        at!(mailbox, set_page(1));
        for text in ["two", "three"] {
            mailbox.writes(text);
            house.clock.advance(1_100);
        }
        at!(mailbox, forget());
        mailbox.conversation("three").await;
        house.quiet().await;
        let mut texts = Vec::new();
        for found in mailbox.agent.list(&format!("/conversations?channel={}&limit=100", mailbox.channel)).await {
            texts.extend(mailbox.agent.texts(&text_of(&found["id"])).await);
        }
        texts.sort_unstable();
        assert_eq!(texts, ["one", "three", "two"], "{kind}: each once, and nothing from before");
    }
}

async fn many_mails_told_twice_are_there_once_in_their_order(house: &House) {
    for kind in KINDS {
        let mailbox = Mailbox::open(house, kind, json!({})).await;
        at!(mailbox, double());
        at!(mailbox, set_page(4));
        let first = mailbox.writes("number 00");
        for number in 1..25 {
            house.clock.advance(1);
            let text = format!("number {number:02}");
            mailbox.brings(&Letter { text, answers: Some(first.clone()), ..letter() });
        }
        let conversation = mailbox.conversation("number 24").await;
        house.quiet().await;
        let expected: Vec<String> = (0..25).map(|number| format!("number {number:02}")).collect();
        let shown = mailbox.agent.get(&format!("/conversations/{conversation}/messages?limit=100")).await;
        let texts: Vec<String> = shown["data"].as_array().unwrap().iter().map(|it| text_of(&it["text"])).collect();
        assert_eq!(texts, expected, "{kind}");
    }
}

async fn a_lost_reply_is_looked_for_before_anything_is_said(house: &House) {
    for kind in KINDS {
        let mailbox = Mailbox::open(house, kind, json!({})).await;
        mailbox.writes("hello");
        let conversation = mailbox.conversation("hello").await;
        for (fault, state) in
            [(CallFault::CutAfter, "sent"), (CallFault::ErrorAfter, "sent"), (CallFault::CutBefore, "failed")]
        {
            at!(mailbox, order_call_fault(Order::once(fault.clone()).only("send")));
            let message = mailbox.agent.say(&conversation, &format!("{fault:?}")).await;
            let shown = mailbox.reaches(&conversation, &message, state).await;
            if state == "failed" {
                assert_eq!(shown["failure"]["code"], "outcome_unknown", "it is never sent again by itself");
            }
        }
        house.quiet().await;
        assert_eq!(mailbox.sent().len(), 2, "each once, and what never came there not");
    }
}

async fn a_throttle_makes_the_account_wait(house: &House) {
    for kind in KINDS {
        let mailbox = Mailbox::open(house, kind, json!({})).await;
        mailbox.writes("hello");
        let conversation = mailbox.conversation("hello").await;
        for operation in ["send", if kind == "gmail" { "history" } else { "delta" }] {
            let fault = CallFault::TooManyRequests { retry_after: 30 };
            at!(mailbox, order_call_fault(Order::once(fault).only(operation)));
        }
        let message = mailbox.agent.say(&conversation, "slowly").await;
        mailbox.reaches(&conversation, &message, "sent").await;
        mailbox.writes("and on");
        mailbox.conversation("and on").await;
        assert_eq!((mailbox.sent().len(), mailbox.calls("send")), (1, 2));
        assert_eq!(mailbox.shown().await["state"], "ready");
    }
}

async fn an_erasure_does_there_what_was_allowed(house: &House) {
    for (kind, access, kept) in
        [("gmail", "read_send", 3), ("gmail", "modify", 1), ("outlook", "read_send", 3), ("outlook", "modify", 1)]
    {
        let mailbox = Mailbox::open(house, kind, json!({ "access": access })).await;
        let id = mailbox.writes("erase me");
        let conversation = mailbox.conversation("erase me").await;
        let answer = mailbox.agent.say(&conversation, "we will").await;
        mailbox.reaches(&conversation, &answer, "sent").await;
        // Somebody else's mail has the Message-ID of theirs: it stays.
        let copy =
            Letter { from: "bea@example.org".to_owned(), text: "mine".to_owned(), id: Some(id), ..Letter::default() };
        at!(mailbox, deliver(&copy));
        let contact = text_of(&mailbox.agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
        let erasure = mailbox.owner.call(Method::POST, &format!("/contacts/{contact}/erasure"), None).await.json(202);
        let path = format!("/erasures/{}", text_of(&erasure["id"]));
        until("the erasure is done", async || {
            house.clock.advance(2_000);
            let shown = mailbox.owner.get(&path).await;
            (shown["state"] == "done").then_some(())
        })
        .await;
        assert_eq!(at!(mailbox, count()), kept, "{kind} {access}");
    }
}
