//! Mailboxes: what was looked at, what came, and what no server can make us hold.

mod withheld;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use connect::{Call, ImapAct, ImapCall, MailEncoding, MailPart, MailReply, MailTls, Reply, Span, TheirMails};

use super::super::super::{Outside, WatchEnd};
use super::super::OneFile;
use super::{NoBlobs, Step, answers, at, hears, outbound, says, server, shown, told};

const INBOX: &str =
    "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n* OK [UIDNEXT 40] next\r\n{tag} OK [READ-ONLY] open\r\n";

/// Until the inbox is open.
fn open(can: &str) -> Vec<Step> {
    let greeting = says(format!("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN {can}] ready\r\n"));
    let signed_in = format!("{{tag}} OK [CAPABILITY IMAP4rev1 {can}] in\r\n");
    [
        vec![greeting],
        answers("AUTHENTICATE PLAIN AHNob3AAc2VjcmV0\r\n", signed_in).to_vec(),
        answers("INBOX\r\n", INBOX).to_vec(),
    ]
    .concat()
}

fn call(address: std::net::SocketAddr, act: ImapAct) -> Call {
    Call::Imap(ImapCall { operation: "test.work", server: at(address, MailTls::None, "shop"), act })
}

fn after(validity: u32, after: u32) -> ImapAct {
    ImapAct::After { validity, after, since_ms: 0, most: 10, largest: 1_000_000, bytes: 1_000_000, doubtful: 0 }
}

fn about(uid: u32) -> String {
    format!("* 1 FETCH (UID {uid} RFC822.SIZE 4 INTERNALDATE \"01-Feb-2026 00:00:00 +0000\")\r\n")
}

fn piece(uid: u32, text: &str) -> String {
    format!(
        "* 1 FETCH (FLAGS ())\r\n* 1 FETCH (UID {uid} BODY[]<0> {{{}}}\r\n{text})\r\n{{tag}} OK fetched\r\n",
        text.len()
    )
}

/// The ids that came, and how far it was looked.
async fn came(script: Vec<Step>, act: ImapAct) -> Result<(Vec<u32>, u32), String> {
    let (address, _) = server(script).await;
    let reply = outbound(&[address], Duration::from_secs(20)).perform(&call(address, act), "chn_1", &NoBlobs).await;
    match reply {
        Reply::Mail(MailReply::Mailbox { validity: 7, mails, until, .. }) => {
            Ok((mails.iter().map(|mail| mail.uid).collect(), until))
        }
        other => Err(shown(&other)),
    }
}

#[tokio::test]
async fn what_is_gone_between_two_questions_was_looked_at() {
    let script = [
        open(""),
        answers("UID SEARCH UID 11:*\r\n", "* SEARCH 10 12 14 13\r\n{tag} OK found\r\n").to_vec(),
        // The mail 14 is gone before it is asked about, 12 before it is brought.
        answers("UID FETCH 12,13,14 (", format!("{}{}{{tag}} OK\r\n", about(13), about(12))).to_vec(),
        answers("UID SEARCH UID 14\r\n", "* SEARCH\r\n{tag} OK\r\n").to_vec(),
        answers("UID FETCH 12 (", "{tag} OK nothing\r\n").to_vec(),
        answers("UID SEARCH UID 12\r\n", "* SEARCH\r\n{tag} OK\r\n").to_vec(),
        answers("UID FETCH 13 (", piece(13, "mail")).to_vec(),
        answers("LOGOUT", "* BYE\r\n").to_vec(),
    ];
    assert_eq!(came(script.concat(), after(7, 10)).await, Ok((vec![13], 39)));
}

#[tokio::test]
async fn what_the_server_cannot_give_now_is_not_passed_over() {
    for failed in ["{tag} NO [SERVERBUG] try later\r\n", "* 2 FETCH (UID 12 BODY[]<0> NIL)\r\n{tag} OK\r\n"] {
        let script = [
            open(""),
            answers("UID SEARCH UID 11:*\r\n", "* SEARCH 11 12 13\r\n{tag} OK\r\n").to_vec(),
            answers("UID FETCH 11,12,13 (", format!("{}{}{}{{tag}} OK\r\n", about(11), about(12), about(13))).to_vec(),
            answers("UID FETCH 11 (", piece(11, "mail")).to_vec(),
            answers("UID FETCH 12 (", failed.to_owned()).to_vec(),
            answers("UID SEARCH UID 12\r\n", "* SEARCH 12\r\n{tag} OK\r\n").to_vec(),
        ];
        assert_eq!(came(script.concat(), after(7, 10)).await, Ok((vec![11], 11)), "{failed}");
    }
}

