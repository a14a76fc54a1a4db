//! Searching a million messages, over the API, one search after the other: what is found is opened and checked against
//! the database as always. The messages are put into the vault directly, in large transactions, and indexed as always.

use http::Method;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use vault::contacts::{self, Profile};
use vault::messages::{self, Body, Direction, NewMessage, State, Writer};
use vault::{ChannelId, ContactId, ConversationId, Personal, Scope, Tx, conversations};

use crate::Plan;
use crate::house::House;
use crate::pairs::{Wanted, load, percentile, told};

const MESSAGES: usize = 1_000_000;
const PEOPLE: usize = 2_000;
/// Messages in one transaction.
const A_COMMIT: usize = 250;
/// Different words; the first are frequent, the last rare, as in a language.
const WORDS: u64 = 60_000;
/// Words of a message.
const LENGTH: usize = 12;
const SEARCHES: usize = 2_000;

/// Fills, indexes, searches.
pub(crate) async fn measure(plan: &Plan) {
    let house = House::open_with("127.0.0.1:9", false).await;
    let channel = house.api("http://127.0.0.1:9/").await;
    let scope = house.scope().await;
    let began = plan.clock.now();
    let people = people(&house, &scope, channel.id).await;
    fill(&house, &scope, channel.id, &people, MESSAGES).await;
    println!("  {MESSAGES} messages stored in {:.0?}   load {}", plan.clock.since(began), load());
    let began = plan.clock.now();
    while house.app.vault.index_step(&scope).await.unwrap() {}
    println!("  indexed in {:.0?}   load {}", plan.clock.since(began), load());
    let (times, found) = search(plan, &house).await;
    println!(
        "  {SEARCHES} searches found {found} messages; p50 {:.1} ms, p90 {:.1} ms, max {:.1} ms",
        percentile(times.clone(), 0.5),
        percentile(times.clone(), 0.9),
        percentile(times.clone(), 1.0)
    );
    told("search over a million messages, p99", Wanted::AtMost(30.0), percentile(times, 0.99), " ms");
    house.close().await;
}

async fn people(house: &House, scope: &Scope, channel: ChannelId) -> Vec<(ContactId, ConversationId)> {
    let mut people = Vec::with_capacity(PEOPLE);
    while people.len() < PEOPLE {
        let first = people.len();
        let meet = move |tx: &Tx<'_>| -> vault::Result<Vec<_>> {
            (first..first + 100).map(|number| person(tx, channel, number)).collect()
        };
        people.extend(house.app.vault.write(scope, meet).await.unwrap());
    }
    people
}

/// Somebody, with a conversation.
pub(crate) fn person(tx: &Tx<'_>, channel: ChannelId, number: usize) -> vault::Result<(ContactId, ConversationId)> {
    let profile = Profile { name: Some(Personal::new(format!("Person {number}"))), ..Profile::default() };
    let contact = contacts::create(tx, &profile)?;
    Ok((contact, conversations::open(tx, channel, contact, None)?.id))
}

/// Lets people write so many messages, in turn.
pub(crate) async fn fill(
    house: &House,
    scope: &Scope,
    channel: ChannelId,
    people: &[(ContactId, ConversationId)],
    messages: usize,
) {
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    for first in (0..messages).step_by(A_COMMIT) {
        let texts: Vec<String> = (0..A_COMMIT).map(|_| text(&mut rng)).collect();
        let people: Vec<_> = (0..A_COMMIT).map(|number| people[(first + number) % people.len()]).collect();
        let write = move |tx: &Tx<'_>| -> vault::Result<()> {
            for (text, (contact, conversation)) in texts.iter().zip(&people) {
                say(tx, channel, *contact, *conversation, text)?;
            }
            Ok(())
        };
        house.app.vault.write(scope, write).await.unwrap();
    }
}

fn say(
    tx: &Tx<'_>,
    channel: ChannelId,
    contact: ContactId,
    conversation: ConversationId,
    text: &str,
) -> vault::Result<()> {
    let new = NewMessage {
        conversation,
        channel,
        contact,
        direction: Direction::Incoming,
        writer: Writer::Contact(contact),
        body: Personal::new(Body::text(text)),
        reply_to: None,
        state: State::Received,
        written_at: tx.now(),
    };
    messages::record(tx, &new).map(|_| ())
}

/// Words whose frequency falls as their number rises.
fn text(rng: &mut ChaCha20Rng) -> String {
    let words: Vec<String> = (0..LENGTH).map(|_| word(rng)).collect();
    words.join(" ")
}

fn word(rng: &mut ChaCha20Rng) -> String {
    // The product of two even draws leans to the small numbers, as words do.
    let (one, other) = (rng.next_u64() % WORDS, rng.next_u64() % WORDS);
    let number = one * other / WORDS * (rng.next_u64() % WORDS) / WORDS;
    let letters = ['k', 'a', 'l', 'o', 'm', 'i', 'r', 'e', 's', 'u'];
    let digits = number.to_string();
    let spelled: String = digits.bytes().map(|digit| letters[usize::from(digit - b'0')]).collect();
    format!("{spelled}w")
}

/// One word, two, or three: milliseconds of each search, and how many messages they found.
async fn search(plan: &Plan, house: &House) -> (Vec<f64>, usize) {
    let mut rng = ChaCha20Rng::from_seed([2; 32]);
    let (mut times, mut found) = (Vec::with_capacity(SEARCHES), 0);
    for number in 0..SEARCHES {
        let words: Vec<String> = (0..=number % 3).map(|_| word(&mut rng)).collect();
        let path = format!("/search?q={}", words.join("+"));
        let began = plan.clock.now();
        let answer = house.call(Method::GET, &path, None).await;
        times.push(plan.clock.since(began).as_secs_f64() * 1_000.0);
        found += answer["data"].as_array().map_or(0, Vec::len);
    }
    assert!(found > 0, "nothing was found");
    (times, found)
}
