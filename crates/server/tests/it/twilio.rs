//! SMS, MMS and WhatsApp through Twilio, from phone to inbox and back, also when things go wrong.

use http::Method;
use serde_json::{Value, json};
use simulator::Twilio;
use simulator::faults::{CallFault, DeliveryFault, Order};
use simulator::twilio::{Account, Message, MessageFault, Saying, signature};

use crate::client::{Client, text_of};
use crate::house::{House, until};

both_engines!(
    a_text_is_answered_and_its_states_come_back,
    files_go_both_ways,
    stop_and_start_are_honoured_and_recorded,
    what_twilio_blocks_is_blocked_here,
    a_lost_reply_is_settled_by_the_status,
    a_throttle_makes_the_account_wait,
    what_comes_doubled_and_shuffled_is_there_once,
    nobody_else_is_believed,
    a_wrong_token_stops_the_channel_and_keeps_the_queue,
    an_erasure_deletes_at_twilio_too,
    whatsapp_through_twilio,
    what_came_while_nobody_answered_is_there_once_and_in_order,
    what_was_brought_twice_changes_nothing,
);

const ANNA: &str = "+393331234567";

/// A connected number.
struct Line {
    twilio: Twilio,
    account: Account,
    channel: String,
    hook: String,
    agent: Client,
}

impl Line {
    async fn connect(house: &House, kind: &str) -> Self {
        let twilio = house.simulator.twilio().clone();
        let account = twilio.create_account(Account::default());
        let settings = json!({ "account_sid": account.sid, "auth_token": account.token, "number": account.number });
        let order = json!({ "kind": kind, "name": "Shop", "settings": settings });
        let channel = house.workspace.owner.post("/channels", order).await;
        assert_eq!(channel["state"], "ready", "{channel}");
        assert!(!channel.to_string().contains(&account.token), "a secret is never returned");
        let (id, hook) = (text_of(&channel["id"]), text_of(&channel["hook_url"]));
        Self { twilio, account, channel: id, hook, agent: house.workspace.agent.clone() }
    }

    fn says(&self, saying: impl Into<Saying>) -> String {
        self.twilio.say(&self.account.sid, ANNA, saying).unwrap()
    }