#[tokio::test]
async fn nothing_new_is_looked_at_as_far_as_there_can_be_any() {
    let script = [open(""), answers("UID SEARCH", "* SEARCH 10\r\n{tag} OK\r\n").to_vec()].concat();
    assert_eq!(came(script, after(7, 10)).await, Ok((vec![], 39)));
    assert_eq!(came(open(""), after(7, 39)).await, Ok((vec![], 39)), "nobody needs to search");
    assert_eq!(came(open(""), after(6, 99)).await, Ok((vec![], 0)), "other ids");
}

#[tokio::test]
async fn what_came_before_the_connection_broke_counts() {
    let begun = [
        open(""),
        answers("UID SEARCH", "* SEARCH 11 12\r\n{tag} OK\r\n").to_vec(),
        answers("UID FETCH 11,12 (", format!("{}{}{{tag}} OK\r\n", about(11), about(12))).to_vec(),
    ]
    .concat();
    let first = answers("UID FETCH 11 (", piece(11, "mail")).to_vec();
    let half = answers("UID FETCH 12 (", "* 2 FETCH (UID 12 BODY[]<0> {4}\r\nma").to_vec();
    assert_eq!(came([begun.clone(), first, half].concat(), after(7, 10)).await, Ok((vec![11], 11)));
    let half = answers("UID FETCH 11 (", "* 2 FETCH (UID 11 BODY[]<0> {4}\r\nma").to_vec();
    assert_eq!(came([begun, half].concat(), after(7, 10)).await, Ok((vec![], 10)));
}

#[tokio::test]
async fn bounds_of_one_look() {
    let act = ImapAct::After {
        validity: 7,
        after: 0,
        since_ms: 1_769_904_000_001,
        most: 2,
        largest: 100,
        bytes: 1,
        doubtful: 0,
    };
    let late = about(13).replace("00:00:00", "00:00:01");
    let script = [
        open(""),
        answers("UID SEARCH UID 1:* SINCE 30-Jan-2026\r\n", "* SEARCH 12 13 14\r\n{tag} OK\r\n").to_vec(),
        answers("UID FETCH 12,13 (", format!("{}{late}{{tag}} OK\r\n", about(12))).to_vec(),
        answers("UID FETCH 13 (", piece(13, "mail")).to_vec(),
    ];
    // The mail 12 came too early; 14 is for the next look.
    assert_eq!(came(script.concat(), act).await, Ok((vec![13], 13)));
}

#[tokio::test]
async fn a_large_mail_comes_with_its_beginning() {
    let act =
        ImapAct::After { validity: 7, after: 0, since_ms: 0, most: 2, largest: 300_000, bytes: 1_000_000, doubtful: 0 };
    let piece = format!("* 1 FETCH (UID 12 BODY[]<0> {{262144}}\r\n{})\r\n{{tag}} OK\r\n", "x".repeat(262_144));
    let told = about(12).replace("RFC822.SIZE 4", "RFC822.SIZE 25000000");
    let script = [
        open(""),
        answers("UID SEARCH", "* SEARCH 12\r\n{tag} OK\r\n").to_vec(),
        answers("UID FETCH 12 (", format!("{told}{{tag}} OK\r\n")).to_vec(),
        answers("UID FETCH 12 (UID BODY.PEEK[]<0.262144>)\r\n", piece).to_vec(),
    ];
    let (address, _) = server(script.concat()).await;
    let reply = outbound(&[address], Duration::from_secs(20)).perform(&call(address, act), "chn_1", &NoBlobs).await;
    let Reply::Mail(MailReply::Mailbox { mails, until: 39, .. }) = reply else { panic!("{reply:?}") };
    assert_eq!((mails[0].size, mails[0].raw.len(), mails[0].received_ms), (25_000_000, 262_144, 1_769_904_000_000));
}

