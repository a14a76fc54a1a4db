//! The public page on which people ask something of their data: by a code over the channel on which they write, and for whoever knows
//! them as for whoever does not.

use http::Method;
use serde_json::{Value, json};
use simulator::Twilio;
use simulator::telegram::Person;
use simulator::twilio::Account;
use vault::Clock;

use crate::bot::Bot;
use crate::client::{Answer, Client, text_of};
use crate::described::logged;
use crate::house::{House, until};

both_engines!(
    a_code_proves_who_asks,
    known_and_unknown_are_answered_alike,
    a_withdrawal_leads_to_what_was_agreed_to,
    a_user_name_leads_to_the_chat,
    what_nobody_sends_by_mistake_changes_nothing,
    one_network_asks_so_often_and_no_more,
);

const FORM: &str = "application/x-www-form-urlencoded";
const ANNA: &str = "+393331234567";

/// A workspace's page, and a number by which people write to it.
struct Desk<'a> {
    house: &'a House,
    nobody: Client,
    path: String,
    twilio: Twilio,
    account: Account,
}

impl<'a> Desk<'a> {
    async fn open(house: &'a House) -> Self {
        let twilio = house.simulator.twilio().clone();
        let account = twilio.create_account(Account::default());
        let settings = json!({ "account_sid": account.sid, "auth_token": account.token, "number": account.number });
        let order = json!({ "kind": "sms_twilio", "name": "Shop", "settings": settings });
        let channel = house.workspace.owner.post("/channels", order).await;
        assert_eq!(channel["state"], "ready", "{channel}");
        let path = format!("/p/{}/request", house.workspace.operator.workspace());
        Self { house, nobody: house.nobody(), path, twilio, account }
    }

    /// Anna writes; the conversation that comes of it.
    async fn anna_writes(&self) -> Value {
        self.twilio.say(&self.account.sid, ANNA, "Ciao").unwrap();
        let agent = &self.house.workspace.agent;
        until("Anna's conversation", async || agent.list("/conversations").await.into_iter().next()).await
    }

    async fn posts(&self, step: &str, form: &[(&str, &str)]) -> Answer {
        self.nobody.send(Method::POST, &format!("{}{step}", self.path), FORM, encoded(form)).await
    }

    async fn asks(&self, kind: &str, address: &str) -> Answer {
        self.posts("?lang=en", &[("kind", kind), ("address", address), ("words", "Forget <me>, \"all\" of it")]).await
    }

    /// The code that was sent last.
    async fn code(&self) -> String {
        self.house.quiet().await;
        let text = self.twilio.sent(&self.account.sid).pop().and_then(|sent| sent.text).expect("something was sent");
        let code = text.split(' ').next().unwrap_or_default().to_owned();
        assert!(code.len() == 8 && code.bytes().all(|digit| digit.is_ascii_digit()), "{text}");
        code
    }
}

fn encoded(form: &[(&str, &str)]) -> String {
    let plain = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    let part = |text: &str| text.bytes().map(plain).collect::<String>();
    form.iter().map(|(name, value)| format!("{name}={}", part(value))).collect::<Vec<_>>().join("&")
}

/// What stands between two texts.
fn between(page: &str, before: &str, after: &str) -> String {
    let rest = page.split_once(before).unwrap_or_else(|| panic!("{before} in {page}")).1;
    rest.split_once(after).unwrap_or_else(|| panic!("{after} in {page}")).0.to_owned()
}

fn claim_of(page: &Answer) -> String {
    between(&page.text(), "name=\"claim\" value=\"", "\"")
}

/// What an answer says, but for the claim's own secret.
fn said(answer: &Answer) -> (u16, String) {
    let text = answer.text();
    let claim = text.split_once("name=\"claim\" value=\"").map(|_| claim_of(answer)).unwrap_or_default();
    let ticket = text.split_once("/status?lang=en#").map(|(_, rest)| rest[..64].to_owned()).unwrap_or_default();
    let blind = |text: String, secret: &str| if secret.is_empty() { text } else { text.replace(secret, "…") };
    (answer.status.as_u16(), blind(blind(text, &claim), &ticket))
}

