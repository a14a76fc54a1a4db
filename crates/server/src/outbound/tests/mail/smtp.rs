//! Submission: what the server has, what it certainly has not, and what nobody knows.

use std::time::Duration;

use connect::{Call, MailPiece, MailReply, MailServer, MailTls, Reply, SmtpCall};

use super::super::super::connection::{IN_PLAIN, INJECTED};
use super::{NoBlobs, Step, answers, at, hears, outbound, says, server, shown, told};

fn mail(server: MailServer) -> SmtpCall {
    SmtpCall {
        operation: "test.submit",
        server,
        from: Some("shop@example.org".to_owned()),
        to: vec!["anna@example.org".to_owned()],
        pieces: vec![MailPiece::Bytes(b"Subject: x\r\n\r\nhello\r\n.\r\nbye".to_vec())],
        dkim: None,
    }
}

/// Until mail may be submitted.
fn greeted(can: &str) -> Vec<Step> {
    let mut script = vec![says("220 mail ready\r\n")];
    script.extend(answers("EHLO localhost\r\n", format!("250-mail\r\n{can}250 HELP\r\n")));
    script
}

/// Until the content may be sent.
fn taken() -> Vec<Step> {
    taken_by("250-SIZE 1000\r\n250-8BITMIME\r\n")
}

fn taken_by(can: &str) -> Vec<Step> {
    let mut script = greeted(can);
    script.extend(answers("MAIL FROM", "250 2.1.0 ok\r\n"));
    script.extend(answers("RCPT TO", "250 2.1.5 ok\r\n"));
    script.extend(answers("DATA\r\n", "354 go on\r\n"));
    script
}

async fn outcome(script: Vec<Step>, change: impl FnOnce(SmtpCall) -> SmtpCall) -> (String, String) {
    let (address, heard) = server(script).await;
    let told = told(address, Call::Smtp(change(mail(at(address, MailTls::None, ""))))).await;
    let heard = heard.lock().unwrap().clone();
    (told, heard)
}

#[tokio::test]
async fn a_mail_is_submitted_word_for_word() {
    let mut script = taken();
    script.extend(answers("\r\n.\r\n", "250-2.0.0 taken\r\n250 2.0.0 as 1\r\n"));
    script.extend(answers("QUIT", "221 bye\r\n"));
    let (told, heard) = outcome(script, |call| call).await;
    assert_eq!(told, "Submitted(250)");
    let size = "Subject: x\r\n\r\nhello\r\n.\r\nbye".len();
    let expected = format!(
        "EHLO localhost\r\nMAIL FROM:<shop@example.org> SIZE={size}\r\nRCPT TO:<anna@example.org>\r\nDATA\r\n\
         Subject: x\r\n\r\nhello\r\n..\r\nbye\r\n.\r\nQUIT\r\n"
    );
    assert_eq!(heard, expected);
}

#[tokio::test]
async fn the_servers_word_counts_at_every_step() {
    for (at, words, expected) in [
        ("greeting", "554 5.7.1 not you\r\n", "554 5.7.1"),
        ("EHLO", "502 no\r\n", "502"),
        ("MAIL FROM", "451 4.3.0 later\r\n", "451 4.3.0"),
        ("RCPT TO", "550 5.1.1 nobody\r\n", "550 5.1.1"),
        ("DATA\r\n", "452 4.3.1 full\r\n", "452 4.3.1"),
        ("\r\n.\r\n", "554 5.6.0 odd\r\n", "554 5.6.0"),
    ] {
        let mut script = taken();
        script.extend(answers("\r\n.\r\n", "250 ok\r\n"));
        let from = if at == "greeting" {
            0
        } else {
            1 + script.iter().position(|step| matches!(step, Step::Hears(what) if what.starts_with(at))).unwrap()
        };
        script.truncate(from);
        script.push(says(words));
        script.extend(answers("QUIT", "221 bye\r\n"));
        let (address, _) = server(script).await;
        let call = Call::Smtp(mail(super::at(address, MailTls::None, "")));
        let reply = outbound(&[address], Duration::from_secs(20)).perform(&call, "chn_1", &NoBlobs).await;
        let Reply::Mail(MailReply::Submitted { code, enhanced }) = reply else { panic!("{at}: {reply:?}") };
        let told = [Some(code.to_string()), enhanced].into_iter().flatten().collect::<Vec<_>>().join(" ");
        assert_eq!(told, expected, "{at}");
    }
}

