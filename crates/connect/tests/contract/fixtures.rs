//! Examples as data: bodies with their events, and things to do with their next steps.

use std::path::{Path, PathBuf};

use connect::{
    BlobHandle, Body, Call, Content, Ctx, Erased, Event, HttpCall, IdentityKind, MailPiece, Outgoing, PartContent,
    PersonIdentity, Receipt, Recipient, RemoteFile, Reply, SendError, Step, Trace,
};
use serde_json::{Value, json};

use crate::mail;
use crate::worlds::{World, ctx, worlds};

/// An example of something received.
pub(crate) struct Received {
    pub(crate) speaker: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    /// `body` is JSON; `raw` is text that may be none; `mail` is a mail by its lines.
    fn read(example: &Value) -> Self {
        let lines: Option<Vec<&str>> =
            example["mail"].as_array().map(|all| all.iter().filter_map(Value::as_str).collect());
        let body = match (example["raw"].as_str(), lines) {
            (Some(raw), _) => raw.as_bytes().to_vec(),
            (_, Some(lines)) => (lines.join("\r\n") + "\r\n").into_bytes(),
            _ => example["body"].to_string().into_bytes(),
        };
        Self { speaker: example["speaker"].as_str().map(str::to_owned), body }
    }
}

fn folder(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(kind)
}

fn files(kind: &str, prefix: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder(kind)).expect("every connector has a folder of fixtures");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    files.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix)));
    files.sort();
    assert!(!files.is_empty(), "{kind} has no {prefix} fixtures");
    files
}

fn examples(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("readable");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All examples of things received by a kind of channel.
pub(crate) fn received(kind: &str) -> Vec<Received> {
    files(kind, "received").iter().flat_map(|path| examples(path)).map(|example| Received::read(&example)).collect()
}

/// Compares `key` of every example with what the code answers, or writes it there.
fn check(path: &Path, key: &str, answer: impl Fn(&Value) -> Value) {
    let mut all = examples(path);
    let mut wrong = Vec::new();
    for example in &mut all {
        let found = answer(example);
        if example[key] != found {
            wrong.push(format!("{}: expected {}\nfound {found}", example["name"], example[key]));
            example[key] = found;
        }
    }
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        let text = serde_json::to_string_pretty(&all).expect("JSON") + "\n";
        std::fs::write(path, text).expect("writable");
    } else {
        assert!(wrong.is_empty(), "{}\n{}", path.display(), wrong.join("\n"));
    }
}

#[test]
fn what_is_received_becomes_these_events() {
    for world in worlds() {
        for path in files(world.kind(), "received") {
            check(&path, "events", |example| {
                let received = Received::read(example);
                json!(events(&world, &received))
            });
        }
    }
}

#[test]
fn a_delivery_that_comes_twice_is_the_same() {
    for world in worlds() {
        for received in received(world.kind()) {
            // Again half a minute later, with other chances: neither may be in what is read.
            let later = Ctx { now_ms: ctx().now_ms + 30_000, chance: [8; 32] };
            let again: Vec<Event> = if world.is_asked() {
                mail::kept(&world, &later, &received.body).iter().flat_map(|kept| world.connector.parse(kept)).collect()
            } else {
                let raw = world.request(received.speaker.as_deref(), &received.body);
                world.connector.parse(&world.connector.verify(&later, &raw, &world.account).expect("proven"))
            };
            assert!(events(&world, &received) == again, "{}", world.kind());
        }
    }
}

#[test]
fn what_waits_in_the_inbox_is_read_alike() {
    for world in worlds() {
        for received in received(world.kind()) {
            for verified in world.heard(received.speaker.as_deref(), &received.body) {
                let again = connect::Verified::from_inbox(&verified.to_inbox()).expect("readable");
                assert!(world.connector.parse(&again) == world.connector.parse(&verified));
            }
        }
    }
}

#[test]
fn parts_are_read_as_the_whole() {
    for world in worlds().into_iter().filter(|world| !world.is_asked()) {
        for received in received(world.kind()) {
            let raw = world.request(received.speaker.as_deref(), &received.body);
            let verified = world.connector.verify(&ctx(), &raw, &world.account).expect("proven");
            let kept = world.connector.answer(&verified).keep;
            let whole = world.connector.parse(&verified);
            let parts = world.connector.parts(verified);
            assert_eq!(kept, !parts.is_empty(), "{}", world.kind());
            let read: Vec<Event> = parts.iter().flat_map(|part| world.connector.parse(part)).collect();
            assert!(!kept || read == whole, "{}", world.kind());
        }
    }
}

fn events(world: &World, received: &Received) -> Vec<Event> {
    if world.is_asked() {
        let kept = world.heard(received.speaker.as_deref(), &received.body);
        return kept.iter().flat_map(|kept| world.connector.parse(kept)).collect();
    }
    let raw = world.request(received.speaker.as_deref(), &received.body);
    let verified = world.connector.verify(&ctx(), &raw, &world.account);
    let verified = verified.unwrap_or_else(|reject| panic!("{reject:?}: {}", String::from_utf8_lossy(&raw.body)));
    assert_eq!(world.connector.answer(&verified).status, 200);
    world.connector.parse(&verified)
}

