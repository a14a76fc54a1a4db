//! Answers that go out, and what comes back of them.

use serde_json::Value;

use super::servers::Servers;
use super::{Shop, dying, field, mail, received, settings, with_mail_servers};
use crate::client::text_of;
use crate::house::{House, until};

with_mail_servers!(
    an_answer_reaches_the_contact_and_comes_back,
    what_could_not_be_delivered_is_told_at_its_message,
    two_shops_that_write_to_each_other_come_to_an_end,
    two_machines_that_answer_each_other_come_to_an_end,
    a_server_that_dies_after_taking_a_mail_gets_it_once,
    an_address_of_any_letters_is_answered_where_the_server_takes_it,
    however_its_domain_is_written_an_address_is_one_contact,
);

async fn an_answer_reaches_the_contact_and_comes_back(house: &House, servers: &Servers) {
    let shop = Shop::connect(house, servers).await;
    let anna = servers.dovecot.mailbox();
    shop.mailbox.deliver(&mail("ask@anna.example", &anna.address, &shop.mailbox.address, "Avete pane?"));
    let (conversation, _) = shop.arrived("Avete pane?").await;
    let answer = shop.agent.say(&conversation, "Sì.\n.\n..due").await;
    shop.agent.reaches(&conversation, &answer, "sent").await;
    let got = received(&anna, "due").await;
    assert_eq!(field(&got, "In-Reply-To"), "<ask@anna.example>");
    assert_eq!(field(&got, "References"), "<ask@anna.example>");
    assert!(field(&got, "From").contains(&shop.mailbox.address), "{got}");
    assert!(field(&got, "To").contains(&anna.address), "{got}");
    assert!(got.replace("\r\n", "\n").contains("S=C3=AC.\n=2E\n=2E.due"), "{got}");
    let id = field(&got, "Message-ID");
    let kept = until("a copy in the folder for sent mail", async || shop.mailbox.mails(".Sent").pop()).await;
    assert_eq!(field(&kept, "Message-ID"), id);
    let back = format!(
        "From: {}\r\nTo: {}\r\nSubject: Re: Pane\r\nMessage-ID: <thanks@anna.example>\r\nIn-Reply-To: {id}\r\n\r\nGrazie!\r\n",
        anna.address, shop.mailbox.address
    );
    shop.mailbox.deliver(back.as_bytes());
    let (same, _) = shop.arrived("Grazie!").await;
    assert_eq!(same, conversation);
    house.quiet().await;
    assert_eq!(anna.mails("").len(), 1);
}

async fn what_could_not_be_delivered_is_told_at_its_message(house: &House, servers: &Servers) {
    let shop = Shop::connect(house, servers).await;
    let nobody = format!("gone-{}", shop.mailbox.address);
    shop.mailbox.deliver(&mail("ask@gone.example", &nobody, &shop.mailbox.address, "Avete pane?"));
    let (conversation, _) = shop.arrived("Avete pane?").await;
    let answer = shop.agent.say(&conversation, "Sì.").await;
    let failed = shop.agent.reaches(&conversation, &answer, "failed").await;
    assert_eq!(failed["failure"]["code"], "mailbox_unknown", "{failed}");
    house.quiet().await;
    let said: Vec<Value> = shop.agent.messages(&conversation).await;
    assert_eq!(said.len(), 2, "the report is no message: {said:?}");
    assert_eq!(shop.conversations().await.len(), 1);
}

async fn two_shops_that_write_to_each_other_come_to_an_end(house: &House, servers: &Servers) {
    let (one, two) = (Shop::connect(house, servers).await, Shop::connect(house, servers).await);
    two.mailbox.deliver(&mail("start@one.example", &one.mailbox.address, &two.mailbox.address, "Start"));
    let (there, _) = two.arrived("Start").await;
    two.agent.say(&there, "Ping").await;
    let (here, _) = one.arrived("Ping").await;
    one.agent.say(&here, "Pong").await;
    assert_eq!(two.arrived("Pong").await.0, there);
    // Each gets back what it sent itself, as a list or a rule of the mailbox may have it.
    let sent = until("the copy", async || one.mailbox.mails(".Sent").pop()).await;
    one.mailbox.deliver(sent.as_bytes());
    let forwarded = sent.replacen("To: ", "X-Was-To: ", 1);
    one.mailbox.deliver(format!("Delivered-To: {}\r\n{forwarded}", one.mailbox.address).as_bytes());
    one.mailbox.deliver(&mail("last@three.example", "c@three.example", &one.mailbox.address, "Last"));
    one.arrived("Last").await;
    house.quiet().await;
    assert_eq!(one.texts().await, ["Last", "Ping", "Pong"]);
    assert_eq!(two.texts().await, ["Ping", "Pong", "Start"]);
    assert_eq!((one.mailbox.mails("").len(), two.mailbox.mails("").len()), (4, 2));
}

