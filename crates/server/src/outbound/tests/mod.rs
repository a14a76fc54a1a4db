//! The client against servers that cut, stall and lie.

mod mail;
mod server;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use connect::{BlobHandle, Body, Call, HttpCall, Method, Part, PartContent, Reply};
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use tokio::net::TcpListener;

use self::server::{Server, server};
use super::guard::Refusal;
use super::{BlobDoor, Bytestream, Outbound, OutboundConfig, POSTS, StoredBlob, content_type};
use crate::telemetry::logs::captured::Captured;
use crate::telemetry::{Format, Level, Metrics, Monotonic, subscriber};

/// A door behind which there is nothing.
pub(super) struct NoBlobs;

impl BlobDoor for NoBlobs {
    fn open<'a>(&'a self, _: &'a BlobHandle) -> BoxFuture<'a, io::Result<(u64, Bytestream)>> {
        Box::pin(async { Err(io::ErrorKind::NotFound.into()) })
    }

    fn store(&self, _: Bytestream, _: u64) -> BoxFuture<'_, io::Result<StoredBlob>> {
        Box::pin(async { Err(io::ErrorKind::StorageFull.into()) })
    }
}

/// A door with one file in it, that keeps what it is given.
pub(super) struct OneFile {
    pub(super) content: &'static [u8],
    pub(super) kept: Mutex<Vec<u8>>,
}

impl BlobDoor for OneFile {
    fn open<'a>(&'a self, _: &'a BlobHandle) -> BoxFuture<'a, io::Result<(u64, Bytestream)>> {
        let pieces: Vec<io::Result<Bytes>> =
            self.content.chunks(3).map(|piece| Ok(Bytes::from_static(piece))).collect();
        Box::pin(async { Ok((self.content.len() as u64, stream::iter(pieces).boxed())) })
    }

    fn store(&self, mut bytes: Bytestream, _: u64) -> BoxFuture<'_, io::Result<StoredBlob>> {
        Box::pin(async move {
            let mut all = Vec::new();
            while let Some(piece) = bytes.next().await {
                all.extend_from_slice(&piece?);
            }
            let kind = content_type(&all).to_owned();
            let size = all.len() as u64;
            *self.kept.lock().unwrap() = all;
            Ok(StoredBlob { handle: BlobHandle("att_1".into()), size, content_type: kind })
        })
    }
}

/// A client that waits longer than a busy machine takes.
fn outbound(allowed: &[SocketAddr]) -> Outbound {
    waiting(allowed, Duration::from_secs(30), Duration::from_secs(30))
}

fn waiting(allowed: &[SocketAddr], connect: Duration, whole: Duration) -> Outbound {
    let allowed = allowed.iter().map(ToString::to_string).collect();
    let config = OutboundConfig { allowed, connect, whole, ..OutboundConfig::default() };
    Outbound::new(config, Arc::default(), Monotonic::system()).unwrap()
}

fn get(address: SocketAddr, path: &str) -> HttpCall {
    HttpCall::get("test.get", format!("http://{address}{path}"))
}

/// One call to a server that behaves so; what came of it, in words.
async fn outcome(behaviour: Server, change: impl FnOnce(HttpCall) -> HttpCall) -> String {
    let (address, _) = server(behaviour).await;
    let call = Call::Http(change(get(address, "/")));
    let reply = outbound(&[address]).perform(&call, "chn_1", &NoBlobs).await;
    match reply {
        Reply::Answer { status, body, .. } => format!("{status} {}", String::from_utf8_lossy(&body)),
        other => format!("{other:?}"),
    }
}

const CUT: &str = "Lost(the connection was cut before the answer was complete)";

#[tokio::test]
async fn once_a_connection_stood_a_missing_reply_is_lost() {
    assert_eq!(outcome(Server::CutsBeforeReading, |call| call).await, CUT);
    assert_eq!(outcome(Server::CutsAfterReading, |call| call).await, CUT);
    assert_eq!(outcome(Server::Says("nonsense\r\n\r\n"), |call| call).await, CUT);
    assert_eq!(outcome(Server::Says("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort"), |call| call).await, CUT);
}

