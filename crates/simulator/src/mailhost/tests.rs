//! The servers as a client hears them, well and spoilt.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

/// All that is said to whoever says these words and then waits for the end.
async fn said(port: u16, words: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(words.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).await.unwrap();
    String::from_utf8(heard).unwrap()
}

async fn host() -> (MailHost, Ports) {
    let host = MailHost::new(1);
    host.create("shop@mail.test");
    let ports = host.start().await.unwrap();
    (host, ports)
}

const SIGN_IN: &str = "a AUTHENTICATE PLAIN AHNob3BAbWFpbC50ZXN0AHNlY3JldA==\r\nb EXAMINE INBOX\r\n";
const FETCH: &str = "c UID FETCH 1 (UID BODY.PEEK[]<2.4>)\r\nd LOGOUT\r\n";

#[tokio::test]
async fn a_mail_is_found_and_given_in_pieces() {
    let (host, ports) = host().await;
    assert_eq!(host.deliver("shop@mail.test", "a mail", 1_769_904_000_000), Some(1));
    let words = format!("{SIGN_IN}e UID SEARCH UID 1:*\r\nf UID FETCH 1 (UID INTERNALDATE RFC822.SIZE)\r\n{FETCH}");
    let heard = said(ports.imap, &words).await;
    for expected in [
        "[UIDVALIDITY 1]",
        "[UIDNEXT 2]",
        "* SEARCH 1\r\n",
        "RFC822.SIZE 6 INTERNALDATE \"01-Feb-2026 00:00:00 +0000\"",
        "BODY[]<2> {4}\r\nmail)\r\nc OK",
    ] {
        assert!(heard.contains(expected), "{expected}: {heard}");
    }
    host.renumber("shop@mail.test");
    assert!(said(ports.imap, &format!("{SIGN_IN}d LOGOUT\r\n")).await.contains("[UIDVALIDITY 2]"));
}

#[tokio::test]
async fn reading_fails_to_order() {
    let (host, ports) = host().await;
    host.deliver("shop@mail.test", "a mail", 0);
    for (fault, expected) in [
        (ImapFault::No { words: "no".to_owned() }, "c NO no\r\n"),
        (ImapFault::Bad { words: "what".to_owned() }, "c BAD what\r\n"),
        (ImapFault::Nothing, "next\r\nb OK done\r\nc OK done\r\n"),
        (ImapFault::Overstated, "{24}\r\nmail)\r\nc OK"),
        (ImapFault::Half, "{4}\r\nma"),
    ] {
        host.order_imap_fault(Order::once(fault.clone()).only("BODY:1"));
        let heard = said(ports.imap, &format!("{SIGN_IN}{FETCH}")).await;
        assert!(heard.contains(expected), "{fault:?}: {heard}");
        assert_eq!(heard.ends_with("{4}\r\nma"), fault == ImapFault::Half);
    }
    assert_eq!(host.said("BODY:1"), 5);
}

#[tokio::test]
async fn sending_fails_to_order() {
    let (host, ports) = host().await;
    let words = "EHLO me\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\nx\r\n..y\r\n.\r\nQUIT\r\n";
    assert!(said(ports.smtp, words).await.ends_with("354 go on\r\n250 2.0.0 taken\r\n221 bye\r\n"));
    let taken = host.taken();
    assert_eq!((taken[0].to.as_slice(), &taken[0].raw[..]), (&["c@d.test".to_owned()][..], &b"x\r\n.y\r\n"[..]));
    host.order_smtp_fault(Order::once(SmtpFault::Says { words: "451 4.3.0 later".to_owned() }).only("END"));
    assert!(said(ports.smtp, words).await.ends_with("354 go on\r\n451 4.3.0 later\r\n221 bye\r\n"));
    host.order_smtp_fault(Order::once(SmtpFault::CutBefore).only("END"));
    assert!(said(ports.smtp, words).await.ends_with("354 go on\r\n"));
    assert_eq!(host.taken().len(), 1);
    host.order_smtp_fault(Order::once(SmtpFault::CutAfter).only("END"));
    assert!(said(ports.smtp, words).await.ends_with("354 go on\r\n"));
    assert_eq!((host.taken().len(), host.said("END")), (2, 4));
}
