//! Who is not proven is not believed.

use connect::{Raw, Reject, Secret};

use crate::fixtures::received;
use crate::worlds::{NOW_MS, World, ctx, worlds};

/// The kinds that are told by a hook.
fn hooked() -> impl Iterator<Item = World> {
    worlds().into_iter().filter(|world| !world.is_asked())
}

/// A request of each kind that is believed.
fn believed(world: &World) -> Raw {
    let first = received(world.kind()).into_iter().next().expect("a fixture");
    let raw = world.request(first.speaker.as_deref(), &first.body);
    assert!(verdict(world, &raw).is_ok(), "{}", world.kind());
    raw
}

fn verdict(world: &World, raw: &Raw) -> Result<(), Reject> {
    world.connector.verify(&ctx(), raw, &world.account).map(drop)
}

#[track_caller]
fn refused(world: &World, raw: &Raw) {
    assert_eq!(verdict(world, raw), Err(Reject::Unauthorised), "{}", world.kind());
}

#[test]
fn unsigned_is_refused() {
    for world in hooked() {
        let raw = believed(&world);
        refused(&world, &Raw { headers: Vec::new(), ..raw.clone() });
        for index in 0..raw.headers.len() {
            let mut missing = raw.clone();
            missing.headers.remove(index);
            refused(&world, &missing);
        }
    }
}

#[test]
fn a_header_that_comes_twice_is_refused() {
    for world in hooked() {
        let raw = believed(&world);
        for header in &raw.headers {
            let mut doubled = raw.clone();
            doubled.headers.push(header.clone());
            refused(&world, &doubled);
            let mut ambiguous = raw.clone();
            ambiguous.headers.insert(0, (header.0.clone(), "other".to_owned()));
            refused(&world, &ambiguous);
        }
    }
}

#[test]
fn one_changed_byte_is_refused() {
    for world in hooked() {
        let raw = believed(&world);
        for (index, (_, value)) in raw.headers.iter().enumerate() {
            for at in 0..value.len() {
                let mut bytes = value.clone().into_bytes();
                bytes[at] ^= 1;
                let mut changed = raw.clone();
                changed.headers[index].1 = String::from_utf8(bytes).expect("ASCII");
                refused(&world, &changed);
            }
            let mut shortened = raw.clone();
            shortened.headers[index].1.pop();
            refused(&world, &shortened);
            let mut lengthened = raw.clone();
            lengthened.headers[index].1.push('A');
            refused(&world, &lengthened);
        }
        for at in (0..raw.body.len()).filter(|_| world.signs_body()) {
            let mut changed = raw.clone();
            changed.body[at] ^= 1;
            refused(&world, &changed);
        }
    }
}

#[test]
fn an_empty_or_missing_secret_believes_nobody() {
    for mut world in hooked() {
        let raw = believed(&world);
        for empty in [true, false] {
            if empty {
                world.account.secrets.values_mut().for_each(|secret| *secret = Secret::default());
            } else {
                world.account.secrets.clear();
            }
            // What proves may also be a key that is no secret.
            world.account.settings.remove("public_key");
            refused(&world, &raw);
            // Nor whoever signs with the empty secret.
            let forged = world.request(None, &raw.body);
            refused(&world, &forged);
        }
    }
}

#[test]
fn another_accounts_proof_is_refused() {
    for mut world in hooked() {
        let raw = believed(&world);
        for secret in world.account.secrets.values_mut() {
            *secret = Secret::new(secret.expose().replace("CaN", "DaN"));
        }
        if let Some(key) = world.account.settings.get_mut("public_key") {
            // Of the seed 01 02 … 20.
            "ebVWLo/mVPlAeLES6KmLp5AfhTrmlb7X4OORC60ElmQ=".clone_into(key);
        }
        refused(&world, &raw);
    }
}

#[test]
fn other_methods_and_paths_are_nothing() {
    for world in hooked() {
        let raw = believed(&world);
        let elsewhere = Raw { path: "data-deletion".to_owned(), ..raw.clone() };
        assert_eq!(verdict(&world, &elsewhere), Err(Reject::NotFound));
        let get = Raw { method: "GET".to_owned(), ..raw };
        // Where the form is in the address of a GET, the proof of a body proves nothing.
        let expected = if world.kind().ends_with("twilio") { Reject::Unauthorised } else { Reject::NotFound };
        assert_eq!(verdict(&world, &get), Err(expected));
    }
}

