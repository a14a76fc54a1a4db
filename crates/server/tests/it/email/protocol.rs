//! Both protocols as the servers themselves speak them, without the program around: TLS, signing in, signatures that others
//! verify, files in and out, copies and removals.

use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use connect::{
    BlobHandle, Call, Dkim, FetchedMail, ImapAct, ImapCall, MailEncoding, MailPart, MailPiece, MailReply, MailServer,
    MailTls, Reply, Secret, SmtpCall, TheirMails,
};
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use server::outbound::{BlobDoor, Bytestream, Outbound, OutboundConfig, StoredBlob};
use server::telemetry::{Metrics, Monotonic};
use sha2::{Digest, Sha256};

use super::servers::{Mailbox, PASSWORD, Servers, servers};

/// A file that is never as a whole anywhere, and the hash of what was stored.
struct Files {
    size: u64,
    stored: Mutex<Option<(u64, Vec<u8>)>>,
}

fn bytes(size: u64) -> impl Iterator<Item = Bytes> {
    let piece: Vec<u8> = (0..=250_u8).cycle().take(65_521).collect();
    let whole = Bytes::from(piece);
    (0..size.div_ceil(65_521)).map(move |n| {
        let left = usize::try_from(size - n * 65_521).unwrap();
        whole.slice(..whole.len().min(left))
    })
}

impl Files {
    fn of(size: u64) -> Self {
        Self { size, stored: Mutex::default() }
    }

    /// The hash of the file.
    fn hash(&self) -> Vec<u8> {
        bytes(self.size).fold(Sha256::new(), Digest::chain_update).finalize().to_vec()
    }
}

impl BlobDoor for Files {
    fn open<'a>(&'a self, _: &'a BlobHandle) -> BoxFuture<'a, io::Result<(u64, Bytestream)>> {
        Box::pin(async { Ok((self.size, stream::iter(bytes(self.size).map(Ok)).boxed())) })
    }

    fn store(&self, mut bytes: Bytestream, max: u64) -> BoxFuture<'_, io::Result<StoredBlob>> {
        Box::pin(async move {
            let (mut size, mut hash) = (0, Sha256::new());
            while let Some(piece) = bytes.next().await {
                let piece = piece?;
                size += piece.len() as u64;
                hash.update(&piece);
            }
            assert!(size <= max);
            *self.stored.lock().unwrap() = Some((size, hash.finalize().to_vec()));
            Ok(StoredBlob { handle: BlobHandle("att_1".into()), size, content_type: "application/octet-stream".into() })
        })
    }
}

struct Line<'a> {
    servers: &'a Servers,
    outbound: Outbound,
    mailbox: Mailbox,
    files: Files,
}

