//! `docs/channels.md` says of every kind of channel what its Spec says: what it can do, which data its provider receives, who that
//! is, where, and what becomes of it there when a contact is erased.

use std::path::{Path, PathBuf};

use connect::{Erased, Step, Trace};

use crate::capabilities::remote;
use crate::worlds::{World, ctx, worlds};

const FROM: &str = "<!-- from here on by UPDATE_FIXTURES=1 cargo test -p connect --test contract documented -->\n";

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/channels.md")
}

#[test]
fn the_page_of_channels_is_what_their_specs_say() {
    let written = std::fs::read_to_string(page()).expect("docs/channels.md");
    let (head, rest) = written.split_once(FROM).expect("the mark from which on it is generated");
    let expected: String = worlds().iter().map(section).collect();
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write(page(), format!("{head}{FROM}{expected}")).expect("writable");
    } else {
        assert!(rest == expected, "docs/channels.md says something else than the Specs: run it with UPDATE_FIXTURES=1");
    }
}

#[test]
fn every_spec_says_who_receives_what_and_where() {
    for world in worlds() {
        let spec = world.connector.spec();
        for said in [spec.data_received, spec.processor, spec.region] {
            assert!(!said.trim().is_empty(), "{}", spec.kind);
        }
        assert!(spec.data_received.ends_with('.'), "{}: a sentence", spec.kind);
    }
}

/// What `docs/<kind>.md` says is to be subscribed to, and the addresses it names, are what the channel's page shows.
#[test]
fn what_is_entered_by_hand_is_what_the_guide_says() {
    for world in worlds() {
        let (kind, entered) = (world.connector.spec().kind, world.connector.spec().entered);
        if entered.fields.is_empty() {
            continue;
        }
        let guide = std::fs::read_to_string(page().with_file_name(format!("{kind}.md"))).expect(kind);
        let (_, subscribe) = guide.split_once("ubscribe to `messages`").expect("what to subscribe to");
        let end = ["\n\n", "\n2. "].iter().filter_map(|end| subscribe.find(end)).min().expect("its end");
        let said: Vec<&str> = subscribe[..end].split('`').skip(1).step_by(2).collect();
        assert_eq!(said, entered.fields[1..], "{kind}");
        for callback in entered.callbacks {
            assert!(guide.contains(&format!("/{callback}`")), "{kind}: {callback}");
        }
    }
}

fn section(world: &World) -> String {
    let spec = world.connector.spec();
    let can: Vec<String> = spec.capabilities.iter().map(|capability| word(*capability).replace('_', " ")).collect();
    let rows = [
        ("can", can.join(", ")),
        ("bounds", bounds(world)),
        ("its provider receives", spec.data_received.to_owned()),
        ("who that is", spec.processor.to_owned()),
        ("where", spec.region.to_owned()),
        ("when a contact is erased", deletion(world)),
    ];
    let rows: String = rows.iter().map(|(what, said)| format!("| {what} | {said} |\n")).collect::<Vec<_>>().concat();
    format!("\n## {} (`{}`)\n\n| | |\n|---|---|\n{rows}", spec.label, spec.kind)
}

fn word(capability: connect::Capability) -> String {
    serde_json::to_value(capability).ok().and_then(|value| value.as_str().map(str::to_owned)).expect("a word")
}

fn bounds(world: &World) -> String {
    let limits = world.connector.spec().limits;
    let megabytes = |bytes: u64| format!("{} MB", bytes >> 20);
    let said = [
        (limits.text > 0, format!("texts of {} characters", limits.text)),
        (limits.in_segments, "a long text goes as several short messages".to_owned()),
        (limits.upload > 0, format!("files of {}", megabytes(limits.upload))),
        (limits.per_second > 0, format!("{} sends a second", limits.per_second)),
        (
            limits.window_ms > 0,
            format!("answers within {} hours of the contact's message", limits.window_ms / 3_600_000),
        ),
        (limits.content_days > 0, format!("all of it is gone {} days after disconnecting", limits.content_days)),
        (limits.forbids.card_numbers, "full card numbers are refused".to_owned()),
        (limits.forbids.special_categories, "not for health data or other special categories".to_owned()),
        (limits.forbids.telephone_network, "calls stay off the telephone network".to_owned()),
    ];
    let said: Vec<String> = said.into_iter().filter(|(there, _)| *there).map(|(_, words)| words).collect();
    if said.is_empty() { "none of its own".to_owned() } else { said.join("; ") }
}

/// What the connector does, and what it says where it cannot.
fn deletion(world: &World) -> String {
    const HOUR_MS: i64 = 3_600_000;
    let at = |ago_ms: i64| {
        let trace = Trace {
            thread: Some("1111111".to_owned()),
            remotes: vec![(remote(world), ctx().now_ms - ago_ms)],
            known: Vec::new(),
        };
        world.connector.erase(&ctx(), &trace, &world.account, &[])
    };
    match (at(HOUR_MS), at(10 * 365 * 24 * HOUR_MS)) {
        (Step::Call(_), Step::Call(_)) => "What was sent and received is deleted there too.".to_owned(),
        (Step::Call(_), Step::Done(Erased::Cannot(why))) => {
            // How many they are is no matter here.
            format!("What is new enough is deleted there too. {}", why.replace(" (1)", ""))
        }
        (Step::Done(Erased::Cannot(why)), _) => why,
        (Step::Done(Erased::Gone), _) => "There is nothing at a provider.".to_owned(),
        (fresh, old) => panic!("{}: {fresh:?}, {old:?}", world.kind()),
    }
}