#[test]
fn what_is_no_json_object_is_malformed() {
    let deep = "[".repeat(200_000);
    let deep_object = format!("{}1{}", "{\"a\":".repeat(5000), "}".repeat(5000));
    for world in hooked() {
        for body in ["", "null", "[]", "\"text\"", "{", "{\"a\":", "no", &deep, &deep_object] {
            let raw = world.request(None, body.as_bytes());
            assert_eq!(verdict(&world, &raw), Err(Reject::Malformed), "{}", world.kind());
        }
    }
}

#[test]
fn a_session_of_another_channel_or_page_or_time_is_refused() {
    let world = worlds().into_iter().find(|world| world.kind() == "web").expect("web chat");
    let raw = believed(&world);
    let verify = |raw: &Raw, channel: &str, now_ms: i64| {
        let account = connect::Account { channel: channel.to_owned(), ..world.account.clone() };
        world.connector.verify(&connect::Ctx { now_ms, ..ctx() }, raw, &account).map(drop)
    };
    let month_ms = 30 * 24 * 60 * 60 * 1000;
    assert_eq!(verify(&raw, "chn_1", NOW_MS + month_ms - 1), Ok(()));
    assert_eq!(verify(&raw, "chn_1", NOW_MS + month_ms), Err(Reject::Unauthorised));
    assert_eq!(verify(&raw, "chn_2", NOW_MS), Err(Reject::Unauthorised));
    for (origins, expected) in [
        (&["https://shop.test"][..], Ok(())),
        (&["https://evil.test"], Err(Reject::Unauthorised)),
        (&["null"], Err(Reject::Unauthorised)),
        (&["https://shop.test", "https://shop.test"], Err(Reject::Unauthorised)),
    ] {
        let mut from = raw.clone();
        from.headers.extend(origins.iter().map(|origin| ("origin".to_owned(), (*origin).to_owned())));
        assert_eq!(verify(&from, "chn_1", NOW_MS), expected, "{origins:?}");
    }
}

#[test]
fn what_a_visitor_may_not_say_is_told_to_their_client() {
    let world = worlds().into_iter().find(|world| world.kind() == "web").expect("web chat");
    let long = format!(r#"{{"type":"message","id":"c1","text":"{}"}}"#, "\u{e8}".repeat(10_000));
    assert_eq!(verdict(&world, &world.request(None, long.as_bytes())), Ok(()));
    let too_long = long.replacen('\u{e8}', "\u{e8}\u{e8}", 1);
    for body in [
        &too_long,
        r#"{"type":"message","id":"c1"}"#,
        r#"{"type":"message","id":"c1","text":"  "}"#,
        r#"{"type":"message","text":"no id"}"#,
        r#"{"type":"message","id":"user:u:c1","text":"another's id"}"#,
        r#"{"type":"remove","id":"a:b"}"#,
        r#"{"type":"seen"}"#,
        r#"{"type":"profile","name":"Anna"}"#,
        r#"{"type":"unknown"}"#,
        "{}",
    ] {
        assert_eq!(verdict(&world, &world.request(None, body.as_bytes())), Err(Reject::Malformed), "{body}");
    }
}

#[test]
fn a_visitor_sends_their_own_uploads_only() {
    let world = worlds().into_iter().find(|world| world.kind() == "web").expect("web chat");
    let body = |ticket: &str| format!(r#"{{"type":"message","id":"c1","attachments":["{ticket}"]}}"#);
    assert_eq!(verdict(&world, &world.request(None, body("TICKET:att_1").as_bytes())), Ok(()));
    let stolen = connect::channels::web::ticket(&world.account, "user:somebody", "att_1").expect("a ticket");
    for ticket in ["att_1", "att_1.", "", &stolen] {
        assert_eq!(verdict(&world, &world.request(None, body(ticket).as_bytes())), Err(Reject::Malformed), "{ticket}");
    }
}