/// Both answer by themselves whatever comes. One of them never says that it is a machine.
async fn two_machines_that_answer_each_other_come_to_an_end(house: &House, servers: &Servers) {
    let (one, two) = (Shop::connect(house, servers).await, Shop::connect(house, servers).await);
    two.mailbox.deliver(&mail("start@one.example", &one.mailbox.address, &two.mailbox.address, "Start"));
    let (there, _) = two.arrived("Start").await;
    assert!(answers_by_itself(house, &there, "Siamo chiusi.").await.is_ok());
    let (here, got) = one.arrived("Siamo chiusi.").await;
    assert_eq!(got["automatic"], true, "the header says so: {got}");
    assert_eq!(answers_by_itself(house, &here, "Anche noi.").await.unwrap_err(), "machine");
    // Another kind of machine does not say what it is, and does not stop.
    let mut rounds = 0;
    loop {
        let said = format!("Round {rounds}");
        let answer = format!(
            "From: {}\r\nTo: {}\r\nSubject: Re: Start\r\nMessage-ID: <round{rounds}@one.example>\r\n\
             In-Reply-To: <start@one.example>\r\n\r\n{said}\r\n",
            one.mailbox.address, two.mailbox.address
        );
        two.mailbox.deliver(answer.as_bytes());
        assert_eq!(two.arrived(&said).await.0, there);
        match answers_by_itself(house, &there, &format!("Siamo chiusi. {rounds}")).await {
            Ok(()) if rounds < 20 => rounds += 1,
            stopped => break assert_eq!(stopped.unwrap_err(), "machine"),
        }
    }
    house.quiet().await;
    assert_eq!(rounds, 9, "ten with the first");
}

/// A rule answers in a conversation, or the code of why it may not.
async fn answers_by_itself(house: &House, conversation: &str, text: &str) -> Result<(), String> {
    let (scope, conversation) = (house.workspace.operator.clone(), conversation.parse().unwrap());
    let draft = engine::compose::Draft {
        conversation,
        author: vault::messages::Writer::Automation,
        body: vault::Personal::new(vault::messages::Body::text(text)),
        template: None,
        attachments: Vec::new(),
        note: false,
        reply_to: None,
        mentions: Vec::new(),
        automatic: true,
    };
    let sent = house.app.vault.write(&scope, move |tx| engine::compose::send(tx, &draft)).await;
    sent.map(drop).map_err(|error| match error {
        engine::Error::Refused(refusal) => refusal.code().to_owned(),
        other => panic!("{other}"),
    })
}

async fn a_server_that_dies_after_taking_a_mail_gets_it_once(house: &House, servers: &Servers) {
    let mailbox = servers.dovecot.mailbox();
    let own = settings(&mailbox, servers.dovecot.imap, servers.dying);
    let shop = Shop::of(house, mailbox, own).await;
    shop.mailbox.deliver(&mail("ask@anna.example", "anna@anna.example", &shop.mailbox.address, "Avete pane?"));
    let (conversation, _) = shop.arrived("Avete pane?").await;
    let words = format!("Una volta {}", shop.channel);
    let answer = shop.agent.say(&conversation, &words).await;
    let failed = shop.agent.reaches(&conversation, &answer, "failed").await;
    assert_eq!(failed["failure"]["code"], "outcome_unknown", "{failed}");
    house.quiet().await;
    house.clock.advance(2 * 3_600_000);
    house.quiet().await;
    assert_eq!(dying::taken(&text_of(&failed["text"])), 1);
}

async fn an_address_of_any_letters_is_answered_where_the_server_takes_it(house: &House, servers: &Servers) {
    let jörg = servers.dovecot.mailbox();
    let address = jörg.address.replace("box", "jörg");
    let shop = Shop::connect(house, servers).await;
    shop.mailbox.deliver(&mail("ask@anna.example", &address, &shop.mailbox.address, "Avete pane?"));
    let (conversation, _) = shop.arrived("Avete pane?").await;
    let answer = shop.agent.say(&conversation, "Certo").await;
    shop.agent.reaches(&conversation, &answer, "sent").await;
    let got = received(&jörg, "Certo").await;
    assert_eq!(field(&got, "To"), address, "{got}");
    // This one offers no SMTPUTF8.
    let mailbox = servers.dovecot.mailbox();
    let own = settings(&mailbox, servers.dovecot.imap, servers.dying);
    let shop = Shop::of(house, mailbox, own).await;
    shop.mailbox.deliver(&mail("ask@anna.example", &address, &shop.mailbox.address, "Avete vino?"));
    let (conversation, _) = shop.arrived("Avete vino?").await;
    let words = format!("Certo {}", shop.channel);
    let answer = shop.agent.say(&conversation, &words).await;
    let failed = shop.agent.reaches(&conversation, &answer, "failed").await;
    assert_eq!(failed["failure"]["code"], "letters_unsupported", "{failed}");
    house.quiet().await;
    assert_eq!(dying::taken(&words), 0);
}

async fn however_its_domain_is_written_an_address_is_one_contact(house: &House, servers: &Servers) {
    let shop = Shop::connect(house, servers).await;
    let mut contacts = Vec::new();
    for (id, domain) in [("one@b.example", "bücher.example"), ("two@b.example", "XN--BCHER-kva.example")] {
        let from = format!("anna-{}@{domain}", shop.mailbox.address.replace('@', "-"));
        shop.mailbox.deliver(&mail(id, &from, &shop.mailbox.address, id));
        let (conversation, _) = shop.arrived(id).await;
        let seen = shop.agent.get(&format!("/conversations/{conversation}")).await;
        contacts.push(text_of(&seen["contact"]["id"]));
    }
    assert_eq!(contacts[0], contacts[1]);
    let contact = shop.agent.get(&format!("/contacts/{}", contacts[0])).await;
    let known: Vec<&str> =
        contact["identities"].as_array().unwrap().iter().filter_map(|one| one["value"].as_str()).collect();
    assert_eq!(known.len(), 1, "{contact}");
    assert!(known[0].ends_with("@bücher.example"), "{contact}");
}
