//! An advertising mail over real servers, from its order to the click in a mail program that ends advertising (RFC 8058).

use http::Method;
use serde_json::json;
use vault::channels::{self, ChannelState};
use vault::messages::{self, Body, Direction, NewMessage, State, Writer};
use vault::outbox::{self, Act, Gate, NewOutbox, Refusal};
use vault::{ConversationId, MessageId, Personal, conversations};

use super::protocol::{key, verifies};
use super::servers::servers;
use super::{Shop, field, mail, received, settings};
use crate::client::text_of;
use crate::house::{Engine, House};

/// Where the program says that it is reached.
const PUBLIC: &str = "https://chat.example.test";
/// What a mail provider posts, and as what.
const CLICK: (&str, &str) = ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click");

/// Orders something that advertises, as whatever sends to many does.
async fn advertises(house: &House, conversation: &str, text: &str) -> Result<MessageId, Refusal> {
    let (conversation, body): (ConversationId, _) = (conversation.parse().unwrap(), Body::text(text));
    let write = move |tx: &vault::Tx<'_>| {
        let head = conversations::head(tx, conversation)?;
        let (channel, contact) = (head.channel, head.contact);
        let gate = Gate { purpose: "marketing", by_mail: true, automatic: true, ..Gate::reply(None) };
        let gate = match outbox::pass(tx, channel, contact, gate)? {
            Ok(passed) => passed,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let new = NewMessage {
            conversation,
            channel,
            contact,
            direction: Direction::Outgoing,
            writer: Writer::Automation,
            body: Personal::new(body.clone()),
            reply_to: None,
            state: State::Queued,
            written_at: tx.now(),
        };
        let (message, _) = messages::record(tx, &new)?;
        outbox::enqueue(
            tx,
            &NewOutbox { channel, conversation, contact, message, act: Act::Message, detail: None, gate },
        )?;
        Ok::<_, vault::Error>(Ok(message))
    };
    house.app.vault.write(&house.workspace.operator, write).await.unwrap()
}

/// The address at which a mail says that advertising ends; it and the way to ask it are under the signature of the mail as it came.
fn signed_address(got: &str, record: &str) -> String {
    assert_eq!(field(got, "List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    let url = field(got, "List-Unsubscribe");
    let url = url.strip_prefix('<').and_then(|url| url.strip_suffix('>')).unwrap();
    let signed = field(got, "DKIM-Signature").replace([' ', '\t'], "");
    let names = signed.split(';').find_map(|tag| tag.strip_prefix("h=")).unwrap().to_owned();
    for name in ["from", "list-unsubscribe", "list-unsubscribe-post"] {
        assert!(names.split(':').any(|signed| signed == name), "{name} is signed: {names}");
    }
    assert!(verifies(got.as_bytes(), record), "{got}");
    let without = got.replace("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", "");
    let elsewhere = got.replace(PUBLIC, "https://chat.example.evil");
    for changed in [without, elsewhere] {
        assert!(changed != got && !verifies(changed.as_bytes(), record));
    }
    url.to_owned()
}

async fn one_click_of_a_mail_provider_ends_advertising(engine: Engine) {
    let servers = servers().await;
    let house = House::open_with(engine, |settings| {
        let ports = [servers.dovecot.imap, servers.smtp];
        settings.allow_private.extend(ports.map(|port| format!("127.0.0.1:{port}")));
        settings.named_public_url = Some(PUBLIC.to_owned());
    })
    .await;
    let (pem, record) = key(&["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "rsa");
    let (mailbox, anna) = (servers.dovecot.mailbox(), servers.dovecot.mailbox());
    let mut own = settings(&mailbox, servers.dovecot.imap, servers.smtp);
    own["dkim"] = json!({ "domain": "example.test", "selector": "parloir", "key": pem });
    let shop = Shop::of(&house, mailbox, own).await;
    shop.mailbox.deliver(&mail("ask@anna.example", &anna.address, &shop.mailbox.address, "Avete pane?"));
    let (conversation, _) = shop.arrived("Avete pane?").await;
    assert_eq!(advertises(&house, &conversation, "Sconti").await, Err(Refusal::NoConsent), "nobody agreed to it");
    let contact = text_of(&shop.agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    let consents = format!("/contacts/{contact}/consents");
    let given = json!({ "purpose": "marketing", "channel": "email", "ground": "consent", "text_version": "1", "collected_by": "form" });
    shop.agent.post(&consents, given).await;
    house.clock.advance(1_000);
    let sent = advertises(&house, &conversation, "Sconti di febbraio").await.unwrap();
    shop.agent.reaches(&conversation, &json!({ "id": sent.to_string() }), "sent").await;

    let got = received(&anna, "Sconti di febbraio").await;
    let url = signed_address(&got.replace("\r\n", "\n").replace('\n', "\r\n"), &record);

    // More of it waits, and a reply behind it, while the channel needs somebody.
    let scope = house.workspace.operator.clone();
    let channel = shop.channel.parse().unwrap();
    let halts = move |tx: &vault::Tx<'_>| {
        channels::set_state(tx, channel, ChannelState::NeedsAttention, Some(channels::REAUTHORISE))
    };
    house.app.vault.write(&scope, halts).await.unwrap();
    let waits = advertises(&house, &conversation, "Sconti di marzo").await.unwrap();
    let reply = shop.agent.say(&conversation, "Certo che abbiamo pane").await;

    // The provider asks for the address in the header, knowing nothing else.
    let nobody = house.nobody();
    let path = url.strip_prefix(PUBLIC).unwrap_or_else(|| panic!("{url} is not ours"));
    assert_eq!(nobody.call(Method::GET, path, None).await.status, 200);
    assert!(shop.agent.list(&consents).await[0]["withdrawn_at"].is_null(), "a look ends nothing");
    for _ in 0..2 {
        assert_eq!(nobody.send(Method::POST, path, CLICK.0, CLICK.1).await.status, 200);
    }
    let told = shop.agent.list(&consents).await;
    assert!(told.iter().all(|one| !one["withdrawn_at"].is_null()), "{told:?}");
    let stopped = shop.agent.reaches(&conversation, &json!({ "id": waits.to_string() }), "failed").await;
    assert_eq!(stopped["failure"]["code"], "no_consent", "{stopped}");
    assert_eq!(advertises(&house, &conversation, "Sconti di aprile").await, Err(Refusal::NoConsent));
    let check = format!("/channels/{}/check", shop.channel);
    house.workspace.owner.call(Method::POST, &check, None).await.json(200);
    shop.agent.reaches(&conversation, &reply, "sent").await;
    let reply = received(&anna, "Certo che abbiamo pane").await;
    assert_eq!(field(&reply, "List-Unsubscribe"), "", "a reply advertises nothing");
    house.quiet().await;
    assert_eq!(anna.mails("").len(), 2);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_click_ends_it_on_sqlite() {
    one_click_of_a_mail_provider_ends_advertising(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_click_ends_it_on_postgres() {
    one_click_of_a_mail_provider_ends_advertising(Engine::Postgres).await;
}
