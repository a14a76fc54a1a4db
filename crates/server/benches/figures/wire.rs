//! The smallest client of HTTP/1.1: requests made elsewhere, over connections that stay open, on a thread of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use server::telemetry::Monotonic;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Many requests.
#[derive(Clone)]
pub(crate) struct Volley {
    pub(crate) to: SocketAddr,
    pub(crate) connections: usize,
    /// Not more requests than this…
    pub(crate) most: u64,
    /// …and none begun after this time.
    pub(crate) within: Duration,
    /// Each begins this long after the one before; `None`: as soon as a connection is free.
    pub(crate) every: Option<Duration>,
    pub(crate) clock: Monotonic,
    /// The request with a number.
    pub(crate) make: Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>,
}

/// What came of them.
#[derive(Debug, Default)]
pub(crate) struct Answered {
    /// How many were answered, each with 2xx: anything else ends the measurement.
    pub(crate) count: u64,
    /// From the first request to the last answer.
    pub(crate) took: Duration,
    /// From when each should have begun to its answer, in milliseconds.
    pub(crate) latencies: Vec<f64>,
}

impl Answered {
    /// Answers a second.
    pub(crate) fn rate(&self) -> f64 {
        crate::pairs::real(self.count) / self.took.as_secs_f64()
    }
}

impl Volley {
    /// Sends them from a thread of its own.
    pub(crate) async fn fire(&self) -> Answered {
        let volley = self.clone();
        let thread = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(volley.answered())
        };
        tokio::task::spawn_blocking(thread).await.unwrap()
    }

    async fn answered(&self) -> Answered {
        let next = Arc::new(AtomicU64::new(0));
        let mut streams = Vec::new();
        for _ in 0..self.connections {
            let stream = TcpStream::connect(self.to).await.unwrap();
            stream.set_nodelay(true).unwrap();
            streams.push(stream);
        }
        let began = self.clock.now();
        let each = streams.into_iter().map(|stream| {
            let (volley, next) = (self.clone(), Arc::clone(&next));
            tokio::spawn(async move { volley.along(stream, began, &next).await })
        });
        let mut answered = Answered::default();
        for task in each.collect::<Vec<_>>() {
            answered.latencies.extend(task.await.unwrap());
        }
        answered.took = self.clock.since(began);
        answered.count = u64::try_from(answered.latencies.len()).unwrap();
        answered
    }

    /// One connection's requests.
    async fn along(&self, mut stream: TcpStream, began: Duration, next: &AtomicU64) -> Vec<f64> {
        let (mut latencies, mut buffer) = (Vec::new(), Vec::with_capacity(4096));
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let due = self.due(began, number);
            if number >= self.most || due.saturating_sub(began) >= self.within {
                return latencies;
            }
            tokio::time::sleep(due.saturating_sub(self.clock.now())).await;
            let status = exchange(&mut stream, &(self.make)(number), &mut buffer).await;
            assert!((200..300).contains(&status), "answered {status}: {}", String::from_utf8_lossy(&buffer));
            latencies.push(self.clock.since(due).as_secs_f64() * 1_000.0);
        }
    }

    /// When a request should begin. Late ones are counted from here, so that a server that stalls cannot hide it.
    fn due(&self, began: Duration, number: u64) -> Duration {
        match self.every {
            Some(every) => began + every.mul_f64(crate::pairs::real(number)),
            None => self.clock.now(),
        }
    }
}

/// One request and its answer, which stays in the buffer; the status.
pub(crate) async fn exchange(stream: &mut TcpStream, request: &[u8], buffer: &mut Vec<u8>) -> u16 {
    stream.write_all(request).await.unwrap();
    buffer.clear();
    loop {
        let read = stream.read_buf(buffer).await.unwrap();
        assert!(read > 0, "the server hung up");
        if let Some((status, end)) = head(buffer)
            && buffer.len() >= end
        {
            return status;
        }
    }
}

/// The status of an answer whose head is there, and where its body ends.
fn head(buffer: &[u8]) -> Option<(u16, usize)> {
    let end = buffer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&buffer[..end]).unwrap();
    let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
    });
    Some((status, end + length.unwrap_or(0)))
}
