//! Secrets and what people write are never printed, and no call goes anywhere but to the account's own addresses.

use std::fmt::Debug;

use connect::{
    BlobHandle, Call, Capability, Content, FetchedMail, HttpCall, MailReply, RemoteFile, Reply, Step, Trace,
};

use crate::capabilities::{contents, outgoing, remote};
use crate::fixtures::received;
use crate::worlds::{CANARY, World, ctx, worlds};

/// Replies of every sort, each repeating a secret and somebody's words as a careless provider might.
fn replies() -> Vec<Vec<Reply>> {
    let answer =
        |status: u16, body: &str| Reply::Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() };
    let told = |code: u16| {
        let body = format!(
            r#"{{"ok":false,"error_code":{code},"description":"Bad: 123456:{CANARY}token said \"PrIvAtE\"","parameters":{{"retry_after":1}}}}"#
        );
        answer(code, &body)
    };
    let ok = |result: &str| answer(200, &format!(r#"{{"ok":true,"result":{result}}}"#));
    let stored = Reply::Stored { blob: BlobHandle("att_1".to_owned()), size: 1, content_type: "image/png".to_owned() };
    let mut all: Vec<Vec<Reply>> =
        [200, 302, 400, 401, 403, 404, 409, 413, 429, 500, 503].map(|code| vec![told(code)]).into();
    all.push(Vec::new());
    all.push(vec![answer(200, CANARY)]);
    all.push(vec![answer(502, CANARY)]);
    all.push(vec![ok(r#"{"message_id":5,"id":123456,"username":"shop_bot","file_path":"photos/a.jpg"}"#)]);
    all.push(vec![ok(r#"{"file_path":"photos/a.jpg"}"#), stored.clone()]);
    all.push(vec![stored]);
    all.extend(graph());
    all.extend(mail_servers().map(|reply| vec![Reply::Mail(reply)]));
    all
}

/// What mail servers answer.
fn mail_servers() -> impl Iterator<Item = MailReply> {
    let submitted = [250_u16, 421, 451, 530, 550, 552, 553].into_iter().flat_map(|code| {
        [None, Some("5.1.1"), Some("4.7.0"), Some("PrIvAtE")]
            .map(|enhanced| MailReply::Submitted { code, enhanced: enhanced.map(str::to_owned) })
    });
    let raw = format!("From: PrIvAtE <1111111@mail.test>\r\nSubject: {CANARY}\r\n\r\nPrIvAtE\r\n").into_bytes();
    let mail = FetchedMail { uid: 1, received_ms: 0, size: 1, raw };
    let mailbox = MailReply::Mailbox { validity: 1, next: 2, mails: vec![mail], until: 1, withheld: None };
    submitted.chain([
        MailReply::NoMail,
        MailReply::Done,
        MailReply::Removed { unopened: 1, others: 1 },
        MailReply::Denied,
        MailReply::Unsigned,
        mailbox,
    ])
}

/// What goes well for a while: each step of every longer piece of work is reached with it.
fn ways() -> Vec<Vec<Reply>> {
    let answer = |body: &str| Reply::Answer { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec() };
    let way = |bodies: &[&str]| bodies.iter().map(|body| answer(body)).collect();
    vec![
        way(&[
            r#"{"id":"106540352242922","display_phone_number":"+1 555-078-3881","verified_name":"PrIvAtE"}"#,
            r#"{"data":[{"id":"106540352242922"}]}"#,
            r#"{"id":"102290129340398","owner_business_info":{"id":"506914307656634"}}"#,
            r#"{"success":true}"#,
        ]),
        way(&[
            r#"{"data":[{"name":"PrIvAtE","language":"it","status":"APPROVED"}],"paging":{"cursors":{"after":"a"},"next":"https://evil.test/"}}"#,
            r#"{"data":[]}"#,
        ]),
        way(&[r#"{"id":"4001"}"#, r#"{"messages":[{"id":"wamid.PrIvAtE"}]}"#]),
        way(&[r#"{"url":"https://whatsapp.test/base/files/PrIvAtE"}"#]),
        vec![
            Reply::Mail(MailReply::Mailbox { validity: 1, next: 1, mails: Vec::new(), until: 0, withheld: None }),
            Reply::Mail(MailReply::Done),
        ],
        way(&[r#"{"id":"4001"}"#, r#"{"id":"4002"}"#, r#"{"messages":[{"id":"wamid.PrIvAtE"}]}"#]),
    ]
}

/// Every reply alone, and after as much of every way as goes well before.
fn all_replies() -> Vec<Vec<Reply>> {
    let singles = replies();
    let mut all = singles.clone();
    for way in ways() {
        for length in 1..=way.len() {
            all.push(way[..length].to_vec());
            all.extend(singles.iter().map(|last| [&way[..length], last].concat()));
        }
    }
    all
}

/// The same of Meta's: errors that quote, ids that name people, addresses that lead elsewhere.
fn graph() -> Vec<Vec<Reply>> {
    let answer =
        |status: u16, body: &str| vec![Reply::Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() }];
    let told = |code: u32| {
        let details = format!(r#"{CANARY}token said "PrIvAtE" to 1111111000"#);
        answer(
            400,
            &format!(r#"{{"error":{{"code":{code},"message":"{details}","error_data":{{"details":"{details}"}}}}}}"#),
        )
    };
    let mut all: Vec<Vec<Reply>> =
        [0, 1, 4, 10, 33, 100, 190, 368, 131_009, 131_026, 131_047, 131_053, 132_000, 424_242].map(told).into();
    all.push(answer(200, r#"{"id":"1111111000PrIvAtE","messages":[{"id":"wamid.PrIvAtE"}],"success":true}"#));
    for place in [
        "https://files.test/PrIvAtE",
        "https://evil.test/?x=.fbsbx.com",
        "https://whatsapp.test@evil.test/base/",
        "//whatsapp.test/base/",
    ] {
        all.push(answer(200, &format!(r#"{{"url":"{place}"}}"#)));
    }
    all
}

fn file(world: &World) -> RemoteFile {
    let locator = match world.kind() {
        // A visitor's file is already here: its locator is our own handle of it.
        "web" => "att_1",
        "whatsapp" => "1111111000PrIvAtE",
        "email" => r#"{"validity":7,"uid":42,"offset":100,"length":200,"encoding":"base64"}"#,
        "gmail" => r#"{"mail":"18c0ffee","offset":100,"length":200,"encoding":"base64"}"#,
        "outlook" => {
            r#"{"mail":"AAMkAD-x_=","name":"PrIvAtE.png","turn":0,"offset":100,"length":200,"encoding":"base64"}"#
        }
        _ => "https://files.test/PrIvAtE",
    };
    RemoteFile {
        locator: locator.to_owned(),
        name: Some("PrIvAtE.png".to_owned()),
        content_type: None,
        size: None,
        role: "image".to_owned(),
    }
}

/// Every step that a connector takes in these tests.
fn visit(world: &World, mut see: impl FnMut(&dyn Debug, Option<&HttpCall>)) {
    visit_all(world, |step, call| {
        let call = call.and_then(|call| match call {
            Call::Http(call) => Some(call),
            Call::Smtp(_) | Call::Imap(_) => None,
        });
        see(step, call);
    });
}

/// The same with calls of every sort.
fn visit_all(world: &World, mut see: impl FnMut(&dyn Debug, Option<&Call>)) {
    fn look<T: Debug>(step: &Step<T>, see: &mut impl FnMut(&dyn Debug, Option<&Call>)) {
        let call = match step {
            Step::Call(call) => Some(call),
            _ => None,
        };
        see(step, call);
    }
    let (connector, account) = (world.connector, &world.account);
    let trace = Trace {
        thread: None,
        remotes: vec![(remote(world), ctx().now_ms)],
        known: vec!["anna@example.org".to_owned()],
    };
    for replies in all_replies() {
        for (_, content) in contents(world).into_iter().chain(several(world)) {
            look(&connector.send(&ctx(), &outgoing(world, content), account, &replies), &mut see);
        }
        // A template's text is the provider's own, to be shown: only calls and errors are seen.
        look(&unshown(connector.templates(&ctx(), account, &replies)), &mut see);
        look(&connector.erase(&ctx(), &trace, account, &replies), &mut see);
        look(&connector.fetch(&ctx(), &file(world), account, &replies), &mut see);
        look(&connector.revoke(&ctx(), account, &replies), &mut see);
        look(&connector.subscribe(&ctx(), account, &replies), &mut see);
        look(&connector.watch(&ctx(), account, &replies), &mut see);
        let own = Some(r#"{"validity":1,"uid":1,"since_ms":0,"of":2374602370}"#);
        for cursor in [None, own].into_iter().chain(crate::signed_in::CURSORS.map(Some)) {
            // What was asked for is shown to members: only calls and errors are seen.
            look(&unshown(connector.poll(&ctx(), account, cursor, &replies)), &mut see);
        }
        // A proven account is shown to members, so it has no Debug to leak from: only its calls and errors are seen.
        look(&unshown(connector.authorize(&ctx(), account, &replies)), &mut see);
    }
}

fn unshown<T>(step: Step<T>) -> Step<()> {
    match step {
        Step::Call(call) => Step::Call(call),
        Step::Done(_) => Step::Done(()),
        Step::Fail(error) => Step::Fail(error),
    }
}

/// Two files at once, where files can be sent.
fn several(world: &World) -> Option<(Capability, Content)> {
    contents(world).into_iter().find_map(|(capability, content)| match content {
        Content::Files { files, caption } => {
            Some((capability, Content::Files { files: files.iter().chain(&files).cloned().collect(), caption }))
        }
        _ => None,
    })
}

#[test]
fn every_step_of_longer_work_is_looked_at() {
    let world = worlds().into_iter().find(|world| world.kind() == "whatsapp").expect("a kind of several steps");
    let mut seen = std::collections::BTreeSet::new();
    visit(&world, |_, call| {
        if let Some(call) = call {
            seen.insert(call.operation);
            assert!(!call.url.contains(CANARY), "no secret in a URL: {}", call.operation);
            let shown = call.url.split_once("appsecret_proof=").map(|(_, proof)| proof);
            let asks = call.method == connect::Method::Get && !call.to_blob;
            // 64 hexadecimal digits that prove the secret and show nothing of it; a body carries them itself.
            assert_eq!(asks, shown.is_some_and(|proof| proof.len() == 64), "{}", call.operation);
        }
    });
    for operation in
        ["number", "numbers", "owner", "subscribe", "templates", "upload", "message", "media", "file", "seen"]
    {
        assert!(seen.contains(format!("whatsapp.{operation}").as_str()), "{operation}");
    }
}

#[test]
fn nothing_secret_is_printed() {
    for world in worlds() {
        visit(&world, |step, call| {
            let shown = format!("{step:?} {step:#?} {call:?}");
            assert!(
                !shown.contains(CANARY) && !shown.contains("PrIvAtE") && !shown.contains("1111111"),
                "{}: {shown}",
                world.kind()
            );
        });
        assert!(!format!("{:?}", world.account).contains(CANARY));
        for received in received(world.kind()) {
            let heard = world.heard(received.speaker.as_deref(), &received.body);
            for event in heard.iter().flat_map(|verified| world.connector.parse(verified)) {
                assert!(!format!("{event:?}").contains(' '), "an event prints its name alone");
            }
        }
    }
}

#[test]
fn no_call_leaves_the_accounts_addresses() {
    for world in worlds() {
        let own = match world.connector.spec().endpoint {
            Some(_) => format!("{}/", world.account.base_url),
            None => world.account.setting("webhook_url").to_owned(),
        };
        visit(&world, |_, call| {
            if let Some(call) = call {
                assert!(call.url.starts_with(&own) || call.url == file(&world).locator, "{}", call.operation);
                assert!(call.operation.starts_with(world.kind()), "{}", call.operation);
                assert!(call.max_reply > 0);
            }
        });
    }
}

#[test]
fn no_mail_server_is_called_but_the_accounts() {
    for world in worlds() {
        visit_all(&world, |_, call| {
            let (operation, server, own) = match call {
                Some(Call::Smtp(call)) => (call.operation, &call.server, "smtp.host"),
                Some(Call::Imap(call)) => (call.operation, &call.server, "imap.host"),
                Some(Call::Http(_)) | None => return,
            };
            assert_eq!(server.host, world.account.setting(own));
            assert!(operation.starts_with(world.kind()) && !server.host.is_empty(), "{operation}");
        });
    }
}
