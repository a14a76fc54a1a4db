//! Mails with files that no one request holds: whole, once, whatever goes wrong on the way.

use serde_json::{Value, json};
use simulator::faults::{CallFault, Order};

use super::{KINDS, Mailbox, OWN, at};
use crate::client::text_of;
use crate::house::{House, until};

both_engines!(
    large_files_go_out_whole,
    what_breaks_off_in_the_middle_goes_on_and_is_sent_once,
    who_may_not_make_drafts_is_told,
);

/// Two pieces, at Microsoft, and not in even parts.
const LARGE: usize = 4_200_001;

/// A PDF that is nowhere alike.
fn pdf(size: usize) -> Vec<u8> {
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        u8::try_from(state >> 24).unwrap()
    };
    let mut all = b"%PDF-1.7 ".to_vec();
    all.resize_with(size, &mut next);
    all
}

/// Sends these files in an answer.
async fn sends(mailbox: &Mailbox<'_>, conversation: &str, text: &str, files: &[Vec<u8>]) -> Value {
    let mut ids = Vec::new();
    for (at, file) in files.iter().enumerate() {
        ids.push(mailbox.agent.upload(&format!("file {at}.pdf"), file).await);
    }
    let order = json!({ "text": text, "attachments": ids });
    mailbox.agent.post(&format!("/conversations/{conversation}/messages"), order).await
}

async fn large_files_go_out_whole(house: &House) {
    for kind in KINDS {
        let mailbox = Mailbox::open(house, kind, json!({ "access": "modify" })).await;
        mailbox.writes("The plans, please");
        let conversation = mailbox.conversation("The plans, please").await;
        let files = [pdf(LARGE), pdf(200_000), pdf(2_900_000)];
        let message = sends(&mailbox, &conversation, "Here they are", &files).await;
        mailbox.reaches(&conversation, &message, "sent").await;
        let sent = mailbox.sent();
        assert_eq!(sent.len(), 1, "{kind}");
        assert!(sent[0].0.contains("Subject: Re: Bread") && sent[0].0.contains("Here they are"), "{kind}");
        let brought = at!(mailbox, sent_files()).remove(0);
        if kind == "outlook" {
            let told: Vec<_> = brought.iter().map(|file| (file.name.as_str(), file.mime.as_str())).collect();
            let expected = ["file 0.pdf", "file 1.pdf", "file 2.pdf"].map(|name| (name, "application/pdf"));
            assert_eq!(told, expected);
            assert!(brought.iter().zip(&files).all(|(file, expected)| file.content == *expected));
            assert_eq!(["upload", "attach", "send"].map(|operation| mailbox.calls(operation)), [2, 2, 1]);
        } else {
            assert!(sent[0].0.len() > 9_500_000, "all of them, in base64");
        }
    }
}

/// Each of the calls breaks off once, before or after it is carried out.
const BREAKS: [(&str, u64, CallFault); 7] = [
    ("draft", 0, CallFault::CutAfter),
    ("session", 0, CallFault::CutBefore),
    ("upload", 0, CallFault::CutAfter),
    ("upload", 1, CallFault::CutBefore),
    ("attach", 0, CallFault::CutAfter),
    ("send", 0, CallFault::CutAfter),
    ("send", 0, CallFault::CutBefore),
];

async fn what_breaks_off_in_the_middle_goes_on_and_is_sent_once(house: &House) {
    let mailbox = Mailbox::open(house, "outlook", json!({ "access": "modify" })).await;
    mailbox.writes("The plans, please");
    let conversation = mailbox.conversation("The plans, please").await;
    let files = [pdf(LARGE), pdf(9_000)];
    let mut sent = 0;
    for (operation, skip, fault) in BREAKS {
        let lost = operation == "send" && fault == CallFault::CutBefore;
        let text = format!("{operation} {skip} {fault:?}");
        at!(mailbox, order_call_fault(Order::once(fault.clone()).only(operation).after(skip)));
        let message = sends(&mailbox, &conversation, &text, &files).await;
        let shown = mailbox.reaches(&conversation, &message, if lost { "failed" } else { "sent" }).await;
        if lost {
            assert_eq!(shown["failure"]["code"], "outcome_unknown", "it is never sent again by itself");
            continue;
        }
        sent += 1;
        let brought = at!(mailbox, sent_files());
        assert_eq!(brought.len(), sent, "{text}");
        let whole = brought[sent - 1].iter().map(|file| &file.content).eq(files.iter());
        assert!(whole, "{text}");
    }
    house.quiet().await;
    assert_eq!(at!(mailbox, count()), 1 + sent + 1, "the draft of which nobody knows is left, and no other");
    // Busy, it waits.
    house.quiet().await;
    assert_eq!(at!(mailbox, count()), 1 + sent + 1, "the draft of which nobody knows is left, and no other");
    let fault = CallFault::TooManyRequests { retry_after: 20 };
    at!(mailbox, order_call_fault(Order::once(fault).only("upload").after(1)));
    let message = sends(&mailbox, &conversation, "busy", &files).await;
    mailbox.reaches(&conversation, &message, "sent").await;
    assert_eq!(at!(mailbox, count()), 1 + sent + 2);
}

async fn who_may_not_make_drafts_is_told(house: &House) {
    let mailbox = Mailbox::open(house, "outlook", json!({})).await;
    mailbox.writes("The plans, please");
    let conversation = mailbox.conversation("The plans, please").await;
    let message = sends(&mailbox, &conversation, "Here", &[pdf(LARGE)]).await;
    let shown = mailbox.reaches(&conversation, &message, "failed").await;
    assert_eq!(shown["failure"]["code"], "large_files_not_allowed");
    assert!(text_of(&shown["failure"]["detail"]).contains("What may be done"), "{shown}");
    until("nothing was begun", async || (mailbox.calls("draft") == 0).then_some(())).await;
}
