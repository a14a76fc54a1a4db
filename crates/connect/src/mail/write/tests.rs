//! Whatever goes into a mail, another program's reader finds exactly it and nothing else.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail_parser::{Message, MessageParser, MimeHeaders};
use proptest::prelude::*;

use super::header::one_line;
use super::*;
use crate::{Button, Content, PersonIdentity, Recipient, Secret};

const CONVERSATION: &str = "cnv_0193a1b2c3d4e5f60718293a4b5c6d7e";
const CTX: Ctx = Ctx { now_ms: 1_767_225_600_000, chance: [7; 32] };

fn account() -> Account {
    let mut account = Account { channel: "chn_1".to_owned(), ..Account::default() };
    account.secrets.insert(ours::SECRET.to_owned(), Secret::new("s"));
    account
}

fn to(address: &str) -> Recipient {
    let known = PersonIdentity { kind: IdentityKind::Email, scope: String::new(), value: address.to_owned() };
    Recipient { thread: None, identities: vec![known] }
}

fn outgoing(content: Content) -> Outgoing {
    let out = Outgoing::new("msg_1".to_owned(), "obx_1".to_owned(), to("anna@example.org"), content);
    Outgoing { conversation: CONVERSATION.to_owned(), ..out }
}

fn text(text: &str) -> Content {
    Content::Text { text: text.to_owned(), buttons: Vec::new() }
}

fn file(name: &str, content_type: &str) -> OutFile {
    let (name, content_type) = (name.to_owned(), content_type.to_owned());
    OutFile { blob: BlobHandle("att_1".to_owned()), name, content_type, size: 200 }
}

/// What is in every file.
fn bytes() -> Vec<u8> {
    (0..200).collect()
}

fn try_written(out: &Outgoing, name: &str, signature: &str) -> Result<Vec<u8>, SendError> {
    let account = account();
    let sender = Sender { account: &account, address: "info@shop.example", name, signature, plus: true };
    write(&CTX, out, &sender).map(|mail| whole(&mail.pieces))
}

fn written(out: &Outgoing) -> Vec<u8> {
    try_written(out, "Shop", "").expect("written")
}

/// The mail as it is submitted.
fn whole(pieces: &[MailPiece]) -> Vec<u8> {
    let mut mail = Vec::new();
    for piece in pieces {
        match piece {
            MailPiece::Bytes(bytes) => mail.extend_from_slice(bytes),
            MailPiece::Base64(_) => {
                for line in STANDARD.encode(bytes()).as_bytes().chunks(76) {
                    mail.extend_from_slice(line);
                    mail.extend_from_slice(b"\r\n");
                }
            }
        }
    }
    mail
}

/// The fields of a header, unfolded.
fn fields(mail: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8(mail.to_vec()).expect("ASCII");
    let (head, _) = text.split_once("\r\n\r\n").expect("a header");
    let head = head.replace("\r\n ", " ");
    let field = |line: &str| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    head.split("\r\n").map(|line| field(line).unwrap_or_else(|| panic!("no field: {line}"))).collect()
}

fn names(mail: &[u8]) -> Vec<String> {
    fields(mail).into_iter().map(|(name, _)| name).collect()
}

fn value(mail: &[u8], name: &str) -> Option<String> {
    fields(mail).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// RFC 5322, 2.1.1 and 2.3: short lines of ASCII, each ended by CRLF, which is nowhere else.
fn well_formed(mail: &[u8]) {
    assert!(mail.is_ascii() && !mail.contains(&0) && mail.ends_with(b"\r\n"));
    let text = String::from_utf8_lossy(mail);
    for line in text.split("\r\n") {
        assert!(line.len() <= 998 && !line.contains(['\r', '\n']), "{line:?}");
    }
    let (head, body) = text.split_once("\r\n\r\n").expect("a header");
    assert!(body.split("\r\n").all(|line| line.len() <= 78), "{body}");
    for line in head.split("\r\n").filter(|line| line.len() > 78) {
        let value = line.split_once(": ").map_or(line, |(_, value)| value);
        assert!(!value.trim_start().contains(' '), "it could have been folded: {line}");
    }
}

fn read(mail: &[u8]) -> Message<'_> {
    MessageParser::default().parse(mail).expect("a mail")
}

/// The text as another program reads it, with `\n` at the ends of lines.
fn words(mail: &Message<'_>) -> String {
    mail.body_text(0).expect("a text").replace("\r\n", "\n")
}

fn lines(text: &str) -> String {
    text.replace('\0', "").replace("\r\n", "\n").replace('\r', "\n")
}