async fn a_code_proves_who_asks(house: &House) {
    let desk = Desk::open(house).await;
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let conversation = desk.anna_writes().await;
    let page = desk.nobody.with("accept-language", "de").call(Method::GET, &desk.path, None).await;
    assert_eq!(page.status, 200, "{page}");
    for part in ["lang=\"de\"", "Bäckerei Nord", "name=\"address\"", "value=\"human_review\"", "?lang=it"] {
        assert!(page.text().contains(part), "{part}: {page}");
    }
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && policy.contains("form-action 'self'"), "{policy}");
    assert!(!page.text().contains("<script") && !page.text().contains("http"));
    assert!(page.headers["cache-control"] == "no-store" && page.headers["referrer-policy"] == "no-referrer");
    let asked = desk.asks("erasure", "+39 333 123 4567").await;
    assert!(asked.status == 200 && asked.text().contains("Look for a code"), "{asked}");
    let (claim, code) = (claim_of(&asked), desk.code().await);
    assert!(desk.twilio.sent(&desk.account.sid).pop().unwrap().text.unwrap().contains("15 minutes"));
    assert_eq!(agent.texts(&text_of(&conversation["id"])).await, ["Ciao"], "members do not read the code");
    assert!(owner.list("/requests").await.is_empty(), "nothing is recorded before");
    let wrong = if code == "00000000" { "00000001" } else { "00000000" };
    let tried = desk.posts("/code?lang=en", &[("claim", &claim), ("code", wrong)]).await;
    assert!(tried.text().contains("This is not the code.") && claim_of(&tried) == claim, "{tried}");
    let done = desk.posts("/code?lang=en", &[("claim", &claim), ("code", &code)]).await;
    assert!(done.status == 200 && done.text().contains("it is known that it is you"), "{done}");
    let request = owner.list("/requests").await.remove(0);
    assert_eq!((&request["kind"], &request["came_by"]), (&json!("erasure"), &json!("page")));
    assert_eq!((&request["verified_by"], &request["contact_id"]), (&json!("code"), &conversation["contact"]["id"]));
    assert_eq!(request["text"], "Forget <me>, \"all\" of it");
    let acts: Vec<String> = owner.list("/audit?limit=100").await.iter().map(|entry| text_of(&entry["act"])).collect();
    assert!(acts.iter().any(|act| act == "request.code_sent"), "{acts:?}");
    status_follows(&desk, &done, &text_of(&request["id"])).await;
    for secret in [claim, code] {
        assert!(!logged(&secret), "a secret is in the log");
    }
}

async fn status_follows(desk: &Desk<'_>, done: &Answer, request: &str) {
    let owner = &desk.house.workspace.owner;
    let ticket = between(&done.text(), "/status?lang=en#", "\"");
    let entering = desk.nobody.call(Method::GET, &format!("{}/status?lang=en", desk.path), None).await;
    let policy = entering.headers["content-security-policy"].to_str().unwrap();
    assert!(entering.text().contains("location.hash") && policy.contains("script-src 'sha256-"), "{policy}");
    let status = async || desk.posts("/status?lang=en", &[("code", &ticket)]).await;
    let open = status().await.text();
    assert!(open.contains("being worked on") && open.contains("That my data be erased"), "{open}");
    let close = json!({ "outcome": "met", "reason": "Done & dusted" });
    owner.call(Method::POST, &format!("/requests/{request}/closing"), Some(&close)).await.json(200);
    let met = status().await.text();
    assert!(met.contains("Your request was met on") && met.contains("Done &amp; dusted"), "{met}");
    for wrong in ["", "x", &"A".repeat(64), &ticket[1..]] {
        assert_eq!(desk.posts("/status", &[("code", wrong)]).await.status, 404, "{wrong}");
    }
    let elsewhere = desk.house.another_workspace().await;
    let path = format!("/p/{}/request/status", elsewhere.operator.workspace());
    assert_eq!(desk.nobody.send(Method::POST, &path, FORM, encoded(&[("code", &ticket)])).await.status, 404);
    assert!(!logged(&ticket), "a secret is in the log");
}