#[tokio::test]
async fn no_server_makes_us_hold_more() {
    let endless = format!("* OK {}", "x".repeat(300_000));
    let deep = format!("* 1 FETCH {}\r\n{{tag}} OK\r\n", "(".repeat(30_000));
    for (words, told) in [
        (endless.as_str(), "larger"),
        ("* 1 FETCH (UID 12 BODY[]<0> {99999999999999999999}\r\n", "larger"),
        ("* 1 FETCH (UID 12 BODY[]<0> {1000000}\r\n", "larger"),
        ("* 1 FETCH (UID 12 BODY[]<0> {262145}\r\n", "cut"),
        ("* BYE full\r\n", "cut"),
        ("nonsense\r\n", "none that the protocol has"),
        (deep.as_str(), "not sent"),
    ] {
        let script = [open(""), answers("UID SEARCH", words).to_vec()].concat();
        let reply = came(script, after(7, 10)).await;
        match told {
            "not sent" => assert_eq!(reply, Ok((vec![], 39)), "{words:.30}"),
            told => assert!(reply.as_ref().is_err_and(|reply| reply.contains(told)), "{words:.30}: {reply:?}"),
        }
    }
    // Half a million ids are one line that is read and not held.
    let many: String = (41..500_000).rev().map(|id| format!(" {id}")).collect::<Vec<_>>().concat();
    let script = [
        open(""),
        answers("UID SEARCH", format!("* SEARCH{many} 38\r\n{{tag}} OK\r\n")).to_vec(),
        answers("UID FETCH 38,41,42", "{tag} OK\r\n").to_vec(),
        answers("UID SEARCH UID 38,41,42", "* SEARCH\r\n{tag} OK\r\n").to_vec(),
    ];
    assert_eq!(came(script.concat(), after(7, 10)).await, Ok((vec![], 49)));
}

#[tokio::test]
async fn signing_in() {
    async fn with(script: Vec<Step>) -> String {
        let (address, _) = server(script).await;
        told(address, call(address, ImapAct::Look)).await
    }
    let greeting = |can: &str| vec![says(format!("* OK [CAPABILITY IMAP4rev1 {can}] ready\r\n"))];
    let said = |words: &str| {
        let refused = answers("LOGIN \"shop\" \"secret\"\r\n", format!("{{tag}} NO {words}\r\n")).to_vec();
        with([greeting(""), refused].concat())
    };
    assert_eq!(said("[AUTHENTICATIONFAILED] no").await, "Denied");
    assert_eq!(said("no").await, "Denied");
    assert_eq!(said("[ALERT] Application-specific password required").await, "Denied");
    for busy in ["[UNAVAILABLE] later", "[ALERT] Too many simultaneous connections. (Failure)", "[OVERQUOTA] wait"] {
        assert_eq!(said(busy).await, "NotSent(the mail server lets nobody in now)", "{busy}");
    }
    assert_eq!(
        with(greeting("LOGINDISABLED")).await,
        "NotSent(the mail server offers no way to sign in with a password)"
    );
    assert_eq!(with(vec![says("* BYE full\r\n")]).await, "NotSent(the mail server takes no connection now)");
    assert_eq!(with(vec![says("220 smtp\r\n")]).await, "Lost(the answer is none that the protocol has)");
    let slowly = [
        vec![says("* OK ready\r\n")],
        answers("CAPABILITY\r\n", "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n{tag} OK\r\n").to_vec(),
        answers("AUTHENTICATE PLAIN\r\n", "+ \r\n").to_vec(),
        vec![hears("AHNob3AAc2VjcmV0\r\n"), says("p2 OK in\r\n")],
        answers("CAPABILITY\r\n", "* CAPABILITY IMAP4rev1\r\n{tag} OK\r\n").to_vec(),
        answers("EXAMINE INBOX\r\n", "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n{tag} OK\r\n").to_vec(),
        answers("FETCH * (UID)\r\n", "* 2 FETCH (UID 8)\r\n{tag} OK\r\n").to_vec(),
    ];
    assert_eq!(with(slowly.concat()).await, "Mailbox(0 mails)");
}