#[test]
fn a_mail_is_whole() {
    let mut out = outgoing(text("Gr\u{fc}\u{df}e\n.\nFrom here https://shop.example/?a=1&b=2.\n"));
    out.subject = "Order 7".to_owned();
    out.reply_to = Some("q2@mail.example.org".to_owned());
    out.before = ["q1@x.example", "hash:00", "q2@mail.example.org", "a b@c"].map(str::to_owned).into();
    let mail = written(&out);
    well_formed(&mail);
    let expected = [
        "Date",
        "From",
        "Reply-To",
        "To",
        "Subject",
        "Message-ID",
        "In-Reply-To",
        "References",
        "X-Parloir-Channel",
        "MIME-Version",
        "Content-Type",
    ];
    assert_eq!(names(&mail), expected);
    assert_eq!(value(&mail, "Date").as_deref(), Some("Thu, 01 Jan 2026 00:00:00 +0000"));
    assert_eq!(value(&mail, "From").as_deref(), Some("\"Shop\" <info@shop.example>"));
    assert_eq!(value(&mail, "Subject").as_deref(), Some("Re: Order 7"));
    assert_eq!(value(&mail, "In-Reply-To").as_deref(), Some("<q2@mail.example.org>"));
    assert_eq!(value(&mail, "References").as_deref(), Some("<q1@x.example> <q2@mail.example.org>"));
    let reply_to = value(&mail, "Reply-To").expect("an address for answers");
    let address = reply_to.split(['<', '>']).nth(1).expect("an address");
    assert_eq!(ours::conversation(&account(), address).as_deref(), Some(CONVERSATION));
    let mail = read(&mail);
    assert_eq!(words(&mail), "Gr\u{fc}\u{df}e\n.\nFrom here https://shop.example/?a=1&b=2.\n");
    let html = mail.body_html(0).expect("HTML").replace("\r\n", "\n");
    assert!(html.contains("Gr\u{fc}\u{df}e<br>\n.<br>\n"), "{html}");
    let link = "<a href=\"https://shop.example/?a=1&amp;b=2\">https://shop.example/?a=1&amp;b=2</a>.";
    assert!(html.contains(link), "{html}");
}

#[test]
fn long_threads_keep_their_first_mail_and_their_last() {
    let mut out = outgoing(text("yes"));
    out.before = (0..60).map(|at| format!("m{at}@x.example")).collect();
    let references = value(&written(&out), "References").expect("references");
    let ids: Vec<&str> = references.split(' ').collect();
    assert_eq!((ids.len(), ids[0], ids[1], ids[19]), (20, "<m0@x.example>", "<m41@x.example>", "<m59@x.example>"));
    assert_eq!(value(&written(&out), "In-Reply-To").as_deref(), Some("<m59@x.example>"));
}

#[test]
fn machines_are_told_only_what_is_so() {
    let names_of = |change: fn(&mut Outgoing)| {
        let mut out = outgoing(text("yes"));
        change(&mut out);
        names(&written(&out))
    };
    let has = |names: &[String], name: &str| names.iter().any(|known| known == name);
    let usual = names_of(|_| {});
    for name in ["Auto-Submitted", "X-Auto-Response-Suppress", "List-Unsubscribe", "List-Unsubscribe-Post"] {
        assert!(!has(&usual, name));
    }
    let automatic = names_of(|out| out.automatic = true);
    assert!(has(&automatic, "Auto-Submitted") && has(&automatic, "X-Auto-Response-Suppress"));
    let leaving = names_of(|out| out.unsubscribe = Some("https://chat.example/u/1".to_owned()));
    assert!(has(&leaving, "List-Unsubscribe") && has(&leaving, "List-Unsubscribe-Post"));
    let shown = Outgoing { unsubscribe: Some("https://chat.example/u/1".to_owned()), ..outgoing(text("Offers")) };
    for (language, said) in [
        (Some("it-CH"), "Annulla l\u{2019}iscrizione"),
        (Some("ES"), "Darse de baja"),
        (Some("de_AT"), "Abmelden"),
        (Some("fr"), "Unsubscribe"),
        (Some(""), "Unsubscribe"),
        (None, "Unsubscribe"),
    ] {
        let out = Outgoing { language: language.map(str::to_owned), ..shown.clone() };
        let mail = try_written(&out, "", "").expect("written");
        let mail = read(&mail);
        assert_eq!(words(&mail), format!("Offers\n\n{said}: https://chat.example/u/1"), "{language:?}");
        assert!(mail.body_html(0).expect("HTML").contains(&format!(">{said}</a>")), "{language:?}");
    }
    let shown = try_written(&shown, "", "Shop Ltd").expect("written");
    let shown = read(&shown);
    assert_eq!(words(&shown), "Offers\n\n-- \nShop Ltd\n\nUnsubscribe: https://chat.example/u/1");
    assert!(shown.body_html(0).expect("HTML").contains("<a href=\"https://chat.example/u/1\">Unsubscribe</a>"));
    for wrong in ["http://a.example", "https://a>b", "https://a\r\nBcc: x@y.z", "javascript:alert(1)"] {
        let mut out = outgoing(text("yes"));
        out.unsubscribe = Some(wrong.to_owned());
        assert_eq!(names(&written(&out)), usual, "{wrong}");
    }
}