async fn known_and_unknown_are_answered_alike(house: &House) {
    let desk = Desk::open(house).await;
    let owner = &house.workspace.owner;
    desk.anna_writes().await;
    let mut told = Vec::new();
    for (number, address) in [ANNA, "+393339999999"].into_iter().enumerate() {
        let asked = desk.asks("access", address).await;
        let claim = claim_of(&asked);
        house.quiet().await;
        let mut answers = vec![said(&asked)];
        for _ in 0..5 {
            answers.push(said(&desk.posts("/code?lang=en", &[("claim", &claim), ("code", "1")]).await));
        }
        assert!(answers[4].1.contains("This is not the code.") && answers[5].1.contains("not good any more"));
        for _ in 0..2 {
            answers.push(said(&desk.posts("/unproven?lang=en", &[("claim", &claim)]).await));
        }
        assert!(answers[6].1.contains("It is not known yet"), "{:?}", answers[6]);
        for _ in 0..10 {
            answers.push(said(&desk.asks("access", address).await));
        }
        assert!(answers[9].1.contains("Look for a code") && answers[10].1.contains("No more codes"), "three an hour");
        assert!(answers[16].1.contains("Hand in without a code") && answers[17].0 == 429, "{:?}", answers[17]);
        house.quiet().await;
        assert_eq!(owner.list("/requests").await.len(), number + 1, "handed in twice it is one");
        told.push(answers);
    }
    assert_eq!(told[0], told[1]);
    let texts = desk.twilio.sent(&desk.account.sid);
    assert!(texts.len() == 3 && texts.iter().all(|text| text.person == ANNA), "nobody else is written to");
    for request in owner.list("/requests").await {
        assert!(request["contact_id"].is_null() && request["verified_at"].is_null(), "{request}");
        let whole = owner.get(&format!("/requests/{}", text_of(&request["id"]))).await;
        assert!(text_of(&whole["steps"][1]["text"]).starts_with("+39333"), "{whole}");
    }
}

async fn a_withdrawal_leads_to_what_was_agreed_to(house: &House) {
    let desk = Desk::open(house).await;
    desk.anna_writes().await;
    let claim = claim_of(&desk.asks("withdrawal", ANNA).await);
    let code = desk.code().await;
    let done = desk.posts("/code?lang=en", &[("claim", &claim), ("code", &code)]).await.text();
    let choices = between(&done, &format!("<a href=\"{}", house.base), "\"");
    let page = desk.nobody.call(Method::GET, &choices, None).await;
    assert!(choices.starts_with("/preferences/") && page.status == 200, "{page}");
    let workspace = house.workspace.operator.workspace();
    let moved = desk.nobody.call(Method::GET, &format!("/data-deletion/{workspace}"), None).await;
    assert_eq!(
        (moved.status.as_u16(), moved.headers["location"].to_str().unwrap()),
        (303, &*format!("{}?kind=erasure", desk.path))
    );
    let chosen = desk.nobody.call(Method::GET, &format!("{}?kind=erasure", desk.path), None).await;
    assert!(chosen.text().contains("<option value=\"erasure\" selected>"), "{chosen}");
}

async fn a_user_name_leads_to_the_chat(house: &House) {
    let (bot, nobody) = (Bot::connect(house).await, house.nobody());
    let person = Person { username: Some("Anna_L".to_owned()), ..Person::named("Anna", "it") };
    let person = bot.telegram.create_person(person).id;
    bot.writes(person, "Ciao");
    let conversation = bot.conversation_with("Anna").await;
    let path = format!("/p/{}/request", house.workspace.operator.workspace());
    let form = encoded(&[("kind", "portability"), ("address", "@anna_l")]);
    let asked = nobody.send(Method::POST, &format!("{path}?lang=es"), FORM, form).await;
    house.quiet().await;
    let text = bot.replies(person).pop().and_then(|shown| shown.text).expect("a code in the chat");
    let (code, claim) = (text.split(' ').next().unwrap_or_default().to_owned(), claim_of(&asked));
    assert!(text.contains("es su código"), "{text}");
    assert_eq!(house.workspace.agent.texts(&conversation).await, ["Ciao"], "members do not read the code");
    let told = encoded(&[("claim", &claim), ("code", &code)]);
    let done = nobody.send(Method::POST, &format!("{path}/code?lang=es"), FORM, told).await.text();
    assert!(done.contains("se sabe que es usted"), "{done}");
    let request = house.workspace.owner.list("/requests").await.remove(0);
    assert_eq!((&request["kind"], &request["verified_by"]), (&json!("portability"), &json!("code")));
    // Who was erased is known no longer.
    let contact = text_of(&request["contact_id"]);
    house.workspace.owner.call(Method::POST, &format!("/contacts/{contact}/erasure"), None).await;
    house.quiet().await;
    let form = encoded(&[("kind", "access"), ("address", "@anna_l")]);
    assert!(
        nobody.send(Method::POST, &format!("{path}?lang=es"), FORM, form).await.text().contains("Busque un código")
    );
    house.quiet().await;
    assert_eq!(bot.replies(person).len(), 1);
}