impl Line<'_> {
    async fn open(trusting: bool) -> Line<'static> {
        let servers = servers().await;
        let trusted = CertificateDer::from_pem_slice(&servers.dovecot.authority()).unwrap();
        let ports = [servers.dovecot.imap, servers.dovecot.imaps, servers.smtp, servers.smtps];
        let config = OutboundConfig {
            allowed: ports.map(|port| format!("localhost:{port}")).to_vec(),
            trusted: if trusting { vec![trusted] } else { Vec::new() },
            ..OutboundConfig::default()
        };
        let outbound = Outbound::new(config, Arc::new(Metrics::new()), Monotonic::system()).unwrap();
        Line { servers, outbound, mailbox: servers.dovecot.mailbox(), files: Files::of(25 << 20) }
    }

    fn server(&self, port: u16, tls: MailTls) -> MailServer {
        let (username, password) = (self.mailbox.address.clone(), Secret::new(PASSWORD));
        MailServer { host: "localhost".to_owned(), port, tls, username, password }
    }

    fn imap(&self) -> MailServer {
        self.server(self.servers.dovecot.imaps, MailTls::Implicit)
    }

    async fn work(&self, server: MailServer, act: ImapAct) -> Reply {
        let call = Call::Imap(ImapCall { operation: "test.work", server, act });
        self.outbound.perform(&call, "chn_1", &self.files).await
    }

    async fn submit(&self, server: MailServer, pieces: &[MailPiece], dkim: Option<Dkim>) -> Reply {
        let to = vec![self.mailbox.address.clone()];
        let (from, pieces) = (Some(self.mailbox.address.clone()), pieces.to_vec());
        let call = Call::Smtp(SmtpCall { operation: "test.submit", server, from, to, pieces, dkim });
        self.outbound.perform(&call, "chn_1", &self.files).await
    }

    async fn look(&self) -> (u32, u32) {
        match self.work(self.imap(), ImapAct::Look).await {
            Reply::Mail(MailReply::Mailbox { validity, next, .. }) => (validity, next),
            other => panic!("{other:?}"),
        }
    }

    /// The mails there are, once there are so many.
    async fn mails(&self, count: usize) -> (u32, Vec<FetchedMail>) {
        let (validity, _) = self.look().await;
        crate::house::until("mails in the mailbox", async || {
            let act = ImapAct::After {
                validity,
                after: 0,
                since_ms: 0,
                most: 50,
                largest: 1 << 20,
                bytes: 1 << 30,
                doubtful: 0,
            };
            match self.work(self.imap(), act).await {
                Reply::Mail(MailReply::Mailbox { mails, .. }) if mails.len() == count => Some((validity, mails)),
                Reply::Mail(MailReply::Mailbox { .. }) => None,
                other => panic!("{other:?}"),
            }
        })
        .await
    }
}

fn text(subject: &str) -> MailPiece {
    let mail = format!(
        "From: Shop <shop@example.test>\r\nTo: anna@example.test\r\nSubject: {subject}  with\r\n\tmore\r\n\
         Message-ID: <{subject}@example.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         Grüße  \r\n\r\n.\r\n..two\r\n \t\r\nend\r\n\r\n\r\n"
    );
    MailPiece::Bytes(mail.into_bytes())
}

/// A fresh private key, and what the DNS says of it.
pub(super) fn key(algorithm: &[&str], kind: &str) -> (String, String) {
    let made =
        Command::new("openssl").args(["genpkey", "-algorithm"]).args(algorithm).stderr(Stdio::null()).output().unwrap();
    let pem = String::from_utf8(made.stdout).unwrap();
    let public = piped(Command::new("openssl").args(["pkey", "-pubout", "-outform", "DER"]), pem.as_bytes());
    // Of Ed25519 the DNS has the key alone.
    let public = if kind == "ed25519" { &public[public.len() - 32..] } else { &public[..] };
    let public = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, public);
    (pem, format!("v=DKIM1; k={kind}; p={public}"))
}

fn piped(command: &mut Command, input: &[u8]) -> Vec<u8> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{command:?}");
    output.stdout
}

