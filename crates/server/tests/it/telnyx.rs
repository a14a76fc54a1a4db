//! SMS and MMS through Telnyx, from phone to inbox and back, also when things go wrong.

use http::Method;
use serde_json::json;
use simulator::Telnyx;
use simulator::faults::{CallFault, DeliveryFault, Order};
use simulator::telnyx::{Message, MessageFault, Profile};
use vault::Clock;

use crate::client::{Client, text_of};
use crate::house::{House, until};

both_engines!(
    a_text_is_answered_and_its_states_come_back,
    files_go_both_ways,
    a_stop_is_honoured_and_recorded,
    a_lost_reply_is_asked_for_again_by_its_key,
    a_throttle_makes_the_account_wait,
    what_comes_doubled_and_shuffled_is_there_once,
    only_telnyx_is_believed_and_only_now,
    an_erasure_says_that_nothing_can_be_deleted_there,
    the_profile_of_a_number_is_found,
    two_numbers_of_a_profile_are_two_channels,
    who_is_not_proven_gets_nothing_of_anothers_hook,
    what_three_tries_did_not_bring_comes_by_the_failover,
);

const ANNA: &str = "+393331234567";

/// A connected messaging profile.
struct Line {
    telnyx: Telnyx,
    profile: Profile,
    channel: String,
    hook: String,
    agent: Client,
}

impl Line {
    async fn connect(house: &House) -> Self {
        let telnyx = house.simulator.telnyx().clone();
        let profile = telnyx.create_profile(Profile::default());
        Self::connect_number(house, telnyx, profile).await
    }

    /// Connects another number of the same profile.
    async fn beside(&self, house: &House) -> Self {
        let number = self.telnyx.add_number(&self.profile.id).unwrap();
        let profile = Profile { number, ..self.profile.clone() };
        Self::connect_number(house, self.telnyx.clone(), profile).await
    }

    async fn connect_number(house: &House, telnyx: Telnyx, profile: Profile) -> Self {
        let settings = json!({ "api_key": profile.key, "public_key": telnyx.public_key(),
            "messaging_profile_id": profile.id, "number": profile.number });
        let order = json!({ "kind": "sms_telnyx", "name": "Shop", "settings": settings });
        let channel = house.workspace.owner.post("/channels", order).await;
        assert_eq!(channel["state"], "ready", "{channel}");
        assert!(!channel.to_string().contains(&profile.key), "a secret is never returned");
        let (id, hook) = (text_of(&channel["id"]), text_of(&channel["hook_url"]));
        Self { telnyx, profile, channel: id, hook, agent: house.workspace.agent.clone() }
    }

    fn says(&self, text: &str) -> String {
        self.telnyx.say_to((&self.profile.id, &self.profile.number), ANNA, text, &[]).unwrap()
    }

