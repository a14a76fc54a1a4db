//! A reader of server-sent events.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::client::Client;
use crate::house::{PATIENCE, until};

/// One event.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub id: Option<i64>,
    pub kind: String,
    pub data: Value,
}

/// A stream that is being read.
pub(crate) struct Stream {
    seen: Arc<Mutex<Vec<Event>>>,
    reading: JoinHandle<()>,
}

impl Stream {
    /// Opens a stream, from now on or after an event that was seen.
    pub(crate) async fn open(client: &Client, path: &str, after: Option<i64>) -> Self {
        let mut request = client.request(Method::GET, path);
        if let Some(after) = after {
            request = request.header("last-event-id", after.to_string());
        }
        let mut response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&seen);
        let reading = tokio::spawn(async move {
            let mut buffer = Vec::new();
            while let Ok(Some(piece)) = response.chunk().await {
                buffer.extend_from_slice(&piece);
                while let Some(end) = buffer.windows(2).position(|pair| pair == b"\n\n") {
                    let block: Vec<u8> = buffer.drain(..end + 2).collect();
                    into.lock().unwrap().extend(read(&String::from_utf8(block).unwrap()));
                }
            }
        });
        Self { seen, reading }
    }

    /// What has been seen so far.
    pub(crate) fn seen(&self) -> Vec<Event> {
        self.seen.lock().unwrap().clone()
    }

    /// The first event that fits, seen or to come.
    pub(crate) async fn next(&self, what: &str, fits: impl Fn(&Event) -> bool) -> Event {
        until(what, async || self.seen().into_iter().find(&fits)).await
    }

    /// The counter of the last event.
    pub(crate) fn last_id(&self) -> i64 {
        self.seen().iter().rev().find_map(|event| event.id).unwrap_or(0)
    }

    /// Waits until the server ends the stream.
    pub(crate) async fn ends(self) {
        let ended = tokio::time::timeout(PATIENCE, self.reading).await;
        ended.expect("the stream ends").unwrap();
    }

    /// Hangs up.
    pub(crate) async fn close(self) {
        self.reading.abort();
        self.reading.await.ok();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn read(block: &str) -> Option<Event> {
    let field = |name: &str| {
        let lines = block.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let text = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n");
        (!text.is_empty()).then_some(text)
    };
    let data = field("data")?;
    Some(Event {
        id: field("id").and_then(|id| id.parse().ok()),
        kind: field("event").unwrap_or_default(),
        data: serde_json::from_str(&data).unwrap(),
    })
}
