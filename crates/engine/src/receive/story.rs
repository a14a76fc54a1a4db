//! Whatever order and however often a provider's events arrive, each message is there once, in the order in which it
//! first came, and no state goes backwards.

use std::collections::BTreeMap;

use connect::{Event, StatusChange};
use proptest::prelude::*;
use vault::messages::{Body, Direction, State, Writer};
use vault::{Personal, messages, remotes};

use crate::stage::{Stage, inbound, message, text};

const THREADS: [&str; 3] = ["one", "two", "three"];

/// What a provider tells. The ids of a thread's messages are its own.
#[derive(Debug, Clone)]
enum Told {
    Wrote(usize, u8),
    Edited(usize, u8, i64),
    Removed(usize, u8),
    Fate(usize, &'static str),
}

fn told() -> impl Strategy<Value = Told> {
    let thread = 0..THREADS.len();
    let state = prop::sample::select(vec!["sent", "delivered", "read", "failed"]);
    prop_oneof![
        5 => (thread.clone(), 0..5_u8).prop_map(|(thread, id)| Told::Wrote(thread, id)),
        2 => (thread.clone(), 0..5_u8, 1..9_i64).prop_map(|(thread, id, at)| Told::Edited(thread, id, at)),
        1 => (thread.clone(), 0..5_u8).prop_map(|(thread, id)| Told::Removed(thread, id)),
        2 => (thread, state).prop_map(|(thread, state)| Told::Fate(thread, state)),
    ]
}

fn remote(thread: usize, id: u8) -> String {
    format!("{}:{id}", THREADS[thread])
}

fn event(told: &Told) -> Event {
    match told {
        Told::Wrote(thread, id) => message(THREADS[*thread], &remote(*thread, *id), "first"),
        Told::Edited(thread, id, at_ms) => {
            let said = inbound(THREADS[*thread], &remote(*thread, *id), &format!("edit {at_ms}"));
            Event::Edited(Box::new(connect::Inbound { at_ms: *at_ms, ..said }))
        }
        Told::Removed(thread, id) => {
            Event::Removed { from: None, thread: THREADS[*thread].into(), remotes: vec![remote(*thread, *id)] }
        }
        Told::Fate(thread, state) => Event::Status(StatusChange {
            remote: Some(ours(*thread)),
            state: (*state).into(),
            at_ms: 1,
            ..StatusChange::default()
        }),
    }
}

fn ours(thread: usize) -> String {
    format!("{}:ours", THREADS[thread])
}

/// Each thread begins with something of ours, which the provider has.
fn begun() -> Stage {
    let stage = Stage::with("telegram");
    for (index, thread) in THREADS.into_iter().enumerate() {
        stage.hears(message(thread, &format!("{thread}:begin"), "hello"));
        let (conversation, channel, author) = (stage.thread(thread), stage.channel, stage.agent.0);
        let send = move |tx: &vault::Tx<'_>| {
            let contact = vault::conversations::head(tx, conversation)?.contact;
            let new = messages::NewMessage {
                conversation,
                channel,
                contact,
                direction: Direction::Outgoing,
                writer: Writer::Member(author),
                body: Personal::new(Body::text("answer")),
                reply_to: None,
                state: State::Queued,
                written_at: tx.now(),
            };
            let (id, _) = messages::record(tx, &new)?;
            remotes::tie(tx, id, contact, channel, &[ours(index)])
        };
        stage.acts::<_, vault::Error>(send).unwrap();
    }
    stage
}

fn rank(state: State) -> usize {
    let order = [State::Queued, State::Sent, State::Delivered, State::Read];
    // A failure is where a message ends, unless it was delivered.
    order.iter().position(|known| *known == state).unwrap_or(order.len())
}

/// What is expected of one thread's incoming messages: their ids in order of first arrival, with what they say.
#[derive(Default)]
struct Expected {
    order: Vec<u8>,
    says: BTreeMap<u8, (Option<String>, i64)>,
}

impl Expected {
    fn hears(&mut self, told: &Told) {
        match told {
            Told::Wrote(_, id) => self.arrives(*id, "first", 0),
            Told::Edited(_, id, at) => match self.says.get_mut(id) {
                None => self.arrives(*id, &format!("edit {at}"), *at),
                Some((said, edited)) if said.is_some() && *edited <= *at => {
                    *said = Some(format!("edit {at}"));
                    *edited = *at;
                }
                Some(_) => {}
            },
            Told::Removed(_, id) => {
                // What is taken back before it came does not come.
                self.says.entry(*id).or_default().0 = None;
            }
            Told::Fate(..) => {}
        }
    }

    fn arrives(&mut self, id: u8, text: &str, edited: i64) {
        if !self.says.contains_key(&id) {
            self.order.push(id);
            self.says.insert(id, (Some(text.to_owned()), edited));
        }
    }
}

fn thread_of(told: &Told) -> usize {
    match told {
        Told::Wrote(thread, _) | Told::Edited(thread, ..) | Told::Removed(thread, _) | Told::Fate(thread, _) => *thread,
    }
}

fn play(story: &[Told]) {
    let stage = begun();
    let mut expected: [Expected; 3] = Default::default();
    let mut ranks = [0; 3];
    for told in story {
        stage.hears(event(told));
        let thread = thread_of(told);
        expected[thread].hears(told);
        let now = rank(stage.said(stage.thread(THREADS[thread]))[1].state);
        assert!(now >= ranks[thread], "a state went backwards");
        ranks[thread] = now;
    }
    for (thread, expected) in THREADS.into_iter().zip(expected) {
        let said = stage.said(stage.thread(thread));
        let places: Vec<i64> = said.iter().map(|message| message.seq).collect();
        assert_eq!(places, (1..=i64::try_from(said.len()).unwrap()).collect::<Vec<_>>(), "no gap and no double");
        let texts: Vec<Option<String>> = said[2..].iter().map(|message| text(message).map(str::to_owned)).collect();
        let wanted: Vec<Option<String>> = expected.order.iter().map(|id| expected.says[id].0.clone()).collect();
        assert_eq!(texts, wanted);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_order_and_any_repetition(story in prop::collection::vec(told(), 1..40), again in prop::collection::vec(any::<prop::sample::Index>(), 0..20)) {
        let mut story = story;
        for index in again {
            let repeated = story[index.index(story.len())].clone();
            story.push(repeated);
        }
        play(&story);
    }
}