    /// Somebody's conversation, once a message with this text is in it.
    async fn conversation(&self, text: &str) -> String {
        let path = format!("/conversations?channel={}&limit=100", self.channel);
        until(&format!("a conversation with {text:?}"), async || {
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

    async fn talk(&self, text: &str) -> String {
        self.says(text);
        self.conversation(text).await
    }

    async fn contact_of(&self, conversation: &str) -> String {
        text_of(&self.agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"])
    }

    fn sent(&self) -> Vec<Message> {
        self.twilio.sent(&self.account.sid)
    }

    fn sent_texts(&self) -> Vec<String> {
        self.sent().into_iter().filter_map(|message| message.text).collect()
    }

    /// Posts a form to the hook, signed with a token; the status.
    async fn post(&self, house: &House, token: &str, form: &[(&str, &str)]) -> u16 {
        let form: Vec<_> = form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let body = form.iter().map(|(name, value)| format!("{name}={}", value.replace('+', "%2B"))).collect::<Vec<_>>();
        let client = house.nobody().with("x-twilio-signature", &signature(token, &self.hook, &form));
        let path = self.hook.strip_prefix(&house.base).unwrap();
        let kind = "application/x-www-form-urlencoded";
        client.send(Method::POST, path, kind, body.join("&")).await.status.as_u16()
    }
}

async fn a_text_is_answered_and_its_states_come_back(house: &House) {
    let line = Line::connect(house, "sms_twilio").await;
    let agent = &house.workspace.agent;
    let conversation = line.talk("Ciao, avete il pane nero? 🍞").await;
    let contact = agent.get(&format!("/contacts/{}", line.contact_of(&conversation).await)).await;
    assert_eq!(
        (&contact["identities"][0]["kind"], &contact["identities"][0]["value"]),
        (&json!("phone"), &json!(ANNA))
    );
    let reply = agent.say(&conversation, "Sì, fresco di oggi.").await;
    agent.reaches(&conversation, &reply, "delivered").await;
    let sent = line.sent();
    assert_eq!((sent.len(), sent[0].person.as_str(), sent[0].text.as_deref()), (1, ANNA, Some("Sì, fresco di oggi.")));
    let told_at = sent[0].told_at.clone().unwrap();
    assert!(told_at.starts_with(&format!("{}/status?id={}#", line.hook, text_of(&reply["id"]))), "{told_at}");
    line.says("Grazie");
    line.conversation("Grazie").await;
    assert_eq!(agent.list("/contacts").await.len(), 1, "the number is the same person");
    let failed = MessageFault::FailLater { code: 30003 };
    line.twilio.order_message_fault(&line.account.sid, Order::once(failed));
    let message = agent.say(&conversation, "A domani").await;
    let failed = agent.reaches(&conversation, &message, "failed").await;
    assert_eq!(failed["failure"]["code"], "unreachable");
    assert!(text_of(&failed["failure"]["detail"]).len() > 20, "{failed}");
    let long = "ç".repeat(1_601);
    let path = format!("/conversations/{conversation}/messages");
    let message = agent.call(Method::POST, &path, Some(&json!({ "text": long }))).await;
    assert_ne!(message.status.as_u16(), 500);
}

async fn files_go_both_ways(house: &House) {
    let line = Line::connect(house, "sms_twilio").await;
    let agent = &house.workspace.agent;
    let photo = [b"\x89PNG\r\n\x1a\n".as_slice(), &[9; 5_000]].concat();
    line.says(Saying::text("Il forno").with_file("image/png", &photo));
    let conversation = line.conversation("Il forno").await;
    let file = until("the file is stored", async || {
        let message = agent.messages(&conversation).await.into_iter().next()?;
        (message["attachments"][0]["state"] == "stored").then(|| message["attachments"][0].clone())
    })
    .await;
    assert_eq!(file["role"], "image");
    assert!(agent.bytes(&format!("/attachments/{}/content", text_of(&file["id"]))).await == photo);
    let pdf = agent.upload("listino.pdf", b"%PDF-1.7 list").await;
    let path = format!("/conversations/{conversation}/messages");
    let sent = agent.post(&path, json!({ "text": "Ecco il listino", "attachments": [pdf] })).await;
    agent.reaches(&conversation, &sent, "delivered").await;
    let shown = line.sent().pop().unwrap();
    assert_eq!(shown.text.as_deref(), Some("Ecco il listino"));
    let file = &shown.files[0];
    assert_eq!((file.mime.as_str(), file.content.as_ref()), ("application/pdf", b"%PDF-1.7 list".as_slice()));
    // The address is good for ten minutes, and no other one is good.
    let place = file.origin.as_deref().unwrap().strip_prefix(&house.base).unwrap().to_owned();
    assert_eq!(house.nobody().bytes(&place).await, b"%PDF-1.7 list");
    let other = place.replacen(&pdf, &text_of(&json!(format!("att_{}", "0".repeat(32)))), 1);
    for wrong in [other, format!("{place}x"), "/files/x".to_owned(), "/files/chn_1.att_1.9.x".to_owned()] {
        house.nobody().call(Method::GET, &wrong, None).await.problem(404, "not_found");
    }
    house.clock.advance(10 * 60_000);
    house.nobody().call(Method::GET, &place, None).await.problem(404, "not_found");
}

async fn stop_and_start_are_honoured_and_recorded(house: &House) {
    let line = Line::connect(house, "sms_twilio").await;
    let agent = &house.workspace.agent;
    let conversation = line.talk("Ciao").await;
    let contact = line.contact_of(&conversation).await;
    let consents = format!("/contacts/{contact}/consents");
    let order = json!({ "purpose": "marketing", "channel": "sms_twilio", "ground": "consent", "text_version": "1",
                        "collected_by": "form" });
    agent.post(&consents, order).await;
    house.clock.advance(2_000);
    // A word of another language than the carriers': only we stop at it.
    line.says("Disiscrivimi");
    until("the consent is withdrawn", async || {
        let known = agent.list(&consents).await;
        known.iter().all(|consent| !consent["withdrawn_at"].is_null()).then_some(())
    })
    .await;
    let path = format!("/conversations/{conversation}/messages");
    until("nothing more may be sent", async || {
        let answer = agent.call(Method::POST, &path, Some(&json!({ "text": "Un'offerta" }))).await;
        (answer.status.as_u16() == 409).then(|| answer.problem(409, "no_consent"))
    })
    .await;
    house.clock.advance(2_000);
    let start = |attempt| {
        let ours = [("MessageSid", "SM00000000000000000000000000000001"), ("From", ANNA), ("Body", "START")];
        ours.into_iter().chain([("AccountSid", line.account.sid.as_str()), ("Attempt", attempt)]).collect::<Vec<_>>()
    };
    assert_eq!(line.post(house, &line.account.token, &start("1")).await, 200);
    let given = until("it is given again", async || {
        agent.list(&consents).await.into_iter().find(|consent| consent["withdrawn_at"].is_null())
    })
    .await;
    assert_eq!((&given["collected_by"], &given["purpose"]), (&json!("provider"), &json!("marketing")));
    let reply = agent.say(&conversation, "Bentornata").await;
    agent.reaches(&conversation, &reply, "delivered").await;
    assert_eq!(line.conversation("Disiscrivimi").await, conversation, "what was written is shown");
    // A word that is told again is as old as it was.
    house.clock.advance(2_000);
    line.says("STOP");
    let is_over = async || {
        let known = agent.list(&consents).await;
        known.iter().all(|consent| !consent["withdrawn_at"].is_null()).then_some(())
    };
    until("it is withdrawn again", is_over).await;
    house.clock.advance(2_000);
    assert_eq!(line.post(house, &line.account.token, &start("2")).await, 200);
    house.quiet().await;
    assert!(is_over().await.is_some(), "a repeated START lifts nothing");
}

async fn what_twilio_blocks_is_blocked_here(house: &House) {
    let line = Line::connect(house, "sms_twilio").await;
    let agent = &house.workspace.agent;
    let conversation = line.talk("Ciao").await;
    let refused = MessageFault::Refuse { code: 21610, status: 400 };
    line.twilio.order_message_fault(&line.account.sid, Order::once(refused));
    let message = agent.say(&conversation, "Un'offerta").await;
    let failed = agent.reaches(&conversation, &message, "failed").await;
    assert_eq!(failed["failure"]["code"], "opted_out");
    let path = format!("/conversations/{conversation}/messages");
    agent.call(Method::POST, &path, Some(&json!({ "text": "Ancora" }))).await.problem(409, "no_consent");
    assert_eq!(line.twilio.calls(&line.account.sid, "POST Messages"), 1);
    // Twilio blocks until the contact says so: any other word does not lift it.
    house.clock.advance(2_000);
    line.says("Ci siete?");
    assert_eq!(line.conversation("Ci siete?").await, conversation);
    agent.call(Method::POST, &path, Some(&json!({ "text": "Ancora" }))).await.problem(409, "no_consent");
    line.says("START");
    let answered = until("it is lifted", async || {
        let answer = agent.call(Method::POST, &path, Some(&json!({ "text": "Bentornata" }))).await;
        (answer.status == 201).then(|| answer.json(201))
    })
    .await;
    agent.reaches(&conversation, &answered, "delivered").await;
}

async fn a_lost_reply_is_settled_by_the_status(house: &House) {
    let line = Line::connect(house, "sms_twilio").await;
    let agent = &house.workspace.agent;
    let conversation = line.talk("Ricevuto?").await;
    let calls = |fault| line.twilio.order_call_fault(&line.account.sid, Order::once(fault).only("POST Messages"));
    for (fault, text) in [(CallFault::CutAfter, "dopo il taglio"), (CallFault::ErrorAfter, "dopo l'errore")] {
        calls(fault);
        let message = agent.say(&conversation, text).await;
        let next = agent.say(&conversation, &format!("{text}, poi")).await;
        agent.reaches(&conversation, &message, "delivered").await;
        agent.reaches(&conversation, &next, "delivered").await;
    }
    house.quiet().await;
    assert_eq!(line.sent_texts(), ["dopo il taglio", "dopo il taglio, poi", "dopo l'errore", "dopo l'errore, poi"]);
    calls(CallFault::CutBefore);
    let message = agent.say(&conversation, "perduto").await;
    until("the call was made", async || (line.twilio.calls(&line.account.sid, "POST Messages") == 5).then_some(()))
        .await;
    let failed = until("nobody tells of it, so it is given up", async || {
        house.clock.advance(61_000);
        let shown = agent.message(&conversation, &text_of(&message["id"])).await;
        (shown["state"] == "failed").then_some(shown)
    })
    .await;
    assert_eq!(failed["failure"]["code"], "outcome_unknown");
    house.quiet().await;
    assert_eq!(line.sent().len(), 4, "and it is never sent again");
}

async fn a_throttle_makes_the_account_wait(house: &House) {
    let line = Line::connect(house, "sms_twilio").await;
    let agent = &house.workspace.agent;
    let conversation = line.talk("Ciao").await;
    let throttled = CallFault::TooManyRequests { retry_after: 30 };
    line.twilio.order_call_fault(&line.account.sid, Order::once(throttled).only("POST Messages"));
    let message = agent.say(&conversation, "piano").await;
    until("the call was refused", async || (line.twilio.calls(&line.account.sid, "POST Messages") == 1).then_some(()))
        .await;
    until("it goes out once the time is over", async || {
        house.clock.advance(31_000);
        (line.sent().len() == 1).then_some(())
    })
    .await;
    agent.reaches(&conversation, &message, "delivered").await;
    let full = MessageFault::Refuse { code: 21611, status: 429 };
    line.twilio.order_message_fault(&line.account.sid, Order::once(full));
    let message = agent.say(&conversation, "ancora").await;
    until("the queue is tried again", async || {
        house.clock.advance(61_000);
        (line.sent().len() == 2).then_some(())
    })
    .await;
    agent.reaches(&conversation, &message, "delivered").await;
    assert_eq!(line.sent_texts(), ["piano", "ancora"]);
}

async fn what_comes_doubled_and_shuffled_is_there_once(house: &House) {
    let line = Line::connect(house, "sms_twilio").await;
    let agent = &house.workspace.agent;
    line.twilio.order_delivery_fault(Order::always(DeliveryFault::Duplicate).with_probability(0.5));
    line.twilio.order_delivery_fault(Order::always(DeliveryFault::Reorder { hold: 3 }).with_probability(0.5));
    for count in 0..12 {
        line.says(format!("numero {count}").as_str());
    }
    let conversation = line.conversation("numero 0").await;
    until("all of them", async || (agent.texts(&conversation).await.len() == 12).then_some(())).await;
    let mut replies = Vec::new();
    for count in 0..4 {
        replies.push(agent.say(&conversation, &format!("risposta {count}")).await);
    }
    for reply in &replies {
        agent.reaches(&conversation, reply, "delivered").await;
    }
    line.twilio.clear_delivery_faults();
    until("everything was told", async || (line.twilio.pending() == 0).then_some(())).await;
    house.quiet().await;
    let mut texts = agent.texts(&conversation).await;
    texts.retain(|text| text.starts_with("numero"));
    texts.sort();
    let mut expected: Vec<_> = (0..12).map(|count| format!("numero {count}")).collect();
    expected.sort();
    assert_eq!(texts, expected, "each once");
    for reply in &replies {
        let shown = agent.message(&conversation, &text_of(&reply["id"])).await;
        assert_eq!(shown["state"], "delivered", "no state came back");
    }
}

async fn nobody_else_is_believed(house: &House) {
    let line = Line::connect(house, "sms_twilio").await;
    let sid = "SM0123456789abcdef0123456789abcdef";
    let form = [("MessageSid", sid), ("From", ANNA), ("Body", "vero"), ("AccountSid", line.account.sid.as_str())];
    assert_eq!(line.post(house, "another token", &form).await, 401);
    assert_eq!(line.post(house, "", &form).await, 401);
    assert_eq!(line.post(house, &line.account.token, &form).await, 200);
    assert_eq!(line.post(house, &line.account.token, &form).await, 200, "and again");
    let conversation = line.conversation("vero").await;
    house.quiet().await;
    assert_eq!(house.workspace.agent.texts(&conversation).await, ["vero"]);
    assert_eq!(line.post(house, &line.account.token, &[("From", ANNA)]).await, 400);
}

async fn a_wrong_token_stops_the_channel_and_keeps_the_queue(house: &House) {
    let line = Line::connect(house, "sms_twilio").await;
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let conversation = line.talk("Ci siete?").await;
    line.twilio.change_token(&line.account.sid, "a new token of the account");
    let message = agent.say(&conversation, "Arriviamo").await;
    let path = format!("/channels/{}", line.channel);
    until("the channel stops", async || (owner.get(&path).await["state_reason"] == "reauthorise").then_some(())).await;
    assert_eq!(agent.message(&conversation, &text_of(&message["id"])).await["state"], "queued", "the queue is kept");
    let ready = owner.patch(&path, json!({ "settings": { "auth_token": "a new token of the account" } })).await;
    assert_eq!(ready["state"], "ready", "{ready}");
    agent.reaches(&conversation, &message, "delivered").await;
}

async fn an_erasure_deletes_at_twilio_too(house: &House) {
    let line = Line::connect(house, "sms_twilio").await;
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    for count in 0..14 {
        line.says(format!("numero {count}").as_str());
    }
    let conversation = line.conversation("numero 13").await;
    until("all of them", async || (agent.texts(&conversation).await.len() == 14).then_some(())).await;
    line.twilio.say(&line.account.sid, "+393330000000", "un'altra").unwrap();
    line.conversation("un'altra").await;
    let contact = line.contact_of(&conversation).await;
    let erased = owner.call(Method::DELETE, &format!("/contacts/{contact}"), None).await.json(202);
    let path = format!("/erasures/{}", text_of(&erased["id"]));
    let done = until("the erasure is done", async || {
        let now = owner.get(&path).await;
        (now["state"] == "done").then_some(now)
    })
    .await;
    assert_eq!(done["remote"], json!([{ "system": "sms_twilio", "state": "gone" }]));
    let left: Vec<_> = line.twilio.messages(&line.account.sid).into_iter().filter_map(|message| message.text).collect();
    assert_eq!(left, ["un'altra"], "of the other contact alone");
}

async fn whatsapp_through_twilio(house: &House) {
    let line = Line::connect(house, "whatsapp_twilio").await;
    let agent = &house.workspace.agent;
    // A WhatsApp sender's hook is set in the console.
    line.twilio.set_hook(&line.account.sid, &format!("{}#rc=5&rp=all", line.hook));
    line.says(Saying::text("Ciao da WhatsApp").over_whatsapp("Anna"));
    let conversation = line.conversation("Ciao da WhatsApp").await;
    let shown = agent.get(&format!("/conversations/{conversation}")).await;
    assert_eq!(shown["contact"]["name"], "Anna");
    assert!(shown["window"]["open_until"].is_string(), "{shown}");
    let reply = agent.say(&conversation, "Benvenuta").await;
    agent.reaches(&conversation, &reply, "delivered").await;
    line.twilio.read(&line.account.sid, ANNA);
    agent.reaches(&conversation, &reply, "read").await;
    // The provider may know better than we whether the window is open.
    let closed = MessageFault::FailLater { code: 63016 };
    line.twilio.order_message_fault(&line.account.sid, Order::once(closed));
    let message = agent.say(&conversation, "Troppo tardi").await;
    let failed = agent.reaches(&conversation, &message, "failed").await;
    assert_eq!(failed["failure"]["code"], "window_closed");
    let templates = until("the templates are read", async || {
        let known = agent.list(&format!("/channels/{}/templates", line.channel)).await;
        (!known.is_empty()).then_some(known)
    })
    .await;
    assert_eq!((&templates[0]["name"], &templates[0]["language"]), (&json!("order_update"), &json!("it")));
    let order = json!({ "template": { "name": "order_update", "language": "it", "variables": ["Anna"] } });
    let sent: Value = agent.post(&format!("/conversations/{conversation}/messages"), order).await;
    agent.reaches(&conversation, &sent, "delivered").await;
    let template = line.sent().pop().unwrap().template.unwrap();
    assert!(template.starts_with("HX"), "{template}");
    let one = agent.upload("uno.pdf", b"%PDF-1.7 one").await;
    let two = agent.upload("due.pdf", b"%PDF-1.7 two").await;
    let path = format!("/conversations/{conversation}/messages");
    let files = agent.post(&path, json!({ "text": "Due file", "attachments": [one, two] })).await;
    agent.reaches(&conversation, &files, "delivered").await;
    let sent = line.sent();
    let contents: Vec<_> = sent.iter().flat_map(|message| &message.files).map(|file| file.content.clone()).collect();
    assert_eq!(contents, [b"%PDF-1.7 one".as_slice(), b"%PDF-1.7 two"], "each a message of its own");
}

const QUARTER_MS: i64 = 15 * 60_000;

async fn what_came_while_nobody_answered_is_there_once_and_in_order(house: &House) {
    let twilio = house.simulator.twilio().clone();
    let account = twilio.create_account(Account::default());
    twilio.say(&account.sid, ANNA, "Prima che ci fossimo").unwrap();
    house.clock.advance(3_600_000);
    let settings = json!({ "account_sid": account.sid, "auth_token": account.token, "number": account.number });
    let order = json!({ "kind": "sms_twilio", "name": "Shop", "settings": settings });
    let channel = house.workspace.owner.post("/channels", order).await;
    let (id, hook) = (text_of(&channel["id"]), text_of(&channel["hook_url"]));
    let line = Line { twilio, account, channel: id, hook, agent: house.workspace.agent.clone() };
    let agent = &house.workspace.agent;
    let conversation = line.talk("Con il gancio").await;
    house.quiet().await;
    // Nothing reaches us now, for two hours.
    let (told, _) = line.twilio.hooks(&line.account.sid);
    line.twilio.set_hook(&line.account.sid, "http://127.0.0.1:9/nobody");
    for count in 0..130 {
        house.clock.advance(40_000);
        line.says(format!("perso {count}").as_str());
    }
    let photo = [b"\x89PNG\r\n\x1a\n".as_slice(), &[9; 500]].concat();
    line.says(Saying::text("con una foto").with_file("image/png", &photo));
    line.twilio.set_hook(&line.account.sid, &told.unwrap());
    house.clock.advance(QUARTER_MS);
    line.says("Di nuovo con il gancio");
    let all = async || agent.texts(&conversation).await;
    until("all of them", async || {
        house.clock.advance(60_000);
        (all().await.len() >= 100).then_some(())
    })
    .await;
    for _ in 0..3 {
        house.quiet().await;
        house.clock.advance(QUARTER_MS);
    }
    house.quiet().await;
    let missed = line.twilio.messages(&line.account.sid).len() - 1;
    let path = format!("/conversations/{conversation}/messages?limit=100");
    let newest = agent.get(&path).await;
    let mut found = agent.list(&format!("{path}&cursor={}", text_of(&newest["next"]))).await;
    found.extend(newest["data"].as_array().unwrap().iter().cloned());
    let texts: Vec<String> = found.iter().map(|message| text_of(&message["text"])).collect();
    assert_eq!(texts.len(), missed, "each once, and nothing from before: {texts:?}");
    let lost: Vec<&String> = texts.iter().filter(|text| text.starts_with("perso")).collect();
    assert_eq!(lost, (0..130).map(|count| format!("perso {count}")).collect::<Vec<_>>().iter().collect::<Vec<_>>());
    let with_photo = found.iter().find(|message| message["text"] == "con una foto").unwrap();
    assert_eq!(with_photo["attachments"].as_array().unwrap().len(), 1, "{with_photo}");
    let asked = line.twilio.calls(&line.account.sid, "GET Messages");
    house.clock.advance(60_000);
    house.quiet().await;
    assert_eq!(line.twilio.calls(&line.account.sid, "GET Messages"), asked, "seldom");
}

async fn what_was_brought_twice_changes_nothing(house: &House) {
    let line = Line::connect(house, "sms_twilio").await;
    let agent = &house.workspace.agent;
    let conversation = line.talk("Ciao").await;
    house.quiet().await;
    let path = format!("/conversations/{conversation}/messages");
    line.says("STOP");
    line.conversation("STOP").await;
    house.clock.advance(5_000);
    line.says("START");
    line.conversation("START").await;
    house.quiet().await;
    let contact = line.contact_of(&conversation).await;
    let consents = agent.list(&format!("/contacts/{contact}/consents")).await;
    // That the list cannot be had is no reason to trouble a member.
    line.twilio.order_call_fault(&line.account.sid, Order::once(CallFault::ErrorBefore).only("GET Messages"));
    for _ in 0..3 {
        house.clock.advance(QUARTER_MS);
        house.quiet().await;
    }
    assert!(line.twilio.calls(&line.account.sid, "GET Messages") >= 2, "it was asked");
    assert_eq!(agent.texts(&conversation).await, ["Ciao", "STOP", "START"]);
    assert_eq!(agent.list(&format!("/contacts/{contact}/consents")).await, consents, "no wish is taken for a new one");
    agent.post(&path, json!({ "text": "Bentornata" })).await;
    let shown = house.workspace.owner.get(&format!("/channels/{}", line.channel)).await;
    assert_eq!(shown["state"], "ready", "{shown}");
}