#[test]
fn buttons_lead_somewhere_or_have_a_number() {
    let button = |label: &str, url: Option<&str>| Button {
        label: label.to_owned(),
        data: Some("d".to_owned()),
        url: url.map(str::to_owned),
    };
    let buttons = vec![
        vec![button("Yes", None), button("Order", Some("https://shop.example/7"))],
        vec![button("No <b>", Some("javascript:alert(1)"))],
    ];
    let mail = written(&outgoing(Content::Text { text: "Shall we?".to_owned(), buttons }));
    well_formed(&mail);
    let mail = read(&mail);
    assert_eq!(words(&mail), "Shall we?\n\n1. Yes\nOrder: https://shop.example/7\n2. No <b>");
    let html = mail.body_html(0).expect("HTML");
    assert!(html.contains("<a href=\"https://shop.example/7\">Order</a>") && html.contains("2. No &lt;b&gt;"));
    assert!(!html.contains("javascript"));
}

#[test]
fn files_are_beside_the_text_or_alone() {
    let files = vec![file("a.pdf", "application/pdf"), file("b.eml", "message/rfc822"), file("c", "no type")];
    for caption in [Some("See below".to_owned()), None] {
        let mail = written(&outgoing(Content::Files { files: files.clone(), caption: caption.clone() }));
        well_formed(&mail);
        let mail = read(&mail);
        assert_eq!(mail.attachment_count(), 3);
        let kinds: Vec<_> =
            mail.attachments().map(|part| part.content_type().expect("a type").ctype().to_owned()).collect();
        assert_eq!(kinds, ["application"; 3]);
        assert!(mail.attachments().all(|part| part.contents() == bytes()));
        if let Some(caption) = caption {
            assert_eq!(words(&mail), caption);
        }
    }
}

#[test]
fn what_cannot_be_sent_is_refused_in_words() {
    let code = |out: &Outgoing| match try_written(out, "", "") {
        Err(SendError::Refused { code, why }) if why.ends_with('.') => code,
        other => panic!("{:?}", other.map(|mail| mail.len())),
    };
    let mut large = file("a.bin", "");
    large.size = FILES_BYTES / 2 + 1;
    assert_eq!(
        code(&outgoing(Content::Files { files: vec![large.clone(), large], caption: None })),
        "message_too_large"
    );
    assert_eq!(code(&outgoing(text(" \n"))), "empty");
    assert_eq!(code(&outgoing(Content::Files { files: Vec::new(), caption: None })), "empty");
    let nobody = Outgoing { to: Recipient::default(), ..outgoing(text("yes")) };
    assert_eq!(code(&nobody), "no_address");
    let nowhere = Outgoing { to: to("anna@b\u{fc}..example"), ..outgoing(text("yes")) };
    assert_eq!(code(&nowhere), "address_unsupported");
    let place = crate::Place { latitude: 0.0, longitude: 0.0, name: None, address: None };
    assert!(matches!(try_written(&outgoing(Content::Place(place)), "", ""), Err(SendError::Unsupported)));
}

#[test]
fn addresses_of_any_letters_stand_in_their_fields() {
    let abroad = Outgoing { to: to("j\u{f6}rg@b\u{fc}cher.example"), ..outgoing(text("yes")) };
    let mail = String::from_utf8(try_written(&abroad, "", "").expect("written")).expect("UTF-8");
    assert!(mail.contains("To: j\u{f6}rg@xn--bcher-kva.example\r\n"), "{mail}");
    let head = mail.split("\r\n\r\n").next().expect("a header");
    assert!(head.lines().all(|line| line.is_ascii() || line.starts_with("To: ")), "{head}");
}

