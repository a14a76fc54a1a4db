//! What is signed may still be of any size: it is cut at a cost that grows with it and no faster.

use connect::{Event, Verified};
use serde_json::{Value, json};

use crate::worlds::{World, ctx, worlds};

fn world() -> World {
    worlds().into_iter().find(|world| world.kind() == "whatsapp").expect("a kind whose deliveries are cut")
}

fn verified(world: &World, entries: &Value) -> Verified {
    let delivery = json!({"object": "whatsapp_business_account", "entry": entries});
    let raw = world.request(None, delivery.to_string().as_bytes());
    world.connector.addressed(&raw);
    world.connector.verify(&ctx(), &raw, &world.account).expect("proven")
}

#[test]
fn an_entry_of_any_name_is_not_copied_for_each_of_its_changes() {
    let world = world();
    // Copied for each, these were more than a hundred gigabytes.
    let alien = json!([{"id": "9".repeat(1_000_000), "changes": vec![json!({}); 200_000]}]);
    assert!(world.connector.parts(verified(&world, &alien)).is_empty());
    let own = json!({"field": "messages", "value": {"metadata": {"phone_number_id": "106540352242922"}}});
    let many = json!([{"id": "x".repeat(1_000_000), "time": "y".repeat(1_000_000), "changes": vec![own; 3_000]}]);
    let kept = verified(&world, &many);
    assert!(kept.body().len() < 1_000_000, "{} bytes are kept of 2 MB that say nothing", kept.body().len());
    assert_eq!(world.connector.parse(&kept).len(), 1_000, "as many changes as ever come together");
}

#[test]
fn a_name_that_is_no_id_names_no_account() {
    let world = world();
    let ids = ["102290129340398", "", "1 2", "abc", &"1".repeat(65), "102290129340398"];
    let entries: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
    let raw = world.request(None, json!({ "entry": entries }).to_string().as_bytes());
    assert_eq!(world.connector.addressed(&raw), ["102290129340398"]);
}

/// Messages of as many contacts: what looks every contact up for every message would not come to an end here.
#[test]
fn many_messages_of_many_contacts_are_cut_at_once() {
    const MANY: usize = 30_000;
    let number = |at: usize| format!("39333{at:07}");
    let message = |at| json!({"from": number(at), "id": format!("m{at}"), "timestamp": "1", "type": "text", "text": {"body": "x"}});
    let contact = |at| json!({"wa_id": number(at), "profile": {"name": format!("n{at}")}});
    let value = json!({"metadata": {"phone_number_id": "106540352242922"},
        "messages": (0..MANY).map(message).collect::<Vec<_>>(), "contacts": (0..MANY).rev().map(contact).collect::<Vec<_>>()});
    let world = world();
    let parts = world.connector.parts(verified(
        &world,
        &json!([{"id": "102290129340398", "changes": [{"field": "messages", "value": value}]}]),
    ));
    assert_eq!(parts.len(), MANY / 50);
    for (part, first) in [(&parts[0], 0), (&parts[MANY / 50 - 1], MANY - 50)] {
        let events = world.connector.parse(part);
        for (at, event) in (first..).zip(&events) {
            let Event::Message(message) = event else { panic!("a message") };
            assert_eq!(message.from.name, Some(format!("n{at}")));
        }
    }
}

#[test]
fn what_a_contact_says_of_themselves_goes_with_each_part_only_if_it_is_short() {
    let world = world();
    let message = json!({"from": "393331234567", "id": "m", "timestamp": "1", "type": "text", "text": {"body": "x"}});
    let contacts = json!([{"wa_id": "393331234567", "profile": {"name": "n".repeat(1_000_000)}, "more": "m".repeat(1_000_000)},
        {"wa_id": "393330000000"}]);
    let value = json!({"metadata": {"phone_number_id": "106540352242922"}, "messages": vec![message; 5_000], "contacts": contacts});
    let parts = world.connector.parts(verified(
        &world,
        &json!([{"id": "102290129340398", "changes": [{"field": "messages", "value": value}]}]),
    ));
    let kept: usize = parts.iter().map(|part| part.body().len()).sum();
    assert!(parts.len() == 100 && kept < 2_000_000, "{kept} bytes");
}
