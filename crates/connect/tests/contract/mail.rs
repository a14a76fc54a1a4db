//! Mail servers in examples: what is asked of them, and what they answer.

use connect::{
    Call, Ctx, FetchedMail, ImapAct, ImapCall, MailReply, MailServer, Raw, Reject, Reply, SmtpCall, Step, Verified,
};
use serde_json::{Value, json};

use crate::fixtures::{piece_shown, received};
use crate::worlds::{World, ctx, worlds};

/// Kinds that are asked what came, and told by nobody.
fn asked() -> impl Iterator<Item = World> {
    worlds().into_iter().filter(World::is_asked)
}

/// What is kept of a mail that arrived in the mailbox after the channel was connected.
pub(crate) fn kept(world: &World, ctx: &Ctx, raw: &[u8]) -> Vec<Verified> {
    if world.connector.sign_in().is_some() {
        return crate::signed_in::kept(world, ctx, raw);
    }
    let mailbox = |next: u32, mails: Vec<FetchedMail>| {
        Reply::Mail(MailReply::Mailbox { validity: 7, next, mails, until: next - 1, withheld: None })
    };
    let poll = |cursor: Option<&str>, reply: Reply| match world.connector.poll(ctx, &world.account, cursor, &[reply]) {
        Step::Done(polled) => polled,
        other => panic!("{}: {:?}", world.kind(), unshown(other)),
    };
    let start = poll(None, mailbox(42, Vec::new()));
    let received_ms = 1_767_225_590_000;
    let mail = FetchedMail { uid: 42, received_ms, size: raw.len() as u64, raw: raw.to_vec() };
    poll(Some(&start.cursor), mailbox(43, vec![mail])).requests
}

fn unshown<T>(step: Step<T>) -> Step<()> {
    match step {
        Step::Call(call) => Step::Call(call),
        Step::Done(_) => Step::Done(()),
        Step::Fail(error) => Step::Fail(error),
    }
}

/// A call to a mail server.
pub(crate) fn shown(call: &Call) -> Value {
    match call {
        Call::Smtp(call) => submission(call),
        Call::Imap(ImapCall { operation, server: at, act }) => {
            json!({"operation": operation, "server": server(at), "act": act_shown(act)})
        }
        Call::Http(_) => panic!("this is no call to a mail server"),
    }
}

fn submission(call: &SmtpCall) -> Value {
    let pieces: Vec<Value> = call.pieces.iter().map(lines).collect();
    let signed = call.dkim.as_ref().map(|dkim| json!([dkim.domain, dkim.selector, dkim.signed_at]));
    json!({"operation": call.operation, "server": server(&call.server), "from": call.from, "to": call.to, "pieces": pieces, "signed": signed})
}

fn server(at: &MailServer) -> String {
    format!("{}@{}:{} {:?}", at.username, at.host, at.port, at.tls)
}

/// A piece line by line, so that a difference can be read.
fn lines(piece: &connect::MailPiece) -> Value {
    match piece_shown(piece) {
        Value::String(text) => text.split("\r\n").collect(),
        other => other,
    }
}

fn act_shown(act: &ImapAct) -> Value {
    match act {
        ImapAct::Look => json!("look"),
        ImapAct::After { validity, after, since_ms, most, largest, bytes, doubtful: _ } => {
            json!({"validity": validity, "after": after, "since_ms": since_ms, "most": most, "largest": largest, "bytes": bytes})
        }
        ImapAct::Part(part) => json!({ "part": part }),
        ImapAct::KeepSent(pieces) => json!({"keep": pieces.len()}),
        ImapAct::Remove { validity, uids } => json!({"remove": uids, "validity": validity}),
        ImapAct::RemoveTheirs(theirs) => {
            json!({ "remove": theirs.ids, "from_or_to": theirs.addresses, "marked": theirs.mark.is_some() })
        }
    }
}

/// What a mail server answered, if an example says so.
pub(crate) fn reply(value: &Value) -> Option<Reply> {
    let number = |key: &str| value[key].as_u64().and_then(|number| u32::try_from(number).ok());
    let reply = match value["mail"].as_str()? {
        "submitted" => MailReply::Submitted {
            code: number("code").and_then(|code| u16::try_from(code).ok()).expect("a code"),
            enhanced: value["enhanced"].as_str().map(str::to_owned),
        },
        "mailbox" => MailReply::Mailbox {
            validity: number("validity").expect("UIDVALIDITY"),
            next: number("next").expect("UIDNEXT"),
            mails: Vec::new(),
            until: number("until").unwrap_or(0),
            withheld: None,
        },
        "gone" => MailReply::NoMail,
        "done" => MailReply::Done,
        "removed" => MailReply::Removed {
            unopened: number("unopened").and_then(|number| number.try_into().ok()).unwrap_or(0),
            others: number("others").and_then(|number| number.try_into().ok()).unwrap_or(0),
        },
        "denied" => MailReply::Denied,
        other => panic!("no mail server answers {other}"),
    };
    Some(Reply::Mail(reply))
}

#[test]
fn who_is_asked_believes_nobody_who_tells() {
    for world in asked() {
        let mut bodies = vec![Vec::new(), b"{}".to_vec()];
        bodies.extend(received(world.kind()).into_iter().map(|received| received.body));
        for (method, body) in bodies.into_iter().flat_map(|body| [("POST", body.clone()), ("GET", body)]) {
            let secrets = world.account.secrets.values().map(|secret| secret.expose().to_owned());
            let headers = secrets.map(|secret| ("authorization".to_owned(), secret)).collect();
            let raw = Raw { method: method.to_owned(), path: String::new(), query: String::new(), headers, body };
            let verdict = world.connector.verify(&ctx(), &raw, &world.account).map(drop);
            assert_eq!(verdict, Err(Reject::Unauthorised), "{}", world.kind());
        }
    }
}

#[test]
fn asking_twice_brings_the_same() {
    for world in asked() {
        for received in received(world.kind()) {
            let bodies = |ctx: &Ctx| {
                kept(&world, ctx, &received.body).iter().map(|kept| kept.body().to_vec()).collect::<Vec<_>>()
            };
            let later = Ctx { now_ms: ctx().now_ms + 3_600_000, chance: [9; 32] };
            assert_eq!(bodies(&ctx()), bodies(&later), "{}", world.kind());
        }
    }
}

#[test]
fn what_is_asked_of_a_mailbox_names_it() {
    for world in asked().filter(|world| world.connector.sign_in().is_none()) {
        let server = world.connector.mailbox(&world.account).expect("a mailbox to wait in");
        assert_eq!(server.host, world.account.setting("imap.host"));
        assert!(world.connector.spec().limits.poll_ms > 0);
        let Step::Call(Call::Imap(call)) = world.connector.poll(&ctx(), &world.account, None, &[]) else {
            panic!("{}", world.kind())
        };
        assert_eq!(call.server.host, server.host);
    }
}