#[tokio::test]
async fn whoever_stalls_is_not_waited_for() {
    let begins = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort";
    for words in ["", begins] {
        let (address, _) = server(Server::SaysAndStalls(words)).await;
        let outbound = waiting(&[address], Duration::from_secs(30), Duration::from_millis(300));
        let reply = outbound.perform(&Call::Http(get(address, "/")), "chn_1", &NoBlobs).await;
        assert_eq!(format!("{reply:?}"), "Lost(no answer came in time)");
    }
    let (address, _) = server(Server::SaysAndStalls(begins)).await;
    let mut outbound = outbound(&[address]);
    outbound.config.idle = Duration::from_millis(300);
    let reply = outbound.perform(&Call::Http(get(address, "/")), "chn_1", &NoBlobs).await;
    assert_eq!(format!("{reply:?}"), "Lost(no answer came in time)");
    // A host that takes the connection and never finishes the TLS handshake has not been sent anything.
    let outbound = waiting(&[address], Duration::from_millis(300), Duration::from_secs(30));
    let call = Call::Http(HttpCall::get("test.get", format!("https://{address}/")));
    let reply = outbound.perform(&call, "chn_1", &NoBlobs).await;
    assert_eq!(format!("{reply:?}"), "NotSent(the host did not take the connection in time)");
}

#[tokio::test]
async fn whom_a_member_named_is_waited_for_less() {
    let (address, _) = server(Server::SaysAndStalls("")).await;
    let mut outbound = waiting(&[address], Duration::from_secs(30), Duration::from_mins(10));
    outbound.config.whole_of_post = Duration::from_millis(300);
    for operation in POSTS {
        let call = Call::Http(HttpCall { operation, ..get(address, "/") });
        let reply = outbound.perform(&call, "whk_1", &NoBlobs);
        let reply = tokio::time::timeout(Duration::from_mins(1), reply).await.expect("it is given up soon");
        assert_eq!(format!("{reply:?}"), "Lost(no answer came in time)");
    }
}

#[tokio::test]
async fn a_call_is_made_once() {
    let (address, seen) = server(Server::CutsAfterReading).await;
    outbound(&[address]).perform(&Call::Http(get(address, "/")), "chn_1", &NoBlobs).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let (mail, _) = server(Server::SpeaksFirst).await;
    let mut outbound = outbound(&[]);
    let named = [closed.to_string(), mail.to_string(), "nowhere.invalid:80".into()];
    outbound.guard = super::Guard::new(&named);
    let cases = [
        (format!("http://{closed}/"), "the host refused the connection"),
        ("http://nowhere.invalid/".into(), "the host's name was not found"),
        (format!("https://{mail}/"), "no secure connection: the host's certificate or protocol is not accepted"),
        ("https://localhost:1/".into(), Refusal::NotPublic.words()),
        ("https://127.0.0.1:1/".into(), Refusal::NotPublic.words()),
        ("http://example.org/".into(), "http is refused: use https, or let the operator name the host in the settings"),
        ("ftp://example.org/".into(), "the address is neither http nor https"),
        ("no address".into(), "the address is not valid"),
    ];
    for (url, expected) in cases {
        let call = Call::Http(HttpCall::get("test.get", url.clone()));
        let reply = outbound.perform(&call, "chn_1", &NoBlobs).await;
        assert_eq!(format!("{reply:?}"), format!("NotSent({expected})"), "{url}");
    }
}