    async fn disconnect(&self, house: &House) {
        house.workspace.owner.call(Method::DELETE, &format!("/channels/{}", self.channel), None).await.json(202);
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

    fn sent(&self) -> Vec<Message> {
        self.telnyx.sent(&self.profile.id)
    }

    fn sent_texts(&self) -> Vec<String> {
        self.sent().into_iter().filter_map(|message| message.text).collect()
    }
}

async fn a_text_is_answered_and_its_states_come_back(house: &House) {
    let line = Line::connect(house).await;
    let agent = &house.workspace.agent;
    let conversation = line.talk("Ciao, avete il pane nero? 🍞").await;
    let reply = agent.say(&conversation, "Sì, fresco di oggi.").await;
    agent.reaches(&conversation, &reply, "delivered").await;
    let sent = line.sent();
    assert_eq!((sent.len(), sent[0].person.as_str(), sent[0].text.as_deref()), (1, ANNA, Some("Sì, fresco di oggi.")));
    line.says("Grazie");
    line.conversation("Grazie").await;
    assert_eq!(agent.list("/contacts").await.len(), 1, "the number is the same person");
    line.telnyx.order_message_fault(&line.profile.id, Order::once(MessageFault::FailLater { code: 40001 }));
    let message = agent.say(&conversation, "A domani").await;
    let failed = agent.reaches(&conversation, &message, "failed").await;
    assert_eq!(failed["failure"]["code"], "not_a_mobile");
}

async fn files_go_both_ways(house: &House) {
    let line = Line::connect(house).await;
    let agent = &house.workspace.agent;
    let photo = [b"\x89PNG\r\n\x1a\n".as_slice(), &[9; 5_000]].concat();
    let place = house.receiver.offer("foto.png", &photo);
    line.telnyx.say(&line.profile.id, ANNA, "Il forno", &[("image/png", &place)]).unwrap();
    let conversation = line.conversation("Il forno").await;
    let file = until("the file is stored", async || {
        let message = agent.messages(&conversation).await.into_iter().next()?;
        (message["attachments"][0]["state"] == "stored").then(|| message["attachments"][0].clone())
    })
    .await;
    assert!(agent.bytes(&format!("/attachments/{}/content", text_of(&file["id"]))).await == photo);
    let pdf = agent.upload("listino.pdf", b"%PDF-1.7 list").await;
    let path = format!("/conversations/{conversation}/messages");
    let sent = agent.post(&path, json!({ "text": "Ecco il listino", "attachments": [pdf] })).await;
    agent.reaches(&conversation, &sent, "delivered").await;
    let shown = line.sent().pop().unwrap();
    assert_eq!(shown.text.as_deref(), Some("Ecco il listino"));
    assert_eq!(
        (shown.files[0].mime.as_str(), shown.files[0].content.as_ref()),
        ("application/pdf", &b"%PDF-1.7 list"[..])
    );
}

async fn a_stop_is_honoured_and_recorded(house: &House) {
    let line = Line::connect(house).await;
    let agent = &house.workspace.agent;
    let conversation = line.talk("Ciao").await;
    let contact = text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    let consents = format!("/contacts/{contact}/consents");
    let order = json!({ "purpose": "marketing", "channel": "sms_telnyx", "ground": "consent", "text_version": "1",
                        "collected_by": "form" });
    agent.post(&consents, order).await;
    house.clock.advance(2_000);
    line.says("STOP");
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
    line.says("UNSTOP");
    until("it is given again", async || {
        agent.list(&consents).await.into_iter().find(|consent| consent["withdrawn_at"].is_null())
    })
    .await;
    let reply = agent.say(&conversation, "Bentornata").await;
    agent.reaches(&conversation, &reply, "delivered").await;
}

async fn a_lost_reply_is_asked_for_again_by_its_key(house: &House) {
    let line = Line::connect(house).await;
    let agent = &house.workspace.agent;
    let conversation = line.talk("Ricevuto?").await;
    for (fault, text) in [
        (CallFault::CutAfter, "dopo il taglio"),
        (CallFault::ErrorAfter, "dopo l'errore"),
        (CallFault::CutBefore, "prima del taglio"),
    ] {
        line.telnyx.order_call_fault(&line.profile.id, Order::once(fault).only("POST messages"));
        let message = agent.say(&conversation, text).await;
        until(&format!("{text} is delivered"), async || {
            // A clear refusal of the first try is waited out.
            house.clock.advance(3_000);
            let shown = agent.message(&conversation, &text_of(&message["id"])).await;
            (shown["state"] == "delivered").then_some(())
        })
        .await;
    }
    house.quiet().await;
    assert_eq!(line.sent_texts(), ["dopo il taglio", "dopo l'errore", "prima del taglio"], "each once");
    // Of the one that was answered with an error, the status may have told before it was asked for again.
    assert!(line.telnyx.calls(&line.profile.id, "POST messages") >= 5, "what was cut was asked for again");
}

async fn a_throttle_makes_the_account_wait(house: &House) {
    let line = Line::connect(house).await;
    let agent = &house.workspace.agent;
    let conversation = line.talk("Ciao").await;
    let throttled = CallFault::TooManyRequests { retry_after: 30 };
    line.telnyx.order_call_fault(&line.profile.id, Order::once(throttled).only("POST messages"));
    let message = agent.say(&conversation, "piano").await;
    until("it goes out once the time is over", async || {
        house.clock.advance(31_000);
        (line.sent().len() == 1).then_some(())
    })
    .await;
    agent.reaches(&conversation, &message, "delivered").await;
    assert_eq!(line.sent_texts(), ["piano"]);
}

async fn what_comes_doubled_and_shuffled_is_there_once(house: &House) {
    let line = Line::connect(house).await;
    let agent = &house.workspace.agent;
    line.telnyx.order_delivery_fault(Order::always(DeliveryFault::Duplicate).with_probability(0.5));
    line.telnyx.order_delivery_fault(Order::always(DeliveryFault::Burst { hold: 3 }).with_probability(0.5));
    for count in 0..12 {
        line.says(&format!("numero {count}"));
    }
    let conversation = line.conversation("numero 0").await;
    until("all of them", async || (agent.texts(&conversation).await.len() == 12).then_some(())).await;
    let reply = agent.say(&conversation, "Ricevuti").await;
    agent.reaches(&conversation, &reply, "delivered").await;
    line.telnyx.clear_delivery_faults();
    until("everything was told", async || (line.telnyx.pending() == 0).then_some(())).await;
    house.quiet().await;
    let mut texts = agent.texts(&conversation).await;
    assert_eq!(texts.len(), 13, "each once");
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 13);
    assert_eq!(agent.message(&conversation, &text_of(&reply["id"])).await["state"], "delivered", "no state came back");
}

