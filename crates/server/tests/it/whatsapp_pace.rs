//! How fast a number is sent from: as its provider lets this one, which is fewer where it is on a phone too and more once it was raised.

use http::Method;
use server::limits::Rate;
use vault::Clock;

use crate::house::{House, until};
use crate::number::Number;

both_engines!(each_number_is_sent_from_at_its_own_pace);

/// How many may go within a second, as the sender would let them a minute from now; what it was asked is forgotten afterwards.
fn within_a_second(house: &House, number: &Number) -> usize {
    let connector = connect::channels::by_kind("whatsapp").unwrap();
    let (rate, later) = (Rate::from(&connector.spec().limits), house.clock.now() + 60_000);
    let let_go =
        |thread: &usize| house.app.pace().ready_at(&number.channel, rate, &format!("thread {thread}"), later) == later;
    let most = (0..2_000).take_while(let_go).count();
    house.clock.advance(120_000);
    most
}

/// The number's owner tests the connection, and something is sent.
async fn is_looked_at(house: &House, number: &Number, conversation: &str) {
    let path = format!("/channels/{}/check", number.channel);
    assert_eq!(house.workspace.owner.call(Method::POST, &path, None).await.json(200)["state"], "ready");
    let agent = &house.workspace.agent;
    let message = agent.say(conversation, "Eccoci").await;
    agent.reaches(conversation, &message, "delivered").await;
}

async fn each_number_is_sent_from_at_its_own_pace(house: &House) {
    let number = Number::connect_as(house, |card| card.coexistence = true).await;
    let (_, conversation) = number.talk("Anna", "Ci siete?").await;
    is_looked_at(house, &number, &conversation).await;
    a_backlog_takes_its_time(house, &number).await;
    assert_eq!(within_a_second(house, &number), 20, "on a phone, too");
    let (raised, usual) = ((false, 1_000), (false, 80));
    for ((coexistence, per_second), expected) in [(raised, 1_000), (usual, 80), ((true, 80), 20)] {
        let change = |card: &mut simulator::graph::whatsapp::NumberCard| {
            (card.coexistence, card.per_second) = (coexistence, per_second);
        };
        number.whatsapp.change_business_number(&number.id, change).unwrap();
        is_looked_at(house, &number, &conversation).await;
        assert_eq!(within_a_second(house, &number), expected);
    }
}

/// Forty-one that wait go within three seconds, twenty in each: all at once, as others may, they would be gone in the first.
async fn a_backlog_takes_its_time(house: &House, number: &Number) {
    const WAIT: usize = 41;
    let agent = &house.workspace.agent;
    for count in 0..WAIT {
        let person = number.person(&format!("Cliente {count}"));
        number.whatsapp.say_text(&number.id, &person, "C'è pane?").unwrap();
    }
    let path = format!("/conversations?channel={}&limit=100", number.channel);
    let waiting = until("all have written", async || {
        let all = agent.list(&path).await;
        let asked: Vec<_> = all.iter().filter(|it| it["last_message"]["text"] == "C'è pane?").collect();
        (asked.len() == WAIT).then(|| asked.iter().map(|it| crate::client::text_of(&it["id"])).collect::<Vec<_>>())
    })
    .await;
    house.app.pace().throttle(&number.channel, house.clock.now() + 600_000);
    for conversation in &waiting {
        agent.say(conversation, "Appena sfornato").await;
    }
    let before = number.sent().len();
    house.clock.advance(600_000);
    let sent = until("all are sent", async || {
        let sent = number.sent().split_off(before);
        (sent.len() == WAIT).then_some(sent)
    })
    .await;
    house.quiet().await;
    let (first, last) = (sent.iter().map(|it| it.at_ms).min().unwrap(), sent.iter().map(|it| it.at_ms).max().unwrap());
    assert!(last - first >= 1_000, "{WAIT} within {} ms", last - first);
}