#[tokio::test]
async fn answers_are_bounded() {
    let nine = Server::Says("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123456789");
    let of = |max_reply| move |call| HttpCall { max_reply, ..call };
    assert_eq!(outcome(nine, of(9)).await, "200 123456789");
    assert_eq!(outcome(nine, of(8)).await, "Lost(the answer is larger than 8 bytes)");
    let unsaid = Server::Says("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n123456789");
    assert_eq!(outcome(unsaid, of(9)).await, "200 123456789");
    assert_eq!(outcome(unsaid, of(8)).await, "Lost(the answer is larger than 8 bytes)");
    let headers = format!("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx: {}\r\n\r\n", "y".repeat(70_000));
    let large = outcome(Server::Says(headers.leak()), |call| call).await;
    assert_eq!(large, "Lost(the answer's headers are larger than 65536 bytes)");
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let away = Server::Says("HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n");
    let (address, seen) = server(away).await;
    let reply = outbound(&[address]).perform(&Call::Http(get(address, "/")), "chn_1", &NoBlobs).await;
    let Reply::Answer { status, headers, .. } = reply else { panic!("{reply:?}") };
    assert_eq!(status, 302);
    assert!(headers.contains(&("location".into(), "http://169.254.169.254/".into())));
    assert_eq!(seen.lock().unwrap().len(), 1);
}

/// Sends a body to a server and gives back what arrived.
async fn arrived(method: Method, body: Body) -> String {
    let (address, seen) = server(Server::Says("HTTP/1.1 204 No Content\r\n\r\n")).await;
    let door = OneFile { content: b"file content", kept: Mutex::default() };
    let call = HttpCall { method, body, headers: vec![("x-key", "v".into())], ..get(address, "/p?q=1") };
    let reply = outbound(&[address]).perform(&Call::Http(call), "chn_1", &door).await;
    assert!(matches!(reply, Reply::Answer { status: 204, .. }), "{reply:?}");
    seen.lock().unwrap().concat()
}

#[tokio::test]
async fn every_kind_of_body_arrives() {
    let empty = arrived(Method::Delete, Body::Empty).await;
    assert!(empty.starts_with("DELETE /p?q=1 HTTP/1.1\r\n") && empty.contains("x-key: v\r\n"), "{empty}");
    let json = arrived(Method::Post, Body::Json(b"{\"a\":1}".to_vec())).await;
    assert!(json.contains("content-type: application/json\r\n") && json.ends_with("\r\n\r\n{\"a\":1}"), "{json}");
    let form =
        arrived(Method::Put, Body::Form(vec![("To".into(), "+39 1".into()), ("Body".into(), "a&b=ü".into())])).await;
    assert!(form.contains("content-type: application/x-www-form-urlencoded\r\n"), "{form}");
    assert!(form.ends_with("To=%2B39+1&Body=a%26b%3D%C3%BC"), "{form}");
    let blob = arrived(Method::Patch, Body::Blob(BlobHandle("att_1".into()))).await;
    assert!(blob.contains("content-length: 12\r\n") && blob.ends_with("\r\n\r\nfile content"), "{blob}");
}