#[tokio::test]
async fn only_after_the_end_of_the_mail_is_its_fate_unknown() {
    let full = taken_by("");
    // Cut off anywhere before.
    for length in 0..=full.len() {
        let mut script = full[..length].to_vec();
        if length == full.len() {
            script.push(hears("hello"));
        }
        let (told, heard) = outcome(script, |call| SmtpCall { pieces: long(), ..call }).await;
        assert_eq!(told, "NotSent(the mail server closed the connection)", "after {length}");
        assert!(!heard.contains("\r\n.\r\n"), "after {length}");
    }
    let mut after = taken();
    after.push(hears("\r\n.\r\n"));
    let (told, _) = outcome(after.clone(), |call| call).await;
    assert_eq!(told, "Lost(the connection was cut before the answer was complete)");
    after.push(says("nonsense\r\n"));
    let (told, _) = outcome(after, |call| call).await;
    assert_eq!(told, "Lost(the answer is none that the protocol has)");
}

/// More than what fits between here and there.
fn long() -> Vec<MailPiece> {
    let lines = b"hello\r\n".repeat(3_000_000);
    vec![MailPiece::Bytes(b"Subject: x\r\n\r\n".to_vec()), MailPiece::Bytes(lines)]
}

#[tokio::test]
async fn a_server_that_refuses_in_the_middle_of_the_mail_is_heard() {
    let mut script = greeted("");
    script.extend(answers("MAIL FROM", "250 ok\r\n"));
    script.extend(answers("RCPT TO", "250 ok\r\n"));
    script.extend(answers("DATA\r\n", "354 go on\r\n552 5.3.4 too much\r\n"));
    script.push(hears("hello"));
    let (told, heard) = outcome(script, |call| SmtpCall { pieces: long(), ..call }).await;
    assert!(["Submitted(552)", "NotSent(the mail server closed the connection)"].contains(&told.as_str()), "{told}");
    assert!(!heard.contains("\r\n.\r\n"));
}

#[tokio::test]
async fn whoever_stalls_has_nothing_until_the_end_of_the_mail() {
    let patience = Duration::from_millis(250);
    let full = taken();
    for length in [0, 1, 3, full.len() - 1] {
        let mut script = full[..length].to_vec();
        script.push(Step::Stalls);
        let (address, _) = server(script).await;
        let call = Call::Smtp(mail(at(address, MailTls::None, "")));
        let reply = outbound(&[address], patience).perform(&call, "chn_1", &NoBlobs).await;
        assert_eq!(shown(&reply), "NotSent(the mail server did not answer in time)", "after {length}");
    }
    let (address, _) = server([taken(), vec![Step::Stalls]].concat()).await;
    let mut outbound = outbound(&[address], patience);
    outbound.mail = super::super::super::mail::Mail::new(&super::OutboundConfig {
        allowed: vec![address.to_string()],
        whole_with_file: patience,
        ..super::OutboundConfig::default()
    })
    .unwrap();
    let reply = outbound.perform(&Call::Smtp(mail(at(address, MailTls::None, ""))), "chn_1", &NoBlobs).await;
    assert_eq!(shown(&reply), "Lost(no answer came in time)");
}

#[tokio::test]
async fn whoever_speaks_no_smtp_is_left() {
    let endless = "2".repeat(200_000);
    let many = "220-x\r\n".repeat(10_000);
    for greeting in ["HTTP/1.1 200 OK\r\n", "220-one\r\n221 two\r\n", &endless, &many] {
        let (told, _) = outcome(vec![says(greeting), Step::Stalls], |call| call).await;
        assert_eq!(told, "NotSent(the mail server does not speak SMTP)", "{greeting:.20}");
    }
}

#[tokio::test]
async fn no_password_is_said_without_tls() {
    let script = [greeted("250-AUTH PLAIN\r\n"), vec![Step::Stalls]].concat();
    let (address, heard) = server(script.clone()).await;
    let starttls = told(address, Call::Smtp(mail(at(address, MailTls::StartTls, "shop")))).await;
    assert_eq!(starttls, "NotSent(the mail server offers no STARTTLS)");
    assert_eq!(heard.lock().unwrap().as_str(), "EHLO localhost\r\n");
    // What somebody in between says before TLS begins is not taken for the server's.
    let injected = [greeted("250-STARTTLS\r\n"), answers("STARTTLS", "220 go\r\n250-AUTH PLAIN\r\n").to_vec()].concat();
    let (address, heard) = server([injected, vec![Step::Stalls]].concat()).await;
    let told_then = told(address, Call::Smtp(mail(at(address, MailTls::StartTls, "shop")))).await;
    assert_eq!(told_then, format!("NotSent({INJECTED})"));
    assert!(!heard.lock().unwrap().contains("AUTH"));
    let public = MailServer { host: "mail.example.org".to_owned(), ..at(address, MailTls::None, "shop") };
    assert_eq!(told(address, Call::Smtp(mail(public))).await, format!("NotSent({IN_PLAIN})"));
    let reply = outbound(&[], Duration::from_secs(5));
    let reply = reply.perform(&Call::Smtp(mail(at(address, MailTls::Implicit, "shop"))), "chn_1", &NoBlobs).await;
    assert!(shown(&reply).contains("not a public one"), "{reply:?}");
}