async fn what_nobody_sends_by_mistake_changes_nothing(house: &House) {
    let desk = Desk::open(house).await;
    for form in [
        "",
        "kind=wish&address=a%40b.example",
        "kind=%00",
        "kind=erasure&kind=access",
        "kind=erasure&address=%ff",
        "address=a%40b.example",
    ] {
        let answer = desk.nobody.send(Method::POST, &desk.path, FORM, form).await;
        assert!(answer.status == 200 && answer.text().contains("role=\"status\""), "{form}: {answer}");
    }
    for address in ["", "Anna", "<script>alert(1)</script>", "\"><b>", "a@b@c", "021234567", &"9".repeat(5_000)] {
        let answer = desk.asks("erasure", address).await;
        assert!(answer.status == 200 && answer.text().contains("This is neither"), "{address}: {answer}");
        assert!(!answer.text().contains("<script") && !answer.text().contains("\"><b>"), "{answer}");
    }
    let long = desk.posts("", &[("kind", "erasure"), ("address", "a@b.example"), ("words", &"x".repeat(4_001))]).await;
    assert!(long.text().contains("4,000"), "{long}");
    let huge = desk.posts("", &[("kind", "erasure"), ("words", &"x".repeat(100_000))]).await;
    assert!(huge.text().contains("4,000"), "{huge}");
    for form in
        ["", "claim=x&code=1", "claim=%00&code=%00", "code=12345678", "claim=%ff", &format!("claim={}", "A".repeat(43))]
    {
        for step in ["/code", "/unproven"] {
            let answer = desk.nobody.send(Method::POST, &format!("{}{step}", desk.path), FORM, form.to_owned()).await;
            assert!(answer.status == 200 && answer.text().contains("not good any more"), "{step} {form}: {answer}");
        }
    }
    let escaped = desk.posts("/code", &[("claim", "\"><script>"), ("code", "1")]).await;
    assert!(!escaped.text().contains("<script"), "{escaped}");
    let nowhere = format!("/p/wsp_{}/request", "0".repeat(32));
    for path in [nowhere.as_str(), "/p/x/request", "/p/%00/request", "/data-deletion/x", "/data-deletion/..%2f..%2fx"] {
        assert_eq!(desk.nobody.call(Method::GET, path, None).await.status, 404, "{path}");
    }
    assert_eq!(desk.nobody.send(Method::POST, &nowhere, FORM, "kind=erasure&address=a%40b.example").await.status, 404);
    assert_eq!(desk.nobody.call(Method::GET, &format!("{}/code", desk.path), None).await.status, 303);
    assert_eq!(desk.nobody.call(Method::GET, &format!("{}?kind=a&kind=b&lang=%ff", desk.path), None).await.status, 200);
    house.quiet().await;
    assert!(house.workspace.owner.list("/requests").await.is_empty() && desk.twilio.sent(&desk.account.sid).is_empty());
}

async fn one_network_asks_so_often_and_no_more(house: &House) {
    let desk = Desk::open(house).await;
    let there = desk.nobody.with("x-forwarded-for", "203.0.113.9");
    let ask = async |number: usize| {
        let address = format!("p{number}@example.org");
        let form = encoded(&[("kind", "access"), ("address", &address)]);
        there.send(Method::POST, &format!("{}?lang=en", desk.path), FORM, form).await
    };
    // A whole minute is before us.
    house.clock.advance(60_000 - house.clock.now().rem_euclid(60_000));
    for number in 0..3 {
        assert_eq!(ask(number).await.status, 200);
    }
    let refused = ask(3).await;
    assert!(refused.status == 429 && refused.headers.contains_key("retry-after"), "{refused}");
    assert!(refused.text().contains("Not just now"), "{refused}");
    assert_eq!(there.call(Method::GET, &desk.path, None).await.status, 200, "looking is free");
}
