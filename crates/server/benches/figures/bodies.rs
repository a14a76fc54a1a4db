//! Webhooks as a provider sends them: each with an id of its own, from one of a few hundred people.

use connect::{Secret, standard_webhooks};

use crate::house::Channel;

/// How many people write.
pub(crate) const PEOPLE: u64 = 500;
/// What they write, after its number: as long as people's messages are.
const TEXT: &str = "Guten Tag, ich wollte fragen, ob die Bestellung von letzter Woche schon unterwegs ist. Danke!";

/// One request, ready for the wire.
pub(crate) fn request(path: &str, headers: &[(&str, String)], body: &[u8]) -> Vec<u8> {
    let mut bytes =
        format!("POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

/// A Telegram update, proven by the secret header.
pub(crate) fn update(channel: &Channel, number: u64) -> Vec<u8> {
    let person = 1_000_000 + number % PEOPLE;
    let seconds = channel.now_ms() / 1_000;
    let body = format!(
        r#"{{"update_id":{number},"message":{{"message_id":{number},"from":{{"id":{person},"is_bot":false,"first_name":"Person {person}","language_code":"de"}},"chat":{{"id":{person},"first_name":"Person {person}","type":"private"}},"date":{seconds},"text":"{}"}}}}"#,
        text(number)
    );
    request(&channel.path, &[("x-telegram-bot-api-secret-token", channel.secret.clone())], body.as_bytes())
}

/// An event of the API channel, signed by the Standard Webhooks scheme.
pub(crate) fn event(channel: &Channel, number: u64) -> Vec<u8> {
    let person = number % PEOPLE;
    let body = format!(
        r#"{{"type":"message.created","data":{{"id":"m-{number}","contact":{{"id":"c-{person}","name":"Person {person}"}},"text":"{}"}}}}"#,
        text(number)
    );
    let id = format!("evt_{number}");
    let signed =
        standard_webhooks::sign(&Secret::new(&*channel.secret), &id, channel.now_ms(), body.as_bytes()).unwrap();
    request(&channel.path, &signed, body.as_bytes())
}

/// A message's text: its number can be read off again, and searched for.
pub(crate) fn text(number: u64) -> String {
    format!("n{number}n {TEXT}")
}

/// The number of a text.
pub(crate) fn number(text: &str) -> Option<u64> {
    text.strip_prefix('n')?.split_once('n')?.0.parse().ok()
}