#[tokio::test]
async fn multipart_streams_files_with_names_kept_in_their_quotes() {
    let part = |name: &str, file_name: Option<&str>, content| Part {
        name: name.into(),
        file_name: file_name.map(str::to_owned),
        content_type: file_name.map(|_| "image/png".into()),
        content,
    };
    let text = part("chat_id", None, PartContent::Text("42".into()));
    let file = part("photo", Some("Grüße\r\nEvil: \"1\".png"), PartContent::Blob(BlobHandle("att_1".into())));
    let seen = arrived(Method::Post, Body::Multipart(vec![text, file])).await;
    assert!(seen.contains("content-type: multipart/form-data; boundary="), "{seen}");
    assert!(seen.contains("Content-Disposition: form-data; name=\"chat_id\"\r\n\r\n42\r\n"), "{seen}");
    let head =
        "Content-Disposition: form-data; name=\"photo\"; filename=\"Grüße__Evil: _1_.png\"\r\nContent-Type: image/png";
    assert!(seen.contains(&format!("{head}\r\n\r\nfile content\r\n--")), "{seen}");
    assert!(seen.contains("content-length: "), "the whole length is known: {seen}");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_not_sent() {
    let (address, seen) = server(Server::Says("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")).await;
    let call = HttpCall { body: Body::Blob(BlobHandle("att_9".into())), ..get(address, "/") };
    let reply = outbound(&[address]).perform(&Call::Http(call), "chn_1", &NoBlobs).await;
    assert_eq!(format!("{reply:?}"), "NotSent(the file to be sent cannot be read)");
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn downloads_go_to_the_blob_store_by_what_they_are() {
    let lies = Server::Says("HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 8\r\n\r\n%PDF-1.7");
    let (address, _) = server(lies).await;
    let outbound = outbound(&[address]);
    let door = OneFile { content: b"", kept: Mutex::default() };
    let call = HttpCall { to_blob: true, ..get(address, "/") };
    let reply = outbound.perform(&Call::Http(call.clone()), "chn_1", &door).await;
    let Reply::Stored { size, content_type, .. } = reply else { panic!("{reply:?}") };
    assert_eq!(
        (size, content_type.as_str(), door.kept.lock().unwrap().as_slice()),
        (8, "application/pdf", b"%PDF-1.7".as_slice())
    );
    let full = outbound.perform(&Call::Http(call), "chn_1", &NoBlobs).await;
    assert_eq!(format!("{full:?}"), "Lost(the file came but could not be stored)");
}

#[tokio::test]
async fn a_download_that_breaks_off_is_not_kept() {
    let cut = Server::Says("HTTP/1.1 200 OK\r\ncontent-length: 80\r\n\r\n%PDF-1.7");
    let unsaid = Server::Says("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n123456789");
    let missing = Server::Says("HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\ngone");
    let expected = [CUT, "Lost(the answer is larger than 8 bytes)", "Answer(404, 4 bytes)"];
    for (behaviour, expected) in [cut, unsaid, missing].into_iter().zip(expected) {
        let (address, _) = server(behaviour).await;
        let door = OneFile { content: b"", kept: Mutex::default() };
        let max_reply = if expected.contains('8') { 8 } else { 1_000 };
        let call = HttpCall { to_blob: true, max_reply, ..get(address, "/") };
        let reply = outbound(&[address]).perform(&Call::Http(call), "chn_1", &door).await;
        assert_eq!(format!("{reply:?}"), expected);
        assert!(door.kept.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn traces_hold_no_secret_and_metrics_count() {
    let (address, _) =
        server(Server::Says("HTTP/1.1 200 OK\r\nx-answer: CANARY\r\ncontent-length: 6\r\n\r\nCANARY")).await;
    let metrics = Arc::new(Metrics::new());
    let config = OutboundConfig { allowed: vec![address.to_string()], ..OutboundConfig::default() };
    let outbound = Outbound::new(config, Arc::clone(&metrics), Monotonic::system()).unwrap();
    let log = Captured::default();
    let _guard = tracing::subscriber::set_default(subscriber(Format::Json, Level::Trace, false, log.clone()));
    let call = |url: String| {
        let headers = vec![("authorization", "Bearer CANARY".to_owned())];
        Call::Http(HttpCall { headers, body: Body::Json(b"\"CANARY\"".to_vec()), ..HttpCall::get("test.secret", url) })
    };
    outbound.perform(&call(format!("http://{address}/botCANARY/x?token=CANARY")), "chn_1", &NoBlobs).await;
    outbound.perform(&call("http://user:CANARY@127.0.0.1:1/CANARY".into()), "chn_1", &NoBlobs).await;
    let text = log.text();
    assert!(!text.contains("CANARY"), "{text}");
    assert!(text.contains("test.secret") && text.contains("127.0.0.1") && text.contains("not sent"), "{text}");
    let counted = metrics.text();
    assert!(counted.contains(r#"outbound_calls_total{operation="test.secret",status="2xx"} 1"#), "{counted}");
    assert!(counted.contains(r#"outbound_calls_total{operation="test.secret",status="not_sent"} 1"#), "{counted}");
}
