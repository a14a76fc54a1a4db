//! A property: whatever is changed in an update of Telegram's, the hook answers, the worker goes on, and nothing panics.

use http::Method;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::bot::Bot;
use crate::client::text_of;
use crate::hostile::telegram_hook;
use crate::house::House;

both_engines!(altered_updates_harm_nothing);

/// Telegram's updates as they really come.
fn fixtures() -> Vec<Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../connect/fixtures/telegram");
    let files = ["received_texts.json", "received_contents.json", "received_others.json"];
    let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
    let cases = files.iter().flat_map(|name| serde_json::from_str::<Vec<Value>>(&read(name)).unwrap());
    let bodies: Vec<Value> = cases.map(|case| case["body"].clone()).filter(Value::is_object).collect();
    assert!(bodies.len() > 20);
    bodies
}

/// What may stand where something else should.
fn anything() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        ".{0,40}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!("x".repeat(70_000))),
        Just(json!([[[[{ "a": [null] }]]]])),
    ]
}

/// The place that some numbers choose, as a JSON pointer.
fn place(update: &Value, choices: &[u16]) -> String {
    let (mut at, mut pointer) = (update, String::new());
    for choice in choices.iter().map(|choice| usize::from(*choice)) {
        let step = match at {
            Value::Object(members) if !members.is_empty() => {
                members.keys().nth(choice % members.len()).unwrap().clone()
            }
            Value::Array(items) if !items.is_empty() => (choice % items.len()).to_string(),
            _ => break,
        };
        pointer = format!("{pointer}/{step}");
        at = update.pointer(&pointer).unwrap();
    }
    pointer
}

/// Puts a value at a place, or takes away what is there.
fn altered(mut update: Value, choices: &[u16], value: Option<Value>) -> Value {
    let pointer = place(&update, choices);
    if let Some(value) = value {
        *update.pointer_mut(&pointer).unwrap() = value;
        return update;
    }
    let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
    if let Some(members) = update.pointer_mut(parent).and_then(Value::as_object_mut) {
        members.remove(name);
    }
    update
}

async fn altered_updates_harm_nothing(house: &House) {
    let bot = Bot::connect(house).await;
    let hook = telegram_hook(house, &bot).await;
    let fixtures = fixtures();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[5; 32]);
    let mut runner =
        TestRunner::new_with_rng(Config { cases: 100, failure_persistence: None, ..Config::default() }, rng);
    let choices = proptest::collection::vec(any::<u16>(), 1..6);
    let alteration = (0..fixtures.len(), choices, proptest::option::weighted(0.8, anything()));
    let runtime = tokio::runtime::Handle::current();
    let post = |(index, choices, value): (usize, Vec<u16>, Option<Value>)| {
        let update = altered(fixtures[index].clone(), &choices, value);
        let status = runtime.block_on(hook.post(update.to_string().as_bytes())).unwrap().status.as_u16();
        prop_assert!(matches!(status, 200 | 400), "{status} for {update}");
        Ok(())
    };
    tokio::task::block_in_place(|| runner.run(&alteration, post)).unwrap();
    // Files of altered updates cannot be had; their contacts go, and what waits for them with them.
    let agent = &house.workspace.agent;
    crate::house::until("the inbox is empty", async || {
        let depths = house.app.vault.depths().await.unwrap();
        assert_eq!(depths.inbox_set_aside, 0, "every update could be applied");
        (depths.inbox == 0).then_some(())
    })
    .await;
    for list in ["/contacts?limit=100", "/conversations?limit=100"] {
        agent.list(list).await;
    }
    for conversation in agent.list("/conversations?limit=100").await {
        agent.messages(&text_of(&conversation["id"])).await;
    }
    loop {
        let contacts = agent.list("/contacts?limit=100").await;
        if contacts.is_empty() {
            break;
        }
        for contact in contacts {
            let path = format!("/contacts/{}", text_of(&contact["id"]));
            house.workspace.owner.call(Method::DELETE, &path, None).await.json(202);
        }
    }
}