/// Whether a mail's signature is right, by somebody else's judgement.
pub(super) fn verifies(mail: &[u8], record: &str) -> bool {
    let program = "import sys, dkim\nmail = sys.stdin.buffer.read()\n\
                   print(dkim.verify(mail, dnsfunc=lambda name, timeout=5: sys.argv[1].encode()))";
    let said = piped(Command::new("/usr/bin/python3").args(["-c", program, record]), mail);
    match String::from_utf8(said).unwrap().trim() {
        "True" => true,
        "False" => false,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn signed_mail_goes_over_tls_and_others_verify_it() {
    let line = Line::open(true).await;
    let ways = [line.server(line.servers.smtp, MailTls::StartTls), line.server(line.servers.smtps, MailTls::Implicit)];
    let kinds: [(&[&str], &str); 2] =
        [(&["ED25519"], "ed25519"), (&["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "rsa")];
    let mut records = Vec::new();
    for (server, (algorithm, kind)) in ways.into_iter().zip(kinds) {
        let (pem, record) = key(algorithm, kind);
        let dkim = Dkim {
            domain: "example.test".to_owned(),
            selector: "parloir".to_owned(),
            key: Secret::new(pem),
            signed_at: 1_790_000_000,
        };
        let reply = line.submit(server, &[text(kind)], Some(dkim)).await;
        assert!(matches!(reply, Reply::Mail(MailReply::Submitted { code: 250, .. })), "{reply:?}");
        records.push((kind, record));
    }
    let (_, mails) = line.mails(2).await;
    for (kind, record) in records {
        let id = format!("<{kind}@example.test>");
        let mail = mails.iter().find(|mail| String::from_utf8_lossy(&mail.raw).contains(&id)).unwrap();
        let body = String::from_utf8_lossy(&mail.raw).split_once("\r\n\r\n").unwrap().1.to_owned();
        assert!(body.starts_with("Grüße  \r\n\r\n.\r\n..two\r\n"), "{body:?}");
        assert_eq!(mail.size, mail.raw.len() as u64);
        assert!(verifies(&mail.raw, &record), "{kind}");
        let forged = String::from_utf8_lossy(&mail.raw).replace("two", "ten").into_bytes();
        assert!(!verifies(&forged, &record), "a changed body");
        let forged = [b"From: Boss <boss@example.test>\r\n", mail.raw.as_slice()].concat();
        assert!(!verifies(&forged, &record), "another sender");
    }
}

#[tokio::test]
async fn passwords_and_certificates_are_looked_at() {
    let line = Line::open(true).await;
    let wrong = |server| MailServer { password: Secret::new("guessed"), ..server };
    let smtp = || line.server(line.servers.smtp, MailTls::StartTls);
    let starttls = || line.server(line.servers.dovecot.imap, MailTls::StartTls);
    for server in [line.imap(), starttls()] {
        assert_eq!(format!("{:?}", line.work(server.clone(), ImapAct::Look).await), "Mailbox(0 mails)");
        assert_eq!(format!("{:?}", line.work(wrong(server), ImapAct::Look).await), "Denied");
    }
    assert_eq!(format!("{:?}", line.submit(wrong(smtp()), &[text("x")], None).await), "Denied");
    let knock = SmtpCall {
        operation: "test.knock",
        server: smtp(),
        from: None,
        to: Vec::new(),
        pieces: Vec::new(),
        dkim: None,
    };
    assert_eq!(format!("{:?}", line.outbound.perform(&Call::Smtp(knock), "chn_1", &line.files).await), "Done");
    let nobody = MailServer { username: String::new(), ..smtp() };
    let refused = line.submit(nobody, &[text("x")], None).await;
    assert_eq!(format!("{refused:?}"), "Submitted(554)", "it lets nobody send who has not signed in");
    let doubting = Line::open(false).await;
    let refusal = "NotSent(no secure connection: the host's certificate or protocol is not accepted)";
    for server in [doubting.imap(), doubting.server(doubting.servers.dovecot.imap, MailTls::StartTls)] {
        assert_eq!(format!("{:?}", doubting.work(server, ImapAct::Look).await), refusal);
    }
    for (port, tls) in [(doubting.servers.smtp, MailTls::StartTls), (doubting.servers.smtps, MailTls::Implicit)] {
        assert_eq!(format!("{:?}", doubting.submit(doubting.server(port, tls), &[text("x")], None).await), refusal);
    }
    assert!(doubting.mailbox.mails("").is_empty());
}

#[tokio::test]
async fn a_large_file_goes_out_and_comes_back_in_pieces() {
    let line = Line::open(true).await;
    let head =
        b"From: shop@example.test\r\nSubject: large\r\nMessage-ID: <large@example.test>\r\nMIME-Version: 1.0\r\n\
                 Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    let pieces = [MailPiece::Bytes(head.to_vec()), MailPiece::Base64(BlobHandle("att_1".to_owned()))];
    let reply = line.submit(line.server(line.servers.smtp, MailTls::StartTls), &pieces, None).await;
    assert!(matches!(reply, Reply::Mail(MailReply::Submitted { code: 250, .. })), "{reply:?}");
    let (validity, mails) = line.mails(1).await;
    let mail = &mails[0];
    assert_eq!(mail.raw.len(), 256 * 1024, "its beginning");
    let offset = mail.raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap() as u64 + 4;
    let (uid, length) = (mail.uid, mail.size - offset);
    let message_id = Some("large@example.test".to_owned());
    let encoding = MailEncoding::Base64;
    let part = MailPart { validity, uid, offset, length, encoding, message_id, within: None, size: mail.size };
    let reply = line.work(line.imap(), ImapAct::Part(part.clone())).await;
    assert!(matches!(reply, Reply::Stored { size, .. } if size == line.files.size), "{reply:?}");
    assert_eq!(*line.files.stored.lock().unwrap(), Some((line.files.size, line.files.hash())));
    *line.files.stored.lock().unwrap() = None;
    // The mailbox has given its mails new ids; and another mail with the same Message-ID is not taken for it.
    let renamed = MailPart { validity: validity.wrapping_add(1), uid: 1, ..part.clone() };
    let reply = line.work(line.imap(), ImapAct::Part(renamed.clone())).await;
    assert!(matches!(reply, Reply::Stored { size, .. } if size == line.files.size), "{reply:?}");
    assert_eq!(*line.files.stored.lock().unwrap(), Some((line.files.size, line.files.hash())));
    let longer = MailPart { size: mail.size + 1, ..renamed };
    assert_eq!(format!("{:?}", line.work(line.imap(), ImapAct::Part(longer)).await), "NoMail");
    let kept = line.work(line.imap(), ImapAct::KeepSent(pieces.to_vec())).await;
    assert_eq!(format!("{kept:?}"), "Done");
    let sent = line.mailbox.mails(".Sent");
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].replace(['\r', '\n'], "").len(), mail_without_ends(&line, head), "the copy is whole");
    let gone = line.work(line.imap(), ImapAct::Remove { validity, uids: vec![uid] }).await;
    assert_eq!((format!("{gone:?}").as_str(), line.mailbox.mails("").len()), ("Done", 0));
    assert_eq!(format!("{:?}", line.work(line.imap(), ImapAct::Part(part)).await), "NoMail");
    let id = "large@example.test".to_owned();
    let everywhere = line.work(line.imap(), theirs(&["other@example.test", &id], "shop@example.test")).await;
    let told = format!("{everywhere:?}");
    assert_eq!((told.as_str(), line.mailbox.mails(".Sent").len()), ("Removed(0 unopened, 0 others)", 0));
}

/// Mails with these ids, from an address or from us to it.
fn theirs(ids: &[&str], address: &str) -> ImapAct {
    let ids = ids.iter().map(|id| (*id).to_owned()).collect();
    ImapAct::RemoveTheirs(TheirMails { ids, addresses: vec![address.to_owned()], mark: None })
}

/// How long a mail with the file is, its line ends not counted.
fn mail_without_ends(line: &Line<'_>, head: &[u8]) -> usize {
    let encoded = usize::try_from(line.files.size.div_ceil(3) * 4).unwrap();
    String::from_utf8_lossy(head).replace("\r\n", "").len() + encoded
}

#[tokio::test]
async fn other_mails_than_those_that_are_meant_stay() {
    let line = Line::open(true).await;
    for number in 1..=3 {
        line.mailbox.deliver(&super::mail(&format!("{number}@a.example"), "a@a.example", "b@b.example", "x"));
    }
    let (validity, mails) = line.mails(3).await;
    let uids = vec![mails[1].uid];
    assert_eq!(format!("{:?}", line.work(line.imap(), ImapAct::Remove { validity, uids }).await), "Done");
    // Nobody has another's mail removed by having named one of their own like it.
    let ids = ["@a.example", "1@a.example"];
    let others = line.work(line.imap(), theirs(&ids, "c@a.example")).await;
    assert_eq!(format!("{others:?}"), "Removed(0 unopened, 1 others)");
    assert_eq!(line.mails(2).await.1.len(), 2);
    let removed = line.work(line.imap(), theirs(&ids, "a@a.example")).await;
    assert_eq!(format!("{removed:?}"), "Removed(0 unopened, 0 others)");
    let (_, left) = line.mails(1).await;
    assert_eq!(left[0].uid, mails[2].uid);
}
