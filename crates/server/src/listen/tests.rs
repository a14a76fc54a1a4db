//! Connections that say nothing lose their place; those that are being answered keep it.

use std::io;

use axum::response::Response;
use axum::routing::{get, post};
use futures_util::stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinHandle;

use super::*;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_mins(1);

struct Listening {
    at: SocketAddr,
    stop: watch::Sender<bool>,
    running: JoinHandle<()>,
}

impl Listening {
    async fn with(connections: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let (stop, stopping) = watch::channel(false);
        let limits = Limits {
            hook_body_bytes: 1 << 20,
            upload_bytes: 1 << 20,
            sign_in_per_minute: 1,
            chat_per_minute: 1,
            connections,
            idle_seconds: 1,
            body_idle_seconds: 5,
        };
        let router =
            Router::new().route("/", get(async || "here")).route("/said", post(said)).route("/ticks", get(ticks));
        Self { at, stop, running: tokio::spawn(serve(listener, router, limits, stopping)) }
    }

    async fn says(&self, words: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.at).await.unwrap();
        stream.write_all(words.as_bytes()).await.unwrap();
        stream
    }

    async fn stop(self) {
        self.stop.send_replace(true);
        tokio::time::timeout(PATIENCE, self.running).await.expect("it ends").unwrap();
    }
}

async fn said(body: Result<Bytes, axum::extract::rejection::BytesRejection>) -> String {
    body.map_or_else(|_| "broken off".to_owned(), |body| format!("{} bytes", body.len()))
}

/// A stream that says something every 300 ms, eight times: longer than a silent connection may stay.
async fn ticks() -> Response {
    let ticks = stream::unfold(0, |number| async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        (number < 8).then(|| (Ok::<_, io::Error>(format!("tick {number}\n")), number + 1))
    });
    Response::new(Body::from_stream(ticks))
}

/// All that comes until the other side closes.
async fn heard(mut stream: TcpStream) -> String {
    let mut all = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut all)).await.expect("the connection is closed");
    read.ok();
    String::from_utf8_lossy(&all).into_owned()
}

#[tokio::test]
async fn who_says_nothing_or_half_a_head_is_sent_away() {
    let listening = Listening::with(16).await;
    for words in ["", "GET / HT", "GET / HTTP/1.1\r\nhost: x\r\nx-slow: "] {
        let stream = listening.says(words).await;
        assert!(!heard(stream).await.contains("here"), "{words:?}");
    }
    // Between two requests as well.
    let stream = listening.says("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(heard(stream).await.ends_with("here"));
    listening.stop().await;
}

#[tokio::test]
async fn a_body_that_does_not_go_on_is_broken_off_and_others_are_read_whole() {
    let listening = Listening::with(16).await;
    let head = "POST /said HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 9000\r\n\r\n";
    let stream = listening.says(&format!("{head}only so much")).await;
    assert!(!heard(stream).await.contains("9000 bytes"));
    let mut slow = listening.says(head).await;
    for _ in 0..6 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        slow.write_all(&[b'a'; 1500]).await.unwrap();
    }
    assert!(heard(slow).await.contains("9000 bytes"), "longer than a silence may last in all");
    listening.stop().await;
}

#[tokio::test]
async fn what_is_answered_for_long_lives_on() {
    let listening = Listening::with(16).await;
    let stream = listening.says("GET /ticks HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let all = heard(stream).await;
    assert_eq!(all.matches("tick ").count(), 8, "{all}");
    listening.stop().await;
}

#[tokio::test]
async fn beyond_the_bound_others_wait_and_get_their_turn() {
    let listening = Listening::with(2).await;
    let ticks = "GET /ticks HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let mut streams = Vec::new();
    for _ in 0..2 {
        let mut stream = listening.says(ticks).await;
        let mut first = [0; 8];
        tokio::time::timeout(PATIENCE, stream.read_exact(&mut first)).await.expect("it is answered").unwrap();
        streams.push(stream);
    }
    let third = listening.says("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let third = tokio::spawn(heard(third));
    for stream in streams {
        let all = heard(stream).await;
        assert_eq!(all.matches("tick ").count(), 8, "nobody is sent away for it");
    }
    assert!(third.await.unwrap().ends_with("here"));
    listening.stop().await;
}

#[tokio::test]
async fn a_stop_lets_what_is_under_way_end_and_nothing_new_in() {
    let listening = Listening::with(16).await;
    let idle = listening.says("").await;
    let stream = listening.says("GET /ticks HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let mut stream = stream;
    let mut first = [0; 8];
    tokio::time::timeout(PATIENCE, stream.read_exact(&mut first)).await.expect("it is answered").unwrap();
    let at = listening.at;
    let told = tokio::spawn(heard(stream));
    listening.stop().await;
    assert_eq!(told.await.unwrap().matches("tick ").count(), 8);
    assert!(TcpStream::connect(at).await.is_err());
    drop(idle);
}