async fn only_telnyx_is_believed_and_only_now(house: &House) {
    let line = Line::connect(house).await;
    let body = json!({ "data": { "event_type": "message.received", "id": "e1", "occurred_at": "2026-01-01T00:00:00Z",
        "payload": { "id": "m1", "from": { "phone_number": ANNA }, "text": "vero", "media": [] } } })
    .to_string();
    let path = line.hook.strip_prefix(&house.base).unwrap();
    let post = async |headers: [(&'static str, String); 2], body: String| {
        let client = headers.iter().fold(house.nobody(), |client, (name, value)| client.with(name, value));
        client.send(Method::POST, path, "application/json", body).await.status.as_u16()
    };
    let now = house.clock.now();
    let signed = |at_ms: i64| line.telnyx.signed(at_ms, body.as_bytes());
    assert_eq!(post(signed(now - 400_000), body.clone()).await, 401, "an old one may be somebody else's repetition");
    assert_eq!(post(signed(now + 400_000), body.clone()).await, 401);
    assert_eq!(post(signed(now), body.replace("vero", "falso")).await, 401);
    assert_eq!(post(signed(now), body.clone()).await, 200);
    assert_eq!(post(signed(now), body.clone()).await, 200, "and again");
    let conversation = line.conversation("vero").await;
    house.quiet().await;
    assert_eq!(house.workspace.agent.texts(&conversation).await, ["vero"]);
}

async fn an_erasure_says_that_nothing_can_be_deleted_there(house: &House) {
    let line = Line::connect(house).await;
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let conversation = line.talk("Dimenticatemi").await;
    let contact = text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    let erased = owner.call(Method::DELETE, &format!("/contacts/{contact}"), None).await.json(202);
    let path = format!("/erasures/{}", text_of(&erased["id"]));
    let done = until("the erasure is done", async || {
        let now = owner.get(&path).await;
        (now["state"] == "done").then_some(now)
    })
    .await;
    let remote = &done["remote"][0];
    assert_eq!((&remote["system"], &remote["state"]), (&json!("sms_telnyx"), &json!("kept")));
    assert!(text_of(&remote["reason"]).starts_with("Telnyx has no way to delete messages"), "{remote}");
}

async fn the_profile_of_a_number_is_found(house: &House) {
    let telnyx = house.simulator.telnyx();
    let profile = telnyx.create_profile(Profile::default());
    let order = |number: &str| {
        let settings = json!({ "api_key": profile.key, "public_key": telnyx.public_key(), "number": number });
        json!({ "kind": "sms_telnyx", "name": "Shop", "settings": settings })
    };
    let owner = &house.workspace.owner;
    assert_eq!(owner.post("/channels", order(&profile.number)).await["state"], "ready");
    let unknown = owner.post("/channels", order("+15550000000")).await;
    assert_eq!((&unknown["state"], &unknown["state_reason"]), (&json!("needs_attention"), &json!("number_unknown")));
}

async fn two_numbers_of_a_profile_are_two_channels(house: &House) {
    let first = Line::connect(house).await;
    let second = first.beside(house).await;
    let hooks = || first.telnyx.hooks(&first.profile.id).0;
    assert_eq!(hooks().as_ref(), Some(&second.hook), "the one that was connected last");
    let of_first = first.talk("Al primo").await;
    let of_second = second.talk("Al secondo").await;
    house.quiet().await;
    let agent = &house.workspace.agent;
    assert_eq!(
        (agent.texts(&of_first).await, agent.texts(&of_second).await),
        (vec!["Al primo".to_owned()], vec!["Al secondo".to_owned()])
    );
    for line in [&first, &second] {
        let inbox = agent.list(&format!("/conversations?channel={}&limit=100", line.channel)).await;
        assert_eq!(inbox.len(), 1, "each has its own alone");
    }
    let reply = agent.say(&of_first, "Dal primo").await;
    agent.reaches(&of_first, &reply, "delivered").await;
    assert_eq!(first.sent()[0].number, first.profile.number);
    // Whose hook it is goes first: what comes for the other still arrives, and its hook stays.
    second.disconnect(house).await;
    house.quiet().await;
    assert_eq!(hooks().as_ref(), Some(&second.hook), "it is the first's as well");
    first.talk("Ancora al primo").await;
    second.says("A nessuno");
    house.quiet().await;
    let third = first.beside(house).await;
    third.talk("Al terzo").await;
    first.disconnect(house).await;
    house.quiet().await;
    assert_eq!(hooks().as_ref(), Some(&third.hook), "it was not the first's");
    third.talk("Ancora al terzo").await;
    third.disconnect(house).await;
    until("nobody is left, and it is forgotten", async || {
        (first.telnyx.hooks(&first.profile.id) == (None, None)).then_some(())
    })
    .await;
}

async fn who_is_not_proven_gets_nothing_of_anothers_hook(house: &House) {
    let line = Line::connect(house).await;
    let other = house.simulator.telnyx().create_profile(Profile::default());
    // The public key is no secret: somebody names it with a number that is not theirs.
    let settings =
        json!({ "api_key": other.key, "public_key": line.telnyx.public_key(), "number": line.profile.number });
    let order = json!({ "kind": "sms_telnyx", "name": "Not ours", "settings": settings });
    let stranger = house.workspace.owner.post("/channels", order).await;
    assert_eq!(
        (&stranger["state"], &stranger["state_reason"]),
        (&json!("needs_attention"), &json!("number_unknown")),
        "{stranger}"
    );
    let named = json!({ "settings": { "messaging_profile_id": other.id } });
    let path = format!("/channels/{}", text_of(&stranger["id"]));
    let changed = house.workspace.owner.call(Method::PATCH, &path, Some(&named)).await.json(200);
    assert_eq!(changed["state_reason"], "number_unknown", "a profile that is named proves nothing of a number");
    line.talk("Per voi soli").await;
    house.quiet().await;
    let found = house.workspace.agent.list("/conversations?limit=100").await;
    assert_eq!(found.len(), 1, "{found:?}");
}

async fn what_three_tries_did_not_bring_comes_by_the_failover(house: &House) {
    let line = Line::connect(house).await;
    let (hook, failover) = line.telnyx.hooks(&line.profile.id);
    assert_eq!((hook.as_ref(), failover.as_ref()), (Some(&line.hook), Some(&line.hook)));
    // Where three tries come to nothing, the other address is tried: here one that is nobody's, and then ours.
    line.telnyx.set_hooks(&line.profile.id, Some("http://127.0.0.1:9/nobody"), failover.as_deref());
    line.talk("Per l'altra via").await;
}