#[test]
fn a_signature_stands_below_the_text_alone() {
    let mail = try_written(&outgoing(text("Yes.")), "", "Shop Ltd\r\nVia Roma 1\n").expect("written");
    assert_eq!(words(&read(&mail)), "Yes.\n\n-- \nShop Ltd\nVia Roma 1");
    let mail = read(&mail);
    assert!(mail.body_html(0).expect("HTML").contains("-- <br>Shop Ltd<br>\r\nVia Roma 1"));
}

/// Texts as people write them, and as nobody should.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,200}",
        "([a-z]{1,12} ){0,40}",
        "[\\r\\n\\t .=?<>\"a-z\u{0}\u{e9}\u{4e2d}\u{1f600}]{0,120}",
        "=\\?utf-8\\?[BQ]\\?[A-Za-z=]{0,20}\\?=",
        "a\\r\\nBcc: evil@example\\.org(\\r\\n){0,3}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_text_is_read_back_exactly(said in any_text()) {
        prop_assume!(!said.trim().is_empty());
        let mail = written(&outgoing(text(&said)));
        well_formed(&mail);
        prop_assert_eq!(words(&read(&mail)), lines(&said));
        let mail = read(&mail);
        let html = mail.body_html(0).expect("HTML").into_owned();
        let inner = html.split_once("<body>").and_then(|(_, rest)| rest.split_once("</body>")).expect("a body").0;
        let tags = ["<div dir=\"auto\">", "</div>", "<br>", "</a>", "<p dir=\"auto\">", "</p>"];
        let bare = tags.iter().fold(inner.to_owned(), |left, tag| left.replace(tag, ""));
        for tag in bare.split('<').skip(1) {
            prop_assert!(tag.starts_with("a href=\"http"), "{}", tag);
        }
    }

    #[test]
    fn a_header_is_read_back_and_nothing_is_added(subject in any_text(), name in any_text(), before in prop::collection::vec(any_text(), 0..5)) {
        let mut out = outgoing(text("yes"));
        out.subject.clone_from(&subject);
        out.order.clone_from(&name);
        out.before = before;
        let mail = try_written(&out, &name, &name).expect("written");
        well_formed(&mail);
        let found = names(&mail);
        let known = ["Date", "From", "Reply-To", "To", "Subject", "Message-ID", "In-Reply-To", "References",
            "X-Parloir-Channel", "MIME-Version", "Content-Type"];
        prop_assert!(found.iter().all(|name| known.contains(&name.as_str())));
        prop_assert_eq!(found.iter().collect::<std::collections::BTreeSet<_>>().len(), found.len());
        let mail = read(&mail);
        let account = account();
        let sender = Sender { account: &account, address: "info@shop.example", name: &name, signature: "", plus: true };
        prop_assert_eq!(mail.subject().unwrap_or_default(), subject::of(&out, &sender));
        let from = mail.from().and_then(|from| from.first()).expect("a sender");
        prop_assert_eq!(from.name().unwrap_or_default(), one_line(&name));
        prop_assert_eq!(from.address(), Some("info@shop.example"));
        let to = mail.to().and_then(|to| to.first()).expect("a recipient");
        prop_assert_eq!(to.address(), Some("anna@example.org"));
        let id = ours::message_id(&account, &name, "info@shop.example");
        prop_assert_eq!(mail.message_id(), Some(id.as_str()));
    }

    #[test]
    fn a_file_keeps_its_name_and_its_bytes(name in any_text(), kind in any_text()) {
        let mail = written(&outgoing(Content::Files { files: vec![file(&name, &kind)], caption: None }));
        well_formed(&mail);
        let mail = read(&mail);
        let part = mail.attachment(0).expect("a file");
        let expected: String = one_line(&name).replace(['/', '\\'], "_").chars().take(180).collect();
        let expected = if expected.is_empty() { "file".to_owned() } else { expected };
        prop_assert_eq!(part.attachment_name(), Some(expected.as_str()));
        prop_assert_eq!(part.contents(), bytes());
    }

    #[test]
    fn an_address_is_read_back_or_refused(local in "[ -~]{1,20}", domain in "[a-z]{1,10}(\\.[a-z]{1,10}){1,2}") {
        let mut out = outgoing(text("yes"));
        out.to = to(&format!("{local}@{domain}"));
        if let Ok(mail) = try_written(&out, "", "") {
            well_formed(&mail);
            prop_assert_eq!(names(&mail).iter().filter(|name| *name == "To").count(), 1);
            let mail = read(&mail);
            let addresses: Vec<_> = mail.to().map(|to| to.iter().collect()).unwrap_or_default();
            prop_assert_eq!(addresses.len(), 1, "one recipient stays one");
        }
    }
}