#[tokio::test]
async fn a_part_is_decoded_on_its_way() {
    let part = MailPart {
        validity: 7,
        uid: 12,
        offset: 100,
        length: 262_150,
        encoding: MailEncoding::Base64,
        message_id: None,
        within: None,
        size: 0,
    };
    let first = format!("* 1 FETCH (UID 12 BODY[]<100> {{262144}}\r\n{})\r\n{{tag}} OK\r\n", "QUFB".repeat(65_536));
    let script = |last: &str| {
        [
            open(""),
            answers("UID FETCH 12 (UID BODY.PEEK[]<100.262144>)\r\n", first.clone()).to_vec(),
            answers("UID FETCH 12 (UID BODY.PEEK[]<262244.6>)\r\n", last.to_owned()).to_vec(),
            answers("LOGOUT", "* BYE\r\n").to_vec(),
        ]
        .concat()
    };
    let door = OneFile { content: b"", kept: Mutex::default() };
    let (address, _) = server(script("* 1 FETCH (BODY[]<262244> \"\r\nQg==\" UID 12)\r\n{tag} OK\r\n")).await;
    // The script's last piece has its line end within quotes, as no real server has: it is refused.
    let act = || ImapAct::Part(part.clone());
    let outbound = outbound(&[address], Duration::from_secs(20));
    let odd = outbound.perform(&call(address, act()), "chn_1", &door).await;
    assert_eq!(shown(&odd), "Lost(the connection was cut before the answer was complete)");
    assert!(door.kept.lock().unwrap().is_empty(), "half a file is none");
    let (address, _) = server(script("* 1 FETCH (UID 12 BODY[]<262244> {6}\r\n\r\nQg==)\r\n{tag} OK\r\n")).await;
    let outbound = super::outbound(&[address], Duration::from_secs(20));
    let reply = outbound.perform(&call(address, act()), "chn_1", &door).await;
    let Reply::Stored { size, .. } = reply else { panic!("{reply:?}") };
    assert_eq!((size, door.kept.lock().unwrap().last()), (196_609, Some(&b'B')));
    for gone in ["{tag} OK\r\n", "* 1 FETCH (UID 12 BODY[]<262244> \"abc\")\r\n{tag} OK\r\n", "{tag} NO gone\r\n"] {
        let (address, _) = server(script(gone)).await;
        let outbound = super::outbound(&[address], Duration::from_secs(20));
        assert_eq!(shown(&outbound.perform(&call(address, act()), "chn_1", &door).await), "NoMail", "{gone}");
    }
    let other = ImapAct::Part(MailPart { validity: 8, ..part.clone() });
    let (address, _) = server(open("")).await;
    assert_eq!(told(address, call(address, other)).await, "NoMail");
}

#[tokio::test]
async fn a_file_within_a_part_is_cut_out_on_its_way() {
    let encoding = MailEncoding::Base64;
    for (start, length, expected) in [(1, 3, Some("bcd")), (0, 6, Some("abcdef")), (5, 1, Some("f")), (4, 3, None)] {
        let within = Some(Span { start, length });
        let part =
            MailPart { validity: 7, uid: 12, offset: 100, length: 8, encoding, message_id: None, within, size: 0 };
        let said = "* 1 FETCH (UID 12 BODY[]<100> \"YWJjZGVm\")\r\n{tag} OK\r\n";
        let script = [
            open(""),
            answers("UID FETCH 12 (UID BODY.PEEK[]<100.8>)\r\n", said).to_vec(),
            answers("LOGOUT", "* BYE\r\n").to_vec(),
        ];
        let door = OneFile { content: b"", kept: Mutex::default() };
        let (address, _) = server(script.concat()).await;
        let outbound = outbound(&[address], Duration::from_secs(20));
        let reply = outbound.perform(&call(address, ImapAct::Part(part)), "chn_1", &door).await;
        match expected {
            Some(file) => {
                assert!(matches!(reply, Reply::Stored { .. }), "{reply:?}");
                assert_eq!(*door.kept.lock().unwrap(), file.as_bytes());
            }
            None => assert_eq!(shown(&reply), "NoMail"),
        }
    }
}