#[test]
fn what_is_to_be_done_takes_these_steps() {
    for world in worlds() {
        for path in files(world.kind(), "steps") {
            check(&path, "step", |example| step(&world, example));
        }
    }
}

/// The world's account; an example may be of one that is set up differently.
fn account(world: &World, example: &Value) -> connect::Account {
    let mut account = world.account.clone();
    let set = example["settings"].as_object().into_iter().flatten();
    account.settings.extend(set.filter_map(|(key, value)| Some((key.clone(), text(value)?))));
    let learned = example["learned"].as_object().into_iter().flatten();
    account.learned.extend(learned.filter_map(|(key, value)| Some((key.clone(), text(value)?))));
    account.watch = text(&example["watched"]).unwrap_or_default();
    account
}

fn step(world: &World, example: &Value) -> Value {
    let connector = world.connector;
    let account = &account(world, example);
    let replies: Vec<Reply> = example["replies"].as_array().into_iter().flatten().map(reply).collect();
    let act = example["do"].as_str().unwrap_or("send");
    match act {
        "send" => shown(connector.send(&ctx(), &outgoing(example), account, &replies), |receipt| match receipt {
            Receipt::Accepted { remotes, thread } => json!({"accepted": remotes, "thread": thread}),
            Receipt::Begun { remotes, parts, then } => {
                json!({"begun": remotes, "parts": parts, "then": then.to_string()})
            }
            Receipt::Partly { remotes, code, why } => json!({"partly": remotes, "code": code, "why": why}),
            Receipt::Unknown => json!("unknown"),
        }),
        "erase" => {
            let known = example["known"].as_array().into_iter().flatten().filter_map(text).collect();
            let trace = Trace { thread: text(&example["thread"]), remotes: traces(&example["remotes"]), known };
            shown(connector.erase(&ctx(), &trace, account, &replies), |erased| match erased {
                Erased::Gone => json!("gone"),
                Erased::Partly(why) => json!({"partly": why}),
                Erased::Cannot(why) => json!({"cannot": why}),
            })
        }
        "fetch" => {
            let file: RemoteFile = serde_json::from_value(example["file"].clone()).expect("a file");
            shown(connector.fetch(&ctx(), &file, account, &replies), |blob| json!(blob))
        }
        "authorize" => shown(connector.authorize(&ctx(), account, &replies), |done| {
            if done.learned.is_empty() {
                json!([done.account, done.label])
            } else {
                json!([done.account, done.label, done.learned])
            }
        }),
        "person" => shown(connector.person(&ctx(), &identity(&example["known"]), account, &replies), |who| json!(who)),
        "templates" => shown(connector.templates(&ctx(), account, &replies), |templates| json!(templates)),
        "make_template" => {
            let draft = serde_json::from_value(example["draft"].clone()).expect("a draft");
            assert_eq!(connector.template_faults(&draft), [], "{}", example["name"]);
            shown(connector.make_template(&ctx(), &draft, account, &replies), |made| json!(made))
        }
        "drop_template" => {
            let template = serde_json::from_value(example["template"].clone()).expect("a template");
            shown(connector.drop_template(&ctx(), &template, account, &replies), |()| json!("gone"))
        }
        "refresh" => shown(connector.refresh(&ctx(), account, &replies), |newer| json!(newer.expose())),
        "profile" => shown(connector.profile(&ctx(), account, &replies), |profile| json!(profile)),
        "set_profile" => {
            let change = serde_json::from_value(example["change"].clone()).expect("a profile");
            assert_eq!(connector.profile_faults(&change), [], "{}", example["name"]);
            shown(connector.set_profile(&ctx(), &change, account, &replies), |()| json!("changed"))
        }
        "poll" => {
            let cursor = example["cursor"].is_object().then(|| example["cursor"].to_string());
            shown(connector.poll(&ctx(), account, cursor.as_deref(), &replies), |polled| {
                let cursor: Value = serde_json::from_str(&polled.cursor).expect("JSON");
                json!({"requests": polled.requests.len(), "cursor": cursor, "more": polled.more})
            })
        }
        "watch" => shown(connector.watch(&ctx(), account, &replies), |watch| watch_shown(watch.as_ref())),
        "subscribe" => shown(connector.subscribe(&ctx(), account, &replies), |()| json!("subscribed")),
        "revoke" => shown(connector.revoke(&ctx(), account, &replies), |()| json!("revoked")),
        other => panic!("nothing is called {other}"),
    }
}

fn watch_shown(watch: Option<&connect::Watch>) -> Value {
    watch.map_or(json!("nothing"), |watch| json!([watch.state, watch.until_ms, watch.again_ms]))
}