#[tokio::test]
async fn signing_in() {
    async fn with(can: &str, steps: Vec<Step>) -> (String, String) {
        let script = [greeted(can), steps].concat();
        let (address, heard) = server(script).await;
        let call = SmtpCall { to: Vec::new(), ..mail(at(address, MailTls::None, "shop")) };
        let told = told(address, Call::Smtp(call)).await;
        let heard = heard.lock().unwrap().clone();
        (told, heard)
    }
    let end = [answers("NOOP", "250 ok\r\n"), answers("QUIT", "221 bye\r\n")].concat();
    let plain = [answers("AUTH PLAIN AHNob3AAc2VjcmV0\r\n", "235 2.7.0 in\r\n").to_vec(), end.clone()].concat();
    assert_eq!(with("250-AUTH LOGIN PLAIN\r\n", plain).await.0, "Done");
    let login = [
        answers("AUTH LOGIN\r\n", "334 VXNlcm5hbWU6\r\n").to_vec(),
        answers("c2hvcA==\r\n", "334 UGFzc3dvcmQ6\r\n").to_vec(),
        answers("c2VjcmV0\r\n", "235 2.7.0 in\r\n").to_vec(),
        end,
    ];
    assert_eq!(with("250-AUTH LOGIN\r\n", login.concat()).await.0, "Done");
    for refusal in ["535 5.7.8 no\r\n", "534 5.7.9 another way\r\n", "530 5.7.0 first\r\n"] {
        let (told, heard) = with("250-AUTH PLAIN\r\n", answers("AUTH PLAIN", refusal).to_vec()).await;
        assert_eq!((told.as_str(), heard.contains("NOOP")), ("Denied", false), "{refusal}");
    }
    let (later, _) = with("250-AUTH PLAIN\r\n", answers("AUTH PLAIN", "454 4.7.0 later\r\n").to_vec()).await;
    assert_eq!(later, "Submitted(454)");
    let (no_way, _) = with("250-AUTH CRAM-MD5\r\n", Vec::new()).await;
    assert_eq!(no_way, "NotSent(the mail server offers no way to sign in with a password)");
}

#[tokio::test]
async fn what_a_server_cannot_take_is_not_tried() {
    let no = |change: fn(SmtpCall) -> SmtpCall| async move {
        outcome([greeted("250-SIZE 20\r\n"), vec![Step::Stalls]].concat(), change).await
    };
    let (told, heard) = no(|call| call).await;
    assert_eq!((told.as_str(), heard.as_str()), ("Submitted(552)", "EHLO localhost\r\n"));
    let short = || vec![MailPiece::Bytes(b"A: b\r\n\r\n".to_vec())];
    assert_eq!(no(|call| SmtpCall { from: Some("büro@example.org".to_owned()), ..call }).await.0, "Submitted(553)");
    let injected = "a@b>\r\nRCPT TO:<c@d";
    let (address, heard) = server([greeted(""), vec![Step::Stalls]].concat()).await;
    let call = SmtpCall { to: vec![injected.to_owned()], ..mail(at(address, MailTls::None, "")) };
    assert_eq!(told_of(address, call).await, "Submitted(553)");
    assert!(!heard.lock().unwrap().contains("RCPT"));
    let mut script = greeted("250-SMTPUTF8\r\n250-8BITMIME\r\n");
    script.extend(answers("MAIL FROM:<büro@example.org> BODY=8BITMIME SMTPUTF8\r\n", "550 5.1.8 no\r\n"));
    let eight = vec![MailPiece::Bytes("A: ü\r\n\r\n".as_bytes().to_vec())];
    let (told, _) =
        outcome(script, |call| SmtpCall { from: Some("büro@example.org".to_owned()), pieces: eight, ..call }).await;
    assert_eq!(told, "Submitted(550)");
    // A body alone that is not ASCII wants nothing but a server that takes it.
    let mut script = greeted("250-8BITMIME\r\n");
    script.extend(answers("MAIL FROM:<> BODY=8BITMIME\r\n", "550 no\r\n"));
    let body = [short(), vec![MailPiece::Bytes("ü\r\n".as_bytes().to_vec())]].concat();
    assert_eq!(outcome(script, |call| SmtpCall { from: None, pieces: body, ..call }).await.0, "Submitted(550)");
}

async fn told_of(address: std::net::SocketAddr, call: SmtpCall) -> String {
    told(address, Call::Smtp(call)).await
}