#[tokio::test]
async fn a_part_of_a_mail_that_has_another_id_by_now_is_brought() {
    let encoding = MailEncoding::Identity;
    let message_id = Some("a@b".to_owned());
    let part = MailPart { validity: 6, uid: 12, offset: 100, length: 4, encoding, message_id, within: None, size: 120 };
    let searched = |found: &str| {
        answers("UID SEARCH HEADER Message-ID \"<a@b>\"\r\n", format!("* SEARCH{found}\r\n{{tag}} OK\r\n")).to_vec()
    };
    let end = |uid: u32, rest: &str| {
        let said = format!("* 1 FETCH (UID {uid} BODY[]<119> \"{rest}\")\r\n{{tag}} OK\r\n");
        answers(format!("UID FETCH {uid} (UID BODY.PEEK[]<119.2>)\r\n"), said).to_vec()
    };
    let brought = |uid: u32| {
        let said = format!("* 1 FETCH (UID {uid} BODY[]<100> \"file\")\r\n{{tag}} OK\r\n");
        let asked = format!("UID FETCH {uid} (UID BODY.PEEK[]<100.4>)\r\n");
        [answers(asked, said), answers("LOGOUT", "* BYE\r\n")].concat()
    };
    let listed = "* LIST () \"/\" INBOX\r\n* LIST () \"/\" Shut\r\n* LIST () \"/\" Done\r\n{tag} OK\r\n";
    let elsewhere = [
        answers("LIST \"\" \"*\"\r\n", listed),
        answers("EXAMINE \"Shut\"\r\n", "{tag} NO shut\r\n"),
        answers("EXAMINE \"Done\"\r\n", "{tag} OK open\r\n"),
    ]
    .concat();
    let gone = answers("UID SEARCH UID 12\r\n", "* SEARCH\r\n{tag} OK\r\n").to_vec();
    let same = MailPart { validity: 7, ..part.clone() };
    for (part, script, stored) in [
        // Of two mails with the id the second is as long.
        (&part, [searched(" 3 5"), end(3, "xx"), end(5, "x"), brought(5)].concat(), true),
        (&part, [searched(""), elsewhere.clone(), searched(" 8"), end(8, "x"), brought(8)].concat(), true),
        (&same, [gone, searched(""), elsewhere.clone(), searched(" 8"), end(8, "x"), brought(8)].concat(), true),
        (&part, [searched(" 3"), end(3, ""), elsewhere, searched("")].concat(), false),
    ] {
        let door = OneFile { content: b"", kept: Mutex::default() };
        let (address, _) = server([open(""), script].concat()).await;
        let outbound = outbound(&[address], Duration::from_secs(20));
        let reply = outbound.perform(&call(address, ImapAct::Part(part.clone())), "chn_1", &door).await;
        let kept = door.kept.lock().unwrap().clone();
        assert_eq!((matches!(reply, Reply::Stored { size: 4, .. }), kept == b"file"), (stored, stored), "{reply:?}");
    }
}

#[tokio::test]
async fn a_persons_mails_are_removed_wherever_they_are_and_nobody_elses() {
    let theirs = TheirMails {
        ids: vec!["a@b".to_owned()],
        addresses: vec!["anna@example.org".to_owned()],
        mark: Some("mark".to_owned()),
    };
    let listed = "* LIST () \"/\" INBOX\r\n* LIST () \"/\" Shut\r\n* LIST () \"/\" Gone\r\n{tag} OK\r\n";
    let header = |uid: u32, from: &str| {
        let header = format!("From: {from}\r\nMessage-ID: <a@b>\r\n\r\n");
        let length = header.len();
        let said = format!("* 1 FETCH (UID {uid} BODY[HEADER]<0> {{{length}}}\r\n{header})\r\n{{tag}} OK\r\n");
        answers(format!("UID FETCH {uid} (UID BODY.PEEK[HEADER]<0.131072>)\r\n"), said).to_vec()
    };
    let greeting = says("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN UIDPLUS] ready\r\n");
    let signed_in = "{tag} OK [CAPABILITY IMAP4rev1 UIDPLUS] in\r\n";
    let script = [
        vec![greeting],
        answers("AUTHENTICATE PLAIN AHNob3AAc2VjcmV0\r\n", signed_in).to_vec(),
        answers("LIST \"\" \"*\"\r\n", listed).to_vec(),
        answers("EXAMINE \"INBOX\"\r\n", "{tag} OK open\r\n").to_vec(),
        answers("UID SEARCH HEADER Message-ID \"<a@b>\"\r\n", "* SEARCH 3 4 5\r\n{tag} OK\r\n").to_vec(),
        header(3, "bea@example.org"),
        header(4, "Anna <anna@example.org>"),
        answers("UID FETCH 5 (", "{tag} OK gone\r\n").to_vec(),
        answers(["SELECT", "\"INBOX\"\r\n"].join(" "), "{tag} OK open\r\n").to_vec(),
        answers("UID STORE 4 +FLAGS.SILENT (\\Deleted)\r\n", "{tag} OK\r\n").to_vec(),
        answers("UID EXPUNGE 4\r\n", "{tag} OK\r\n").to_vec(),
        answers("EXAMINE \"Shut\"\r\n", "{tag} NO [NOPERM] not yours\r\n").to_vec(),
        answers("EXAMINE \"Gone\"\r\n", "{tag} NO [NONEXISTENT] gone\r\n").to_vec(),
        answers("LOGOUT", "* BYE\r\n").to_vec(),
    ];
    let (address, _) = server(script.concat()).await;
    let told = told(address, call(address, ImapAct::RemoveTheirs(theirs))).await;
    assert_eq!(told, "Removed(1 unopened, 1 others)");
}