/// `[remote, how many hours ago]`.
fn traces(value: &Value) -> Vec<(String, i64)> {
    let trace = |pair: &Value| {
        let hours = pair[1].as_i64().expect("hours");
        (text(&pair[0]).expect("a remote"), ctx().now_ms - hours * 3_600_000)
    };
    value.as_array().into_iter().flatten().map(trace).collect()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

pub(crate) fn outgoing(example: &Value) -> Outgoing {
    let telegram =
        |value: &str| PersonIdentity { kind: IdentityKind::TelegramId, scope: String::new(), value: value.to_owned() };
    let identities = example["identities"].as_array().into_iter().flatten().map(identity);
    let to = Recipient {
        thread: text(&example["thread"]),
        identities: example["telegram_id"].as_str().map(telegram).into_iter().chain(identities).collect(),
    };
    let content = serde_json::from_value::<Content>(example["content"].clone()).expect("content");
    Outgoing {
        reply_to: text(&example["reply_to"]),
        conversation: text(&example["conversation"]).unwrap_or_default(),
        subject: text(&example["subject"]).unwrap_or_default(),
        before: example["before"].as_array().into_iter().flatten().filter_map(text).collect(),
        automatic: example["automatic"] == true,
        unsubscribe: text(&example["unsubscribe"]),
        late: example["late"] == true,
        begun: example["begun"].as_u64().and_then(|begun| usize::try_from(begun).ok()).unwrap_or(0),
        view: text(&example["view"]).unwrap_or_default(),
        about: text(&example["about"]).unwrap_or_default(),
        ..Outgoing::new("msg_1".to_owned(), "obx_1".to_owned(), to, content)
    }
}

/// `[kind, scope, value]`.
fn identity(value: &Value) -> PersonIdentity {
    let word = |index: usize| text(&value[index]).expect("a word");
    let kind = serde_json::from_value(value[0].clone()).expect("a kind of identity");
    PersonIdentity { kind, scope: word(1), value: word(2) }
}

fn reply(value: &Value) -> Reply {
    if let Some(reply) = mail::reply(value) {
        return reply;
    }
    match value.as_str() {
        Some("unheard") => Reply::Unheard,
        Some("lost") => Reply::Lost { why: "timed out".to_owned() },
        Some("not_sent") => Reply::NotSent { why: "connection refused".to_owned() },
        Some("stored") => {
            Reply::Stored { blob: BlobHandle("att_9".to_owned()), size: 5, content_type: "image/png".to_owned() }
        }
        _ => Reply::Answer {
            status: u16::try_from(value["status"].as_u64().expect("a status")).expect("a status"),
            headers: headers(&value["headers"]),
            body: text(&value["text"]).unwrap_or_else(|| value["body"].to_string()).into_bytes(),
        },
    }
}

/// `{name: value}`.
fn headers(value: &Value) -> Vec<(String, String)> {
    let fields = value.as_object().into_iter().flatten();
    fields.map(|(name, value)| (name.clone(), text(value).expect("a header"))).collect()
}

fn shown<T>(step: Step<T>, done: impl Fn(T) -> Value) -> Value {
    match step {
        Step::Call(Call::Http(call)) => json!({"call": call_shown(&call)}),
        Step::Call(call @ (Call::Smtp(_) | Call::Imap(_))) => json!({"call": mail::shown(&call)}),
        Step::Done(what) => json!({"done": done(what)}),
        Step::Fail(SendError::Refused { code, why }) => json!({"refused": code, "why": why}),
        Step::Fail(SendError::Stopped { code, why }) => json!({"stopped": code, "why": why}),
        Step::Fail(error) => json!({"fail": error.to_string()}),
    }
}

pub(crate) fn piece_shown(piece: &MailPiece) -> Value {
    match piece {
        MailPiece::Bytes(bytes) => json!(String::from_utf8_lossy(bytes)),
        MailPiece::Base64(blob) => json!({"blob": blob}),
    }
}

fn call_shown(call: &HttpCall) -> Value {
    let body = match &call.body {
        Body::Empty => Value::Null,
        Body::Json(bytes) => serde_json::from_slice(bytes).expect("JSON"),
        Body::Text(text) => json!(text),
        Body::Form(fields) => json!(fields),
        Body::Blob(blob) => json!(blob),
        Body::Slice { blob, offset, length } => json!({"blob": blob, "offset": offset, "length": length}),
        Body::JsonAround { before, blob, after } => json!({"before": before, "blob": blob, "after": after}),
        Body::Mail { content_type, pieces, base64 } => {
            let pieces: Vec<Value> = pieces.iter().map(piece_shown).collect();
            json!({"type": content_type, "base64": base64, "pieces": pieces})
        }
        Body::Multipart(parts) => parts
            .iter()
            .map(|part| match &part.content {
                PartContent::Text(text) => json!({"name": part.name, "text": text}),
                PartContent::Blob(blob) => {
                    json!({"name": part.name, "file": part.file_name, "type": part.content_type, "blob": blob})
                }
            })
            .collect(),
    };
    let signed: Vec<&str> = call.headers.iter().map(|(name, _)| *name).collect();
    json!({"operation": call.operation, "method": format!("{:?}", call.method), "url": call.url, "headers": signed,
        "body": body, "repeatable": call.repeatable, "to_blob": call.to_blob})
}