#[tokio::test]
async fn only_what_is_meant_is_removed() {
    let remove = || ImapAct::Remove { validity: 7, uids: vec![3, 9] };
    let stored = answers("UID STORE 3,9 +FLAGS.SILENT (\\Deleted)\r\n", "{tag} OK\r\n").to_vec();
    let with = |can: &'static str, steps: Vec<Step>| async move {
        let (address, heard) = server([open(can), steps].concat()).await;
        let told = told(address, call(address, remove())).await;
        let heard = heard.lock().unwrap().clone();
        (told, heard)
    };
    let one = [stored.clone(), answers("UID EXPUNGE 3,9\r\n", "{tag} OK\r\n").to_vec()].concat();
    let (told_one, heard) = with("UIDPLUS", one).await;
    assert!(told_one == "Done" && heard.contains("SELECT INBOX"), "{told_one}: {heard}");
    let nobodys = answers("UID SEARCH DELETED\r\n", "* SEARCH\r\n{tag} OK\r\n").to_vec();
    let old = [nobodys, stored, answers("EXPUNGE\r\n", "{tag} OK\r\n").to_vec()].concat();
    assert_eq!(with("", old).await.0, "Done");
    let (refused, heard) = with("", answers("UID SEARCH DELETED\r\n", "* SEARCH 4\r\n{tag} OK\r\n").to_vec()).await;
    assert!(refused.contains("others are marked") && !heard.contains("STORE"), "{refused}: {heard}");
    let (address, _) = server(open("UIDPLUS")).await;
    let other = ImapAct::Remove { validity: 8, uids: vec![3] };
    assert_eq!(told(address, call(address, other)).await, "NoMail", "these ids are others' now");
}

#[tokio::test]
async fn mail_is_waited_for() {
    let waiting = |last: Vec<Step>| {
        let idle = answers("IDLE\r\n", "+ idling\r\n* 4 EXISTS\r\n* 4 EXPUNGE\r\n").to_vec();
        [open("IDLE"), idle, last].concat()
    };
    let again = [
        vec![hears("DONE\r\n"), says("* 5 EXISTS\r\np3 OK idled\r\n")],
        answers("IDLE\r\n", "+ idling\r\n* BYE\r\n").to_vec(),
    ];
    for (script, hints, end) in [
        (waiting(vec![]), 2, WatchEnd::Broken),
        (waiting(again.concat()), 3, WatchEnd::Broken),
        // Half dead: it does not even say that the waiting is over.
        (waiting(vec![Step::Stalls]), 2, WatchEnd::Broken),
        (open(""), 0, WatchEnd::Unable),
        (answers("", "* OK ready\r\n").into_iter().chain(answers("CAP", "p1 NO\r\n")).collect(), 0, WatchEnd::Broken),
    ] {
        let (address, _) = server(script).await;
        let seen = AtomicUsize::new(0);
        let count = || {
            seen.fetch_add(1, Ordering::SeqCst);
        };
        let mut outbound = outbound(&[address], Duration::from_secs(2));
        let config = super::OutboundConfig {
            allowed: vec![address.to_string()],
            whole: Duration::from_secs(2),
            wait_for_mail: Duration::from_millis(300),
            ..super::OutboundConfig::default()
        };
        outbound.mail = super::super::super::mail::Mail::new(&config).unwrap();
        let server = at(address, MailTls::None, "shop");
        let watch = outbound.watch(&server, &count).unwrap();
        assert_eq!(watch.await, end);
        assert_eq!(seen.load(Ordering::SeqCst), hints);
    }
}
